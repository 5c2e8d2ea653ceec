import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Environment } from '../../claude/environment.js';
import type { StartFolder } from './project-filter.js';

/**
 * Returns the folder that project arguments start from. Git is only started in a repository with worktrees, to save
 * time.
 */
export async function findStartFolder({
  cwd,
  home,
  env,
}: Pick<Environment, 'cwd' | 'home' | 'env'>): Promise<StartFolder> {
  const { worktreesOf } = await import('../../system/git/worktrees.js');
  return { cwd, home, worktreesOf: (folder) => (mayHaveWorktrees(folder) ? worktreesOf(folder, env) : [folder]) };
}

/** True if the folder is in a worktree (`.git` is a file) or in a repository that has some. */
function mayHaveWorktrees(folder: string): boolean {
  const git = join(folder, '.git');
  if (!existsSync(git)) return dirname(folder) !== folder && mayHaveWorktrees(dirname(folder));
  return !existsSync(join(git, 'HEAD')) || existsSync(join(git, 'worktrees'));
}
