import { lstatSync, readdirSync, statSync, type Stats } from 'node:fs';
import { errorCode } from './problem.js';

/** Returns the stats of a path, without following a link; null if it does not exist or cannot be read. Never throws. */
export function statOrNull(path: string): Stats | null {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ?? null;
  } catch {
    return null;
  }
}

/** Returns true if a path exists; a broken link does. Throws Node's error if this cannot be determined. */
export function exists(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if (errorCode(error) === 'ENOTDIR') return false;
    throw error;
  }
}

/** As `exists`, but returns true if this cannot be determined. Never throws. */
export function mayExist(path: string): boolean {
  try {
    return exists(path);
  } catch {
    return true;
  }
}

/** Returns true for a folder or a link to one; false if it cannot be read. Never throws. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Returns the names in a folder, sorted; none if it cannot be read. Never throws. */
export function sortedNames(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
