import type { Environment } from '../../claude/environment.js';
import { CcsessError } from '../../system/errors.js';
import { option, phrase } from '../../system/phrase.js';
import { readPromptFilters, type PromptQuery } from '../prompts/prompt-query.js';
import type { Filters, ResolvedAge } from '../select/filters.js';
import { DAY_MS } from '../../system/time.js';

/** A span of work, and filters of the sessions. */
export interface LogQuery extends PromptQuery {
  /** The span ends now, since no end was given. */
  isOpen: boolean;
}

/**
 * Returns the query for filters, which are those of `list`, except that `since` and `until` limit the work itself.
 * Without `since` the span is the 24 hours before `until`, or before now. Throws usage errors, also for a span that
 * does not end after it begins.
 */
export async function readLogFilters(
  filters: Omit<Filters, 'text'>,
  environment: Pick<Environment, 'now' | 'cwd' | 'home' | 'env'>,
): Promise<{ query: LogQuery; ages: ResolvedAge[] }> {
  const { query, ages } = await readPromptFilters(filters, environment);
  const isOpen = query.beforeMs === Infinity;
  const sinceMs = query.sinceMs === -Infinity ? (isOpen ? environment.now() : query.beforeMs) - DAY_MS : query.sinceMs;
  if (sinceMs >= query.beforeMs)
    throw new CcsessError(
      'USAGE',
      phrase`${option('until', filters.until ?? '')}: not after ${option('since', filters.since ?? '')}.`,
    );
  return { query: { ...query, sinceMs, isOpen }, ages };
}
