import { lstatSync, readdirSync, statSync, type Stats } from 'node:fs';
import { errorCode } from './problem.js';

/** Returns the state of a file, of a link itself; null if there is none or it cannot be read. Never throws. */
export function statOrNull(path: string): Stats | null {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ?? null;
  } catch {
    return null;
  }
}

/** Returns true if something, also a broken link, has a path. Throws Node's error if that cannot be read. */
export function exists(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if (errorCode(error) === 'ENOTDIR') return false;
    throw error;
  }
}

/** As `exists`, but returns true if it cannot be read. Never throws. */
export function mayExist(path: string): boolean {
  try {
    return exists(path);
  } catch {
    return true;
  }
}

/** Returns true for a folder, also behind a link; false if it cannot be read. Never throws. */
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
