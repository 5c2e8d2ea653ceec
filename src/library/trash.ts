import { parseAge, parsePastTime } from '../grammar/age.js';
import { pendingIn, type Recovered } from '../retention/restore/recover.js';
import { recoverSessions } from '../retention/restore/recover-times.js';
import { restoreSessions } from '../retention/restore/restore.js';
import { findTrashed } from '../retention/trash/find-trashed.js';
import { emptyTrashAlone, inspectTrash, trashedBefore } from '../retention/trash/trash.js';
import { namedTrashDir } from '../retention/trash/trash-dir.js';
import type { TrashEntry } from '../retention/trash/trash-entry.js';
import { trashedRecord, type TrashedRecord } from '../retention/trash/trashed-record.js';
import { option } from '../system/phrase.js';
import type { Problem } from '../system/problem.js';
import { fullRecords } from '../usage/full-records.js';
import { checkOptions, checkText, momentText, type OptionNames, type WrittenMoment } from './support/options.js';
import { newSession, type Session } from './session.js';
import {
  LIBRARY_OPTIONS,
  openIndex,
  reportProblems,
  surroundingsOf,
  type LibraryOptions,
  type Surroundings,
} from './surroundings.js';
import { inTurnSettled } from './support/settle-moves.js';
import { inTurn } from './support/turns.js';

/** Trash folder, and how long to wait for another process. */
export interface TrashOptions extends LibraryOptions {
  /** The trash; else `$CCSESS_TRASH_DIR`, else `.ccsess/trash` in the config dir. */
  trashDir?: string;
  /** How long to wait while another process changes sessions, in milliseconds; by default not at all. */
  lockWaitMs?: number;
}

/** The names of `TrashOptions`. */
export const TRASH_OPTIONS: OptionNames<TrashOptions> = { ...LIBRARY_OPTIONS, trashDir: true, lockWaitMs: true };

/** Sessions in the trash by the time they were moved there. */
export interface TrashListOptions extends TrashOptions {
  /** Only sessions moved there before this moment. */
  olderThan?: WrittenMoment;
}

/** Sessions deleted permanently, or those that would be. */
export interface EmptiedTrash {
  dryRun: boolean;
  sessions: TrashedRecord[];
  freedBytes: number;
  /** Sessions that could not be deleted, or not completely. */
  problems: Problem[];
}

const LIST: OptionNames<TrashListOptions> = { ...TRASH_OPTIONS, olderThan: true };

/** The sessions in the trash, the last moved first. */
export async function listTrash(options: TrashListOptions = {}): Promise<TrashedRecord[]> {
  checkOptions(options, LIST);
  const surroundings = surroundingsOf(options);
  return (await entriesOf(options, surroundings)).map(trashedRecord);
}

/**
 * Deletes sessions in the trash permanently; with `dryRun` only lists them. Rejects with LOCKED if another process
 * changes sessions; what could not be deleted is a problem of the result.
 */
export async function emptyTrash(options: TrashListOptions & { dryRun?: boolean } = {}): Promise<EmptiedTrash> {
  checkOptions(options, { ...LIST, dryRun: true });
  const surroundings = surroundingsOf(options);
  const alone = aloneOptions(options, surroundings);
  if (options.dryRun === true)
    return {
      dryRun: true,
      sessions: (await entriesOf(options, surroundings)).map(trashedRecord),
      freedBytes: 0,
      problems: [],
    };
  return inTurn(async () => {
    const entries = await entriesOf(options, surroundings);
    const records = new Map(entries.map((entry) => [keyOf(entry.session), trashedRecord(entry)]));
    if (entries.length === 0) return { dryRun: false, sessions: [], freedBytes: 0, problems: [] };
    const { sessions, freedBytes, problems } = await emptyTrashAlone(entries, alone, surroundings);
    return {
      dryRun: false,
      sessions: sessions.flatMap((session) => records.get(keyOf(session)) ?? []),
      freedBytes,
      problems,
    };
  });
}

/**
 * Brings sessions back from the trash, byte for byte: by id, start of an id or title, or `@last-prune` for all that the
 * last run moved. Their times are renewed, so that Claude Code's cleanup does not take them at once, unless
 * `keepTimes`. Files of them that are damaged in the trash or cannot be read are handed to `onProblem`. Rejects with
 * NOT_FOUND or AMBIGUOUS for the name, and with LIVE, EXISTS or IO for the first that could not be restored, after the
 * others were.
 */
export async function restore(name: string, options: TrashOptions & { keepTimes?: boolean } = {}): Promise<Session[]> {
  checkOptions(options, { ...TRASH_OPTIONS, keepTimes: true });
  checkText(name, 'name');
  const surroundings = surroundingsOf(options);
  const { keepTimes = false } = options;
  const alone = aloneOptions(options, surroundings);
  return inTurnSettled(surroundings, async () => {
    const entries = findTrashed(trashIn(alone.trashDir, surroundings), name);
    if (entries.length === 0) return [];
    const opening = { ...alone, to: null, keepTimes, openIndex: () => openIndex(surroundings) };
    const { results, index, rows, renewals } = await restoreSessions(entries, opening, surroundings);
    reportProblems(renewals?.problems ?? [], surroundings);
    const failure = results.find((result) => result.failure !== null)?.failure;
    if (failure !== undefined && failure !== null) throw failure;
    reportProblems(
      results.flatMap(({ damaged }) => damaged),
      surroundings,
    );
    return (await fullRecords(index, rows, surroundings.now())).map((record) => newSession(record, surroundings));
  });
}

/**
 * Finishes or rolls back what an interrupted run left half done, and resolves to the outcome for each session of it;
 * with `dryRun` only lists them. Other changing functions do this first by themselves.
 */
export async function recover(options: TrashOptions & { dryRun?: boolean } = {}): Promise<Recovered[]> {
  checkOptions(options, { ...TRASH_OPTIONS, dryRun: true });
  const surroundings = surroundingsOf(options);
  const alone = aloneOptions(options, surroundings);
  if (options.dryRun === true)
    return pendingIn(alone, surroundings).map(({ session: { id, configDir, projectDir, title } }) => ({
      ...{ id, configDir, projectDir, title },
      outcome: 'pending',
      error: null,
    }));
  return inTurnSettled(surroundings, async () => {
    return recoverSessions(alone, surroundings, () => openIndex(surroundings));
  });
}

/** Returns trash folder and waiting time as the core takes them. Throws USAGE for a folder that cannot be the trash. */
export function aloneOptions(
  { trashDir, lockWaitMs = 0 }: TrashOptions,
  surroundings: Surroundings,
): { trashDir: string | null; lockWaitMs: number } {
  return { trashDir: namedTrashDir(trashDir, surroundings), lockWaitMs };
}

async function entriesOf(options: TrashListOptions, surroundings: Surroundings): Promise<TrashEntry[]> {
  const { trashDir } = aloneOptions(options, surroundings);
  const entries = trashIn(trashDir, surroundings);
  if (options.olderThan === undefined) return entries;
  const text = momentText(options.olderThan, 'olderThan');
  const label = option('olderThan');
  return trashedBefore(entries, await parsePastTime(parseAge(text, label), surroundings.now(), text, label));
}

function trashIn(trashDir: string | null, surroundings: Surroundings): TrashEntry[] {
  const { entries, problems } = inspectTrash(surroundings.configDirs, trashDir);
  reportProblems(problems, surroundings);
  return entries;
}

function keyOf({ pruneId, entry, id }: TrashEntry['session']): string {
  return `${pruneId} ${entry} ${id}`;
}
