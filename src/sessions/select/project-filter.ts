import { join, resolve, sep } from 'node:path';
import { projectKey } from '../../claude/project-key.js';
import { repositoryOfPath } from '../../claude/worktree.js';
import type { ProjectFilter } from '../../session-index/record.js';
import { CcsessError } from '../../system/errors.js';
import { option, phrase } from '../../system/phrase.js';
import { realPathOrSelf } from '../../system/real-path.js';

/** Folder that relative project patterns start from, and the lookup of worktrees. */
export interface Place {
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
export function projectFilter(patterns: readonly string[], place: Place): ProjectFilter {
  const { worktreesOf } = place;
  const folders = new Set<string>();
  const globs: RegExp[] = [];
  for (const pattern of patterns) {
    if (pattern === '') throw new CcsessError('USAGE', phrase`${option('project')} needs a value.`);
    const path = folderOfPattern(pattern, place);
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
export function belowFilter(patterns: readonly string[], place: Place): ProjectFilter | null {
  const roots = patterns.filter((pattern) => !isGlob(pattern)).map((pattern) => folderOfPattern(pattern, place));
  if (roots.length === 0) return null;
  const starts = roots
    .flatMap((root) => [root, realPathOrSelf(root)])
    .map((root) => (root.endsWith(sep) ? root : root + sep));
  return ({ cwd }) => cwd !== null && starts.some((start) => cwd.startsWith(start));
}

/** True if a project argument is a pattern and not a plain path. */
export function isGlob(pattern: string): boolean {
  return /[*?[{]/.test(pattern);
}

/** `~` counts as home here because a quoted pattern reaches us before any shell has seen it. */
export function folderOfPattern(pattern: string, { cwd, home }: Pick<Place, 'cwd' | 'home'>): string {
  const expanded = pattern === '~' || pattern.startsWith('~/') ? join(home, pattern.slice(1)) : pattern;
  return resolve(cwd, expanded);
}

/** `**` crosses folders (and `/a/**` covers `/a` itself), `*` and `?` stay within one. */
export function globToRegExp(glob: string): RegExp {
  let source = '';
  let braces = 0;
  for (let at = 0; at < glob.length; at++) {
    const char = glob.charAt(at);
    if (glob.startsWith('/**', at) && /^(?:\/|$)/.test(glob.slice(at + 3))) {
      source += '(?:/.*)?';
      at += 2;
    } else if (char === '*') {
      source += '[^/]*';
      if (glob.charAt(at + 1) === '*') at += 1;
    } else if (char === '?') source += '[^/]';
    else if (char === '[' && glob.indexOf(']', at + 2) > 0) {
      const end = glob.indexOf(']', at + 2);
      source += characterClass(glob.slice(at + 1, end));
      at = end;
    } else if (char === '{' && glob.includes('}', at)) {
      braces += 1;
      source += '(?:';
    } else if (char === '}' && braces > 0) {
      braces -= 1;
      source += ')';
    } else if (char === ',' && braces > 0) source += '|';
    else source += escapeRegExp(char);
  }
  return braces === 0 ? compile(source, glob) : literal(glob);
}

/** A pattern that means nothing (an unclosed inner brace, a range from z to a) is taken literally. */
function compile(source: string, glob: string): RegExp {
  try {
    return new RegExp(`^${source}$`, 'u');
  } catch {
    return literal(glob);
  }
}

function literal(glob: string): RegExp {
  return new RegExp(`^${escapeRegExp(glob)}$`, 'u');
}

function characterClass(body: string): string {
  const negated = /^[!^]/.test(body);
  const members = (negated ? body.slice(1) : body).replace(/[\\\]^[]/g, '\\$&');
  return `[${negated ? '^/' : ''}${members}]`;
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
