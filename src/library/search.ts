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
import { checkCount, checkLimit, checkOptions, checkText, momentText, type OptionNames } from './support/options.js';
import { openIndex, reportProblems, surroundingsOf } from './surroundings.js';

/** Choices of a search. `since` and `until` bound the matches' own times. */
export interface SearchOptions extends FilterOptions {
  /** Parts to search; by default all but `meta`. */
  in?: readonly PartKind[];
  /** Also the conversations of subagents. */
  subagents?: boolean;
  /** Also messages that are not on the active branch. */
  allBranches?: boolean;
  /** Find whole words only. */
  wholeWords?: boolean;
  /** By default, case matters for words that have a capital. */
  case?: 'smart' | 'ignore' | 'exact';
  /** The engine for regular expressions, by default `js`; `re2` takes linear time, and has no lookaround. */
  engine?: Engine;
  /** Mask secrets of well-known forms; by default false. */
  redact?: boolean;
  /** Maximum number of matches per session; by default, and with 0, all. */
  maxCount?: number;
  /** Number of messages to give before and after each match (`before`, `after`); by default none. */
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
  in: true,
  subagents: true,
  allBranches: true,
  wholeWords: true,
  case: true,
  engine: true,
  redact: true,
  maxCount: true,
  context: true,
};

/**
 * Matches of a query in all sessions, or those that the options describe, of the newest activity first, each session's
 * as soon as they are found. Rejects with USAGE for what query and options cannot mean, and when aborted.
 */
export async function* searchSessions(query: string, options: SearchOptions = {}): AsyncGenerator<SearchMatch, void> {
  checkOptions(options, NAMES);
  const surroundings = surroundingsOf(options);
  const { until: end, wholeWords = false, case: mode = 'smart', ...others } = options;
  const engine = parseChoice(options.engine ?? 'js', ENGINES, 'engine');
  const parsed = await readQuery(checkText(query, 'query'), { case: mode, wholeWords, engine });
  const limit = checkLimit(options.maxCount, 'maxCount');
  const { query: filter } = await readFilters(filtersOf(others), surroundings);
  const until = end === undefined ? undefined : momentText(end, 'until');
  const now = surroundings.now();
  const beforeMs = until === undefined ? Infinity : await resolveAge(parseAge(until, 'until'), now, until, 'until');
  const scope: SearchScope = {
    ...WHOLE_SCOPE,
    kinds: options.in?.map((kind) => parseChoice(kind, PART_KINDS, 'in')) ?? WHOLE_SCOPE.kinds,
    subagents: options.subagents === true,
    allBranches: options.allBranches === true,
    sinceMs: filter.sinceMs ?? -Infinity,
    beforeMs,
    redact: options.redact === true,
    context: checkCount(options.context ?? 0, 'context'),
  };
  const index = await openIndex(surroundings, indexOptionsOf(filter));
  const { rows } = select(index, filter);
  const { signal, cacheDir } = surroundings;
  const kept = cacheDir === null ? null : { directory: cacheDir, nowMs: surroundings.now() };
  const found = searchRows(index, rows, parsed, {
    ...scope,
    limit,
    filters: kept,
    ...(signal === null ? {} : { signal }),
  });
  for await (const { record, matches } of withOutcome(found, ({ problems }) =>
    reportProblems(problems, surroundings),
  )) {
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
