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

/** The flags of a command that changes the sessions it is given, as typed. */
export interface DryRunSessionsFlags extends LastFlag, DryRunFlag {}

/** Options of a command that changes the sessions it is given. */
export interface DryRunSessions extends SessionsOption {
  /** Only print what would be done. */
  dryRun: boolean;
}

/** Reads the arguments of a command that changes the sessions it is given. Throws USAGE as `readSessions`. */
export function readDryRunSessions(names: readonly string[], flags: DryRunSessionsFlags): DryRunSessions {
  return { ...readSessions(names, flags), dryRun: flags.dryRun === true };
}

/** Result of a command that keeps sessions. */
export interface KeepReport {
  /** Of the index that was open before. */
  rows: readonly SessionRow[];
  /** For a terminal, a sentence each. */
  sentences: readonly string[];
  renewals: Renewals | null;
  /** Sessions that could not be handled, the rest were. */
  failures: readonly CcsessError[];
  dryRun: boolean;
}

/**
 * Prints sentences on a terminal and for a dry run, ids in a pipe, or with `--json` the records as they are afterwards;
 * what went wrong, and what `claude -c` now opens, on stderr where stdout is for programs. Sets exit code 3 if only
 * some could be handled.
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

/** The first of the files that kept their times, and how many more there are. */
function unchangedTimes(problems: readonly Problem[], home: string): string[] {
  const [first] = problems;
  if (first === undefined) return [];
  const more = problems.length === 1 ? '' : ` and ${counted(problems.length - 1, 'more', 'more')}`;
  return [`${sanitize(first.message.replace(/\.$/, ''))}: ${shortPath(first.file, home)}${more}`];
}

/** Number of sessions that are named before it is worth looking at the ids of all. */
const FEW_NAMES = 20;

/** Names the sessions of an index in sentences, each by an id prefix that is unique in it. */
export function namesIn(index: SessionIndex): NameOf {
  let named = 0;
  let lengths: ReadonlyMap<string, number> | undefined;
  return namesBy((id) => {
    if (named++ < FEW_NAMES) return lengthAmong(id, index.withIdPrefix(shortId(id)));
    lengths ??= lengthsOf(index.rows.map(({ file }) => file.id));
    return lengths.get(id) ?? id.length;
  });
}

function lengthAmong(id: string, alike: readonly SessionRow[]): number {
  return lengthsOf(alike.map(({ file }) => file.id)).get(id) ?? id.length;
}

function lengthsOf(ids: readonly string[]): Map<string, number> {
  return new Map(idLengths(ids, ids).map((length, at) => [ids[at] ?? '', length]));
}

/** The named sessions of a command, as far as they could be handled. */
export interface Handled {
  index: SessionIndex;
  nameOf: NameOf;
  done: SessionRow[];
  /** Errors of the other sessions. */
  failures: CcsessError[];
}

/**
 * Opens the index and calls `act` for each named session, unless it is a dry run. Throws as `namedSessions`, before
 * anything is changed, and as `handleEach`.
 */
export async function handleNamed(
  { dryRun, ...sessions }: DryRunSessions,
  context: Context,
  act: (row: SessionRow) => void,
): Promise<Handled> {
  const index = await context.openIndex({ readOnly: dryRun });
  const nameOf = namesIn(index);
  const rows = await namedSessions(index, sessions, context);
  return { index, nameOf, ...handleEach(rows, dryRun ? () => {} : act) };
}

/**
 * The sessions `act` can handle; the failures of the others. Throws the failure if there is just one session and it
 * failed.
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
