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
import {
  checkOptions,
  checkPath,
  checkReference,
  checkText,
  type OneOrMore,
  type OptionNames,
  toList,
} from '../support/options.js';
import { runAfterRecovery, recoverMovesFirst } from '../support/recover-moves.js';
import { runInTurn } from '../support/turns.js';
import { sessionsNamed, contextFor, type Session } from '../session.js';
import { LIBRARY_OPTIONS, openIndex, contextOf, type LibraryOptions, type LibraryContext } from '../context.js';
import { lockOptions, TRASH_OPTIONS, type TrashOptions } from '../trash.js';

/** Selection of checkpoints. */
export interface CheckpointListOptions extends LibraryOptions {
  /** Include checkpoints of messages outside the active branch. */
  all?: boolean;
}

/** Selection of the files that a rewind restores. */
export interface RewindPlanOptions extends LibraryOptions {
  /** Only these files, by tracked path, path from the current folder, or absolute path. */
  file?: OneOrMore<string>;
  /** Include files outside the session's folder, and hidden files directly in the home folder. */
  outside?: boolean;
  /** Write the files into this new folder instead. Relative paths start from the current folder. */
  toDir?: string;
}

/** Options of applying a rewind. */
export interface RewindApplyOptions extends TrashOptions {
  /** Apply it even while the session is live. */
  force?: boolean;
  /** Fork the session before the prompt afterwards; `fork` of the result is the id of the new one. */
  fork?: boolean;
}

/** Options of undoing a rewind. */
export interface UndoOptions extends Omit<RewindApplyOptions, 'fork'> {
  /** Also files outside the session's folder. */
  outside?: boolean;
  /** Write nothing. */
  dryRun?: boolean;
}

const LIST: OptionNames<CheckpointListOptions> = { ...LIBRARY_OPTIONS, all: 'boolean' };
const PLAN: OptionNames<RewindPlanOptions> = { ...LIBRARY_OPTIONS, file: 'other', outside: 'boolean', toDir: 'string' };
const APPLY: OptionNames<RewindApplyOptions> = { ...TRASH_OPTIONS, force: 'boolean', fork: 'boolean' };
const UNDO: OptionNames<UndoOptions> = { ...TRASH_OPTIONS, force: 'boolean', outside: 'boolean', dryRun: 'boolean' };

/**
 * Resolves to the checkpoints of a session with the changes after each, or the reason why there are none. Rejects with
 * NOT_FOUND or AMBIGUOUS for the session.
 */
export async function listCheckpoints(
  session: Session | string,
  options: CheckpointListOptions = {},
): Promise<CheckpointsReport> {
  checkOptions(options, LIST);
  const context = contextFor([session], options);
  const { index, row } = await findRow(session, context);
  return runCore(() => reportCheckpoints(openRow(index, row, context), { all: options.all === true }, index, context));
}

/**
 * Plans to restore the files as they were before a prompt, given by its number or the uuid of its message; nothing is
 * written. Rejects with NOT_FOUND or AMBIGUOUS for the session, the prompt and the files, and with EXISTS unless
 * `toDir` is new.
 */
export async function planRewind(
  session: Session | string,
  to: number | string,
  options: RewindPlanOptions = {},
): Promise<RewindPlan> {
  checkOptions(options, PLAN);
  const { file = [], outside = false, toDir } = options;
  if (toDir !== undefined && checkPath(toDir, 'toDir') === '') throw new CcsessError('USAGE', 'toDir: name a folder.');
  const context = contextFor([session], options);
  const { index, row } = await findRow(session, context);
  return runCore(async () => {
    const opened = openRow(index, row, context);
    const checkpoint = requireCheckpoint(opened, checkReference(to, 'to'), index, context);
    const tracked = stateOf(opened.history, checkpoint).keys();
    const isIncluded = chooseFiles(toList(file, 'file'), tracked, opened, context.cwd);
    if (toDir === undefined) return (await planFiles(opened, checkpoint, { outside, isIncluded })).plan;
    return (await planCopy(opened, checkpoint, absolutePath(toDir, context), { outside, isIncluded })).plan;
  });
}

/**
 * Applies a plan of `planRewind` to all its files or to none; `files` may have been reduced, and of the plan's paths
 * only `toDir` is trusted. Rejects with PLAN_REFUSED if a file is not tracked by the session or has changed, with USAGE
 * for a fork outside the active branch, and with EXISTS, LIVE and LOCKED.
 */
export async function applyRewind(plan: RewindPlan, options: RewindApplyOptions = {}): Promise<RewindPlan> {
  checkOptions(options, APPLY);
  requirePlan(plan);
  const { force = false, fork = false } = options;
  if (fork && plan.toDir !== null) throw new CcsessError('USAGE', 'toDir and fork cannot be combined.');
  const context = contextOf(options);
  return runAfterRecovery(context, async () => {
    const index = await openIndex(context, { processes: true });
    const row = index
      .withId(plan.sessionId)
      .find(({ file }) => file.configDir.path === plan.configDir && file.projectDir === plan.projectDir);
    if (row === undefined) throw sessionGoneError(plan.sessionId);
    return runCore(async () => {
      const opened = openRow(index, row, context);
      const checkpoint = requireCheckpoint(opened, plan.checkpoint.messageUuid, index, context);
      if (fork) requireForkable(checkpoint);
      const { skipped, unchanged, toDir } = plan;
      const isIncluded = (path: string): boolean => plan.files.some((file) => file.path === path);
      const rules = { outside: plan.files.some((file) => file.outside), isIncluded };
      if (toDir !== null) {
        const copy = await planCopy(opened, checkpoint, absolutePath(toDir, context), rules);
        requireUnchanged(copy.plan, plan);
        return { ...applyCopy(copy), skipped };
      }
      const prepared = await planFiles(opened, checkpoint, rules);
      requireUnchanged(prepared.plan, plan);
      const lock = { ...lockOptions(options, context), force };
      const done =
        plan.files.length === 0
          ? { ...plan, dryRun: false }
          : { ...(await applyPlan(prepared, opened, lock, context)), skipped, unchanged };
      return fork ? { ...done, fork: forkBefore(index, opened, checkpoint, context) } : done;
    });
  });
}

/** Throws PLAN_REFUSED for what is not a plan of `planRewind`: it may come from a file. */
function requirePlan(plan: RewindPlan): void {
  const { sessionId, checkpoint, files, toDir, skipped, unchanged }: Partial<RewindPlan> = plan ?? {};
  const isWhole = Array.isArray(files) && Array.isArray(skipped) && typeof unchanged === 'number';
  const isFiles = files?.every?.((file) => typeof file?.path === 'string') === true;
  const isNamed = typeof sessionId === 'string' && typeof checkpoint?.messageUuid === 'string';
  if (isNamed && isWhole && isFiles && (toDir === null || typeof toDir === 'string')) return;
  throw new CcsessError('PLAN_REFUSED', 'this is not a plan of planRewind.');
}

/** Throws PLAN_REFUSED unless a new plan has the same files in the same states. */
function requireUnchanged(now: RewindPlan, { files }: RewindPlan): void {
  const wanted = new Map(files.map(({ path, fingerprint }) => [path, fingerprint]));
  const isSame =
    now.files.length === wanted.size && now.files.every((file) => wanted.get(file.path) === file.fingerprint);
  if (isSame) return;
  throw new CcsessError('PLAN_REFUSED', 'the files have changed since the plan was made: plan again.');
}

/**
 * Restores what a rewind replaced, byte for byte: the rewind with an id (`undo` of an applied plan), or the last one.
 * Rejects with NOT_FOUND if there is none or its session is gone, and with LIVE and LOCKED.
 */
export async function undoRewind(id: string | null = null, options: UndoOptions = {}): Promise<UndoPlan> {
  checkOptions(options, UNDO);
  if (id !== null) checkText(id, 'id');
  const { force = false, outside = false, dryRun = false } = options;
  const context = contextOf(options);
  const lock = lockOptions(options, context);
  return runInTurn(async () => {
    if (!dryRun) await recoverMovesFirst(context);
    const index = await openIndex(context, { processes: true });
    const copy = findUndoCopy(id, null, lock, context);
    return runCore(async () => {
      const session = sessionOfCopy(copy, index, context);
      if (session === null) throw sessionGoneError(copy.manifest.sessionId);
      const prepared = planUndo(copy, session, { outside });
      if (dryRun) return prepared.plan;
      if (!force) refuseLiveRewind(session, context);
      return applyUndo(prepared, session, lock, context);
    });
  });
}

async function findRow(
  session: Session | string,
  context: LibraryContext,
): Promise<{ index: SessionIndex; row: SessionRow }> {
  const index = await openIndex(context);
  const [row] = await sessionsNamed(index, [session], context);
  if (row === undefined) throw sessionGoneError(String(session));
  return { index, row };
}

function openRow(index: SessionIndex, row: SessionRow, context: LibraryContext): CheckpointSession {
  const [record] = index.records([row], { footprint: false });
  if (record === undefined) throw sessionGoneError(row.file.id);
  return openCheckpoints(row, record, context);
}

/** Runs a task of the core. Rejects with its errors, system errors as IO. */
function runCore<T>(work: () => Promise<T>): Promise<T> {
  return rejectAsIo(Promise.resolve().then(work));
}
