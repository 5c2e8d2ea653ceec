import { readdirSync } from 'node:fs';
import type { TranscriptFile } from '../../claude/model.js';
import { CcsessError } from '../../system/errors.js';
import { call, phrase } from '../../system/phrase.js';
import { pinnedProjectKey, projectKey } from '../../claude/project-key.js';
import type { Environment } from '../../claude/environment.js';
import type { SessionRecord } from '../../session-index/record.js';
import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import { byIdentity } from '../select/listing.js';
import { destination, isWithin, newFolder, oldFolder } from './folders.js';
import { isFolder } from '../../system/stat.js';
import type { MemoryMove, MovePlan, PreparedMove, SessionMove, UnmovedSession } from './model.js';
import { isSameFolder, projectFolder, refuseUnmovable } from './refusals.js';

interface Known {
  row: SessionRow;
  record: SessionRecord;
}

/** A session to be moved, and its new folder. */
interface MovingSession extends Known {
  toCwd: string;
}

/**
 * Plans moving the sessions of a folder and of the folders below it; a session's folder is the one it records. Writes
 * nothing. Throws USAGE (the new folder does not exist, or is the old one), NOT_FOUND (no session there), and what
 * `refuseUnmovable` throws.
 */
export function planProjectMove(index: SessionIndex, from: string, to: string, environment: Environment): PreparedMove {
  const target = newFolder(to, environment);
  const old = oldFolder(from, target, environment);
  const isNewInsideOld = old.names.some((name) => isWithin(target, name));

  const known: MovingSession[] = [];
  const rest: Known[] = [];
  for (const { row, record } of withRecords(index)) {
    const { cwd } = record;
    const isThere = isNewInsideOld && cwd !== null && isWithin(cwd, target);
    const toCwd = cwd === null || isThere ? null : destination(cwd, old, target);
    if (toCwd === null) rest.push({ row, record });
    else known.push({ row, record, toCwd });
  }
  if (known.length === 0)
    throw new CcsessError('NOT_FOUND', `no session of ${old.path} or a folder below it.`, {
      hint: phrase`${call('listProjects')}`,
    });
  const { followers, unplaced } = withoutFolder(known, rest);
  const moving = [...known, ...followers];
  const others = rest.filter(({ row }) => followers.every((follower) => follower.row !== row));
  const memory = memoryMoves(moving, others, environment);
  return prepared(
    {
      from: old.path,
      to: target,
      moving,
      memory,
      unplaced: unplaced.map(staying),
      readers: readersOf(moving, others).map(staying),
    },
    index,
    environment,
  );
}

/** Plans moving one session to another folder. Writes nothing. Throws as `planProjectMove`. */
export function planSessionMove(
  index: SessionIndex,
  row: SessionRow,
  to: string,
  environment: Environment,
): PreparedMove {
  const target = newFolder(to, environment);
  const all = withRecords(index);
  const moving = all.filter((one) => one.row === row).map((one) => ({ ...one, toCwd: target }));
  const from = moving[0]?.record.cwd ?? null;
  if (from === target) throw new CcsessError('USAGE', `session ${row.file.id} is of ${target} already.`);
  const readers = readersOf(
    moving,
    all.filter((one) => one.row !== row),
  );
  return prepared(
    { from, to: target, moving, memory: [], unplaced: [], readers: readers.map(staying) },
    index,
    environment,
  );
}

function withRecords(index: SessionIndex): Known[] {
  const rows = [...index.rows].sort(byIdentity);
  const records = index.records(rows, { footprint: false });
  return rows.flatMap((row, at) => {
    const record = records[at];
    return record === undefined ? [] : [{ row, record }];
  });
}

/**
 * Sessions without a recorded folder follow the other sessions of their project dir if all of those move to one folder;
 * else they cannot be assigned and stay.
 */
function withoutFolder(
  known: readonly MovingSession[],
  others: readonly Known[],
): { followers: MovingSession[]; unplaced: Known[] } {
  const followers: MovingSession[] = [];
  const unplaced: Known[] = [];
  for (const { row, record } of others) {
    if (record.cwd !== null) continue;
    const isInSameDir = (other: { row: SessionRow }): boolean => isSameProjectDir(other.row.file, row.file);
    const ways = new Set(known.filter(isInSameDir).map(({ toCwd }) => toCwd));
    const [toCwd] = ways;
    if (toCwd === undefined) continue;
    if (ways.size === 1 && !others.some((other) => other.record.cwd !== null && isInSameDir(other)))
      followers.push({ row, record, toCwd });
    else unplaced.push({ row, record });
  }
  return { followers, unplaced };
}

/**
 * Forks that stay while their parent moves with its large tool results: Claude Code's own forks read these at the
 * parent's path.
 */
function readersOf(moving: readonly MovingSession[], others: readonly Known[]): Known[] {
  const sources = new Set(
    moving.filter(({ row }) => row.file.sideEntries.includes('tool-results')).map(({ record }) => record.id),
  );
  const readers = new Set<Known>();
  for (let before = -1; before < readers.size; ) {
    before = readers.size;
    for (const one of [...moving, ...others]) {
      const { forkedFrom, id } = one.record;
      if (forkedFrom === null || !sources.has(forkedFrom.id)) continue;
      // A fork of such a fork reads them too.
      sources.add(id);
      readers.add(one);
    }
  }
  return others.filter((other) => readers.has(other));
}

function staying({ record: { configDir, id, projectDir } }: Known): UnmovedSession {
  return { configDir, id, projectDir };
}

/**
 * `memory/` belongs to the folder that its project dir is named after. It moves if all sessions in the dir belong to
 * that folder and move.
 */
function memoryMoves(
  moving: readonly MovingSession[],
  others: readonly Known[],
  environment: Environment,
): MemoryMove[] {
  const found = new Map<string, MemoryMove>();
  for (const { row, record, toCwd } of moving) {
    const { configDir, projectDir } = row.file;
    const key = `${configDir.projectsRoot}\0${projectDir}`;
    const isOwner =
      record.cwd !== null && [projectKey(record.cwd), pinnedProjectKey(environment.env)].includes(projectDir);
    const isShared = [...others, ...moving.filter((other) => other.toCwd !== toCwd)].some((other) =>
      isSameProjectDir(other.row.file, row.file),
    );
    if (found.has(key) || !isOwner || isShared || !isFolder(`${projectFolder(configDir, projectDir)}/memory`)) continue;
    const toProjectDir = projectDirFor(row.file, toCwd, environment);
    if (toProjectDir === projectDir) continue;
    const isTaken = [projectDir, toProjectDir].every((name) =>
      holdsAnything(`${projectFolder(configDir, name)}/memory`),
    );
    found.set(key, {
      configDir: configDir.path,
      fromProjectDir: projectDir,
      toProjectDir,
      status: isTaken ? 'stays' : 'planned',
    });
  }
  return [...found.values()];
}

function holdsAnything(folder: string): boolean {
  return isFolder(folder) && readdirSync(folder).length > 0;
}

function isSameProjectDir(a: TranscriptFile, b: TranscriptFile): boolean {
  return a.projectDir === b.projectDir && a.configDir.projectsRoot === b.configDir.projectsRoot;
}

/**
 * Project dir in which Claude Code will look for the session. Another spelling of a folder (a link, or another case) is
 * the same folder.
 */
function projectDirFor(file: TranscriptFile, toCwd: string, { env }: Environment): string {
  const name = pinnedProjectKey(env) ?? projectKey(toCwd);
  return isSameFolder(projectFolder(file.configDir, name), projectFolder(file.configDir, file.projectDir))
    ? file.projectDir
    : name;
}

interface Draft extends Pick<MovePlan, 'from' | 'to' | 'memory' | 'unplaced' | 'readers'> {
  moving: readonly MovingSession[];
}

function prepared({ moving, ...draft }: Draft, index: SessionIndex, environment: Environment): PreparedMove {
  const sizes = index.records(
    moving.map(({ row }) => row),
    { footprint: true },
  );
  const rows = new Map<SessionMove, SessionRow>();
  for (const [at, { row, record, toCwd }] of moving.entries()) {
    const move: SessionMove = {
      configDir: record.configDir,
      id: record.id,
      title: record.title,
      lastActivityAt: record.lastActivityAt,
      footprintBytes: sizes[at]?.footprintBytes ?? 0,
      fromCwd: record.cwd,
      toCwd,
      toCwdExists: isFolder(toCwd),
      fromProjectDir: record.projectDir,
      toProjectDir: projectDirFor(row.file, toCwd, environment),
      status: 'planned',
      error: null,
    };
    rows.set(move, row);
  }
  refuseUnmovable(rows, environment);
  return { plan: { schemaVersion: 1, dryRun: true, moves: [...rows.keys()], ...draft }, rows };
}
