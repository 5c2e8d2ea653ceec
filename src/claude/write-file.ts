import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { errorCode } from './problem.js';

/** Conversations are private: files are for their owner alone, as Claude Code makes them. */
export const PRIVATE_FILE = 0o600;
/** The same for folders. */
export const PRIVATE_FOLDER = 0o700;

/**
 * A name beside `path` that nothing else uses and neither Claude Code nor a scan takes for a transcript: for what is
 * written there first and then moved into place.
 */
export function temporaryBeside(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
}

/**
 * Makes a file that must not be there yet: it appears whole, with mode 0600, or not at all. False if something has the
 * name already, which then stays as it is. Throws Node's error if it cannot be written; nothing is left behind then.
 */
export function createFile(path: string, content: string | Uint8Array): boolean {
  const temporary = writeTemporary(path, content);
  try {
    // Unlike a rename, a link never replaces what somebody else has made meanwhile.
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Puts a file in the place of another, or where none is: at every moment the old or the new one is there, whole. Mode 0600. */
export function replaceFile(path: string, content: string | Uint8Array): void {
  const temporary = writeTemporary(path, content);
  try {
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** On the disk, not only in its cache, before it gets its name: after a power cut there is no empty file. */
function writeTemporary(path: string, content: string | Uint8Array): string {
  const temporary = temporaryBeside(path);
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const fd = openSync(temporary, 'wx', PRIVATE_FILE);
  try {
    writeAll(fd, bytes);
    fsyncSync(fd);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
  return temporary;
}

/** Writes all bytes; a disk that is nearly full may take only some at a time before it refuses. */
export function writeAll(fd: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written);
}
