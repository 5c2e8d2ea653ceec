import type { Match, SearchScope } from '../search/model.js';
import { readQuery } from '../search/query/engine.js';
import { ENGINES, type Engine } from '../search/query/model.js';
import { searchSessions as searchRows, WHOLE_SCOPE } from '../search/search.js';
import { PART_KINDS, type PartKind } from '../search/text/parts.js';
import { resolveAge, parseAge } from '../grammar/age.js';
import { maskSecretsIn } from '../redaction/mask-secrets.js';
import { parseChoice } from '../grammar/choice.js';
import { readFilters } from '../sessions/select/filters.js';
import { indexOptionsOf, select } from '../sessions/select/select.js';
import { FILTER_OPTIONS, filtersOf, type FilterOptions } from './sessions.js';
import {
  checkCount,
  checkLimit,
  checkOptions,
  checkText,
  momentText,
  type OptionNames,
  toList,
} from './support/options.js';
import { openIndex, reportProblems, contextOf } from './context.js';

/** Options of a search. `since` and `until` limit the times of matches. */
export interface SearchOptions extends FilterOptions {
  /** Parts to search; by default all except `meta`. */
  in?: readonly PartKind[];
  /** Also search the conversations of subagents. */
  subagents?: boolean;
  /** Also search messages outside the active branch. */
  allBranches?: boolean;
  /** Find whole words only. */
  wholeWords?: boolean;
  /** By default, case matters for words with a capital letter. */
  case?: 'smart' | 'ignore' | 'exact';
  /** Engine for regular expressions, by default `js`; `re2` takes linear time but has no lookaround. */
  engine?: Engine;
  /** Mask secrets of well-known formats; by default false. */
  redact?: boolean;
  /** Maximum number of matches per session; by default, and with 0, all. */
  maxCount?: number;
  /** Number of messages to return before and after each match (`before`, `after`); by default none. */
  context?: number;
}

/** A match with its session (docs/schema/match.schema.json). */
export interface SearchMatch extends Match {
  sessionId: string;
  configDir: string;
  projectDir: string;
  cwd: string | null;
  title: string | null;
}

const NAMES: OptionNames<SearchOptions> = {
  ...FILTER_OPTIONS,
  in: 'other',
  subagents: 'boolean',
  allBranches: 'boolean',
  wholeWords: 'boolean',
  case: 'string',
  engine: 'string',
  redact: 'boolean',
  maxCount: 'number',
  context: 'number',
};

/**
 * Yields the matches of a query as soon as they are found, in the sessions that match the options, newest activity
 * first. Throws USAGE for an invalid query or options, and when aborted.
 */
export async function* searchSessions(query: string, options: SearchOptions = {}): AsyncGenerator<SearchMatch, void> {
  checkOptions(options, NAMES);
  const context = contextOf(options);
  const { until: end, wholeWords = false, case: mode = 'smart', ...others } = options;
  const engine = parseChoice(options.engine ?? 'js', ENGINES, 'engine');
  const parsed = await readQuery(checkText(query, 'query'), { case: mode, wholeWords, engine });
  const limit = checkLimit(options.maxCount, 'maxCount');
  const { query: filter } = await readFilters(filtersOf(others), context);
  const until = end === undefined ? undefined : momentText(end, 'until');
  const now = context.now();
  const beforeMs = until === undefined ? Infinity : await resolveAge(parseAge(until, 'until'), now, until, 'until');
  const scope: SearchScope = {
    ...WHOLE_SCOPE,
    kinds:
      options.in === undefined
        ? WHOLE_SCOPE.kinds
        : toList(options.in, 'in').map((kind) => parseChoice(kind, PART_KINDS, 'in')),
    subagents: options.subagents === true,
    allBranches: options.allBranches === true,
    sinceMs: filter.sinceMs ?? -Infinity,
    beforeMs,
    redact: options.redact === true,
    context: checkCount(options.context ?? 0, 'context'),
  };
  const index = await openIndex(context, indexOptionsOf(filter));
  const { rows } = select(index, filter);
  const { signal, cacheDir } = context;
  const filterCache = cacheDir === null ? null : { directory: cacheDir, nowMs: context.now() };
  const found = searchRows(index, rows, parsed, {
    ...scope,
    limit,
    filters: filterCache,
    ...(signal === null ? {} : { signal }),
  });
  for await (const { record, matches } of withOutcome(found, ({ problems }) => reportProblems(problems, context))) {
    const { id, configDir, projectDir, cwd, title } = scope.redact ? maskSecretsIn(record) : record;
    for (const match of matches) yield { sessionId: id, configDir, projectDir, cwd, title, ...match };
  }
}

/** Yields what a generator yields, and hands on what it returns. */
async function* withOutcome<T, Outcome>(
  found: AsyncGenerator<T, Outcome>,
  done: (outcome: Outcome) => void,
): AsyncGenerator<T, void> {
  done(yield* found);
}
