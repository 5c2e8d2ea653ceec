import { CcsessError } from '../../../system/errors.js';
import { resolveAge, parseAge } from '../../../grammar/age.js';
import { parseChoice } from '../../../grammar/choice.js';
import { parseCount, parseWhole } from '../../../grammar/count.js';
import { parseSize } from '../../../grammar/size.js';
import { WHOLE_SCOPE } from '../../../search/search.js';
import type { SearchScope } from '../../../search/model.js';
import { ENGINES, type SearchQuery } from '../../../search/query/model.js';
import { readQuery } from '../../../search/query/engine.js';
import { PART_KINDS, type PartKind } from '../../../search/text/parts.js';
import { readFilters } from '../../../sessions/select/filters.js';
import type { HiddenReason } from '../../../sessions/select/listing.js';
import type { Query } from '../../../sessions/select/select.js';
import type { Context } from '../../context.js';
import { alsoListedBy, resolvedAge, writtenFilters, type FilterFlags } from '../filters.js';

/** The flags of `search`, as typed. */
export interface SearchFlags extends FilterFlags {
  in?: string;
  subagents?: boolean;
  allBranches?: boolean;
  all?: boolean;
  wordRegexp?: boolean;
  ignoreCase?: boolean;
  caseSensitive?: boolean;
  engine?: string;
  maxBytes?: string;
  notCurrent?: boolean;
  redact?: boolean;
  sort?: string;
  limit?: string;
  maxCount?: string;
  context?: string;
  ids?: boolean;
  count?: boolean;
  quiet?: boolean;
  jsonl?: boolean;
}

/** Sort orders of the sessions that were found. */
export const SEARCH_SORTS = ['activity', 'relevance'] as const;
export type SearchSort = (typeof SEARCH_SORTS)[number];

/** Form of the output. */
export type SearchForm = 'screen' | 'lines' | 'json' | 'jsonl' | 'ids' | 'counts' | 'quiet';

/** The options of a search. */
export interface SearchRequest {
  query: SearchQuery;
  /** Filters of the sessions. */
  filter: Query;
  /** Projects as typed; null for all. */
  project: readonly string[] | null;
  /** Sessions to search that a list hides by default. */
  alsoListed: readonly HiddenReason[];
  /** The filters as a command line, for messages; empty for none. */
  filters: string;
  scope: SearchScope;
  /** Number of matches to collect per session. */
  kept: number;
  /** Kinds of parts whose matches are printed; the others are counted. */
  shown: readonly PartKind[];
  sort: SearchSort;
  form: SearchForm;
  /** Maximum number of sessions to print. */
  limit: number;
  /** Maximum number of matches to print per session. */
  maxCount: number;
  /** Maximum number of bytes to print. */
  maxBytes: number;
  /** Id of a session to exclude. */
  excludedId: string | null;
  isRedacted: boolean;
  /** Ages in the flags, as resolved times. */
  resolved: readonly string[];
}

const SCREEN_SESSIONS = 20;
const SCREEN_MATCHES = 5;

/** Reads the arguments and flags of `search`. Throws usage errors. */
export async function readSearchRequest(
  words: readonly string[],
  flags: SearchFlags,
  context: Context,
): Promise<SearchRequest> {
  const form = formOf(flags, context);
  const [mode] = [flags.ignoreCase === true ? 'ignore' : flags.caseSensitive === true ? 'exact' : 'smart'] as const;
  if (flags.ignoreCase === true && flags.caseSensitive === true)
    throw new CcsessError('USAGE', '--ignore-case and --case-sensitive cannot be combined.');
  const query = await readQuery(words.join(' '), {
    case: mode,
    wholeWords: flags.wordRegexp === true,
    engine: parseChoice(flags.engine ?? 'js', ENGINES, '--engine'),
  });
  // `--until` limits the matches, not the sessions: one that was active later may have matches before that time.
  const { until, ...others } = flags;
  const { query: filter, ages } = await readFilters(others, context);
  const beforeMs =
    until === undefined ? Infinity : await resolveAge(parseAge(until, '--until'), context.now(), until, '--until');
  if (until !== undefined) ages.push({ option: 'until', text: until, relation: 'before', ms: beforeMs });
  const asked = flags.in === undefined ? null : parseKinds(flags.in);
  const onScreen = form === 'screen';
  const shown = asked ?? WHOLE_SCOPE.kinds.filter((kind) => kind !== 'result');
  const sort = parseChoice(flags.sort ?? 'activity', SEARCH_SORTS, '--sort');
  const maxCount = countOr(flags.maxCount, '--max-count', onScreen ? SCREEN_MATCHES : Infinity);
  return {
    query,
    filter,
    project: flags.project ?? null,
    alsoListed: alsoListedBy(flags),
    filters: writtenFilters(flags),
    scope: {
      // Lines and counts are printed without the number of matches of other kinds.
      kinds: form === 'lines' || form === 'counts' ? shown : (asked ?? WHOLE_SCOPE.kinds),
      subagents: flags.subagents === true,
      allBranches: flags.allBranches === true,
      sinceMs: filter.sinceMs ?? -Infinity,
      beforeMs,
      redact: flags.redact === true,
      context: contextOf(flags.context, form),
      // The relevance of a session depends on all its matches.
      onlyCounted: sort === 'relevance' ? [] : WHOLE_SCOPE.kinds.filter((kind) => !shown.includes(kind)),
      isOneEnough: sort !== 'relevance' && (form === 'ids' || form === 'quiet'),
    },
    kept: sort === 'relevance' ? Infinity : form === 'ids' || form === 'counts' || form === 'quiet' ? 0 : maxCount,
    shown,
    sort,
    form,
    limit: countOr(flags.limit, '--limit', onScreen ? SCREEN_SESSIONS : Infinity),
    maxCount,
    maxBytes: maxBytesOf(flags.maxBytes, form),
    excludedId: flags.notCurrent === true ? (context.env['CLAUDE_CODE_SESSION_ID'] ?? null) : null,
    isRedacted: flags.redact === true,
    resolved: ages.map(resolvedAge),
  };
}

/** Reads a number; 0 means all. */
function countOr(text: string | undefined, flag: string, otherwise: number): number {
  if (text === undefined) return otherwise;
  const count = parseCount(text, flag);
  return count === 0 ? Infinity : count;
}

function contextOf(text: string | undefined, form: SearchForm): number {
  if (text === undefined) return 0;
  if (form !== 'screen' && form !== 'json' && form !== 'jsonl')
    throw new CcsessError('USAGE', '--context needs a terminal, --json or --jsonl.');
  return parseWhole(text, '--context', 0);
}

function maxBytesOf(text: string | undefined, form: SearchForm): number {
  if (text === undefined) return Infinity;
  if (form === 'screen' || form === 'quiet')
    throw new CcsessError('USAGE', '--max-bytes needs --json, --jsonl, -l, -c or a pipe.');
  return parseSize(text, '--max-bytes');
}

function formOf(flags: SearchFlags, { global, stdout }: Context): SearchForm {
  const forms: [SearchForm, string, boolean | undefined][] = [
    ['json', '--json', global.json],
    ['jsonl', '--jsonl', flags.jsonl],
    ['ids', '-l', flags.ids],
    ['counts', '-c', flags.count],
    ['quiet', '--quiet', flags.quiet],
  ];
  const [first, second] = forms.filter(([, , isGiven]) => isGiven === true);
  if (first !== undefined && second !== undefined)
    throw new CcsessError('USAGE', `${first[1]} and ${second[1]} cannot be combined.`);
  return first?.[0] ?? (stdout.isTerminal ? 'screen' : 'lines');
}

function parseKinds(text: string): PartKind[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('all')) return [...PART_KINDS];
  return names.map((name) => parseChoice(name, PART_KINDS, '--in'));
}
