import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { errorCode } from './problem.js';
import { PRIVATE_FOLDER } from './write-file.js';
import { isFolder } from './stat.js';

/**
 * Creates a folder and its missing parents, for their owner alone; an existing folder stays as it is. Throws Node's
 * error. Node's own recursive mkdir never returns below `/proc`.
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
    // Some file systems give another error for a folder that exists.
    if (!isFolder(path)) throw error;
  }
}
