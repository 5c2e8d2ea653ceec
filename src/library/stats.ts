import type { PathFilter } from '../session-index/touched/path-filter.js';
import { findStartFolder } from '../sessions/select/start-folder.js';
import { openPrices } from '../usage/prices/price-file.js';
import { priceRecord, type PriceRecord } from '../usage/prices/priced-model.js';
import type { Prices, PriceSource } from '../usage/prices/prices.js';
import { resolveRange } from '../usage/range.js';
import { usageReport, type UsageReport } from '../usage/report.js';
import { parseGroupings, type Grouping, type StatsQuery } from '../usage/groups.js';
import { countUsage } from '../usage/stats.js';
import { parseZone } from '../usage/zone.js';
import {
  checkOptions,
  toList,
  type OneOrMore,
  type OptionNames,
  type WrittenMoment,
  writtenOptions,
} from './support/options.js';
import { LIBRARY_OPTIONS, openIndex, contextOf, type LibraryOptions, type LibraryContext } from './context.js';
import { isoTime } from '../system/time.js';

/** Time range, projects and groupings of usage: `{ by: ['week', 'project'], since: '30d' }`. */
export interface StatsOptions extends LibraryOptions {
  /** Responses at or after this time. A date means the start of that day in the time zone. */
  since?: WrittenMoment;
  /** Responses before this time. */
  until?: WrittenMoment;
  /** Groupings, by default `day`; several return a row per combination. */
  by?: OneOrMore<Grouping>;
  /** Folders or globs; by default all projects. */
  project?: OneOrMore<string>;
  /**
   * Only sessions whose tools read or changed one of these files, a file in one of these folders, or a file that
   * matches one of these patterns.
   */
  touched?: OneOrMore<string>;
  /** Time zone of the days, as a name or an offset; by default the machine's. */
  timeZone?: string;
  /** Path of a price file; by default list prices are used. */
  prices?: string;
}

/** Current prices of models, and their sources. */
export interface PriceList {
  prices: PriceSource[];
  models: PriceRecord[];
}

const STATS: OptionNames<StatsOptions> = {
  ...LIBRARY_OPTIONS,
  since: 'other',
  until: 'other',
  by: 'other',
  project: 'other',
  touched: 'other',
  timeZone: 'string',
  prices: 'string',
};

/**
 * Resolves to sessions, prompts, tokens and costs by day or by other groupings; every response counts once. Rejects
 * with USAGE for invalid options.
 */
export async function stats(options: StatsOptions = {}): Promise<UsageReport> {
  checkOptions(options, STATS);
  const context = contextOf(options);
  const { by = 'day', since, until, project, timeZone = null } = options;
  const groupings = parseGroupings(toList(by, 'by'), 'by');
  const zone = parseZone(timeZone, 'timeZone');
  const nowMs = context.now();
  const range = await resolveRange(writtenOptions({ since, until }), zone, nowMs, (option) => option);
  const prices = openPrices(options.prices ?? null);
  const filter = project === undefined ? {} : { project: await readProjectFilter(project, context) };
  const touched = options.touched === undefined ? null : await readTouchedFilter(options.touched, context);
  const index = await openIndex(context, { paths: touched !== null });
  const among = touched === null ? {} : { among: index.touching(touched) };
  const query = { ...range, ...filter, ...among, zone, prices, nowMs };
  const counted = countUsage(index, query, [groupings]);
  const header = {
    since: isoTime(range.sinceMs),
    until: isoTime(range.beforeMs),
    timeZone,
    prices: [...prices.sources],
  };
  return usageReport(counted, groupings, index, header);
}

/**
 * Resolves to the current prices of the models in use, or of the named ones. Rejects with USAGE for an invalid price
 * file.
 */
export async function listPrices(
  options: LibraryOptions & { prices?: string; models?: readonly string[] } = {},
): Promise<PriceList> {
  checkOptions(options, { ...LIBRARY_OPTIONS, prices: 'string', models: 'other' });
  const context = contextOf(options);
  const prices = openPrices(options.prices ?? null);
  const nowMs = context.now();
  const models =
    options.models !== undefined ? toList(options.models, 'models') : await modelsInUse(context, prices, nowMs);
  return {
    prices: [...prices.sources],
    models: models.map((model) => priceRecord({ model, price: prices.price(model, nowMs) })),
  };
}

/** Returns the models of all responses, those with the highest cost first. */
async function modelsInUse(context: LibraryContext, prices: Prices, nowMs: number): Promise<string[]> {
  const index = await openIndex(context);
  const query = { zone: parseZone(null, 'timeZone'), prices, nowMs };
  const counted = countUsage(index, query, ['model']);
  const { rows } = usageReport(counted, ['model'], index, { since: null, until: null, timeZone: null, prices: [] });
  return rows.map(({ key }) => key ?? '');
}

async function readProjectFilter(
  project: OneOrMore<string>,
  context: LibraryContext,
): Promise<NonNullable<StatsQuery['project']>> {
  const { projectFilter } = await import('../sessions/select/project-filter.js');
  return projectFilter(toList(project, 'project'), await findStartFolder(context));
}

async function readTouchedFilter(touched: OneOrMore<string>, context: LibraryContext): Promise<PathFilter> {
  const { touchedFilter } = await import('../sessions/select/touched-filter.js');
  return touchedFilter(toList(touched, 'touched'), context);
}
