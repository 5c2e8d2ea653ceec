import { canBeMisspelt, exactMatches, misspeltMatches, type Candidate, type ExactMatches } from './match.js';

/** Below this number of exact matches, words with one wrong letter are looked for as well. */
const MIN_EXACT = 12;
/** Sessions compared letter by letter in one step: a few milliseconds of work. */
const STEP = 2000;
/** Queries whose matches are kept, so that Backspace finds them again. */
const MAX_KEPT = 32;

interface Kept<Session> extends ExactMatches<Session> {
  query: string;
}

/** Sessions with a misspelt word that were found so far. */
interface Misspelt<Session> {
  words: readonly string[];
  /** Sessions compared so far. */
  compared: number;
  found: Session[];
}

/** Finds the matches of successive queries in the same sessions. */
export class Matches<Session extends Candidate> {
  readonly #sessions: readonly Session[];
  /** Each query begins with the one before it. */
  readonly #kept: Kept<Session>[] = [];
  #misspelt: Misspelt<Session> | null = null;
  #query = '';

  constructor(sessions: readonly Session[]) {
    this.#sessions = sessions;
  }

  /** Returns the sessions that match all words, the best first; then those with a misspelt word found so far. */
  find(words: readonly string[]): Session[] {
    const query = words.join(' ');
    const exact = this.#exact(query, words);
    if (query !== this.#query) {
      this.#query = query;
      const isWorthIt = exact.ranked.length < MIN_EXACT && canBeMisspelt(words);
      this.#misspelt = isWorthIt ? { words, compared: 0, found: [] } : null;
    }
    return [...exact.ranked, ...(this.#misspelt?.found ?? [])];
  }

  /** A query that only adds letters is searched in the matches of the one before. */
  #exact(query: string, words: readonly string[]): ExactMatches<Session> {
    while (this.#kept.length > 0 && !query.startsWith(this.#kept.at(-1)?.query ?? '')) this.#kept.pop();
    const last = this.#kept.at(-1);
    if (last?.query === query) return last;
    const found = { query, ...exactMatches(last?.inOrder ?? this.#sessions, words) };
    if (this.#kept.length >= MAX_KEPT) this.#kept.pop();
    this.#kept.push(found);
    return found;
  }

  /** True while sessions with a misspelt word of the last query are looked for. */
  get isIncomplete(): boolean {
    return this.#misspelt !== null && this.#misspelt.compared < this.#sessions.length;
  }

  /** Looks for misspelt words in the next sessions, which `find` then returns as well. */
  findMore(): void {
    const misspelt = this.#misspelt;
    if (misspelt === null) return;
    const next = this.#sessions.slice(misspelt.compared, misspelt.compared + STEP);
    misspelt.compared += next.length;
    const exact = new Set(this.#exact(this.#query, misspelt.words).ranked);
    misspelt.found.push(...misspeltMatches(next, misspelt.words).filter((session) => !exact.has(session)));
  }
}
