import { lstatSync, readdirSync, statSync, type Stats } from 'node:fs';

/** The state of the file at a path, of a link itself; null if there is none or it cannot be read. Never throws. */
export function statOrNull(path: string): Stats | null {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ?? null;
  } catch {
    return null;
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
