import { chmodSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { removeFolder, removeFoldersOfFile } from './temporary.js';

// Tests never touch the real home: whatever resolves the default config dir must find a temporary one. Each test file
// has a temporary folder of its own, which it must leave empty; other users may pass through it, not look around.
const realHome = homedir();
const folder = mkdtempSync(join(tmpdir(), 'file-'));
chmodSync(folder, 0o711);
const home = join(folder, 'home');
mkdirSync(home);
process.env['TMPDIR'] = folder;
process.env['HOME'] = home;
process.env['XDG_CACHE_HOME'] = join(home, '.cache');
delete process.env['CLAUDE_CONFIG_DIR'];
delete process.env['CLAUDE_CODE_SESSION_ID'];
delete process.env['NO_COLOR'];
delete process.env['FORCE_COLOR'];
if (homedir() === realHome) throw new Error('tests refuse to run on the real home folder');

// The first hook of a file is its last to run after the tests.
afterAll(() => {
  removeFoldersOfFile();
  removeFolder(home);
  const left = readdirSync(folder);
  removeFolder(folder);
  if (left.length > 0) throw new Error(`the tests left in their temporary folder: ${left.join(', ')}`);
});
