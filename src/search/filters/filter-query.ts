import type { SearchQuery, Term } from '../query/model.js';
import { isAscii } from '../query/fold.js';
import { rarestLiteral, requiredText } from '../raw/literal.js';
import { trigramHash } from './trigram-hash.js';

/** Runs of a query that every transcript with a match holds, as hashes of their trigrams. */
export interface FilterQuery {
  runs: readonly FilterRun[];
  /** A run near what the raw search looks for; null if none is known. */
  anchor: FilterAnchor | null;
}

/** A run, and the most bytes between it and the ends of its term in a text. */
export interface FilterAnchor {
  run: FilterRun;
  reach: number;
}

/**
 * Hashes of the trigrams of a run at its even positions, and at its odd ones: a filter that holds it has all of either.
 */
export type FilterRun = readonly [even: readonly number[], odd: readonly number[]];

/** Longest part of a run that is looked up: with its overlap, one block holds all of an occurrence. */
const MAX_RUN = 48;
/** A shorter run may have no trigram where a filter has taken it. */
const MIN_RUN = 4;
/** Most bytes that an ASCII character has in JSON (`\u0061`), with room to spare. */
const MAX_FORM = 16;

/** Null for a query that filters cannot help: its terms are short, or not of plain ASCII characters. */
export function filterQueryOf(query: SearchQuery): FilterQuery | null {
  const runs = query.terms.flatMap(runsOf).map(hashesOf);
  return runs.length === 0 ? null : { runs, anchor: anchorOf(query) };
}

function hashesOf(text: string): FilterRun {
  const hashes = Array.from({ length: text.length - 2 }, (_, at) => trigramHash(text, at));
  return [hashes.filter((_, at) => at % 2 === 0), hashes.filter((_, at) => at % 2 === 1)];
}

/** The longest run of the term that the raw search looks for, if that is a word of ASCII characters alone. */
function anchorOf(query: SearchQuery): FilterAnchor | null {
  const term = rarestLiteral(query)?.term;
  if (term === undefined) return null;
  const text = textOf(term);
  const longest = runsOf(term).reduce((best, run) => (run.length > best.length ? run : best), '');
  if (longest === '' || !isAscii(text) || /\s/.test(text)) return null;
  return { run: hashesOf(longest), reach: MAX_FORM * text.length };
}

/** The text that is in every text with the term. */
function textOf(term: Term): string {
  return term.kind === 'regexp' ? (requiredText(term) ?? '') : term.folded;
}

/** Runs of characters that have one form in JSON, whatever the case; a blank may stand where a text is put together. */
function runsOf(term: Term): string[] {
  // `ss` may be written `ß`, and an `s` at an end may be a half of it.
  const plain = textOf(term)
    .replace(/ss+|^s|s$/gi, '\0')
    .split(/[^!#-.0-[\]-~]+/);
  return plain.map((run) => run.slice(0, MAX_RUN)).filter((run) => run.length >= MIN_RUN);
}

/** True if a block may hold a run; its bits, a power of two of them, are `length` bytes from `start` on. */
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
