import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { errorCode } from './problem.js';
import { PRIVATE_FOLDER } from './write-file.js';
import { isFolder } from './stat.js';

/**
 * Makes a folder and the missing ones above it, for their owner alone; an existing folder stays as it is. Throws Node's
 * error if it cannot, unlike Node's own recursive mkdir, which never returns below `/proc`.
 */
export function makeFolders(path: string): void {
  try {
    makeFolder(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' || dirname(path) === path) throw error;
    makeFolders(dirname(path));
    makeFolder(path);
  }
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: PRIVATE_FOLDER });
  } catch (error) {
    // Some file systems refuse before they see that it is there.
    if (!isFolder(path)) throw error;
  }
}
