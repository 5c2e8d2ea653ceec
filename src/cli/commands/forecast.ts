import type { Command } from 'commander';
import { forecast } from '../../retention/keep/forecast.js';
import { parseFutureTime } from '../../grammar/age.js';
import { hasSeveralConfigDirs, screenOf } from '../shared/screen.js';
import type { Context } from '../context.js';
import { noteProblems } from '../shared/notes.js';
import { parseCount } from '../../grammar/count.js';
import { forecastFooter, forecastLine, forecastLines, periodLine, warningLine } from '../render/forecast.js';
import { batches, toJson } from '../render/text/json.js';
import { formatMoment } from '../render/text/age.js';
import { idLengths } from '../render/text/short-id.js';
import { printSentences, printPieces } from '../shared/print-sentences.js';

/** The flags of `forecast`, as typed. */
export interface ForecastFlags {
  within?: string;
  limit?: string;
}

/** Options of `forecast`. */
export interface ForecastOptions {
  /** Time of the run in milliseconds, from which ages are counted. */
  nowMs: number;
  /** Time up to which to look ahead, in milliseconds; default: 7 days from now. */
  untilMs: number;
  /** Maximum number of sessions, 0 for all; null for the default: 30 in a table, else all. */
  limit: number | null;
}

const TERMINAL_LIMIT = 30;

/** `ccsess forecast`: lists the sessions that Claude Code's cleanup will delete. */
export function define(command: Command, context: Context): void {
  command
    .option('--within <age|date>', 'look this far ahead, or up to this date (default: 7d)')
    .option(
      '-L, --limit <n>',
      `maximum number of sessions (0 = all; default: ${TERMINAL_LIMIT} on a terminal, else all)`,
    )
    .action(async (flags: ForecastFlags) => runForecast(await readForecastOptions(flags, context), context));
}

/** Reads the flags of `forecast`. Throws USAGE for an invalid value. */
export async function readForecastOptions(
  { within, limit }: ForecastFlags,
  { now }: Context,
): Promise<ForecastOptions> {
  const nowMs = now();
  return {
    nowMs,
    untilMs: await parseFutureTime(within ?? '7d', nowMs, '--within'),
    limit: limit === undefined ? null : parseCount(limit, '--limit'),
  };
}

/** Prints a table on a terminal, records in a pipe, or JSON. Changes nothing. */
export async function runForecast({ nowMs, untilMs, limit }: ForecastOptions, context: Context): Promise<void> {
  const { stdout, stderr, global, home } = context;
  const index = await context.openIndex();
  await noteProblems(index.problems, context);
  const all = forecast(index, untilMs, { ...context, now: () => nowMs });
  const found = stdout.isTerminal && !global.json ? all : { ...all, sessions: first(all.sessions, limit ?? 0) };
  if (global.json) return stdout.write(`${toJson(found, stdout.isTerminal)}\n`);
  if (!stdout.isTerminal) {
    const withConfigDir = hasSeveralConfigDirs(context);
    await printPieces(batches(found.sessions.map((session) => forecastLine(session, withConfigDir))), context);
    return stderr.write(found.warnings.map((warning) => `${warningLine(warning, home)}\n`).join(''));
  }
  const screen = { ...screenOf(context), now: nowMs };
  const deleted = found.sessions.filter(({ whole }) => whole);
  const shown = first(deleted, limit ?? TERMINAL_LIMIT);
  const lengths = idLengths(
    shown.map(({ id }) => id),
    index.ids(),
  );
  const items = shown.map((session, at) => ({ session, idLength: lengths[at] ?? session.id.length }));
  const table =
    items.length === 0
      ? [`Nothing will be deleted until ${formatMoment(untilMs)}.`]
      : [...(await forecastLines(items, screen)), ''];
  const lines = [
    ...table,
    ...forecastFooter(found, items.length, screen),
    ...found.periods.map((period) => periodLine(period, home)),
  ];
  await printSentences(lines, context);
}

function first<T>(items: readonly T[], limit: number): T[] {
  return limit === 0 ? [...items] : items.slice(0, limit);
}
