import { closeSync, constants, fstatSync, fsyncSync, openSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { errorCode } from '../system/problem.js';
import { temporaryNextTo } from '../system/temporaries.js';
import { createFile, replaceFile, writeAll } from '../system/write-file.js';
import { withReserve } from './reserve.js';

/** The content of a lock. */
export interface LockContent {
  text: string;
  /** Target of the link that is made where there is no space for a file; `null` if the lock must be a file. */
  link: string | null;
}

/**
 * Creates a lock and returns its text; null if the path exists. On a full disk it uses the space of the reserve, and if
 * that is not enough, the lock is a link. Throws Node's error.
 */
export function createLock(path: string, { text, link }: LockContent): string | null {
  return withReserve(
    [dirname(path)],
    () => (createFile(path, text) ? text : null),
    link === null ? undefined : () => (createLink(path, link) ? link : null),
  );
}

/**
 * Replaces a lock in one step and returns the new text. On a full disk it uses the space of the reserve, else that of
 * the old lock. Throws Node's error.
 */
export function replaceLock(path: string, { text, link }: LockContent): string {
  const replace = (): string => {
    replaceFile(path, text);
    return text;
  };
  return withReserve([dirname(path)], replace, () => {
    const overwritten = overwrite(path, text);
    if (overwritten !== null) return overwritten;
    if (link === null) return replace();
    return replaceLink(path, link);
  });
}

function createLink(path: string, target: string): boolean {
  try {
    symlinkSync(target, path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

function replaceLink(path: string, target: string): string {
  const temporary = temporaryNextTo(path);
  try {
    symlinkSync(target, temporary);
    renameSync(temporary, path);
    return target;
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Overwrites a file in the space it already has. Returns null if it is a link, has other names, or is too small. */
function overwrite(path: string, text: string): string | null {
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_WRONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const { size, blocks, nlink } = fstatSync(fd);
    if (nlink > 1) return null;
    const bytes = Buffer.from(text.trimEnd().padEnd(size - 1) + '\n');
    if (bytes.length > Math.max(size, blocks * 512)) return null;
    writeAll(fd, bytes);
    fsyncSync(fd);
    return bytes.toString();
  } catch (error) {
    if (errorCode(error) === 'ELOOP') return null;
    throw error;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
