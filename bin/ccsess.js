#!/usr/bin/env node
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { Script } = require('node:vm');
const { loadCode, saveCodeAtExit } = require('./code-cache.js');

/**
 * Runs a file of dist/ as `require` would, but with the code that an earlier run compiled. `chunks` are the parts of
 * the program by name; the file adds its own.
 */
function runFile(name, chunks) {
  const filename = join(__dirname, '..', 'dist', name);
  const source = readFileSync(filename);
  const cache = loadCode(filename, source);
  const script = new Script(source.latin1Slice(), { filename, cachedData: cache?.code });
  if (cache !== undefined) saveCodeAtExit(script, cache);
  script.runInThisContext()(require, filename, chunks, runFile);
}

runFile('main.cjs', {});
