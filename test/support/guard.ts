import { chmodSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll } from 'vitest';
import { areOpenFilesAllowed, removeFolder, removeFoldersOfFile } from './temporary.js';

// Tests never touch the real home: whatever resolves the default config dir must find a temporary one. Each test file
// has a temporary folder of its own, which it must leave empty; other users may enter it, but not list it. No file of
// a config dir may be left open.

const fs = process.getBuiltinModule('node:fs');
const OF_CONFIG_DIR = /\.jsonl|\/(?:projects|file-history|\.ccsess)\b/;
const MAX_WAITS = 100;
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

// The first `afterAll` of a test file runs last.
afterAll(async () => {
  // A destroyed stream closes its file a moment later.
  for (let waits = 0; openFiles().length > 0 && waits < MAX_WAITS; waits++) await sleep(10);
  const open = openFiles();
  removeFoldersOfFile();
  removeFolder(home);
  const left = readdirSync(folder);
  removeFolder(folder);
  if (left.length > 0) throw new Error(`the tests left in their temporary folder: ${left.join(', ')}`);
  if (open.length > 0) throw new Error(`the tests left files open: ${open.join(', ')}`);
});

/** Paths of open files of config dirs in the temporary folder; none where the system does not show them. */
function openFiles(): string[] {
  if (areOpenFilesAllowed()) return [];
  return openDescriptors().flatMap((fd) => {
    try {
      const path = fs.readlinkSync(`/proc/self/fd/${fd}`);
      return path.startsWith(join(folder, '/')) && OF_CONFIG_DIR.test(path) ? [path] : [];
    } catch {
      // The file has been closed since.
      return [];
    }
  });
}

function openDescriptors(): string[] {
  try {
    return fs.readdirSync('/proc/self/fd');
  } catch {
    return [];
  }
}
