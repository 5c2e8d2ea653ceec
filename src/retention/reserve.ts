import { randomBytes } from 'node:crypto';
import { closeSync, constants, fstatSync, fsyncSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { call, phrase } from '../system/phrase.js';
import { isDiskFull } from '../system/problem.js';
import { PRIVATE_FILE, writeAll } from '../system/write-file.js';

const RESERVE_BYTES = 64 * 1024;
const FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW | constants.O_NONBLOCK;

const DELETION = call('removeSession', ['<session>'], { permanent: true });

/** Advice about a full disk, for errors. */
export const FREE_SPACE_HINT = phrase`without free space these still work: ${call('emptyTrash')}, ${DELETION}`;

/**
 * Keeps a file of 64 KiB in one of ccsess's own folders, or as much as fits, to be deleted for a lock and a manifest
 * when the disk is full. Never throws.
 */
export function keepReserve(ownFolder: string): void {
  let fd: number | undefined;
  try {
    fd = openSync(join(ownFolder, 'reserve'), FLAGS, PRIVATE_FILE);
    const stats = fstatSync(fd);
    // Another user may have linked another file here, to have it overwritten.
    if (!stats.isFile() || stats.nlink > 1 || stats.size >= RESERVE_BYTES) return;
    // Random, since a file system that compresses would store zeros in no space.
    writeAll(fd, randomBytes(RESERVE_BYTES - stats.size));
    fsyncSync(fd);
  } catch {
    // There is no room for it now.
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/**
 * Runs `act`. If the disk is full, removes the reserves and runs it again; if the disk is full even then, runs
 * `lastResort`. If all fails, makes the reserves again, for a command that needs less, and throws the last error.
 */
export function withReserve<T>(ownFolders: readonly string[], act: () => T, lastResort?: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!isDiskFull(error)) throw error;
  }
  const dropped = ownFolders.filter(dropReserve);
  try {
    return actAgain(act, lastResort);
  } catch (error) {
    for (const folder of dropped) keepReserve(folder);
    throw error;
  }
}

function actAgain<T>(act: () => T, lastResort?: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!isDiskFull(error) || lastResort === undefined) throw error;
    return lastResort();
  }
}

/** Returns true if there was a reserve, which is gone now. Never throws: the next step reports the full disk. */
function dropReserve(ownFolder: string): boolean {
  try {
    rmSync(join(ownFolder, 'reserve'));
    return true;
  } catch {
    return false;
  }
}
