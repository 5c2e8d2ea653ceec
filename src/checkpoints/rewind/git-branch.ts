import { dirname, join, resolve } from 'node:path';
import { readStart } from '../../system/small-file.js';
import { statOrNull } from '../../system/stat.js';

/** Maximum size of a `.git` file or `HEAD`, in bytes. */
const MAX_BYTES = 4096;

/**
 * Returns the branch that is checked out in a folder; null outside a repository, and without a branch. Never throws.
 */
export function checkedOutBranch(folder: string): string | null {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const gitDir = gitDirOf(at);
    if (gitDir !== null) {
      const head = readStart(join(gitDir, 'HEAD'), MAX_BYTES)?.text ?? '';
      return /^ref: refs\/heads\/(.+)$/m.exec(head)?.[1]?.trim() ?? null;
    }
    if (dirname(at) === at) return null;
  }
}

/** Returns the git dir of a working tree: its `.git` folder, or the folder that the `.git` file of a worktree names. */
function gitDirOf(folder: string): string | null {
  const path = join(folder, '.git');
  const stats = statOrNull(path);
  if (stats?.isDirectory() === true) return path;
  if (stats?.isFile() !== true) return null;
  const named = /^gitdir: (.+)$/m.exec(readStart(path, MAX_BYTES)?.text ?? '')?.[1]?.trim();
  return named === undefined ? null : resolve(folder, named);
}
