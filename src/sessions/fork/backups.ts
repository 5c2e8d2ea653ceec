import { copyFileSync, linkSync } from 'node:fs';
import { join } from 'node:path';
import { isFile, NewFolder } from './side-folder.js';

/**
 * Creates the backups that checkpoints in a fork refer to: hard links, as Claude Code makes them for `/branch`, or
 * copies where links are impossible. Returns null if none of the backups exists. Throws Node's error, with nothing left
 * behind.
 */
export function copyBackups(from: string, to: string, names: ReadonlySet<string>): NewFolder | null {
  const found = [...names].filter((name) => isFile(join(from, name)));
  if (found.length === 0) return null;
  const folder = new NewFolder(to);
  try {
    for (const name of found) linkOrCopy(join(from, name), join(folder.path, name));
    return folder;
  } catch (error) {
    folder.discard();
    throw error;
  }
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}
