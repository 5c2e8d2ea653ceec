import { dirname, join, resolve } from 'node:path';
import { readStart } from '../small-file.js';

const MAX_BYTES = 4096;

/** Returns the git branch that is checked out in a folder; null if there is none. Runs no program. */
export function branchIn(folder: string): string | null {
  const head = headOf(folder);
  return head === null ? null : (/^ref: refs\/heads\/(.+)$/m.exec(head)?.[1]?.trim() ?? null);
}

function headOf(folder: string): string | null {
  const git = join(folder, '.git');
  const own = readStart(join(git, 'HEAD'), MAX_BYTES)?.text;
  if (own !== undefined) return own;
  // In a worktree and a submodule `.git` is a file that names the folder.
  const named = /^gitdir: (.+)$/m.exec(readStart(git, MAX_BYTES)?.text ?? '')?.[1]?.trim();
  if (named !== undefined) return readStart(join(resolve(folder, named), 'HEAD'), MAX_BYTES)?.text ?? null;
  return dirname(folder) === folder ? null : headOf(dirname(folder));
}
