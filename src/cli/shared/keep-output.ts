import { shortId } from '../../claude/layout.js';
import { CcsessError, PARTLY_DONE } from '../../system/errors.js';
import type { Problem } from '../../system/problem.js';
import type { Renewals } from '../../retention/keep/keep-times.js';
import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import { fullRecords } from '../../usage/full-records.js';
import { recordsNow, type DryRunFlag } from './changed.js';
import type { Context } from '../context.js';
import { namedSessions, readSessions, type LastFlag, type SessionsOption } from './named-session.js';
import { jsonArray } from '../render/text/json.js';
import { continuationLines, namesBy, type NameOf } from '../render/kept.js';
import { counted } from '../render/text/number.js';
import { idLengths } from '../render/text/short-id.js';
import { shortPath } from '../render/text/path.js';
import { sanitize } from '../render/text/sanitize.js';
import { printSentences, printPieces } from './print-sentences.js';

/** The flags of a command that changes named sessions, as typed. */
export interface DryRunSessionsFlags extends LastFlag, DryRunFlag {}

/** Options of a command that changes named sessions. */
export interface DryRunSessions extends SessionsOption {
  /** Only print what would be done. */
  dryRun: boolean;
}

/** Reads the arguments of a command that changes named sessions. Throws USAGE as `readSessions`. */
export function readDryRunSessions(names: readonly string[], flags: DryRunSessionsFlags): DryRunSessions {
  return { ...readSessions(names, flags), dryRun: flags.dryRun === true };
}

/** Outcome of a command that protects or restores sessions. */
export interface KeepReport {
  /** Rows of the index as it was opened before the change. */
  rows: readonly SessionRow[];
  /** One sentence per session, for a terminal. */
  sentences: readonly string[];
  renewals: Renewals | null;
  /** Errors of the sessions that failed. */
  failures: readonly CcsessError[];
  dryRun: boolean;
}

/**
 * Prints sentences on a terminal and for a dry run, ids in a pipe, current records with `--json`; notes for the user go
 * to stderr if stdout is for programs. Sets exit code 3 if some sessions failed.
 */
export async function printKept(
  index: SessionIndex,
  { rows, sentences, renewals, failures, dryRun }: KeepReport,
  context: Context,
): Promise<void> {
  const { stdout, stderr, global, home } = context;
  const forPeople = (stdout.isTerminal || dryRun) && !global.json;
  const nameOf = namesIn(index);
  const continued = continuationLines(renewals?.continued ?? [], home, (row) =>
    index.records([row], { footprint: false }).map(nameOf).join(),
  );
  if (global.json) {
    const records = await (dryRun ? fullRecords(index, rows, context.now()) : recordsNow(rows, context));
    await printPieces(jsonArray(records, stdout.isTerminal), context);
  } else if (forPeople) {
    const lines = [...sentences, ...continued, ...(dryRun ? ['Nothing was changed.'] : [])];
    await printSentences(lines, context);
  } else await stdout.write(rows.map(({ file }) => `${file.id}\n`).join(''));
  const failed = [
    ...failures.map(({ message }) => sanitize(message)),
    ...unchangedTimes(renewals?.problems ?? [], home),
  ];
  const notes = [...(forPeople ? [] : continued), ...failed.map((text) => `ccsess: ${text}`)];
  await stderr.write(notes.map((line) => `${line}\n`).join(''));
  if (failed.length > 0) context.setExitCode(PARTLY_DONE);
}

/** Returns a line about the first file whose times could not be renewed, and the number of others. */
function unchangedTimes(problems: readonly Problem[], home: string): string[] {
  const [first] = problems;
  if (first === undefined) return [];
  const more = problems.length === 1 ? '' : ` and ${counted(problems.length - 1, 'more', 'more')}`;
  return [`${sanitize(first.message.replace(/\.$/, ''))}: ${shortPath(first.file, home)}${more}`];
}

/** Number of names that are looked up one by one; for more, reading all ids is faster. */
const FEW_NAMES = 20;

/** Returns a function that names sessions of an index in sentences, by the shortest unique id prefix. */
export function namesIn(index: SessionIndex): NameOf {
  let named = 0;
  let lengths: ReadonlyMap<string, number> | undefined;
  return namesBy((id) => {
    if (named++ < FEW_NAMES) return lengthAmong(id, index.withIdPrefix(shortId(id)));
    lengths ??= lengthsOf(index.ids());
    return lengths.get(id) ?? id.length;
  });
}

function lengthAmong(id: string, alike: readonly SessionRow[]): number {
  return lengthsOf(alike.map(({ file }) => file.id)).get(id) ?? id.length;
}

function lengthsOf(ids: readonly string[]): Map<string, number> {
  return new Map(idLengths(ids, ids).map((length, at) => [ids[at] ?? '', length]));
}

/** Result of changing named sessions. */
export interface HandledSessions {
  index: SessionIndex;
  nameOf: NameOf;
  done: SessionRow[];
  /** Errors of the sessions that could not be changed. */
  failures: CcsessError[];
}

/**
 * Opens the index and calls `act` for each named session, except in a dry run. Throws as `namedSessions`, before
 * anything is changed, and as `handleEach`.
 */
export async function handleNamed(
  { dryRun, ...sessions }: DryRunSessions,
  context: Context,
  act: (row: SessionRow) => void,
): Promise<HandledSessions> {
  const index = await context.openIndex({ readOnly: dryRun });
  const nameOf = namesIn(index);
  const rows = await namedSessions(index, sessions, context);
  return { index, nameOf, ...handleEach(rows, dryRun ? () => {} : act) };
}

/**
 * Calls `act` for each session and returns those that succeeded and the errors of the others. Throws the first error if
 * none succeeded.
 */
export function handleEach(
  rows: readonly SessionRow[],
  act: (row: SessionRow) => void,
): { done: SessionRow[]; failures: CcsessError[] } {
  const failures: CcsessError[] = [];
  const done = rows.filter((row) => {
    try {
      act(row);
      return true;
    } catch (error) {
      if (!(error instanceof CcsessError)) throw error;
      failures.push(error);
      return false;
    }
  });
  const [first] = failures;
  if (done.length === 0 && first !== undefined) throw first;
  return { done, failures };
}
