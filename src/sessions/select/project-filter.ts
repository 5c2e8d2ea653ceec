import { sep } from 'node:path';
import { globToRegExp, isGlob } from '../../grammar/glob.js';
import { projectKey } from '../../claude/project-key.js';
import { repositoryOfPath } from '../../claude/worktree.js';
import type { ProjectFilter } from '../../session-index/record.js';
import { CcsessError } from '../../system/errors.js';
import { option, phrase } from '../../system/phrase.js';
import { realPathOrSelf, absolutePath } from '../../system/real-path.js';

/** Folder that relative project patterns start from, and the lookup of worktrees. */
export interface StartFolder {
  cwd: string;
  home: string;
  /** Null: a folder is meant without its worktrees. */
  worktreesOf: ((folder: string) => readonly string[]) | null;
}

/** An absolute path of Windows: config dirs from there are read in WSL, too. */
const WINDOWS_PATH = /^(?:[a-z]:[\\/]|\\\\)/i;

/**
 * Returns a filter of sessions by folder. A plain path means that folder and its git worktrees, also removed ones, but
 * no folder below; a pattern (`*`, `**`, `?`, `[…]`, `{a,b}`) means what it matches, and a folder of exactly that name.
 * A path or pattern of Windows means the folders of this name in any case. Throws USAGE for an empty pattern: an unset
 * variable must not mean the current folder.
 */
export function projectFilter(patterns: readonly string[], start: StartFolder): ProjectFilter {
  const { worktreesOf } = start;
  const folders = new Set<string>();
  const windowsFolders = new Set<string>();
  const [globs, windowsGlobs]: [RegExp[], RegExp[]] = [[], []];
  for (const pattern of patterns) {
    if (pattern === '') throw new CcsessError('USAGE', phrase`${option('project')} needs a value.`);
    const path = absolutePath(pattern, start);
    for (const folder of [path, realPathOrSelf(path)]) folders.add(folder);
    const windows = windowsFolder(pattern);
    if (windows !== null) {
      windowsFolders.add(windows);
      folders.add(pattern);
      if (isGlob(pattern)) windowsGlobs.push(globToRegExp(windows));
    }
    if (isGlob(pattern)) globs.push(globToRegExp(path));
    else for (const folder of worktreesOf?.(path) ?? []) folders.add(folder);
  }
  // Computed on demand, since few sessions record no folder.
  let keys: ReadonlySet<string> | null = null;
  const isWindowsFolder = (folder: string): boolean => {
    const windows = windowsFolders.size > 0 ? windowsFolder(folder) : null;
    return windows !== null && (windowsFolders.has(windows) || windowsGlobs.some((glob) => glob.test(windows)));
  };
  return ({ cwd, repository, projectDir }) => {
    if (cwd === null) return projectDir !== null && (keys ??= new Set([...folders].map(projectKey))).has(projectDir);
    if (folders.has(cwd) || globs.some((glob) => glob.test(cwd))) return true;
    if (isWindowsFolder(cwd)) return true;
    if (worktreesOf === null) return false;
    return repositoriesOf(cwd, repository).some((folder) => folders.has(folder) || isWindowsFolder(folder));
  };
}

/** Returns a folder of Windows in one spelling, since case and slashes make no difference there; null for others. */
function windowsFolder(path: string): string | null {
  return WINDOWS_PATH.test(path)
    ? path
        .replaceAll('\\', '/')
        .replace(/(?<=.)\/+$/, '')
        .toLowerCase()
    : null;
}

/** Returns the folder a worktree was made from, and the root of its repository if that is another one. */
function repositoriesOf(cwd: string, repository: string | null): string[] {
  return [repository, repositoryOfPath(cwd)].filter((folder) => folder !== null);
}

/** Returns a filter for everything below the plain folders among `patterns`; null if there are none. */
export function belowFilter(patterns: readonly string[], start: StartFolder): ProjectFilter | null {
  const roots = patterns.filter((pattern) => !isGlob(pattern)).map((pattern) => absolutePath(pattern, start));
  if (roots.length === 0) return null;
  const starts = roots
    .flatMap((root) => [root, realPathOrSelf(root)])
    .map((root) => (root.endsWith(sep) ? root : root + sep));
  return ({ cwd }) => cwd !== null && starts.some((start) => cwd.startsWith(start));
}
