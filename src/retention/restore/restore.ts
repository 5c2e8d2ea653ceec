import { resolveConfigDirs } from '../../claude/config-dir.js';
import type { ConfigDir } from '../../claude/model.js';
import type { Environment } from '../../claude/environment.js';
import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import { CcsessError } from '../../system/errors.js';
import { fileProblem, messageOf, type Problem } from '../../system/problem.js';
import { call, option, phrase } from '../../system/phrase.js';
import { readHolders } from '../../claude/live/holders.js';
import { mayBeLive, liveReasons } from '../keep/reasons.js';
import { renewTimes, type Renewals } from '../keep/keep-times.js';
import { moveFromTrash, takenPaths, isStillInTrash } from './move-from-trash.js';
import { isPacked, unpack } from '../trash/packing/unpack.js';
import { keeperOf } from '../replaced.js';
import { runLocked, type LockedRunOptions } from './run-locked.js';
import { unrelatedPath } from './remainder.js';
import { markRestored, type RestoredMark } from '../keep/restored.js';
import { readTrash } from '../trash/trash.js';
import type { TrashedSession } from '../trash/manifest.js';
import { damagedFiles } from '../trash/packing/salvage.js';
import { requireSafePaths } from '../trash/safe-paths.js';
import { originalPath, type TrashEntry } from '../trash/trash-entry.js';
import { statIfExists } from '../trash/tree.js';

/** Sessions that are marked as restored together. */
const BATCH = 1000;

/** Options of a restore. */
export interface RestoreOptions extends LockedRunOptions {
  /** Absolute path of another config dir to restore to; `null` for their own. */
  to: string | null;
  /** Keep the times of their files, even if Claude Code's cleanup then deletes them. */
  keepTimes: boolean;
  /** Opens the index of config dirs. */
  openIndex(configDirs: readonly ConfigDir[]): Promise<SessionIndex>;
}

/** Outcome for one session; `failure` is null if it was restored. */
export interface RestoreResult {
  session: TrashedSession;
  failure: CcsessError | null;
  /** True if the session was joined with lines that Claude Code wrote after it was removed. */
  isJoined: boolean;
  /** Files of it that are not as they were moved to the trash. */
  damaged: Problem[];
}

/** Result of a restore. */
export interface Restored {
  results: RestoreResult[];
  /** The index after the restore. */
  index: SessionIndex;
  /** Rows of the restored sessions; leftovers have none. */
  rows: SessionRow[];
  /** Null where times were kept. */
  renewals: Renewals | null;
}

/**
 * Restores sessions from the trash byte for byte, with modes and times; unless `keepTimes`, times are then renewed so
 * that Claude Code's cleanup does not delete them at once (`renewTimes`). A session that is live (LIVE) or whose path
 * is taken by something other than its remainder (EXISTS) stays in the trash; one that fails (IO) stays there or is
 * finished by the next run. Throws as `runLocked`.
 */
export function restoreSessions(
  entries: readonly TrashEntry[],
  options: RestoreOptions,
  environment: Environment,
): Promise<Restored> {
  const target = options.to === null ? null : configDirAt(options.to, environment);
  const configDirs = target === null ? environment.configDirs : [target];
  const all = { ...environment, configDirs: [...environment.configDirs, ...(target === null ? [] : [target])] };
  return runLocked(options, all, async () => {
    const wanted = new Set(entries.map(({ folder }) => folder));
    const found = readTrash(environment.configDirs, options.trashDir).filter(({ folder }) => wanted.has(folder));
    const results: RestoreResult[] = [];
    for (let at = 0; at < found.length; at += BATCH)
      results.push(...(await restoreBatch(found.slice(at, at + BATCH), target, environment)));
    const index = await options.openIndex(configDirs);
    const rows = rowsOf(index, results);
    const renewals = options.keepTimes
      ? null
      : renewTimes(rows, index, { ...environment, configDirs }, { dryRun: false });
    return { results, index, rows, renewals };
  });
}

function configDirAt(path: string, { env, home, cwd }: Environment): ConfigDir {
  const [configDir] = resolveConfigDirs({ explicit: [path], env, home, cwd });
  if (configDir === undefined) throw new TypeError('a path is always a config dir');
  return configDir;
}

/** Returns the outcome that a restore would have now; `failure` is LIVE, EXISTS or IO. Writes nothing. */
export async function checkRestore(
  entry: TrashEntry,
  to: string | null,
  environment: Environment,
): Promise<Omit<RestoreResult, 'session'>> {
  const bound = to === null ? entry : entry.withDestination(to);
  try {
    requireSafePaths(bound);
    const [taken = null] = takenPaths(bound);
    // In another config dir nothing is joined, so the session may be live.
    const failure =
      to === null
        ? (liveFailure(bound, environment) ??
          existsFailure(bound, await unrelatedPath(bound), ' and does not continue it'))
        : existsFailure(bound, taken, '');
    return { failure, isJoined: taken !== null && failure === null, damaged: [] };
  } catch (error) {
    return { failure: notRestored(entry, error), isJoined: false, damaged: [] };
  }
}

/** Returns LIVE for a session that is live or, if there are files at its paths, that may be live. */
function liveFailure({ session }: TrashEntry, { configDirs, system, now }: Environment): CcsessError | null {
  const mtimesMs = session.roots.map((root) => statIfExists(originalPath(root))?.mtimeMs ?? -Infinity);
  const isTaken = mtimesMs.some((ms) => ms > -Infinity);
  const activityMs = Math.max(Date.parse(session.lastActivityAt ?? '') || 0, ...mtimesMs);
  const reasons = liveReasons(readHolders(configDirs, system), session.id, activityMs, now());
  const reason = reasons.find((one) => isTaken || !mayBeLive(one));
  if (reason === undefined) return null;
  const message = `${session.id} is not restored: it is live (${reason.detail ?? 'unknown'}).`;
  return new CcsessError('LIVE', message, { hint: 'end Claude Code there first' });
}

function existsFailure({ session: { id } }: TrashEntry, taken: string | null, why: string): CcsessError | null {
  if (taken === null) return null;
  const message = `${id} is not restored: ${taken} exists${why}.`;
  return new CcsessError('EXISTS', message, { hint: phrase`to another config dir: ${option('to', '<folder>')}` });
}

/** Marks sessions as restored, restores those that can be, and unmarks the others. */
async function restoreBatch(
  batch: readonly TrashEntry[],
  target: ConfigDir | null,
  environment: Environment,
): Promise<RestoreResult[]> {
  const results: RestoreResult[] = [];
  let marks: readonly RestoredMark[];
  try {
    marks = markBatch(batch, target, environment);
  } catch (error) {
    return batch.map((entry) => ({
      session: entry.session,
      failure: notRestored(entry, error),
      isJoined: false,
      damaged: [],
    }));
  }
  for (const entry of batch) results.push(await restoreOne(entry, target, environment));
  const back = new Set(batch.flatMap((entry, at) => (isBack(entry, results[at]) ? [entry.session.id] : [])));
  for (const mark of marks) mark.keepOnly(back);
  return results;
}

/** Returns true for a session that was restored, even in part: the next run finishes it. */
function isBack(entry: TrashEntry, result: RestoreResult | undefined): boolean {
  return result?.failure === null || entry.state !== 'kept' || statIfExists(entry.folder) === undefined;
}

function markBatch(batch: readonly TrashEntry[], target: ConfigDir | null, environment: Environment): RestoredMark[] {
  const homes = target === null ? environment.configDirs : [target];
  return homes.flatMap((home) => {
    const ours = target === null ? batch.filter(({ session }) => session.configDir === home.path) : batch;
    const ids = ours.map(({ session }) => session.id);
    return ids.length === 0 ? [] : [markRestored(home, ids, environment.now())];
  });
}

async function restoreOne(
  entry: TrashEntry,
  target: ConfigDir | null,
  environment: Environment,
): Promise<RestoreResult> {
  const { session } = entry;
  const to = target?.path ?? null;
  let bound = entry;
  try {
    if (isPacked(entry)) {
      // Unpacking takes long, so it is done only if the session can be restored, which is checked again afterwards.
      const before = await checkRestore(entry, to, environment);
      if (before.failure !== null) return { session, ...before };
      await unpack(entry, to ?? undefined);
    }
    const after = await checkRestore(entry, to, environment);
    if (after.failure !== null) return { session, ...after };
    bound = entry.setDestination(to);
    const damaged = damagedFiles(bound).map(({ path, what }) =>
      fileProblem('damaged-file', `${session.id} is restored, but ${path} ${what}.`, path),
    );
    bound.setState('restoring');
    moveFromTrash(bound, {
      keepReplaced: keeperOf(environment),
      beforeJoining: () => refuseLive(bound, environment),
      isFirst: true,
    });
    return { session, ...after, damaged };
  } catch (error) {
    return { session, failure: notRestored(bound, error), isJoined: false, damaged: [] };
  }
}

function refuseLive(entry: TrashEntry, environment: Environment): void {
  const failure = liveFailure(entry, environment);
  if (failure !== null) throw failure;
}

function notRestored(entry: TrashEntry, error: unknown): CcsessError {
  const why = messageOf(error);
  const { id } = entry.session;
  if (entry.state === 'copied' || (entry.state === 'restoring' && !isUntouched(entry))) {
    return new CcsessError('IO', `${id} is restored in part: ${why}.`, {
      hint: phrase`fix that, then run ${call('recover')}`,
      cause: error,
    });
  }
  if (entry.state === 'restoring') entry.setState('kept');
  if (error instanceof CcsessError) return error;
  return new CcsessError('IO', `${id} is not restored: ${why}.`, { cause: error });
}

/** Returns true if all of a session is still in the trash; false, so that the next run finishes, if in doubt. */
function isUntouched(entry: TrashEntry): boolean {
  try {
    return isStillInTrash(entry);
  } catch {
    return false;
  }
}

function rowsOf(index: SessionIndex, results: readonly RestoreResult[]): SessionRow[] {
  const back = new Set(
    results.filter(({ failure }) => failure === null).map(({ session: { projectDir, id } }) => `${projectDir}\0${id}`),
  );
  return index.rows.filter(({ file }) => back.has(`${file.projectDir}\0${file.id}`));
}
