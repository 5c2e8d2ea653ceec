#!/usr/bin/env node
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { Script } = require('node:vm');
const { loadCode, saveCodeAtExit } = require('./code-cache.js');

// dist/main.cjs, run as `require` would run it, but compiled with the help of an earlier run.
const filename = join(__dirname, '..', 'dist', 'main.cjs');
const source = readFileSync(filename);
const cache = loadCode(filename, source);
const script = new Script(source.latin1Slice(), { filename, cachedData: cache?.code });
if (cache !== undefined) saveCodeAtExit(script, cache);
script.runInThisContext()(require, filename);
