import type { Command } from 'commander';
import type { SessionRecord } from '../../session-index/record.js';
import type { SessionRow } from '../../session-index/session-index.js';
import { fullRecords } from '../../usage/full-records.js';
import { sessionNotFoundError } from '../../sessions/amend/amend.js';
import { CcsessError } from '../../system/errors.js';
import type { Context, Questions } from '../context.js';
import { toJson } from '../render/text/json.js';
import { oneLine } from '../render/text/sanitize.js';
import { printSentences } from './print-sentences.js';

/** The flag of all commands that change something. */
export interface DryRunFlag {
  dryRun?: boolean;
}

/** The flags of commands that write a line to a transcript, as typed. */
export interface EditFlags extends DryRunFlag {
  last?: boolean;
  clear?: boolean;
  touch?: boolean;
}

/** Options of commands that write a line to a transcript. */
export interface EditOptions {
  /** Update the transcript's modification time; by default it is kept. */
  touch: boolean;
  /** Only print what would be done. */
  dryRun: boolean;
}

/** Reads `--touch` and `-n`. */
export function readEditFlags({ touch = false, dryRun = false }: EditFlags): EditOptions {
  return { touch, dryRun };
}

/** Adds `-n`. */
export function addDryRun(command: Command): Command {
  return command.option('-n, --dry-run', 'show what would be done without doing it');
}

/** Adds `--touch` and `-n`. */
export function addEditFlags(command: Command): Command {
  return addDryRun(
    command.option(
      '--touch',
      "update the transcript's modification time (delays Claude Code's cleanup, affects claude -c)",
    ),
  );
}

/**
 * Reports a change of a session: a sentence on a terminal, the id in a pipe, the current record with `--json`. A dry
 * run always prints the sentence, with `--json` on stderr.
 */
export async function reportChange(
  row: SessionRow,
  sentence: string,
  { dryRun = false }: DryRunFlag,
  context: Context,
): Promise<void> {
  const { stdout, stderr, global } = context;
  const report = oneLine(sentence);
  if (!global.json)
    return stdout.isTerminal || dryRun ? printSentences([report], context) : stdout.write(`${row.file.id}\n`);
  if (dryRun) await stderr.write(`${report}\n`);
  const [record] = await recordsNow([row], context);
  await stdout.write(`${toJson(record, stdout.isTerminal)}\n`);
}

/** Returns the records of sessions as they are on disk now, in their order. Throws NOT_FOUND if one has disappeared. */
export async function recordsNow(rows: readonly SessionRow[], context: Context): Promise<SessionRecord[]> {
  const index = await context.openIndex();
  const byPath = new Map(index.rows.map((row) => [row.file.path, row]));
  const now = rows.map(({ file }) => {
    const row = byPath.get(file.path);
    if (row === undefined) throw sessionNotFoundError(file);
    return row;
  });
  return fullRecords(index, now, context.now());
}

/** Returns the questions for a change that needs confirmation. Throws USAGE without a person to ask. */
export async function requireQuestions({ global, questions }: Context): Promise<Questions> {
  const asking = global.json ? null : await questions();
  if (asking !== null) return asking;
  const what = global.json ? '--json never asks for confirmation' : 'cannot ask for confirmation without a terminal';
  throw new CcsessError('USAGE', `${what}: pass --yes, or -n for a dry run.`);
}
