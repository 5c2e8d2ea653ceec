import { existsSync } from 'node:fs';
import { isAbsolute, sep } from 'node:path';

/** The worktree of a session, as its last `worktree-state` entry names it. */
export interface Worktree {
  path: string;
  /** The folder of the repository in which Claude Code was started. */
  originalCwd: string;
}

/** The folders that decide which project a session belongs to. */
export interface ProjectFolders {
  cwd: string | null;
  /** The folder of the repository, if `cwd` is in a worktree that Claude Code made. */
  repository: string | null;
}

/** Folder in which `claude --worktree` creates worktrees. */
const WORKTREE_PATH = /^(.+?)[\\/]\.claude[\\/]worktrees[\\/][^\\/]+(?:[\\/]|$)/;

/**
 * Returns the repository of a session's worktree, by its transcript or else by the path under which Claude Code creates
 * worktrees; null for a session in any other folder.
 */
export function repositoryOf(cwd: string | null, worktree: Worktree | null): string | null {
  if (cwd === null) return null;
  if (worktree === null || !isWithin(cwd, worktree.path)) return repositoryOfPath(cwd);
  return repositoryOfPath(worktree.originalCwd) ?? worktree.originalCwd;
}

/** Returns the repository in a path `<repository>/.claude/worktrees/<name>`, or below it; null for any other path. */
export function repositoryOfPath(path: string): string | null {
  return WORKTREE_PATH.exec(path)?.[1] ?? null;
}

/** Returns the worktree in the parsed `worktreeSession` of an entry; null if it names none. */
export function worktreeOf(session: Readonly<Record<string, unknown>> | null): Worktree | null {
  const { worktreePath: path, originalCwd } = session ?? {};
  if (typeof path !== 'string' || typeof originalCwd !== 'string') return null;
  return isAbsolute(path) && isAbsolute(originalCwd) ? { path, originalCwd } : null;
}

/** Returns the folder that a session counts under: its cwd, or the repository if its worktree was removed. */
export function projectFolderOf({ cwd, repository }: ProjectFolders, exists = cachedExists()): string | null {
  const isRemoved = cwd !== null && repository !== null && !exists(cwd) && exists(repository);
  return isRemoved ? repository : cwd;
}

/** Returns a function that checks whether a path exists, once per path. */
export function cachedExists(): (path: string) => boolean {
  const known = new Map<string, boolean>();
  return (path) => {
    const found = known.get(path) ?? existsSync(path);
    known.set(path, found);
    return found;
  };
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
