#!/usr/bin/env node
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { Script } = require('node:vm');
const { loadCode, saveCodeAtExit } = require('./code-cache.js');

// Runs dist/main.cjs as `require` would, but with the code that an earlier run compiled.
const filename = join(__dirname, '..', 'dist', 'main.cjs');
const source = readFileSync(filename);
const cache = loadCode(filename, source);
const script = new Script(source.latin1Slice(), { filename, cachedData: cache?.code });
if (cache !== undefined) saveCodeAtExit(script, cache);
script.runInThisContext()(require, filename);
