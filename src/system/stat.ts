import { lstatSync, readdirSync, statSync, type Stats } from 'node:fs';
import { errorCode } from './problem.js';

/** The state of the file at a path, of a link itself; null if there is none or it cannot be read. Never throws. */
export function statOrNull(path: string): Stats | null {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ?? null;
  } catch {
    return null;
  }
}

/** True if something is at a path, a link itself included. Throws Node's error where that cannot be seen. */
export function exists(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if (errorCode(error) === 'ENOTDIR') return false;
    throw error;
  }
}

/** True if something is at a path, a link itself included, or if that cannot be seen. Never throws. */
export function mayExist(path: string): boolean {
  try {
    return exists(path);
  } catch {
    return true;
  }
}

/** True for a folder, also behind a link; false if there is none or it cannot be read. Never throws. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/**
 * The names in a folder, sorted, so that the same files always give the same list; none if it cannot be read. Never
 * throws.
 */
export function sortedNames(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
