import { execFileSync } from 'node:child_process';

const TIME_LIMIT_MS = 5000;

/**
 * Returns the folder and all git worktrees of its repository as absolute paths; only the folder if it is in no
 * repository, or git is missing or too slow. Runs no hooks and no file-system monitor of the repository.
 */
export function worktreesOf(folder: string, env: Readonly<Record<string, string | undefined>>): string[] {
  return [...new Set([folder, ...listWorktrees(folder, env)])];
}

function listWorktrees(folder: string, env: Readonly<Record<string, string | undefined>>): string[] {
  try {
    const output = execFileSync(
      'git',
      ['-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=', 'worktree', 'list', '--porcelain'],
      {
        cwd: folder,
        env: withoutGitVariables(env),
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
        timeout: TIME_LIMIT_MS,
      },
    );
    return output.split('\n').flatMap((line) => (line.startsWith('worktree ') ? [line.slice('worktree '.length)] : []));
  } catch {
    return [];
  }
}

/** Removes `GIT_DIR` and others, which in a git hook name another repository than the folder's. */
function withoutGitVariables(env: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('GIT_')));
}
