import { CcsessError } from '../claude/errors.js';
import type { Renewals } from '../retention/keep-times.js';
import type { SessionIndex, SessionRow } from '../session-index/session-index.js';
import type { Context } from './context.js';
import { noteProblems } from './notes.js';
import { jsonArray } from './render/json.js';
import { continuationLines, named } from './render/kept.js';

/** Flags of the commands that keep sessions. */
export interface KeepFlags {
  dryRun?: boolean;
}

/** What a command that keeps sessions came to. */
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
 * Prints sentences on a terminal, ids in a pipe, or with `--json` the records as they are afterwards; what went wrong,
 * and what `claude -c` now opens, on stderr where stdout is for programs. Sets exit code 3 if only some could be handled.
 */
export async function printKept(index: SessionIndex, { rows, sentences, renewals, failures, dryRun }: KeepReport, context: Context): Promise<void> {
  const { stdout, stderr, global, home } = context;
  const forPeople = stdout.isTerminal && !global.json;
  const titles = titlesOf(index, renewals);
  const continued = continuationLines(renewals?.continued ?? [], home, (id) => titles.get(id) ?? id);
  if (global.json) {
    for (const piece of jsonArray(await recordsAfterwards(rows, context), stdout.isTerminal)) await stdout.write(piece);
  } else if (forPeople) {
    const lines = [...sentences, ...continued, ...(dryRun ? ['Nothing was changed.'] : [])];
    await stdout.write(lines.map((line) => `${line}\n`).join(''));
  } else await stdout.write(rows.map(({ file }) => `${file.id}\n`).join(''));
  const failed = failures.map(({ message }) => `ccsess: ${message}\n`);
  await stderr.write([...(forPeople || dryRun ? [] : continued.map((line) => `${line}\n`)), ...failed].join(''));
  await noteProblems(renewals?.problems ?? [], context);
  if (failures.length > 0 || (renewals?.problems ?? []).length > 0) context.setExitCode(3);
}

/** The sessions `act` can handle; the failures of the others. Throws the only one there is to tell, if none could be. */
export function handleEach(rows: readonly SessionRow[], act: (row: SessionRow) => void): { done: SessionRow[]; failures: CcsessError[] } {
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

function titlesOf(index: SessionIndex, renewals: Renewals | null): Map<string, string> {
  const rows = (renewals?.continued ?? []).flatMap(({ before, after }) => [before, after]);
  return new Map(index.records(rows, { footprint: false }).map((record) => [record.id, named(record)]));
}

async function recordsAfterwards(rows: readonly SessionRow[], context: Context): Promise<unknown[]> {
  const index = await context.openIndex();
  const byPath = new Map(index.rows.map((row) => [row.file.path, row]));
  return index.records(rows.flatMap(({ file }) => byPath.get(file.path) ?? []), { footprint: true });
}
