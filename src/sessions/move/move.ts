import { statSync } from 'node:fs';
import { CcsessError } from '../../system/errors.js';
import { errorCode, messageOf } from '../../system/problem.js';
import type { ConfigDir } from '../../claude/model.js';
import type { Environment } from '../../claude/environment.js';
import { isLocked } from '../../retention/lock.js';
import type { ReplacedTranscripts } from '../../retention/replaced.js';
import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import {
  carryBack,
  carryMemory,
  carryRest,
  carryTranscript,
  recordFolder,
  removeIfEmpty,
  removeTemporaries,
  finishRecordFolder,
  locateTranscript,
} from './carry.js';
import { dropJournal, hasJournal, readJournal, setJournalAside, writeJournal } from './journal.js';
import { withMoveLock } from './lock.js';
import type { MovePlan, PreparedMove, SessionMove, SessionStep, MoveJournal } from './model.js';
import { planProjectMove, planSessionMove } from './plan.js';
import { safeName } from '../../system/safe-path.js';
import { sessionIdOf } from '../../claude/scan/scan.js';
import { holdersOf, legacyAgentNames, projectFolder, refuseUnmovable } from './refusals.js';
import { followToolResults } from './tool-results.js';
import { divideSteps } from './divide-steps.js';

export type { MemoryMove, MovePlan, PreparedMove, SessionMove, UnmovedSession as Staying } from './model.js';
export { planProjectMove, planSessionMove } from './plan.js';

const RESUMED_MEANWHILE = 'it was resumed in the meantime';
const AT_BOTH_PATHS = 'a running Claude Code wrote to its old path again, so it is at both paths';

/** Moves the sessions of a folder and of the folders below it: `planProjectMove`, then `applyMove`. */
export async function moveProject(
  index: SessionIndex,
  from: string,
  to: string,
  environment: Environment,
): Promise<MovePlan> {
  return applyMove(planProjectMove(index, from, to, environment), environment);
}

/** Moves one session to another folder: `planSessionMove`, then `applyMove`. */
export async function moveSession(
  index: SessionIndex,
  row: SessionRow,
  to: string,
  environment: Environment,
): Promise<MovePlan> {
  return applyMove(planSessionMove(index, row, to, environment), environment);
}

/**
 * Carries out a plan, session by session, and returns it with the outcome of each. Before anything is moved it throws
 * as `refuseUnmovable`, LOCKED while another ccsess changes the config dir, or Node's error if the journal cannot
 * be written. After that, a session that has become live (`live`) or that the system cannot move (`failed`) stays at
 * its old path, and the others are moved. After a kill at any instant, `recoverMoves` recovers it.
 */
export async function applyMove({ plan, rows }: PreparedMove, environment: Environment): Promise<MovePlan> {
  refuseUnmovable(rows, environment);
  const configDirs = new Set([...rows.values()].map(({ file }) => file.configDir));
  for (const configDir of configDirs)
    await withMoveLock(configDir, environment, (replaced) =>
      moveWithin(configDir, plan, rows, { environment, replaced }),
    );
  return { ...plan, dryRun: false };
}

/** Outcome of recovering an interrupted move. */
export interface RecoveredMove {
  configDir: ConfigDir;
  /** Sessions that are at their new path now. */
  moved: readonly string[];
  /** Sessions that stayed at their old path. */
  stayed: readonly string[];
  /**
   * Sessions whose transcript is at both paths, since a running process wrote to the old one again: a person must
   * decide.
   */
  twofold: readonly string[];
  /** Reasons why other sessions of the journal were not touched, one sentence each. */
  refused: readonly string[];
  /** New path of the journal if it was damaged: nothing is known of its sessions, and none was touched. Else null. */
  setAside: string | null;
}

/**
 * Finishes or rolls back moves that were killed, so that every session is whole at its old or its new path. A move that
 * is still running is not touched, and a damaged journal is set aside. Throws IO for the journal of a newer ccsess.
 */
export async function recoverMoves(environment: Environment): Promise<RecoveredMove[]> {
  const found: RecoveredMove[] = [];
  for (const configDir of environment.configDirs) {
    if (!isMoveInterrupted(configDir, environment)) continue;
    const recovered = await withMoveLock(configDir, environment, (replaced) =>
      recoverJournal(configDir, { environment, replaced }),
    );
    if (recovered !== null) found.push(recovered);
  }
  return found;
}

/** Returns true if a move of this config dir was killed before its end. Never throws. */
export function isMoveInterrupted(configDir: ConfigDir, environment: Pick<Environment, 'system' | 'now'>): boolean {
  return hasJournal(configDir) && !isLocked(configDir, environment);
}

/** A run that holds the lock of a config dir. */
interface LockedRun {
  environment: Environment;
  replaced: ReplacedTranscripts;
}

function recoverJournal(configDir: ConfigDir, run: LockedRun): RecoveredMove | null {
  const noted = readJournal(configDir);
  if (noted === null) return null;
  if (noted === 'damaged') {
    const setAside = setJournalAside(configDir);
    return { configDir, moved: [], stayed: [], twofold: [], refused: [], setAside };
  }
  const { safe: journal, refused } = divideSteps(noted);
  const found = journal.sessions.map((step) => ({ step, location: locateTranscript(configDir, step) }));
  for (const { step, location } of found) {
    if (location === 'new') carryRest(configDir, step);
    if (location === 'new' || (location === 'old' && step.from === step.to)) finishRecordFolder(configDir, step);
  }
  const idsAt = (...locations: string[]): string[] =>
    found.filter(({ location }) => locations.includes(location)).map(({ step }) => step.id);
  finish(
    journal,
    found.filter(({ location }) => location === 'new').map(({ step }) => step),
    run,
  );
  return { configDir, moved: idsAt('new'), stayed: idsAt('old'), twofold: idsAt('both'), refused, setAside: null };
}

function moveWithin(
  configDir: ConfigDir,
  plan: MovePlan,
  rows: ReadonlyMap<SessionMove, SessionRow>,
  run: LockedRun,
): void {
  recoverJournal(configDir, run);
  const moving = [...rows]
    .filter(([, { file }]) => file.configDir === configDir)
    .map(([move, row]) => ({ move, row, step: stepOf(move, row) }));
  const memory = plan.memory.filter((each) => each.configDir === configDir.path && each.status === 'planned');
  const journal: MoveJournal = {
    configDir,
    sessions: moving.map(({ step }) => step),
    memory: memory.map(({ fromProjectDir, toProjectDir }) => ({
      from: safeName(fromProjectDir),
      to: safeName(toProjectDir),
    })),
    readers: plan.readers
      .filter((each) => each.configDir === configDir.path)
      .map(({ id, projectDir }) => ({ id: sessionIdOf(id), projectDir: safeName(projectDir) })),
  };
  writeJournal(journal);
  const undone: SessionMove[] = [];
  for (const { move, row, step } of moving) moveOne(move, row, step, run.environment, undone);
  if (undone.length > 0) return;
  const moved = moving.filter(({ move }) => move.status === 'moved').map(({ step }) => step);
  const kept = finishOrReport(journal, moved, run);
  for (const each of memory) each.status = kept.has(each.fromProjectDir) ? 'stays' : 'moved';
}

function stepOf({ id, fromProjectDir, toProjectDir, toCwd }: SessionMove, { file }: SessionRow): SessionStep {
  const { size, mtimeMs } = statSync(file.path, { throwIfNoEntry: false }) ?? file.stamp;
  const [from, to] = [safeName(fromProjectDir), safeName(toProjectDir)];
  return { id: sessionIdOf(id), from, to, cwd: toCwd, size, mtimeMs, agents: legacyAgentNames(file).map(safeName) };
}

/**
 * Moves one session, or leaves it at its old path and notes the reason. If moving it back fails, it is added to
 * `undone`.
 */
function moveOne(
  move: SessionMove,
  row: SessionRow,
  step: SessionStep,
  environment: Environment,
  undone: SessionMove[],
): void {
  const { configDir } = row.file;
  const isLive = (): boolean => holdersOf(environment)(row.file.id, row.lastActivityMs) !== null;
  const stay = (status: 'live' | 'failed', message: string): void => {
    Object.assign(move, { status, error: { code: status === 'live' ? 'LIVE' : 'IO', message } });
  };
  if (isLive()) return stay('live', RESUMED_MEANWHILE);
  try {
    carryTranscript(configDir, step);
    // A process that opened it at its old path just before would continue to write there.
    if (isLive()) {
      carryBack(configDir, step);
      return stay('live', RESUMED_MEANWHILE);
    }
    carryRest(configDir, step);
    recordFolder(configDir, step);
    move.status = 'moved';
  } catch (error) {
    const location = locateTranscript(configDir, step);
    stay('failed', location === 'both' ? AT_BOTH_PATHS : failureReason(error));
    if (location !== 'new') return;
    try {
      carryBack(configDir, step);
    } catch (again) {
      stay('failed', `${failureReason(again)}; the next move recovers it`);
      undone.push(move);
    }
  }
}

function failureReason(error: unknown): string {
  if (errorCode(error) === 'EXDEV') return 'its new path is on another file system';
  return messageOf(error);
}

function finishOrReport(journal: MoveJournal, moved: readonly SessionStep[], run: LockedRun): Set<string> {
  try {
    return finish(journal, moved, run);
  } catch (error) {
    throw new CcsessError(
      'IO',
      `${moved.length} of ${journal.sessions.length} sessions have moved, but not all was done for them: ` +
        `${failureReason(error)}.`,
      {
        hint: 'the next move does the rest first',
        cause: error,
      },
    );
  }
}

/**
 * Last steps once sessions have moved: updated paths, memory, empty folders, the journal. Returns project dirs whose
 * memory stays.
 */
function finish(
  { configDir, sessions, memory, readers }: MoveJournal,
  moved: readonly SessionStep[],
  { environment, replaced }: LockedRun,
): Set<string> {
  const folders = [...moved.map(({ id, to }) => ({ id, projectDir: to })), ...readers];
  for (const { id, projectDir } of folders) removeTemporaries(projectFolder(configDir, projectDir), `${id}.jsonl`);
  followToolResults(configDir, { moved, readers, isBusy: (id) => holdersOf(environment)(id, null) !== null }, replaced);
  const left = new Set(sessions.filter((step) => locateTranscript(configDir, step) !== 'new').map(({ from }) => from));
  const kept = new Set(
    memory.filter((step) => left.has(step.from) || !carryMemory(configDir, step)).map(({ from }) => from),
  );
  for (const { from, to } of sessions) for (const name of [from, to]) removeIfEmpty(projectFolder(configDir, name));
  dropJournal(configDir);
  return kept;
}
