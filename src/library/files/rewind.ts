import { requireCheckpoint } from '../../checkpoints/absence.js';
import {
  openCheckpoints,
  reportCheckpoints,
  type CheckpointSession,
  type CheckpointsReport,
} from '../../checkpoints/report.js';
import { applyRewind as applyPlan, refuseLiveRewind } from '../../checkpoints/rewind/apply.js';
import type { RewindPlan } from '../../checkpoints/rewind/model.js';
import { planRewind as planFiles } from '../../checkpoints/rewind/plan.js';
import { sessionOfCopy } from '../../checkpoints/rewind/undo-session.js';
import { applyUndo, findUndoCopy, planUndo, type UndoPlan } from '../../checkpoints/rewind/undo.js';
import { stateOf } from '../../checkpoints/state.js';
import { chooseFiles } from '../../checkpoints/tracked-files.js';
import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import { goneSession } from '../../sessions/amend/amend.js';
import { recoverMoves } from '../../sessions/move/move.js';
import { CcsessError } from '../../system/errors.js';
import { orIoLater } from '../support/as-io.js';
import { checkOptions, listOf, type OneOrMore, type OptionNames } from '../support/options.js';
import { inTurn } from '../support/turns.js';
import { sessionsNamed, surroundingsFor, type Session } from '../session.js';
import { LIBRARY_OPTIONS, openIndex, surroundingsOf, type LibraryOptions, type Surroundings } from '../surroundings.js';
import { aloneOptions, TRASH_OPTIONS, type TrashOptions } from '../trash.js';

/** Which checkpoints are listed. */
export interface CheckpointListOptions extends LibraryOptions {
  /** Also those of messages outside the active branch. */
  all?: boolean;
}

/** Which files a rewind restores. */
export interface RewindPlanOptions extends LibraryOptions {
  /** Only these files, by tracked path, path relative to the current folder, or absolute path. */
  file?: OneOrMore<string>;
  /** Also files outside the session's folder, and hidden ones directly in the user's home. */
  outside?: boolean;
}

/** How a rewind is applied. */
export interface RewindApplyOptions extends TrashOptions {
  /** Also while the session is open. */
  force?: boolean;
}

/** How a rewind is undone. */
export interface UndoOptions extends RewindApplyOptions {
  /** Also files outside the session's folder. */
  outside?: boolean;
  /** Writes nothing. */
  dryRun?: boolean;
}

const LIST: OptionNames<CheckpointListOptions> = { ...LIBRARY_OPTIONS, all: true };
const PLAN: OptionNames<RewindPlanOptions> = { ...LIBRARY_OPTIONS, file: true, outside: true };
const APPLY: OptionNames<RewindApplyOptions> = { ...TRASH_OPTIONS, force: true };
const UNDO: OptionNames<UndoOptions> = { ...APPLY, outside: true, dryRun: true };

/**
 * Returns the states of files that a session can be rewound to, with what changed after each, and if there are none the
 * reason. Rejects with NOT_FOUND or AMBIGUOUS for the session.
 */
export async function listCheckpoints(
  session: Session | string,
  options: CheckpointListOptions = {},
): Promise<CheckpointsReport> {
  checkOptions(options, LIST);
  const surroundings = surroundingsFor([session], options);
  const { index, row } = await found(session, surroundings);
  return runCore(() =>
    reportCheckpoints(openRow(index, row, surroundings), { all: options.all === true }, index, surroundings),
  );
}

/**
 * Plans restoring the files as they were before a prompt, by its number or the uuid of its message; nothing is written.
 * Rejects with NOT_FOUND or AMBIGUOUS for the session, the prompt and the files.
 */
export async function planRewind(
  session: Session | string,
  to: number | string,
  options: RewindPlanOptions = {},
): Promise<RewindPlan> {
  checkOptions(options, PLAN);
  const { file = [], outside = false } = options;
  const surroundings = surroundingsFor([session], options);
  const { index, row } = await found(session, surroundings);
  return runCore(async () => {
    const opened = openRow(index, row, surroundings);
    const checkpoint = requireCheckpoint(opened, String(to), index, surroundings);
    const tracked = stateOf(opened.history, checkpoint).keys();
    const isMeant = chooseFiles(listOf(file), tracked, opened.place, surroundings.cwd);
    return (await planFiles(opened, checkpoint, { outside, isMeant })).plan;
  });
}

/**
 * Does what a plan of `planRewind` says, all of its files or none; `files` may have been narrowed. Paths are never read
 * from it: rejects with PLAN_REFUSED if a file is not of the session or has changed since, and with LIVE and LOCKED.
 */
export async function applyRewind(plan: RewindPlan, options: RewindApplyOptions = {}): Promise<RewindPlan> {
  checkOptions(options, APPLY);
  const surroundings = surroundingsOf(options);
  return inTurn(async () => {
    await recoverMoves(surroundings);
    const index = await openIndex(surroundings, { processes: true });
    const row = index
      .withId(plan.sessionId)
      .find(({ file }) => file.configDir.path === plan.configDir && file.projectDir === plan.projectDir);
    if (row === undefined) throw goneSession(plan.sessionId);
    return runCore(async () => {
      const opened = openRow(index, row, surroundings);
      const checkpoint = requireCheckpoint(opened, plan.checkpoint.messageUuid, index, surroundings);
      const wanted = new Map(plan.files.map(({ path, fingerprint }) => [path, fingerprint]));
      const outside = plan.files.some((file) => file.outside);
      const prepared = await planFiles(opened, checkpoint, { outside, isMeant: (path) => wanted.has(path) });
      const { files } = prepared.plan;
      const isSame = files.length === wanted.size && files.every((file) => wanted.get(file.path) === file.fingerprint);
      if (!isSame || plan.toDir !== null)
        throw new CcsessError('PLAN_REFUSED', 'the plan does not fit the files as they are now: plan again.');
      const { skipped, unchanged } = plan;
      const force = options.force === true;
      if (files.length === 0) return { ...plan, dryRun: false };
      const done = await applyPlan(prepared, opened, { ...aloneOptions(options, surroundings), force }, surroundings);
      return { ...done, skipped, unchanged };
    });
  });
}

/**
 * Puts back what a rewind replaced, byte for byte: that of an id (`undo` of an applied plan), else the last one.
 * Rejects with NOT_FOUND if there is none or its session is gone, and with LIVE and LOCKED.
 */
export async function undoRewind(id: string | null = null, options: UndoOptions = {}): Promise<UndoPlan> {
  checkOptions(options, UNDO);
  const { force = false, outside = false, dryRun = false } = options;
  const surroundings = surroundingsOf(options);
  const alone = aloneOptions(options, surroundings);
  return inTurn(async () => {
    if (!dryRun) await recoverMoves(surroundings);
    const index = await openIndex(surroundings, { processes: true });
    const copy = findUndoCopy(id, null, alone, surroundings);
    return runCore(async () => {
      const session = sessionOfCopy(copy, index, surroundings);
      if (session === null) throw goneSession(copy.manifest.sessionId);
      const prepared = planUndo(copy, session, { outside });
      if (dryRun) return prepared.plan;
      if (!force) refuseLiveRewind(session, surroundings);
      return applyUndo(prepared, session, alone, surroundings);
    });
  });
}

async function found(
  session: Session | string,
  surroundings: Surroundings,
): Promise<{ index: SessionIndex; row: SessionRow }> {
  const index = await openIndex(surroundings);
  const [row] = await sessionsNamed(index, [session], surroundings);
  if (row === undefined) throw goneSession(String(session));
  return { index, row };
}

function openRow(index: SessionIndex, row: SessionRow, surroundings: Surroundings): CheckpointSession {
  const [record] = index.records([row], { footprint: false });
  if (record === undefined) throw goneSession(row.file.id);
  return openCheckpoints(row, record, surroundings);
}

/** Runs a part of the core. Rejects with its errors, system errors as IO. */
function runCore<T>(work: () => Promise<T>): Promise<T> {
  return orIoLater(Promise.resolve().then(work));
}
