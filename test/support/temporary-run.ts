import { chmodSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeFolder } from './temporary.js';

/**
 * Gives the run a temporary folder of its own. Returns a function that removes it, and fails the run if a test left
 * anything in it.
 */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'ccsess-'));
  chmodSync(folder, 0o711);
  process.env['TMPDIR'] = folder;
  return () => {
    const left = readdirSync(folder).filter((name) => !isUnused(join(folder, name)));
    removeFolder(folder);
    if (left.length === 0) return;
    // Vitest reports an error here and does not count it.
    process.exitCode = 1;
    throw new Error(`the tests left in the temporary folder of the run: ${left.join(', ')}`);
  };
}

/** Returns true if no test of the test file of this folder ran: no hook has then removed the folder. */
function isUnused(folder: string): boolean {
  return readdirSync(folder, { recursive: true }).every((name) => name === 'home');
}
