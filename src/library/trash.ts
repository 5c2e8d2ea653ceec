import { parseAge, parsePastTime } from '../grammar/age.js';
import { pendingIn, type Recovered } from '../retention/restore/recover.js';
import { recoverSessions } from '../retention/restore/recover-times.js';
import { restoreSessions } from '../retention/restore/restore.js';
import { findTrashed } from '../retention/trash/find-trashed.js';
import { emptyTrashLocked, inspectTrash, trashedBefore } from '../retention/trash/trash.js';
import type { TrashReading } from '../retention/trash/read-trash.js';
import { namedTrashDir } from '../retention/trash/trash-dir.js';
import type { TrashEntry } from '../retention/trash/trash-entry.js';
import { trashedRecord, type TrashedRecord } from '../retention/trash/trashed-record.js';
import { CcsessError } from '../system/errors.js';
import { option } from '../system/phrase.js';
import type { Problem } from '../system/problem.js';
import { fullRecords } from '../usage/full-records.js';
import {
  checkOptions,
  checkPath,
  checkText,
  momentText,
  type OptionNames,
  type WrittenMoment,
} from './support/options.js';
import { newSession, type Session } from './session.js';
import {
  LIBRARY_OPTIONS,
  openIndex,
  reportProblems,
  contextOf,
  type LibraryOptions,
  type LibraryContext,
} from './context.js';
import { runAfterRecovery } from './support/recover-moves.js';
import { runInTurn } from './support/turns.js';

/** Folder of the trash, and time to wait for another process. */
export interface TrashOptions extends LibraryOptions {
  /** Folder of the trash; by default `$CCSESS_TRASH_DIR`, else `.ccsess/trash` in the config dir. */
  trashDir?: string;
  /** Milliseconds to wait while another process changes sessions; by default 0. */
  lockWaitMs?: number;
}

/** Names of the options in `TrashOptions`. */
export const TRASH_OPTIONS: OptionNames<TrashOptions> = {
  ...LIBRARY_OPTIONS,
  trashDir: 'string',
  lockWaitMs: 'number',
};

/** Selection of sessions in the trash. */
export interface TrashListOptions extends TrashOptions {
  /** Only sessions that were removed before this time. */
  olderThan?: WrittenMoment;
}

/** Sessions that were deleted permanently, or that would be (`dryRun`). */
export interface EmptiedTrash {
  dryRun: boolean;
  sessions: TrashedRecord[];
  freedBytes: number;
  /** Sessions that could not be deleted, or not completely. */
  problems: Problem[];
}

const LIST: OptionNames<TrashListOptions> = { ...TRASH_OPTIONS, olderThan: 'other' };

/** Resolves to the sessions in the trash, last removed first. */
export async function listTrash(options: TrashListOptions = {}): Promise<TrashedRecord[]> {
  checkOptions(options, LIST);
  const context = contextOf(options);
  return (await findEntries(options, context)).map(trashedRecord);
}

/**
 * Deletes sessions in the trash permanently; with `dryRun` only lists them. Rejects with LOCKED if another process
 * changes sessions; sessions that cannot be deleted are problems of the result.
 */
export async function emptyTrash(options: TrashListOptions & { dryRun?: boolean } = {}): Promise<EmptiedTrash> {
  checkOptions(options, { ...LIST, dryRun: 'boolean' });
  const context = contextOf(options);
  const lock = lockOptions(options, context);
  if (options.dryRun === true)
    return {
      dryRun: true,
      sessions: (await findEntries(options, context)).map(trashedRecord),
      freedBytes: 0,
      problems: [],
    };
  return runInTurn(async () => {
    const entries = await findEntries(options, context);
    const records = new Map(entries.map((entry) => [keyOf(entry.session), trashedRecord(entry)]));
    if (entries.length === 0) return { dryRun: false, sessions: [], freedBytes: 0, problems: [] };
    const { sessions, freedBytes, problems } = await emptyTrashLocked(entries, lock, context);
    return {
      dryRun: false,
      sessions: sessions.flatMap((session) => records.get(keyOf(session)) ?? []),
      freedBytes,
      problems,
    };
  });
}

/**
 * Restores sessions from the trash byte for byte: by id, start of an id or title, or `@last-prune` for all of the last
 * run. Their times are renewed unless `keepTimes`, so that Claude Code's cleanup does not delete them at once. Rejects
 * with NOT_FOUND or AMBIGUOUS for the name, with IO if the last run cannot be read, and with LIVE, EXISTS or IO for the
 * first session that cannot be restored, after restoring the others.
 */
export async function restore(name: string, options: TrashOptions & { keepTimes?: boolean } = {}): Promise<Session[]> {
  checkOptions(options, { ...TRASH_OPTIONS, keepTimes: 'boolean' });
  checkText(name, 'name');
  const context = contextOf(options);
  const { keepTimes = false } = options;
  const lock = lockOptions(options, context);
  return runAfterRecovery(context, async () => {
    const entries = findTrashed(readReported(lock.trashDir, context), name);
    if (entries.length === 0) return [];
    const restoreOptions = { ...lock, to: null, keepTimes, openIndex: () => openIndex(context) };
    const { results, index, rows, renewals } = await restoreSessions(entries, restoreOptions, context);
    reportProblems(renewals?.problems ?? [], context);
    const failure = results.find((result) => result.failure !== null)?.failure;
    if (failure !== undefined && failure !== null) throw failure;
    reportProblems(
      results.flatMap(({ damaged }) => damaged),
      context,
    );
    return (await fullRecords(index, rows, context.now())).map((record) => newSession(record, context));
  });
}

/**
 * Finishes or rolls back an interrupted run and resolves to the outcome of each session; with `dryRun` only lists them.
 * Other changing functions do this first.
 */
export async function recover(options: TrashOptions & { dryRun?: boolean } = {}): Promise<Recovered[]> {
  checkOptions(options, { ...TRASH_OPTIONS, dryRun: 'boolean' });
  const context = contextOf(options);
  const lock = lockOptions(options, context);
  if (options.dryRun === true)
    return pendingIn(lock, context).map(({ session: { id, configDir, projectDir, title } }) => ({
      ...{ id, configDir, projectDir, title },
      outcome: 'pending',
      error: null,
    }));
  return runAfterRecovery(context, async () => {
    return recoverSessions(lock, context, () => openIndex(context));
  });
}

/**
 * Returns the trash folder and waiting time as the core reads them. Throws USAGE for a folder that cannot be the trash,
 * and for a time that is not one.
 */
export function lockOptions(
  { trashDir, lockWaitMs = 0 }: TrashOptions,
  context: LibraryContext,
): { trashDir: string | null; lockWaitMs: number } {
  if (trashDir !== undefined) checkPath(trashDir, 'trashDir');
  if (!(lockWaitMs >= 0)) throw new CcsessError('USAGE', `lockWaitMs ${lockWaitMs}: not a number of zero or more.`);
  return { trashDir: namedTrashDir(trashDir, context), lockWaitMs };
}

async function findEntries(options: TrashListOptions, context: LibraryContext): Promise<TrashEntry[]> {
  const { trashDir } = lockOptions(options, context);
  const { entries } = readReported(trashDir, context);
  if (options.olderThan === undefined) return entries;
  const text = momentText(options.olderThan, 'olderThan');
  const label = option('olderThan');
  return trashedBefore(entries, await parsePastTime(parseAge(text, label), context.now(), text, label));
}

/** Reads the trash and reports its problems. */
function readReported(trashDir: string | null, context: LibraryContext): TrashReading {
  const trash = inspectTrash(context.configDirs, trashDir);
  reportProblems(trash.problems, context);
  return trash;
}

function keyOf({ pruneId, entry, id }: TrashEntry['session']): string {
  return `${pruneId} ${entry} ${id}`;
}
