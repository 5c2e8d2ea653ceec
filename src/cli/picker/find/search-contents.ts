import { CcsessError } from '../../../system/errors.js';
import { parseQuery } from '../../../search/query/parse-query.js';
import type { SearchQuery } from '../../../search/query/model.js';
import { searchSessions, type FilterOptions } from '../../../search/search.js';
import type { SessionIndex } from '../../../session-index/session-index.js';
import type { Entry, Hit } from './entry.js';

/** A search of contents for the picker. */
export interface ContentSearch {
  query: string;
  index: SessionIndex;
  entries: readonly Entry[];
  onFound: (entry: Entry, hit: Hit) => void;
  signal: AbortSignal;
  /** The filters of searches; null if the cache is not to be used. */
  filters: FilterOptions | null;
}

/**
 * Searches the conversations of sessions in their order, and reports each match. Does not reject for an invalid query.
 */
export async function searchContents(search: ContentSearch): Promise<void> {
  const { index, entries, onFound, signal, filters } = search;
  const query = queryOf(search.query);
  if (query === null) return;
  const byRow = new Map(entries.map((entry) => [entry.row, entry]));
  const kinds = ['prompt', 'answer', 'thinking', 'tool', 'result'] as const;
  const options = { limit: 1, isOneEnough: true, signal, kinds, filters, isInBackground: true };
  try {
    for await (const { row, matches } of searchSessions(index, [...byRow.keys()], query, options)) {
      const entry = byRow.get(row);
      if (entry !== undefined && !signal.aborted) onFound(entry, { snippet: matches[0]?.snippet ?? '' });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** A query may be incomplete while it is typed: an open quote matches nothing yet. */
function queryOf(text: string): SearchQuery | null {
  try {
    return parseQuery(text);
  } catch (error) {
    if (error instanceof CcsessError) return null;
    throw error;
  }
}
