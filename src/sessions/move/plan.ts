import type { TranscriptFile } from '../../claude/model.js';
import { CcsessError } from '../../claude/errors.js';
import { pinnedProjectKey, projectKey } from '../../claude/project-key.js';
import type { Workplace } from '../../claude/workplace.js';
import type { SessionRecord } from '../../session-index/record.js';
import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import { byIdentity } from '../listing.js';
import { destination, isFolder, isWithin, newFolder, oldFolder } from './folders.js';
import type { MemoryMove, MovePlan, PreparedMove, SessionMove, Unplaced } from './model.js';
import { isSameFolder, projectFolder, refuseWhatCannotMove } from './refusals.js';

/** A session, and the folder it goes to. */
interface Going {
  row: SessionRow;
  record: SessionRecord;
  toCwd: string;
}

/**
 * What moving the sessions of a folder, and of the folders below it, would do. Whose a session is, its recorded folder
 * says. Writes nothing. Throws USAGE (the new folder is none, or the old one), NOT_FOUND (no session there), and what
 * `refuseWhatCannotMove` throws.
 */
export function planProjectMove(index: SessionIndex, from: string, to: string, workplace: Workplace): PreparedMove {
  const old = oldFolder(from, workplace);
  const target = newFolder(to, workplace);
  if (old.names.includes(target)) throw new CcsessError('USAGE', `${old.path} and ${target} are the same folder.`);
  const isNewInsideOld = old.names.some((name) => isWithin(target, name));

  const known: Going[] = [];
  const others: { row: SessionRow; record: SessionRecord }[] = [];
  for (const { row, record } of withRecords(index)) {
    const { cwd } = record;
    const isThere = isNewInsideOld && cwd !== null && isWithin(cwd, target);
    const toCwd = cwd === null || isThere ? null : destination(cwd, old, target);
    if (toCwd === null) others.push({ row, record });
    else known.push({ row, record, toCwd });
  }
  if (known.length === 0) throw new CcsessError('NOT_FOUND', `no session of ${old.path} or a folder below it.`, { hint: 'ccsess projects' });
  const { followers, unplaced } = withoutFolder(known, others);
  const going = [...known, ...followers];
  return prepared({ from: old.path, to: target, going, memory: memoryMoves(going, others, workplace), unplaced }, workplace);
}

/** What moving one session to another folder would do. Writes nothing. Throws as `planProjectMove`. */
export function planSessionMove(index: SessionIndex, row: SessionRow, to: string, workplace: Workplace): PreparedMove {
  const target = newFolder(to, workplace);
  const [record] = index.records([row], { footprint: true });
  if (record === undefined) throw new TypeError('a row of another index');
  if (record.cwd === target) throw new CcsessError('USAGE', `session ${record.id} is of ${target} already.`);
  return prepared({ from: record.cwd, to: target, going: [{ row, record, toCwd: target }], memory: [], unplaced: [] }, workplace);
}

function withRecords(index: SessionIndex): { row: SessionRow; record: SessionRecord }[] {
  const rows = [...index.rows].sort(byIdentity);
  const records = index.records(rows, { footprint: true });
  return rows.flatMap((row, at) => {
    const record = records[at];
    return record === undefined ? [] : [{ row, record }];
  });
}

/** Sessions without a folder go where all others of their project dir go; where these part, or some stay, nobody knows. */
function withoutFolder(known: readonly Going[], others: readonly { row: SessionRow; record: SessionRecord }[]): { followers: Going[]; unplaced: Unplaced[] } {
  const followers: Going[] = [];
  const unplaced: Unplaced[] = [];
  for (const { row, record } of others) {
    if (record.cwd !== null) continue;
    const isBeside = (other: { row: SessionRow }): boolean => isSameProjectDir(other.row.file, row.file);
    const ways = new Set(known.filter(isBeside).map(({ toCwd }) => toCwd));
    const [toCwd] = ways;
    if (toCwd === undefined) continue;
    if (ways.size === 1 && !others.some((other) => other.record.cwd !== null && isBeside(other))) followers.push({ row, record, toCwd });
    else unplaced.push({ configDir: record.configDir, id: record.id, projectDir: record.projectDir });
  }
  return { followers, unplaced };
}

/** `memory/` belongs to the folder its project dir is named after: it goes if all sessions there are of that folder, and go. */
function memoryMoves(going: readonly Going[], others: readonly { row: SessionRow }[], workplace: Workplace): MemoryMove[] {
  const found = new Map<string, MemoryMove>();
  for (const { row, record, toCwd } of going) {
    const { configDir, projectDir } = row.file;
    const key = `${configDir.projectsRoot}\0${projectDir}`;
    const isOwner = record.cwd !== null && [projectKey(record.cwd), pinnedProjectKey(workplace.env)].includes(projectDir);
    const isShared = [...others, ...going.filter((other) => other.toCwd !== toCwd)].some((other) => isSameProjectDir(other.row.file, row.file));
    if (found.has(key) || !isOwner || isShared || !isFolder(`${projectFolder(configDir, projectDir)}/memory`)) continue;
    const toProjectDir = projectDirFor(row.file, toCwd, workplace);
    if (toProjectDir !== projectDir) found.set(key, { configDir: configDir.path, fromProjectDir: projectDir, toProjectDir, status: 'planned' });
  }
  return [...found.values()];
}

function isSameProjectDir(a: TranscriptFile, b: TranscriptFile): boolean {
  return a.projectDir === b.projectDir && a.configDir.projectsRoot === b.configDir.projectsRoot;
}

/** Where Claude Code will look for it; the same folder under another name (a link, or another case) is no other one. */
function projectDirFor(file: TranscriptFile, toCwd: string, { env }: Workplace): string {
  const name = pinnedProjectKey(env) ?? projectKey(toCwd);
  return isSameFolder(projectFolder(file.configDir, name), projectFolder(file.configDir, file.projectDir)) ? file.projectDir : name;
}

interface Draft extends Pick<MovePlan, 'from' | 'to' | 'memory' | 'unplaced'> {
  going: readonly Going[];
}

function prepared({ from, to, going, memory, unplaced }: Draft, workplace: Workplace): PreparedMove {
  const rows = new Map<SessionMove, SessionRow>();
  for (const { row, record, toCwd } of going) {
    const move: SessionMove = {
      configDir: record.configDir,
      id: record.id,
      title: record.title,
      lastActivityAt: record.lastActivityAt,
      footprintBytes: record.footprintBytes ?? 0,
      fromCwd: record.cwd,
      toCwd,
      toCwdExists: isFolder(toCwd),
      fromProjectDir: record.projectDir,
      toProjectDir: projectDirFor(row.file, toCwd, workplace),
      status: 'planned',
      error: null,
    };
    rows.set(move, row);
  }
  refuseWhatCannotMove(rows, workplace);
  return { plan: { schemaVersion: 1, dryRun: true, from, to, moves: [...rows.keys()], memory, unplaced }, rows };
}
