import type { Workplace } from '../../claude/workplace.js';
import { readFilters, type Filters, type ResolvedAge } from '../select/filters.js';
import type { Query } from '../select/select.js';

/** Which prompts: filters of their sessions, and of the prompts themselves. */
export interface PromptQuery {
  /** Filters of the sessions. */
  sessions: Query;
  /** Some filter was given that nothing is known of for a session that is gone. */
  isSessionOnly: boolean;
  /** The prompt's own time, milliseconds: at or after. */
  sinceMs: number;
  /** Before this. */
  beforeMs: number;
  /** Words that the prompt contains, all of them, any case. */
  words: readonly string[];
}

/**
 * The query that filters describe: those of `list`, of which `since`, `until` and `text` are about the prompts
 * themselves. Throws usage errors.
 */
export async function readPromptFilters(
  filters: Filters,
  workplace: Pick<Workplace, 'now' | 'cwd' | 'home' | 'env'>,
): Promise<{ query: PromptQuery; ages: ResolvedAge[] }> {
  const { since, until, text, ...others } = filters;
  const own = await readFilters(given({ since, until, text }), workplace);
  const sessions = await readFilters(others, workplace);
  const { project: _, ...rest } = sessions.query;
  return {
    query: {
      sessions: sessions.query,
      // Of a session that is gone, its folder is all that is known.
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
