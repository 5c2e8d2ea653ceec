#!/usr/bin/env node
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { Script } = require('node:vm');

const dist = join(__dirname, '..', 'dist');

/** The compiled code that the build left (scripts/compile-code.cjs); undefined if there is none. */
function compiledCode() {
  try {
    return readFileSync(join(dist, 'main.code'));
  } catch {
    return undefined;
  }
}

/** dist/main.cjs, ready to run as `require` would run it. Code compiled by another version of Node is not used. */
exports.compile = () => {
  const filename = join(dist, 'main.cjs');
  const script = new Script(readFileSync(filename, 'latin1'), { filename, cachedData: compiledCode() });
  return { script, run: () => script.runInThisContext()(require, filename) };
};

if (require.main === module) exports.compile().run();
