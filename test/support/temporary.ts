import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

// The real functions, even if a test replaces `node:fs`.
const { chmodSync, lstatSync, mkdtempSync, readdirSync, realpathSync, rmSync } = process.getBuiltinModule('node:fs');
const ofThisFile: string[] = [];
let mayLeaveOpen = false;

/** Lets the tests of this file leave files open, as screens do that are not left. */
export function allowOpenFiles(): void {
  mayLeaveOpen = true;
}

/** Returns true if the tests of this file may leave files open. */
export function areOpenFilesAllowed(): boolean {
  return mayLeaveOpen;
}

/**
 * Makes a folder below the system's temporary one and returns its real path. It is removed when the test ends;
 * made outside a test, when the tests of the file have ended (`guard.ts`).
 */
export function temporaryFolder(name: string): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), `ccsess-${name}-`)));
  try {
    onTestFinished(() => removeFolder(folder));
  } catch {
    // Called at collection time or in a hook of the file: no test is running.
    ofThisFile.push(folder);
  }
  return folder;
}

/** Removes the folders made outside a test. */
export function removeFoldersOfFile(): void {
  for (const folder of ofThisFile.splice(0)) removeFolder(folder);
}

/** Removes a folder with everything in it, even if its mode forbids that; does nothing if it is gone. */
export function removeFolder(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  } catch {
    unlock(folder);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

function unlock(folder: string): void {
  if (!lstatSync(folder).isDirectory()) return;
  chmodSync(folder, 0o700);
  for (const name of readdirSync(folder)) unlock(join(folder, name));
}
