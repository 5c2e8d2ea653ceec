import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { projectKey } from '../../claude/project-key.js';
import type { ProjectMember } from '../../session-index/record.js';
import type { SessionIndex } from '../../session-index/session-index.js';
import { absolutePath, realPathOrSelf } from '../../system/real-path.js';
import { isGlob } from '../../grammar/glob.js';
import { projectFilter, type StartFolder } from './project-filter.js';

/** A project argument to which no session belongs, and its possible meanings. */
export interface ProjectGuess {
  /** The argument as written. */
  pattern: string;
  /** The folder it names. */
  path: string;
  /** The folder exists, or sessions belong to folders below it. */
  exists: boolean;
  /** The nearest folder above that has sessions, up to the root of the repository and below the home folder. */
  parent: string | null;
  /** Folders with sessions whose path ends with the argument, if it does not exist. */
  named: readonly string[];
}

/**
 * Returns a guess for each plain folder among the patterns that has no session, regardless of other filters. Reads
 * records only if no project dir is named after such a folder.
 */
export function guessProjects(patterns: readonly string[], index: SessionIndex, start: StartFolder): ProjectGuess[] {
  const doubtful = patterns.filter(
    (pattern) => pattern !== '' && !isGlob(pattern) && !hasProjectDir(pattern, index, start),
  );
  if (doubtful.length === 0) return [];
  const members = index.records(index.rows, { footprint: false });
  return doubtful
    .filter((pattern) => !members.some(projectFilter([pattern], start)))
    .map((pattern) => guess(pattern, members, start));
}

/** True if a project dir is named after exactly this folder, which then nearly always has sessions. */
function hasProjectDir(pattern: string, { rows }: SessionIndex, start: StartFolder): boolean {
  const key = projectKey(realPathOrSelf(absolutePath(pattern, start)));
  return rows.some(({ file }) => file.projectDir === key);
}

function guess(pattern: string, members: readonly ProjectMember[], start: StartFolder): ProjectGuess {
  const path = absolutePath(pattern, start);
  const folders = new Set(
    members.flatMap(({ cwd, repository }) => [cwd, repository]).filter((folder) => folder !== null),
  );
  const exists = existsSync(path) || [...folders].some((folder) => folder.startsWith(`${path}/`));
  const isName = !exists && !/^(?:\.{0,2}[\\/]|~)/.test(pattern);
  const end = `/${pattern.replace(/\/+$/, '')}`;
  return {
    pattern,
    path,
    exists,
    parent: exists ? parentWithSessions(realPathOrSelf(path), folders, start.home) : null,
    named: isName ? [...folders].filter((folder) => folder.endsWith(end)).sort() : [],
  };
}

function parentWithSessions(path: string, folders: ReadonlySet<string>, home: string): string | null {
  const top = realPathOrSelf(home);
  for (let folder = path; !existsSync(join(folder, '.git')); ) {
    folder = dirname(folder);
    if (folder === top || basename(folder) === '') return null;
    if (folders.has(folder)) return folder;
  }
  return null;
}
