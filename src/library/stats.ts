import { placeOf } from '../sessions/select/start-position.js';
import { openPrices } from '../usage/prices/price-file.js';
import { rangeOf, type WrittenRange } from '../usage/range.js';
import { usageReport, type UsageReport } from '../usage/report.js';
import { byOf, countUsage, type Grouping, type StatsQuery } from '../usage/stats.js';
import { zoneOf } from '../usage/zone.js';
import { openIndex, surroundingsOf, type LibraryOptions } from './surroundings.js';

/** The flags of `ccsess stats`, with their grammars (`{ by: ['week', 'project'], since: '30d' }`). */
export interface StatsOptions extends LibraryOptions, WrittenRange {
  /** By default `day`; several make a row for each combination. */
  by?: Grouping | readonly Grouping[];
  /** Folders or globs; by default all projects. */
  project?: string | readonly string[];
  /** Zone of the days: a name or an offset; by default the machine's. */
  timeZone?: string;
  /** Path of a price file; by default list prices. */
  prices?: string;
}

/** The report of `ccsess stats --json`. Rejects with USAGE for options that cannot be understood. */
export async function stats(options: StatsOptions = {}): Promise<UsageReport> {
  const surroundings = surroundingsOf(options);
  const { by = 'day', project, timeZone = null } = options;
  const groupings = byOf(typeof by === 'string' ? [by] : by, 'by');
  const zone = zoneOf(timeZone, 'timeZone');
  const nowMs = surroundings.now();
  const range = await rangeOf(options, zone, nowMs, (option) => option);
  const prices = await openPrices(options.prices ?? null);
  const filter = project === undefined ? {} : { project: await projectOf(project, surroundings) };
  const index = await openIndex(surroundings);
  const query = { ...range, ...filter, zone, prices, nowMs };
  const counted = countUsage(index, surroundings.configDirs, query, [groupings]);
  const frame = {
    since: isoTime(range.sinceMs),
    until: isoTime(range.beforeMs),
    timeZone,
    prices: [...prices.sources],
  };
  return usageReport(counted, groupings, index, frame);
}

async function projectOf(
  project: string | readonly string[],
  surroundings: Parameters<typeof placeOf>[0],
): Promise<NonNullable<StatsQuery['project']>> {
  const { projectFilter } = await import('../sessions/select/project-filter.js');
  return projectFilter(typeof project === 'string' ? [project] : project, await placeOf(surroundings));
}

function isoTime(moment: number | undefined): string | null {
  return moment === undefined ? null : new Date(moment).toISOString();
}
