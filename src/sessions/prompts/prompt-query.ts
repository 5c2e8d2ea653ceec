import type { Environment } from '../../claude/environment.js';
import { readFilters, type Filters, type ResolvedAge } from '../select/filters.js';
import type { Query } from '../select/select.js';

/** Filters of prompts and of their sessions. */
export interface PromptQuery {
  /** Filters of the sessions. */
  sessions: Query;
  /** True if a filter is given that cannot be decided for a session that is gone. */
  isSessionOnly: boolean;
  /** The prompt's own time, milliseconds: at or after. */
  sinceMs: number;
  /** Before this. */
  beforeMs: number;
  /** Words that the prompt contains, all of them, any case. */
  words: readonly string[];
}

/**
 * Returns the query that filters describe: those of `list`, except that `since`, `until` and `text` apply to the
 * prompts themselves. Throws usage errors.
 */
export async function readPromptFilters(
  filters: Filters,
  environment: Pick<Environment, 'now' | 'cwd' | 'home' | 'env'>,
): Promise<{ query: PromptQuery; ages: ResolvedAge[] }> {
  const { since, until, text, ...others } = filters;
  const own = await readFilters(given({ since, until, text }), environment);
  const sessions = await readFilters(others, environment);
  const { project: _, ...rest } = sessions.query;
  return {
    query: {
      sessions: sessions.query,
      // Only the folder of a session that is gone is known.
      isSessionOnly: Object.keys(rest).length > 0,
      sinceMs: own.query.sinceMs ?? -Infinity,
      beforeMs: own.query.beforeMs ?? Infinity,
      words: (own.query.words ?? []).map((word) => word.toLowerCase()),
    },
    ages: [...own.ages, ...sessions.ages],
  };
}

function given({ since, until, text }: Record<'since' | 'until' | 'text', string | undefined>): Filters {
  return {
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(text === undefined ? {} : { text }),
  };
}
