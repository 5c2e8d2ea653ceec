import type { SearchQuery, Term } from '../query/model.js';
import { isAscii } from '../query/fold.js';
import { frequencyOf, rarestLiteral, requiredText } from '../raw/literal.js';
import { trigramHash } from './trigram-hash.js';

/** Runs of characters that every transcript with a match contains, as hashes of their trigrams. */
export interface FilterQuery {
  runs: readonly FilterRun[];
  /** A run near what the raw search looks for; null if none is known. */
  anchor: FilterAnchor | null;
}

/** A run, and the maximum number of bytes from it to either end of its term. */
export interface FilterAnchor {
  run: FilterRun;
  reach: number;
}

/**
 * Hashes of the trigrams at the even and at the odd positions of a run. The filter of a text with the run has all of
 * the even ones, or all of the odd ones.
 */
export type FilterRun = readonly [even: readonly number[], odd: readonly number[]];

/** Maximum length of the part of a run that is looked up. Blocks overlap by more, so one of them has all of it. */
const MAX_RUN = 48;
/** Minimum length of a run: filters have every other trigram, so they may have none of a shorter one. */
const MIN_RUN = 4;
/** Maximum number of bytes of an ASCII character in JSON (`\u0061`), with room to spare. */
const MAX_FORM = 16;

/** Returns the runs of a query; null if filters cannot help, since its terms are short or not plain ASCII. */
export function filterQueryOf(query: SearchQuery): FilterQuery | null {
  const runs = query.terms.flatMap(runsOf).map(hashesOf);
  return runs.length === 0 ? null : { runs, anchor: anchorOf(query) };
}

/** Returns the hashes of a run, the rarest trigrams first, since they exclude most. */
function hashesOf(text: string): FilterRun {
  const trigrams = Array.from({ length: text.length - 2 }, (_, at) => at);
  trigrams.sort((a, b) => frequencyOf(text.slice(a, a + 3)) - frequencyOf(text.slice(b, b + 3)));
  const hashes = (parity: number): number[] =>
    trigrams.filter((at) => at % 2 === parity).map((at) => trigramHash(text, at));
  return [hashes(0), hashes(1)];
}

/** Returns the longest run of the term that the raw search looks for, if that term is one ASCII word. */
function anchorOf(query: SearchQuery): FilterAnchor | null {
  const term = rarestLiteral(query)?.term;
  if (term === undefined) return null;
  const text = textOf(term);
  const longest = runsOf(term).reduce((best, run) => (run.length > best.length ? run : best), '');
  if (longest === '' || !isAscii(text) || /\s/.test(text)) return null;
  return { run: hashesOf(longest), reach: MAX_FORM * text.length };
}

/** Returns the text that every match of a term contains. */
function textOf(term: Term): string {
  return term.kind === 'regexp' ? (requiredText(term) ?? '') : term.folded;
}

/**
 * Returns the runs of characters that JSON writes in one form, apart from case. A blank ends a run: texts may be joined
 * there.
 */
function runsOf(term: Term): string[] {
  // `ss` may be written `ß`, and an `s` at an end may be a half of it.
  const plain = textOf(term)
    .replace(/ss+|^s|s$/gi, '\0')
    .split(/[^!#-.0-[\]-~]+/);
  return plain.map((run) => run.slice(0, MAX_RUN)).filter((run) => run.length >= MIN_RUN);
}

/** True if a block may hold a run. Its bits are the `length` bytes from `start`; their number is a power of two. */
export function mayHold([even, odd]: FilterRun, bytes: Uint8Array, start: number, length: number): boolean {
  return holdsAll(even, bytes, start, length) || holdsAll(odd, bytes, start, length);
}

function holdsAll(hashes: readonly number[], bytes: Uint8Array, start: number, length: number): boolean {
  const mask = length * 8 - 1;
  for (const hash of hashes) {
    const bit = hash & mask;
    if (((bytes[start + (bit >> 3)] ?? 0) & (1 << (bit & 7))) === 0) return false;
  }
  return true;
}
