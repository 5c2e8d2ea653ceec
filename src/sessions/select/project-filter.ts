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

/**
 * Decides by the folders of a session. A plain path means that folder and its git worktrees, removed ones too, and not
 * what is below it; a pattern (`*`, `**`, `?`, `[…]`, `{a,b}`) means what it matches, and a folder of that very name.
 * Throws USAGE for an empty one: a variable that is not set must not mean the current folder.
 */
export function projectFilter(patterns: readonly string[], start: StartFolder): ProjectFilter {
  const { worktreesOf } = start;
  const folders = new Set<string>();
  const globs: RegExp[] = [];
  for (const pattern of patterns) {
    if (pattern === '') throw new CcsessError('USAGE', phrase`${option('project')} needs a value.`);
    const path = absolutePath(pattern, start);
    for (const folder of [path, realPathOrSelf(path)]) folders.add(folder);
    if (isGlob(pattern)) globs.push(globToRegExp(path));
    else for (const folder of worktreesOf?.(path) ?? []) folders.add(folder);
  }
  // Made only if it is needed: few sessions record no folder.
  let keys: ReadonlySet<string> | null = null;
  return ({ cwd, repository, projectDir }) => {
    if (cwd === null) return projectDir !== null && (keys ??= new Set([...folders].map(projectKey))).has(projectDir);
    if (folders.has(cwd) || globs.some((glob) => glob.test(cwd))) return true;
    return worktreesOf !== null && repositoriesOf(cwd, repository).some((folder) => folders.has(folder));
  };
}

/** The folder a worktree was made from, and the root of the repository if that is another one. */
function repositoriesOf(cwd: string, repository: string | null): string[] {
  return [repository, repositoryOfPath(cwd)].filter((folder) => folder !== null);
}

/** The pattern for everything below the plain folders among `patterns`; `null` where all are patterns. */
export function belowFilter(patterns: readonly string[], start: StartFolder): ProjectFilter | null {
  const roots = patterns.filter((pattern) => !isGlob(pattern)).map((pattern) => absolutePath(pattern, start));
  if (roots.length === 0) return null;
  const starts = roots
    .flatMap((root) => [root, realPathOrSelf(root)])
    .map((root) => (root.endsWith(sep) ? root : root + sep));
  return ({ cwd }) => cwd !== null && starts.some((start) => cwd.startsWith(start));
}
