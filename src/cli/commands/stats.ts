import type { Command } from 'commander';
import { CcsessError } from '../../claude/errors.js';
import { parseDate } from '../../sessions/grammar/date.js';
import { momentOf, parseAge } from '../../sessions/grammar/age.js';
import { openPrices } from '../../usage/price-file.js';
import { usageReport, type ReportFrame } from '../../usage/report.js';
import { countUsage, GROUPINGS, type Grouping, type StatsQuery } from '../../usage/stats.js';
import { zoneOf, type Zone } from '../../usage/zone.js';
import type { Context } from '../context.js';
import { placeOf } from '../filters.js';
import { noteNoSessions, noteProblems } from '../notes.js';
import { parseChoice } from '../parse/choice.js';
import { toJson } from '../render/json.js';

/** The flags of `stats`, as written. */
export interface StatsFlags {
  by?: string;
  since?: string;
  until?: string;
  project?: string[];
  tz?: string;
  limit?: string;
  csv?: boolean;
  prices?: string | true;
}

/** `ccsess stats`: tokens, cost and disk use. */
export function define(command: Command, context: Context): void {
  command
    .option('--by <what>', `a table by ${GROUPINGS.join(', ')}`)
    .option('-p, --project <path|glob>', 'only of this folder and its git worktrees (. = here); may be given again', gather)
    .option('--since <age|date>', 'only from then on: 30d, 2026-11-01')
    .option('--until <age|date>', 'only before then')
    .option('--tz <zone>', "days of this time zone (Europe/Berlin, UTC, +02:00), not of the machine's")
    .option('-L, --limit <n>', 'at most this many rows on a terminal, 0 = all (default: 30)')
    .option('--csv', 'print comma-separated values')
    .option('--prices [file]', 'count by the prices of a file (JSON); without one: show the prices in use')
    .action((flags: StatsFlags) => stats(flags, context));
}

function gather(value: string, before: string[] = []): string[] {
  return [...before, value];
}

/** Prints screens, tables, CSV or JSON to the context's stdout. Throws usage errors. */
export async function stats(flags: StatsFlags, context: Context): Promise<void> {
  const by = flags.by === undefined ? null : parseChoice(flags.by, GROUPINGS, '--by');
  if (context.global.json && flags.csv === true) throw new CcsessError('USAGE', '--json and --csv are two forms: give one of them.');
  const zone = zoneOf(flags.tz ?? null, '--tz');
  const range = await rangeOf(flags, zone, context);
  const prices = await openPrices(typeof flags.prices === 'string' ? flags.prices : null);
  const index = await context.openIndex();
  await noteProblems(index.problems, context);
  if (index.rows.length === 0) await noteNoSessions(index.problems, context);
  const query: StatsQuery = { ...range, ...(await projectOf(flags, context)), zone, prices, nowMs: context.now() };
  const frame: ReportFrame = { since: isoTime(range.sinceMs), until: isoTime(range.beforeMs), timeZone: flags.tz ?? null, prices: [...prices.sources] };
  const report = (): ReturnType<typeof usageReport> => {
    const grouping: Grouping = by ?? 'day';
    return usageReport(countUsage(index, context.configDirs, query, [grouping]), grouping, index, frame);
  };
  if (context.global.json) return context.stdout.write(`${toJson(report(), context.stdout.isTerminal)}\n`);
}

async function rangeOf({ since, until }: StatsFlags, zone: Zone, context: Context): Promise<{ sinceMs?: number; beforeMs?: number }> {
  const moment = async (text: string, flag: string): Promise<number> => {
    const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? parseDate(text) : null;
    // A plain date is a day of the zone asked for, not of the machine's.
    if (day !== null) return zone.startOf(Date.parse(`${text}T00:00:00Z`) / 86_400_000);
    return momentOf(parseAge(text, flag), context.now(), text, flag);
  };
  return {
    ...(since === undefined ? {} : { sinceMs: await moment(since, '--since') }),
    ...(until === undefined ? {} : { beforeMs: await moment(until, '--until') }),
  };
}

async function projectOf({ project }: StatsFlags, context: Context): Promise<Pick<StatsQuery, 'project'>> {
  if (project === undefined) return {};
  const { projectFilter } = await import('../../sessions/project-filter.js');
  return { project: projectFilter(project, await placeOf(context)) };
}

function isoTime(moment: number | undefined): string | null {
  return moment === undefined ? null : new Date(moment).toISOString();
}
