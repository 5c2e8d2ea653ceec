import type { Command } from 'commander';
import { CcsessError } from '../../system/errors.js';
import { isoTime } from '../../system/time.js';
import type { SessionIndex } from '../../session-index/session-index.js';
import type { PathFilter } from '../../session-index/touched/path-filter.js';
import { parseCount } from '../../grammar/count.js';
import { findStartFolder } from '../../sessions/select/start-folder.js';
import { OVERVIEW_GROUPINGS, overviewOf } from '../../usage/overview.js';
import { priceRecord } from '../../usage/prices/priced-model.js';
import { openPrices } from '../../usage/prices/price-file.js';
import type { Prices } from '../../usage/prices/prices.js';
import { resolveRange } from '../../usage/range.js';
import { usageReport, type UsageReport } from '../../usage/report.js';
import {
  parseGroupings,
  GROUPINGS,
  type Groupings,
  type Grouping,
  type Stats,
  type StatsQuery,
} from '../../usage/groups.js';
import { countUsage } from '../../usage/stats.js';
import { parseZone, type Zone } from '../../usage/zone.js';
import { noteTouched } from '../shared/search/touched-note.js';
import { readableProjects } from '../shared/project-argument.js';
import { collectValues } from '../command.js';
import type { Context } from '../context.js';
import { countTrashed } from '../shared/removal/count-trashed.js';
import { noteNoSessions, noteProblems } from '../shared/notes.js';
import { formatMoment } from '../render/text/age.js';
import { batches, toJson } from '../render/text/json.js';
import { overviewData, priceLine, usageCsv, usageLine } from '../render/usage-data.js';
import { printPieces } from '../shared/print-sentences.js';
import { screenOf } from '../shared/screen.js';

/** The flags of `stats`, as typed. */
export interface StatsFlags {
  by?: string[];
  since?: string;
  until?: string;
  project?: string[];
  touched?: string[];
  tz?: string;
  limit?: string;
  csv?: boolean;
  redact?: boolean;
  /** A file, or `true` to print the prices. */
  prices?: string | true;
}

/** Options of `stats`. */
export interface StatsOptions {
  /** Groupings of the rows, each once; null for the overview. */
  by: Groupings | null;
  /** Time of the run in milliseconds, from which ages are counted. */
  nowMs: number;
  /** Range of the usage to count, in milliseconds. */
  range: Pick<StatsQuery, 'sinceMs' | 'beforeMs'>;
  /** Ages among the flags, as resolved times to print. */
  resolved: readonly string[];
  /** Projects as typed; null for all. */
  project: readonly string[] | null;
  /** Files that the sessions' tools touched; null for all sessions. */
  touched: PathFilter | null;
  zone: Zone;
  /** Time zone as typed; null for the local one. */
  timeZone: string | null;
  /** Maximum number of rows, 0 for all; null for the default: 30 in a table, else all. */
  limit: number | null;
  prices: Prices;
  /** Price file as typed; null for the built-in prices. */
  pricesFile: string | null;
  /** Print the prices in use. */
  showsPrices: boolean;
  /** Mask secrets in titles and names. */
  isRedacted: boolean;
  /** Print comma-separated values. */
  csv: boolean;
}

const TERMINAL_LIMIT = 30;
/** Grouping of CSV and JSON without `--by`. */
const DAY: Groupings = ['day'];

/** `ccsess stats`: counts tokens, cost and disk use. */
export function define(command: Command, context: Context): void {
  command
    .option('--by <what>', `group by: ${GROUPINGS.join(', ')}; repeatable`, collectValues)
    .option(
      '-p, --project <path|glob>',
      'only sessions of this folder and its git worktrees (. = current folder); repeatable',
      collectValues,
    )
    .option(
      '--touched <path|glob>',
      'only sessions whose tools read or changed this file, or a file in this folder; repeatable',
      collectValues,
    )
    .option('--since <age|date>', 'only usage since: 30d, 2026-11-01')
    .option('--until <age|date>', 'only usage before: 30d, 2026-11-01')
    .option('--tz <zone>', 'time zone of days: Europe/Berlin, UTC, +02:00 (default: the local one)')
    .option('-L, --limit <n>', `maximum number of rows (0 = all; default: ${TERMINAL_LIMIT} on a terminal, else all)`)
    .option('--redact', 'mask secrets of well-known forms (keys, tokens, passwords in URLs)')
    .option('--csv', 'print comma-separated values')
    .option('--prices [file]', 'take prices from a JSON file; without <file>: print the prices in use')
    .action(async (flags: StatsFlags) => runStats(await readStatsOptions(flags, context), context));
}

/** Returns the groupings of `--by`, each once; null for none. */
function groupingsOf(names: readonly string[]): Groupings | null {
  return names.length === 0 ? null : parseGroupings(names, '--by');
}

/** A query with its index and options. */
interface StatsRequest {
  index: SessionIndex;
  query: StatsQuery;
  options: StatsOptions;
  /** Masks the secrets of figures, or returns them unchanged without `--redact`. */
  mask: <Figures>(figures: Figures) => Figures;
}

/**
 * Reads the flags of `stats`, and the file of `--prices`. Throws USAGE for invalid values and for flags that cannot be
 * combined.
 */
export async function readStatsOptions(flags: StatsFlags, context: Context): Promise<StatsOptions> {
  const by = groupingsOf(flags.by ?? []);
  if (context.global.json && flags.csv === true) throw new CcsessError('USAGE', '--json and --csv cannot be combined.');
  if (flags.prices === true && (by !== null || flags.csv === true)) {
    throw new CcsessError(
      'USAGE',
      '--prices without a file shows the prices themselves: name a file, or leave out ' +
        `${by === null ? '--csv' : '--by'}.`,
    );
  }
  const limit = flags.limit === undefined ? null : parseCount(flags.limit, '--limit');
  const timeZone = flags.tz ?? null;
  const zone = parseZone(timeZone, '--tz');
  const nowMs = context.now();
  const { resolved, ...range } = await readRange(flags, zone, nowMs);
  const pricesFile = typeof flags.prices === 'string' ? flags.prices : null;
  return {
    by,
    nowMs,
    range,
    resolved,
    project: flags.project ?? null,
    touched: await touchedOf(flags, context),
    zone,
    timeZone,
    limit,
    prices: openPrices(pricesFile),
    pricesFile,
    showsPrices: flags.prices === true,
    isRedacted: flags.redact === true,
    csv: flags.csv === true,
  };
}

/** Prints the overview, a table, CSV or JSON. */
export async function runStats(options: StatsOptions, context: Context): Promise<void> {
  const { touched } = options;
  const index = await context.openIndex({ paths: touched !== null });
  await noteProblems(index.problems, context);
  if (index.rows.length === 0) await noteNoSessions(index.problems, context);
  const project = await projectOf(options, index, context);
  const { range, zone, prices, nowMs } = options;
  const among = touched === null ? {} : { among: index.touching(touched) };
  if (touched !== null && among.among?.size === 0 && index.rows.length > 0) await noteTouched(index, touched, context);
  const query = { ...range, ...project, ...among, zone, prices, nowMs, tools: toolsShown(context) };
  const mask = options.isRedacted ? (await import('../../redaction/mask-secrets.js')).maskSecretsIn : same;
  await print({ index, query, options, mask }, context);
}

function same<Value>(value: Value): Value {
  return value;
}

/** JSON has the tool calls of each row, a screen their totals; CSV and lines have none. */
function toolsShown({ stdout, global }: Context): NonNullable<StatsQuery['tools']> {
  if (global.json) return 'groups';
  return stdout.isTerminal ? 'totals' : 'nowhere';
}

async function print(request: StatsRequest, context: Context): Promise<void> {
  const { index, query, options, mask } = request;
  const { by } = options;
  const { stdout, global } = context;
  const count = (...groupings: readonly (Grouping | Groupings)[]): Stats => countUsage(index, query, groupings);
  if (options.showsPrices) return printPrices(count('model'), request, context);
  if (global.json)
    return stdout.write(
      `${toJson(limited(reportOf(count(by ?? DAY), by ?? DAY, request), request), stdout.isTerminal)}\n`,
    );
  if (options.csv) return printLines(csvOf(limited(reportOf(count(by ?? DAY), by ?? DAY, request), request)), context);
  if (by !== null && !stdout.isTerminal)
    return printLines(limited(reportOf(count(by), by, request), request).rows.map(usageLine), context);
  const counted = by === null ? count(...OVERVIEW_GROUPINGS) : count(by);
  const overview = (): ReturnType<typeof overviewOf> => mask(overviewOf(counted, query.zone.dayOf(query.nowMs), index));
  if (!stdout.isTerminal) return printLines(overviewData(overview()), context);
  if (index.rows.length === 0) return;
  const { overviewLines, reportLines } = await import('../render/stats.js');
  const report = reportOf(counted, by ?? DAY, request);
  const { totals } = report;
  const foot = {
    sources: query.prices.sources,
    pricesFile: options.pricesFile,
    unpriced: totals.unpriced,
    sharing: totals.sharingSessions,
    tools: totals.tools ?? {},
    owningNothing: totals.owningNothing.map(({ id }) => id),
    trashed: await countTrashed(context),
    resolved: options.resolved,
  };
  const ranged = query.sinceMs !== undefined || query.beforeMs !== undefined;
  const lines =
    by === null
      ? await overviewLines(overview(), ranged, foot, screenOf(context))
      : await reportLines(report, options.limit ?? TERMINAL_LIMIT, foot, screenOf(context));
  await stdout.write(`${lines.join('\n')}\n`);
}

/** Returns the report with at most the requested number of rows; its totals are those of all rows. */
function limited(report: UsageReport, { options: { limit } }: StatsRequest): UsageReport {
  return limit === null || limit === 0 ? report : { ...report, rows: report.rows.slice(0, limit) };
}

function csvOf({ rows, by }: UsageReport): Iterable<string> {
  return usageCsv(rows, by);
}

function reportOf(counted: Stats, by: Groupings, { index, query, options, mask }: StatsRequest): UsageReport {
  const { sinceMs, beforeMs, prices } = query;
  const report = usageReport(counted, by, index, {
    since: isoTime(sinceMs),
    until: isoTime(beforeMs),
    timeZone: options.timeZone,
    prices: [...prices.sources],
  });
  return mask(report);
}

/** Prints the prices of the models in use, most expensive first. */
async function printPrices(counted: Stats, { index, query }: StatsRequest, context: Context): Promise<void> {
  const { prices, nowMs } = query;
  const used = usageReport(counted, ['model'], index, { since: null, until: null, timeZone: null, prices: [] }).rows;
  const models = used.map(({ key }) => ({ model: key ?? '', price: prices.price(key ?? '', nowMs) }));
  const { stdout, global } = context;
  if (global.json)
    return stdout.write(
      `${toJson({ schemaVersion: 1, prices: prices.sources, models: models.map(priceRecord) }, stdout.isTerminal)}\n`,
    );
  if (!stdout.isTerminal) return printLines(models.map(priceLine), context);
  const { priceLines } = await import('../render/price-table.js');
  await stdout.write(`${(await priceLines(models, prices.sources, screenOf(context))).join('\n')}\n`);
}

function printLines(lines: Iterable<string>, context: Context): Promise<void> {
  return printPieces(batches(lines), context);
}

/** Reads the time range, and the resolved times of its ages. */
async function readRange(
  flags: StatsFlags,
  zone: Zone,
  nowMs: number,
): Promise<Pick<StatsQuery, 'sinceMs' | 'beforeMs'> & { resolved: string[] }> {
  const range = await resolveRange(flags, zone, nowMs, (option) => `--${option}`);
  const { sinceMs, beforeMs } = range;
  return {
    ...range,
    resolved: [
      ...(sinceMs === undefined ? [] : [`--since ${flags.since ?? ''}: from ${formatMoment(sinceMs)}`]),
      ...(beforeMs === undefined ? [] : [`--until ${flags.until ?? ''}: before ${formatMoment(beforeMs)}`]),
    ],
  };
}

async function touchedOf({ touched }: StatsFlags, context: Context): Promise<PathFilter | null> {
  if (touched === undefined) return null;
  const { touchedFilter } = await import('../../sessions/select/touched-filter.js');
  return touchedFilter(touched, context);
}

async function projectOf(
  { project }: StatsOptions,
  index: SessionIndex,
  context: Context,
): Promise<Pick<StatsQuery, 'project'>> {
  if (project === null) return {};
  const { projectFilter } = await import('../../sessions/select/project-filter.js');
  const meant = index.rows.length === 0 ? project : await readableProjects(project, index, context);
  return { project: projectFilter(meant, await findStartFolder(context)) };
}
