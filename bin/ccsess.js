#!/usr/bin/env node
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { setFlagsFromString } = require('node:v8');
const { Script } = require('node:vm');

// A run is over in seconds at most. V8 would spend much of that optimizing functions that do not run for long enough to pay it
// back, so it waits some four times as long as usual (in bytes of bytecode run) before it does. Later versions than that of
// Node 20 know no such flag, and have a cheaper compiler for a start.
if (process.versions.v8.startsWith('11.')) setFlagsFromString('--interrupt-budget=500000');

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
