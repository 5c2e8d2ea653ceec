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
import { applyCopy, planCopy } from '../../checkpoints/rewind/to-dir.js';
import { sessionOfCopy } from '../../checkpoints/rewind/undo-session.js';
import { applyUndo, findUndoCopy, planUndo, type UndoPlan } from '../../checkpoints/rewind/undo.js';
import { stateOf } from '../../checkpoints/state.js';
import { chooseFiles } from '../../checkpoints/tracked-files.js';
import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import { sessionGoneError } from '../../sessions/amend/amend.js';
import { forkBefore, requireForkable } from '../../sessions/rewind/fork-before.js';
import { CcsessError } from '../../system/errors.js';
import { absolutePath } from '../../system/real-path.js';
import { rejectAsIo } from '../support/as-io.js';
import { checkOptions, checkText, listOf, type OneOrMore, type OptionNames } from '../support/options.js';
import { inTurnSettled, settleMoves } from '../support/settle-moves.js';
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
  /** Write the files into this new folder instead; relative ones start from the current folder. */
  toDir?: string;
}

/** How a rewind is applied. */
export interface RewindApplyOptions extends TrashOptions {
  /** Also while the session is open. */
  force?: boolean;
  /** Then fork the session before the prompt; `fork` of the result is its id. */
  fork?: boolean;
}

/** How a rewind is undone. */
export interface UndoOptions extends Omit<RewindApplyOptions, 'fork'> {
  /** Also files outside the session's folder. */
  outside?: boolean;
  /** Writes nothing. */
  dryRun?: boolean;
}

const LIST: OptionNames<CheckpointListOptions> = { ...LIBRARY_OPTIONS, all: true };
const PLAN: OptionNames<RewindPlanOptions> = { ...LIBRARY_OPTIONS, file: true, outside: true, toDir: true };
const APPLY: OptionNames<RewindApplyOptions> = { ...TRASH_OPTIONS, force: true, fork: true };
const UNDO: OptionNames<UndoOptions> = { ...TRASH_OPTIONS, force: true, outside: true, dryRun: true };

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
 * Rejects with NOT_FOUND or AMBIGUOUS for the session, the prompt and the files, and with EXISTS unless `toDir` is new.
 */
export async function planRewind(
  session: Session | string,
  to: number | string,
  options: RewindPlanOptions = {},
): Promise<RewindPlan> {
  checkOptions(options, PLAN);
  const { file = [], outside = false, toDir } = options;
  if (toDir !== undefined && checkText(toDir, 'toDir') === '') throw new CcsessError('USAGE', 'toDir: name a folder.');
  const surroundings = surroundingsFor([session], options);
  const { index, row } = await found(session, surroundings);
  return runCore(async () => {
    const opened = openRow(index, row, surroundings);
    const checkpoint = requireCheckpoint(opened, String(to), index, surroundings);
    const tracked = stateOf(opened.history, checkpoint).keys();
    const isMeant = chooseFiles(listOf(file, 'file'), tracked, opened, surroundings.cwd);
    if (toDir === undefined) return (await planFiles(opened, checkpoint, { outside, isMeant })).plan;
    return (await planCopy(opened, checkpoint, absolutePath(toDir, surroundings), { outside, isMeant })).plan;
  });
}

/**
 * Does what a plan of `planRewind` says, all of its files or none; `files` may have been narrowed. No path but `toDir`
 * is read from it. Rejects with PLAN_REFUSED if a file is not of the session or has changed since, with USAGE for a
 * fork of what is not on the active branch, and with EXISTS, LIVE and LOCKED.
 */
export async function applyRewind(plan: RewindPlan, options: RewindApplyOptions = {}): Promise<RewindPlan> {
  checkOptions(options, APPLY);
  const { force = false, fork = false } = options;
  if (fork && plan.toDir !== null) throw new CcsessError('USAGE', 'toDir and fork cannot be combined.');
  const surroundings = surroundingsOf(options);
  return inTurnSettled(surroundings, async () => {
    const index = await openIndex(surroundings, { processes: true });
    const row = index
      .withId(plan.sessionId)
      .find(({ file }) => file.configDir.path === plan.configDir && file.projectDir === plan.projectDir);
    if (row === undefined) throw sessionGoneError(plan.sessionId);
    return runCore(async () => {
      const opened = openRow(index, row, surroundings);
      const checkpoint = requireCheckpoint(opened, plan.checkpoint.messageUuid, index, surroundings);
      if (fork) requireForkable(checkpoint);
      const { skipped, unchanged, toDir } = plan;
      const isMeant = (path: string): boolean => plan.files.some((file) => file.path === path);
      const rules = { outside: plan.files.some((file) => file.outside), isMeant };
      if (toDir !== null) {
        const copy = await planCopy(opened, checkpoint, absolutePath(toDir, surroundings), rules);
        requireSame(copy.plan, plan);
        return { ...applyCopy(copy), skipped };
      }
      const prepared = await planFiles(opened, checkpoint, rules);
      requireSame(prepared.plan, plan);
      const alone = { ...aloneOptions(options, surroundings), force };
      const done =
        plan.files.length === 0
          ? { ...plan, dryRun: false }
          : { ...(await applyPlan(prepared, opened, alone, surroundings)), skipped, unchanged };
      return fork ? { ...done, fork: forkBefore(index, opened, checkpoint, surroundings) } : done;
    });
  });
}

/** Throws PLAN_REFUSED unless a plan made anew has the files of the one in hand, in the same states. */
function requireSame(now: RewindPlan, { files }: RewindPlan): void {
  const wanted = new Map(files.map(({ path, fingerprint }) => [path, fingerprint]));
  const isSame =
    now.files.length === wanted.size && now.files.every((file) => wanted.get(file.path) === file.fingerprint);
  if (isSame) return;
  throw new CcsessError('PLAN_REFUSED', 'the plan does not fit the files as they are now: plan again.');
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
    if (!dryRun) await settleMoves(surroundings);
    const index = await openIndex(surroundings, { processes: true });
    const copy = findUndoCopy(id, null, alone, surroundings);
    return runCore(async () => {
      const session = sessionOfCopy(copy, index, surroundings);
      if (session === null) throw sessionGoneError(copy.manifest.sessionId);
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
  if (row === undefined) throw sessionGoneError(String(session));
  return { index, row };
}

function openRow(index: SessionIndex, row: SessionRow, surroundings: Surroundings): CheckpointSession {
  const [record] = index.records([row], { footprint: false });
  if (record === undefined) throw sessionGoneError(row.file.id);
  return openCheckpoints(row, record, surroundings);
}

/** Runs a part of the core. Rejects with its errors, system errors as IO. */
function runCore<T>(work: () => Promise<T>): Promise<T> {
  return rejectAsIo(Promise.resolve().then(work));
}
