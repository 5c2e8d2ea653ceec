import fc from 'fast-check';
import { parseQuery } from '../../src/search/query/parse-query.js';
import { searchSessions, type SearchOptions } from '../../src/search/search.js';
import type { SessionIndex } from '../../src/session-index/session-index.js';
import type { SessionTexts, SlowQuery } from './slow-search.js';

/** Kinds of parts that the slow search knows. */
const KINDS = ['prompt', 'answer', 'thinking', 'tool', 'result'] as const;

/** A query as it is typed, and its parts for the slow search. */
export interface TypedQuery {
  written: string;
  parts: SlowQuery;
}

/** A piece of some text, whole or as words, perhaps with one letter changed, and the query that describes it. */
export function queryFor(texts: readonly string[]): fc.Arbitrary<TypedQuery> {
  return fc
    .tuple(
      fc.integer({ min: 0, max: texts.length - 1 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer({ min: 2, max: 40 }),
      fc.constantFrom('phrase', 'words', 'changed', 'regexp'),
      fc.boolean(),
    )
    .map(([of, where, length, form, isUpper]) => {
      const text = texts[of] ?? '';
      const from = Math.floor(where * Math.max(1, text.length - length));
      const found = text.slice(from, from + length).replace(/\p{Surrogate}/gu, ' ');
      // Other tests cover how blanks and letters are matched.
      const piece =
        (isUpper ? found.toUpperCase() : found)
          .replace(/[ßẞſ\u212a]/g, 'x')
          .replace(/\0/g, ' ')
          .trim() || 'const';
      if (form === 'phrase') return { written: phrase(piece), parts: [piece] };
      if (form === 'changed') return { written: phrase(`${piece}~`), parts: [`${piece}~`] };
      const words = piece.split(/\s+/).slice(0, 3);
      if (form === 'words') return { written: words.map(phrase).join(' '), parts: words };
      const source = words.map((word: string) => word.replace(/[^a-z]/gi, '.')).join('\\s+');
      return { written: `/${source}/i`, parts: [new RegExp(source, 'i')] };
    });
}

function phrase(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** The texts of sessions, one after the other. */
export function allTexts(sessions: Iterable<SessionTexts>): string[] {
  return [...sessions].flatMap((session) => Object.values(session).flatMap((some) => some.map(({ text }) => text)));
}

/** Numbers of matches by kind, by session, as the program finds them. */
export async function countMatches(
  index: SessionIndex,
  query: string,
  options: SearchOptions,
): Promise<Record<string, object>> {
  const found: Record<string, object> = {};
  const scope = { kinds: KINDS, allBranches: true, limit: 0 };
  for await (const { row, counts } of searchSessions(index, index.rows, parseQuery(query), { ...scope, ...options }))
    found[row.file.id] = counts;
  return found;
}
