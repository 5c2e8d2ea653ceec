import { CcsessError } from '../../system/errors.js';
import { fold } from './fold.js';
import type { Engine, RegexpTerm, SearchQuery, Term, TextTerm } from './model.js';

/** Options for parsing a query. */
export interface QueryOptions {
  /** By default each word is compared without case unless it has an upper-case letter. */
  case?: 'smart' | 'ignore' | 'exact';
  wholeWords?: boolean;
  /** The engine for regular expressions, `js` by default. */
  engine?: Engine;
}

/** Maximum length of a query in characters. */
const MAX_QUERY = 10_000;
const FLAGS: Readonly<Record<Engine, RegExp>> = { js: /^[imsuv]*$/, re2: /^[imsu]*$/ };
const UPPER = /\p{Lu}/u;

/**
 * Reads a query: words, `"exact phrases"` (with `\"` and `\\`) and `/regular expressions/flags`. Throws USAGE for an
 * empty query, an unclosed quote and a bad regular expression of JavaScript's engine.
 */
export function parseQuery(text: string, options: QueryOptions = {}): SearchQuery {
  if (text.length > MAX_QUERY)
    throw new CcsessError(
      'USAGE',
      `the query is too long: it has ${text.length} characters, and the maximum is ${MAX_QUERY}.`,
    );
  const terms: Term[] = [];
  for (let at = skipSpaces(text, 0); at < text.length; at = skipSpaces(text, at)) {
    const { term, end } = readTerm(text, at, options);
    if (term !== null) terms.push(term);
    at = end;
  }
  if (terms.length === 0) throw new CcsessError('USAGE', 'the query is empty: give a word to search for.');
  return { terms };
}

interface Read {
  /** Null for an empty phrase. */
  term: Term | null;
  end: number;
}

function readTerm(text: string, at: number, options: QueryOptions): Read {
  if (text[at] === '"') return readPhrase(text, at, options);
  const regexp = text[at] === '/' ? readRegexp(text, at, options) : null;
  if (regexp !== null) return regexp;
  const end = nextSpace(text, at);
  return { term: textTerm(text.slice(at, end), options), end };
}

function readPhrase(text: string, at: number, options: QueryOptions): Read {
  let phrase = '';
  for (let next = at + 1; next < text.length; next += 1) {
    const char = text[next] ?? '';
    if (char === '"') return { term: phrase === '' ? null : textTerm(phrase, options), end: next + 1 };
    const escaped = char === '\\' ? text[next + 1] : undefined;
    if (escaped === '"' || escaped === '\\') next += 1;
    phrase += escaped === '"' || escaped === '\\' ? escaped : char;
  }
  throw new CcsessError('USAGE', `the quote at character ${at + 1} of the query is not closed: ${excerpt(text, at)}`, {
    hint: 'close it with another ", or write \\" inside a phrase for a quote itself.',
  });
}

/** Null for a word that begins with a slash, as paths do. */
function readRegexp(text: string, at: number, { wholeWords = false, engine = 'js' }: QueryOptions): Read | null {
  const close = closingSlash(text, at + 1);
  if (close < 0 || close === at + 1) return null;
  const end = nextSpace(text, close);
  const flags = text.slice(close + 1, end);
  if (!FLAGS[engine].test(flags)) return null;
  const source = text.slice(at + 1, close);
  const term: RegexpTerm = { kind: 'regexp', engine, source, flags, isWholeWord: wholeWords };
  if (engine === 'js') checkRegexp(term, at + 1);
  return { term, end };
}

function closingSlash(text: string, from: number): number {
  let isInClass = false;
  for (let at = from; at < text.length; at += 1) {
    const char = text[at];
    if (char === '\\') at += 1;
    else if (char === '[') isInClass = true;
    else if (char === ']') isInClass = false;
    else if (char === '/' && !isInClass) return at;
  }
  return -1;
}

/** Throws USAGE for an invalid expression, with the position of the character that makes it invalid. */
function checkRegexp({ source, flags }: RegexpTerm, offset: number): void {
  const reason = reasonOf(source, flags);
  if (reason === null) return;
  let bad = source.length;
  while (bad > 1 && reasonOf(source.slice(0, bad - 1), flags) !== null) bad -= 1;
  throw new CcsessError(
    'USAGE',
    `the regular expression is not valid at character ${offset + bad} of the query: ${reason}.`,
    { hint: `/${source}/${flags}\n${' '.repeat(bad)}^` },
  );
}

/** The reason why an expression is not valid, in a few words; null if it is. */
function reasonOf(source: string, flags: string): string | null {
  try {
    return new RegExp(source, flags) instanceof RegExp ? null : 'not a regular expression';
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    return (/: ([^:]+)$/.exec(message)?.[1] ?? 'not a regular expression').toLowerCase();
  }
}

function textTerm(text: string, { case: mode = 'smart', wholeWords = false }: QueryOptions): TextTerm {
  const isExact = mode === 'exact' || (mode === 'smart' && UPPER.test(text));
  return { kind: 'text', text, folded: fold(text, isExact), isExact, isWholeWord: wholeWords };
}

function skipSpaces(text: string, from: number): number {
  let at = from;
  while (at < text.length && /\s/.test(text[at] ?? '')) at += 1;
  return at;
}

function nextSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && !/\s/.test(text[at] ?? '')) at += 1;
  return at;
}

function excerpt(text: string, at: number): string {
  return text.length - at > 30 ? `${text.slice(at, at + 30)}…` : text.slice(at);
}
