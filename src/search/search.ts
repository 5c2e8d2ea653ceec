import type { SessionRecord } from '../session-index/record.js';
import type { SessionIndex, SessionRow } from '../session-index/session-index.js';
import type { Counts, Match, SearchOutcome, SearchScope, SessionMatches } from './model.js';
import { Matcher } from './query/matcher.js';
import type { SearchQuery } from './query/model.js';
import { bestOf } from './read/collector.js';
import { searchSession, type FoundInSession } from './read/search-session.js';
import { PART_KINDS } from './text/parts.js';
import { titleMatch } from './text/title.js';

/** Choices of a search; what is left out narrows nothing. */
export interface SearchOptions extends Partial<SearchScope> {
  /** Matches given of each session, the best of them; by default all. */
  limit?: number;
  /** Ends the search at once; the iteration then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Called with the bytes of transcripts searched so far and in all. */
  onProgress?: (done: number, total: number) => void;
}

/** The scope of a search for which nothing is chosen: everything but what Claude Code itself wrote. */
export const WHOLE_SCOPE: SearchScope = {
  kinds: PART_KINDS.filter((kind) => kind !== 'meta'),
  subagents: false,
  allBranches: false,
  sinceMs: -Infinity,
  beforeMs: Infinity,
};

/** Sessions whose records are read together. */
const RECORDS_AT_ONCE = 64;

/**
 * Searches the transcripts of sessions (rows of the index) and gives those with matches in the order of `rows`, each as
 * soon as it is known. Returns what was searched and what could not be read; nothing on disk makes it reject.
 */
export async function* searchSessions(
  index: SessionIndex,
  rows: readonly SessionRow[],
  query: SearchQuery,
  options: SearchOptions = {},
): AsyncGenerator<SessionMatches, SearchOutcome> {
  const scope: SearchScope = { ...WHOLE_SCOPE, ...options };
  const { limit = Infinity, signal } = options;
  const matcher = new Matcher(query);
  const total = rows.reduce((sum, row) => sum + bytesOf(row, scope), 0);
  const outcome: SearchOutcome = { sessions: rows.length, bytes: total, problems: [] };
  let done = 0;
  for (let first = 0; first < rows.length; first += RECORDS_AT_ONCE) {
    const group = rows.slice(first, first + RECORDS_AT_ONCE);
    const records = index.records(group, { footprint: false });
    for (const [at, row] of group.entries()) {
      signal?.throwIfAborted();
      const record = records[at];
      if (record === undefined) continue;
      const found = searchSession(row.file, scope, limit, matcher);
      outcome.problems.push(...found.problems);
      const matches = withTitle(record, found, scope, limit, matcher);
      if (matches !== null) yield { row, record, ...matches };
      options.onProgress?.((done += bytesOf(row, scope)), total);
      // Lets in whoever wants to abort.
      await new Promise((resolve) => void setImmediate(resolve));
    }
  }
  return outcome;
}

function withTitle(
  record: SessionRecord,
  found: FoundInSession,
  { kinds, sinceMs, beforeMs }: SearchScope,
  limit: number,
  matcher: Matcher,
): { matches: Match[]; counts: Counts } | null {
  const isTimed = sinceMs !== -Infinity || beforeMs !== Infinity;
  const title = kinds.includes('title') && !isTimed ? titleMatch(record, matcher) : null;
  if (title === null) return Object.keys(found.counts).length === 0 ? null : found;
  return { matches: bestOf([title, ...found.matches], limit), counts: { title: 1, ...found.counts } };
}

function bytesOf({ file }: SessionRow, { subagents }: SearchScope): number {
  return file.stamp.size + (subagents ? file.agents.reduce((sum, { stamp }) => sum + stamp.size, 0) : 0);
}
