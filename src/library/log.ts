import type { WorkLog } from '../sessions/log/log-record.js';
import { readLogFilters } from '../sessions/log/log-query.js';
import { workLog as findWork } from '../sessions/log/work-log.js';
import { openPrices } from '../usage/prices/price-file.js';
import { FILTER_OPTIONS, filtersOf, type FilterOptions } from './sessions.js';
import { checkLimit, checkOptions, type OptionNames, type WrittenMoment } from './support/options.js';
import { indexOptionsOf } from '../sessions/select/select.js';
import { openIndex, reportProblems, surroundingsOf } from './surroundings.js';

/** A span of work and the sessions looked at: `{ since: '7d', project: '.' }`. */
export interface LogOptions extends Omit<FilterOptions, 'text'> {
  /** Work at this moment or after; by default in the day before `until`, or before now. */
  since?: WrittenMoment;
  /** Work before this moment. */
  until?: WrittenMoment;
  /** Maximum number of sessions, the newest ones; by default, and with 0, all. */
  limit?: number;
  /** Path of a price file; by default list prices. */
  prices?: string;
}

const { text: _text, ...FILTERS } = FILTER_OPTIONS;
const NAMES: OptionNames<LogOptions> = { ...FILTERS, limit: true, prices: true };

/**
 * Returns the work of a span of time: by folder the sessions, headless ones included, with their prompts, cost and
 * changed files. Rejects with USAGE for options that cannot be understood.
 */
export async function workLog(options: LogOptions = {}): Promise<WorkLog> {
  checkOptions(options, NAMES);
  const surroundings = surroundingsOf(options);
  const limit = checkLimit(options.limit, 'limit');
  const { query } = await readLogFilters(filtersOf(options), surroundings);
  const prices = openPrices(options.prices ?? null);
  const index = await openIndex(surroundings, indexOptionsOf(query.sessions));
  const { configDirs, signal, now } = surroundings;
  const { log, problems } = await findWork(index, query, { configDirs, prices, nowMs: now(), limit, signal });
  reportProblems(problems, surroundings);
  return log;
}
