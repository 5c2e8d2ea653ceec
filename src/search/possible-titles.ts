import type { SearchedNames, SessionIndex, SessionRow } from '../session-index/session-index.js';
import type { SearchScope } from './model.js';
import type { SearchQuery } from './query/model.js';
import { RawFinder } from './raw/finder.js';
import { titleQuery } from './text/title.js';

/** Number of sessions whose stored facts are checked first, so that the first match appears immediately. */
const FIRST_ROWS = 500;

/** Options of a search that the choice of titles depends on. */
interface TitleOptions {
  query: SearchQuery;
  scope: SearchScope;
  /** True if this thread has other work, so that a call may take only a few milliseconds. */
  isInBackground: boolean;
}

/** The sessions whose titles may match. Their names are read when the first session is tested. */
export class PossibleTitles {
  readonly #index: SessionIndex;
  readonly #rows: readonly SessionRow[];
  /** Null if any title may match. */
  readonly #finder: RawFinder | null;
  readonly #isSearched: boolean;
  readonly #laterRows: number;
  #names: SearchedNames | null = null;
  /** Position in `rows` after the last one whose facts were read. */
  #read = 0;

  /** `has` must be called in the order of `rows`. */
  constructor(index: SessionIndex, rows: readonly SessionRow[], { query, scope, isInBackground }: TitleOptions) {
    this.#index = index;
    this.#rows = rows;
    // One call for all others reads them in the order in which they are stored.
    this.#laterRows = isInBackground ? FIRST_ROWS : rows.length;
    this.#isSearched = hasTitles(scope);
    // A mask can match in a title, but no file contains it: the facts cannot rule out a title.
    this.#finder = scope.redact ? null : RawFinder.of(titleQuery(query));
  }

  /** True if the title of a session, at a position of the rows, may match. */
  has(row: SessionRow, at: number): boolean {
    const finder = this.#finder;
    if (finder === null || !this.#isSearched) return this.#isSearched;
    this.#names ??= this.#index.names((texts) => finder.linesIn(texts));
    for (;;) {
      const isIn = this.#names.isIn(row);
      if (isIn !== null || at < this.#read) return isIn !== false;
      const next = this.#rows.slice(this.#read, this.#read + (this.#read === 0 ? FIRST_ROWS : this.#laterRows));
      this.#read += next.length;
      this.#names.read(next);
    }
  }

  /** Stores the names that were read, for the next search. */
  save(): void {
    this.#names?.save();
  }
}

/** True if titles are searched: they have no time of their own. */
export function hasTitles({ kinds, sinceMs, beforeMs }: SearchScope): boolean {
  return kinds.includes('title') && sinceMs === -Infinity && beforeMs === Infinity;
}
