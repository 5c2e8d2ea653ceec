import { CcsessError } from '../../../system/errors.js';
import { parseQuery } from '../../../search/query/parse-query.js';
import type { SearchQuery } from '../../../search/query/model.js';
import { searchSessions } from '../../../search/search.js';
import type { SessionIndex } from '../../../session-index/session-index.js';
import type { Entry, Hit } from './entry.js';

/** Transcripts up to this size are searched first: a larger one keeps the picker from drawing for a moment. */
const SMALL_BYTES = 8 * 1024 * 1024;

/** A search of contents for the picker. */
export interface ContentSearch {
  query: string;
  index: SessionIndex;
  entries: readonly Entry[];
  onFound: (entry: Entry, hit: Hit) => void;
  /** Ends the search before the next session. */
  signal: AbortSignal;
}

/** Searches the conversations of sessions, small ones first, and reports each match. Never rejects for a bad query. */
export async function searchContents({ query, index, entries, onFound, signal }: ContentSearch): Promise<void> {
  const parsed = queryOf(query);
  if (parsed === null) return;
  const isSmall = ({ row }: Entry): boolean => row.file.stamp.size <= SMALL_BYTES;
  const ordered = [...entries.filter(isSmall), ...entries.filter((entry) => !isSmall(entry))];
  const byRow = new Map(ordered.map((entry) => [entry.row, entry]));
  try {
    const rows = ordered.map(({ row }) => row);
    const kinds = ['prompt', 'answer', 'thinking', 'tool', 'result'] as const;
    for await (const { row, matches, counts } of searchSessions(index, rows, parsed, { limit: 1, signal, kinds })) {
      const entry = byRow.get(row);
      const count = Object.values(counts).reduce((sum, each) => sum + each, 0);
      if (entry !== undefined && !signal.aborted) onFound(entry, { snippet: matches[0]?.snippet ?? '', count });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** A query that is being typed may not be complete: an open quote finds nothing yet. */
function queryOf(text: string): SearchQuery | null {
  try {
    return parseQuery(text);
  } catch (error) {
    if (error instanceof CcsessError) return null;
    throw error;
  }
}
