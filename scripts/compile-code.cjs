// Writes dist/main.code: what V8 compiled of dist/main.cjs to list sessions, with an index and without, and to show one, so
// that bin/ccsess.js need not compile it at every start. Of use to the same version of Node only; another one does without.
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join, resolve } = require('node:path');
const { compile } = require('../bin/ccsess.js');

const home = mkdtempSync(join(tmpdir(), 'ccsess-build-'));
Object.assign(process.env, { HOME: home, XDG_CACHE_HOME: home, CLAUDE_CONFIG_DIR: resolve('fixtures/recorded/print') });
const { script, run } = compile();
const lines = [['list'], ['list', '-L', '1'], ['show', '00000001-0000-4000-8000-000000000001', '--tail', '20']];

/** One line after the other: each is done when nothing is left to wait for. */
function next() {
  const line = lines.shift();
  if (line === undefined) return;
  process.argv = [process.execPath, 'ccsess', ...line];
  setImmediate(run);
}
process.on('beforeExit', next);
process.once('exit', () => {
  writeFileSync('dist/main.code', script.createCachedData());
  rmSync(home, { recursive: true, force: true });
});
next();
