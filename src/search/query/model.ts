/** One word, phrase or regular expression of a query. */
export type Term = TextTerm | RegexpTerm;

/** A text to be found. */
export interface TextTerm {
  kind: 'text';
  /** As written, without quotes. */
  text: string;
  /** In the form that texts are compared in (`fold`). */
  folded: string;
  /** Upper and lower case are different. */
  isExact: boolean;
  /** Found only where no letter or digit is next to it. */
  isWholeWord: boolean;
}

/** Engines for regular expressions: JavaScript's own, and RE2, whose time grows only with the text. */
export const ENGINES = ['js', 're2'] as const;
export type Engine = (typeof ENGINES)[number];

/** A regular expression to be found. */
export interface RegexpTerm {
  kind: 'regexp';
  engine: Engine;
  /** In the syntax of the engine. */
  source: string;
  /** Of `i`, `m`, `s`, `u` and, for JavaScript's engine, `v`. */
  flags: string;
  isWholeWord: boolean;
}

/** A parsed query: a part of a session matches if it contains every term. */
export interface SearchQuery {
  terms: readonly Term[];
}

/** Start of a match in a text, and its end (exclusive). */
export type Range = readonly [start: number, end: number];
