import type { WorkLog } from '../sessions/log/log-record.js';
import { readLogFilters } from '../sessions/log/log-query.js';
import { workLog as findWork } from '../sessions/log/work-log.js';
import { openPrices } from '../usage/prices/price-file.js';
import { FILTER_OPTIONS, filtersOf, type FilterOptions } from './sessions.js';
import { checkLimit, checkOptions, type OptionNames, type WrittenMoment } from './support/options.js';
import { indexOptionsOf } from '../sessions/select/select.js';
import { openIndex, reportProblems, contextOf } from './context.js';

/** Time range and sessions of a work log: `{ since: '7d', project: '.' }`. */
export interface LogOptions extends Omit<FilterOptions, 'text'> {
  /** Work at or after this time; by default a day before `until`, or before now. */
  since?: WrittenMoment;
  /** Work before this time. */
  until?: WrittenMoment;
  /** Maximum number of sessions, newest first; by default all. */
  limit?: number;
  /** Path of a price file; by default list prices are used. */
  prices?: string;
}

const { text: _text, ...FILTERS } = FILTER_OPTIONS;
const NAMES: OptionNames<LogOptions> = { ...FILTERS, limit: 'number', prices: 'string' };

/**
 * Resolves to the work in a time range: sessions by folder, including headless ones, with their prompts, cost and
 * changed files. Rejects with USAGE for invalid options.
 */
export async function workLog(options: LogOptions = {}): Promise<WorkLog> {
  checkOptions(options, NAMES);
  const context = contextOf(options);
  const limit = checkLimit(options.limit, 'limit');
  const { query } = await readLogFilters(filtersOf(options), context);
  const prices = openPrices(options.prices ?? null);
  const index = await openIndex(context, indexOptionsOf(query.sessions));
  const { configDirs, signal, now } = context;
  const { log, problems } = await findWork(index, query, { configDirs, prices, nowMs: now(), limit, signal });
  reportProblems(problems, context);
  return log;
}
