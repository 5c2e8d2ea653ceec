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
  listOf,
  type OneOrMore,
  type OptionNames,
  type WrittenMoment,
  writtenOptions,
} from './support/options.js';
import { LIBRARY_OPTIONS, openIndex, surroundingsOf, type LibraryOptions, type Surroundings } from './surroundings.js';
import { isoTime } from '../system/time.js';

/** Time, projects and grouping of a count: `{ by: ['week', 'project'], since: '30d' }`. */
export interface StatsOptions extends LibraryOptions {
  /** Responses at this moment or later; a date means that day in the zone. */
  since?: WrittenMoment;
  /** Responses before this moment. */
  until?: WrittenMoment;
  /** Groupings, by default `day`; several of them give a row per combination. */
  by?: OneOrMore<Grouping>;
  /** Folders or globs; by default all projects. */
  project?: OneOrMore<string>;
  /**
   * Only sessions whose tools read or changed one of these files, a file in one of these folders, or one that matches.
   */
  touched?: OneOrMore<string>;
  /** Zone of the days: a name or an offset; by default the machine's. */
  timeZone?: string;
  /** Path of a price file; by default list prices. */
  prices?: string;
}

/** Present prices of models, and their sources. */
export interface PriceList {
  prices: PriceSource[];
  models: PriceRecord[];
}

const STATS: OptionNames<StatsOptions> = {
  ...LIBRARY_OPTIONS,
  since: true,
  until: true,
  by: true,
  project: true,
  touched: true,
  timeZone: true,
  prices: true,
};

/**
 * Counts sessions, prompts, tokens and costs by day or by other groupings, every response once. Rejects with USAGE for
 * invalid options.
 */
export async function stats(options: StatsOptions = {}): Promise<UsageReport> {
  checkOptions(options, STATS);
  const surroundings = surroundingsOf(options);
  const { by = 'day', since, until, project, timeZone = null } = options;
  const groupings = parseGroupings(listOf(by, 'by'), 'by');
  const zone = parseZone(timeZone, 'timeZone');
  const nowMs = surroundings.now();
  const range = await resolveRange(writtenOptions({ since, until }), zone, nowMs, (option) => option);
  const prices = openPrices(options.prices ?? null);
  const filter = project === undefined ? {} : { project: await projectOf(project, surroundings) };
  const touched = options.touched === undefined ? null : await touchedOf(options.touched, surroundings);
  const index = await openIndex(surroundings, { paths: touched !== null });
  const among = touched === null ? {} : { among: index.touching(touched) };
  const query = { ...range, ...filter, ...among, zone, prices, nowMs };
  const counted = countUsage(index, query, [groupings]);
  const frame = {
    since: isoTime(range.sinceMs),
    until: isoTime(range.beforeMs),
    timeZone,
    prices: [...prices.sources],
  };
  return usageReport(counted, groupings, index, frame);
}

/**
 * Returns the present prices of the models in use, or of the named ones. Rejects with USAGE for a price file that
 * cannot be read.
 */
export async function listPrices(
  options: LibraryOptions & { prices?: string; models?: readonly string[] } = {},
): Promise<PriceList> {
  checkOptions(options, { ...LIBRARY_OPTIONS, prices: true, models: true });
  const surroundings = surroundingsOf(options);
  const prices = openPrices(options.prices ?? null);
  const nowMs = surroundings.now();
  const models = options.models ?? (await modelsInUse(surroundings, prices, nowMs));
  return {
    prices: [...prices.sources],
    models: models.map((model) => priceRecord({ model, price: prices.price(model, nowMs) })),
  };
}

/** The models of all responses, those on which most was spent first. */
async function modelsInUse(surroundings: Surroundings, prices: Prices, nowMs: number): Promise<string[]> {
  const index = await openIndex(surroundings);
  const query = { zone: parseZone(null, 'timeZone'), prices, nowMs };
  const counted = countUsage(index, query, ['model']);
  const { rows } = usageReport(counted, ['model'], index, { since: null, until: null, timeZone: null, prices: [] });
  return rows.map(({ key }) => key ?? '');
}

async function projectOf(
  project: OneOrMore<string>,
  surroundings: Surroundings,
): Promise<NonNullable<StatsQuery['project']>> {
  const { projectFilter } = await import('../sessions/select/project-filter.js');
  return projectFilter(listOf(project, 'project'), await findStartFolder(surroundings));
}

async function touchedOf(touched: OneOrMore<string>, surroundings: Surroundings): Promise<PathFilter> {
  const { touchedFilter } = await import('../sessions/select/touched-filter.js');
  return touchedFilter(listOf(touched, 'touched'), surroundings);
}
