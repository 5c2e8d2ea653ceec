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
 * Finds leftovers: side folders and id artifacts of session ids that no transcript, registry file or background job
 * names. Throws IO if a folder cannot be read, or if there is no transcript at all, as when a disk is not mounted.
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

/** Returns true for a project dir, its parent, or a folder directly in a config dir, where id artifacts are. */
function isFolderOfSessions(file: string, configDirs: readonly ConfigDir[]): boolean {
  return configDirs.some(
    ({ path, projectsRoot }) =>
      [projectsRoot, join(path, 'projects')].some((root) => file === root || dirname(file) === root) ||
      dirname(file) === path,
  );
}

/**
 * Returns a test for ids that may belong to a session: a known one, an unreadable file, a process or background job.
 */
export function takenIds(
  configDirs: readonly ConfigDir[],
  sessions: readonly { id: string }[],
  problems: readonly Problem[],
): (id: string) => boolean {
  // An unreadable transcript, such as a link to a disk that is not mounted, still belongs to a session.
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

/** Returns the side folders of all project dirs by id, without links. */
function sideFolders({ path }: ConfigDir): Map<string, string[]> {
  const folders = new Map<string, string[]>();
  const projects = join(path, 'projects');
  for (const project of foldersIn(projects)) {
    for (const name of foldersIn(join(projects, project)))
      folders.set(name, [...(folders.get(name) ?? []), join(projects, project, name)]);
  }
  return folders;
}

/** Lists the folders in a folder. Throws IO if it cannot be read, since the missing transcript may be there. */
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

/** Returns the cwd of each project dir; null if its sessions have different ones. */
function cwdsOfProjects(sessions: readonly PruneCandidate[]): Map<string, string | null> {
  const cwds = new Map<string, string | null>();
  for (const { path, cwd } of sessions) {
    const projectDir = dirname(path);
    cwds.set(projectDir, cwds.has(projectDir) && cwds.get(projectDir) !== cwd ? null : cwd);
  }
  return cwds;
}

interface LeftoverParts {
  configDir: ConfigDir;
  id: string;
  own: string[];
  shared: string[];
  cwds: ReadonlyMap<string, string | null>;
  isOurs: IsOurs;
}

function leftoverAt({ configDir, id, own, shared, cwds, isOurs }: LeftoverParts): PruneCandidate {
  const projectFolder = own[0] === undefined ? null : dirname(own[0]);
  const projectDir = projectFolder === null ? '' : basename(projectFolder);
  const roots = [...own, ...shared];
  const target: Target = { configDir, projectDir, id, row: null, roots, fingerprinted: roots, copies: [] };
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
