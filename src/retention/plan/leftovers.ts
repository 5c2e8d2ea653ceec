import { lstatSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CcsessError } from '../../system/errors.js';
import { option, phrase } from '../../system/phrase.js';
import type { IdArtifacts } from '../../claude/layout.js';
import type { ConfigDir } from '../../claude/model.js';
import type { Problem } from '../../system/problem.js';
import { readJobs, readRegistry } from '../../claude/live/process-registry.js';
import { isSessionId } from '../../claude/scan/scan.js';
import { repositoryOfPath } from '../../claude/worktree.js';
import type { ProjectMember } from '../../session-index/record.js';
import type { PruneCandidate } from './candidates.js';
import type { PruneScope, Target } from '../model.js';
import { ourFolders, type IsOurs } from './survey/our-folders.js';
import { surveyTarget } from './survey/survey.js';
import { shortId } from '../../claude/layout.js';

const ORPHANS = option('orphans');

/** Sources of leftovers, and of the sessions that files may belong to. */
export interface LeftoverSources {
  configDirs: readonly ConfigDir[];
  idArtifacts: IdArtifacts;
  /** Every session of the index. */
  sessions: readonly PruneCandidate[];
  problems: readonly Problem[];
  scope: PruneScope;
}

/**
 * Finds leftovers of sessions that have no transcript: side folders and id-keyed artefacts of uuid-shaped ids that no
 * transcript, no registry file and no background job names. Throws IO if that cannot be decided: a folder could not be
 * read, or there are leftovers and no transcript at all, as when a disk is not mounted.
 */
export function findLeftovers({
  configDirs,
  idArtifacts,
  sessions,
  problems,
  scope,
}: LeftoverSources): PruneCandidate[] {
  const doubt = problems.find(
    ({ code, file }) => code === 'unreadable-job' || (code === 'unreadable' && isFolderOfSessions(file, configDirs)),
  );
  if (doubt !== undefined)
    throw new CcsessError('IO', phrase`${ORPHANS}: ${doubt.file} cannot be read, so leftovers cannot be identified.`);
  if (scope.kinds.length > 0 || scope.title !== null || scope.tag !== null) return [];
  const isTaken = takenIds(configDirs, sessions, problems);
  const cwds = cwdsOfProjects(sessions);
  const isOurs = ourFolders(configDirs);
  const found: PruneCandidate[] = [];
  for (const configDir of configDirs.filter(
    ({ projectsRoot }, at) => configDirs.findIndex((other) => other.projectsRoot === projectsRoot) === at,
  )) {
    const folders = sideFolders(configDir);
    const ids = [...new Set([...folders.keys(), ...idArtifacts.idsOf(configDir)])]
      .filter((each) => isSessionId(each) && !isTaken(each))
      .sort();
    if (sessions.length === 0 && ids.length > 0)
      throw new CcsessError('IO', phrase`${ORPHANS}: there are no transcripts, so everything would be a leftover.`);
    for (const id of ids) {
      const shared = idArtifacts.rootsOf({ configDir, id }).map(({ path }) => path);
      const leftover = leftoverAt({ configDir, id, own: folders.get(id) ?? [], shared, cwds, isOurs });
      if (scope.isInProjects === null || scope.isInProjects(belongingOf(leftover))) found.push(leftover);
    }
  }
  return found;
}

function belongingOf({ cwd }: PruneCandidate): ProjectMember {
  return { cwd, repository: cwd === null ? null : repositoryOfPath(cwd), projectDir: null };
}

/** A project dir, or a folder whose names are session ids. */
function isFolderOfSessions(file: string, configDirs: readonly ConfigDir[]): boolean {
  return configDirs.some(
    ({ path, projectsRoot }) =>
      [projectsRoot, join(path, 'projects')].some((root) => file === root || dirname(file) === root) ||
      dirname(file) === path,
  );
}

/**
 * Returns what says of an id that it may be a session's: one of these sessions, of a file that could not be read, or of
 * a registry file or a background job.
 */
export function takenIds(
  configDirs: readonly ConfigDir[],
  sessions: readonly { id: string }[],
  problems: readonly Problem[],
): (id: string) => boolean {
  // A transcript that cannot be looked at, such as a link to a disk that is not mounted, is there all the same.
  const ids = new Set([...sessions.map(({ id }) => id), ...problems.map(({ file }) => basename(file, '.jsonl'))]);
  const shorts = new Set<string>();
  for (const path of new Set(configDirs.map((configDir) => configDir.path))) {
    for (const { sessionId } of readRegistry(path, [])) if (sessionId !== null) ids.add(sessionId);
    for (const { sessionId, short } of readJobs(path, [])) {
      shorts.add(short);
      if (sessionId !== null) ids.add(sessionId);
    }
  }
  return (id) => ids.has(id) || shorts.has(shortId(id));
}

/** Side folders by id; links are left alone, and so are other files of such names. */
function sideFolders({ path }: ConfigDir): Map<string, string[]> {
  const folders = new Map<string, string[]>();
  const projects = join(path, 'projects');
  for (const project of foldersIn(projects)) {
    for (const name of foldersIn(join(projects, project)))
      folders.set(name, [...(folders.get(name) ?? []), join(projects, project, name)]);
  }
  return folders;
}

/** Throws IO: a folder that cannot be listed may hold the transcript that is missed. */
function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch (error) {
    if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) return [];
    throw new CcsessError('IO', phrase`${ORPHANS}: ${folder} cannot be read, so leftovers cannot be identified.`, {
      cause: error,
    });
  }
}

/** The folder of each project dir whose sessions agree on one. */
function cwdsOfProjects(sessions: readonly PruneCandidate[]): Map<string, string | null> {
  const cwds = new Map<string, string | null>();
  for (const { path, cwd } of sessions) {
    const projectDir = dirname(path);
    cwds.set(projectDir, cwds.has(projectDir) && cwds.get(projectDir) !== cwd ? null : cwd);
  }
  return cwds;
}

interface Leaving {
  configDir: ConfigDir;
  id: string;
  own: string[];
  shared: string[];
  cwds: ReadonlyMap<string, string | null>;
  isOurs: IsOurs;
}

function leftoverAt({ configDir, id, own, shared, cwds, isOurs }: Leaving): PruneCandidate {
  const projectFolder = own[0] === undefined ? null : dirname(own[0]);
  const projectDir = projectFolder === null ? '' : basename(projectFolder);
  const roots = [...own, ...shared];
  const target: Target = { configDir, projectDir, id, row: null, roots, judged: roots, copies: [] };
  const survey = surveyTarget(target, isOurs);
  return {
    id,
    configDir,
    projectDir,
    row: null,
    leftover: true,
    cwd: projectFolder === null ? null : (cwds.get(projectFolder) ?? null),
    ageMs: survey?.touchedMs ?? null,
    ageSource: 'mtime',
    prompts: 0,
    empty: false,
    ownBytes: survey?.bytes ?? 0,
    sharedBytes: 0,
    path: roots[0] ?? '',
    project: `${configDir.path}\0${projectDir}`,
    copies: [],
    roots: () => ({ own: roots, shared: [] }),
    survey: () => survey,
  };
}
