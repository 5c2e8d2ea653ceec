import type { SearchQuery, Term } from '../query/model.js';
import { requiredText } from '../raw/literal.js';
import { trigramHash } from './trigram-hash.js';

/** Runs of a query that every transcript with a match holds, as hashes of their trigrams. */
export interface FilterQuery {
  /** Hashes of the trigrams of each run. */
  runs: readonly (readonly number[])[];
}

/** Longest part of a run that is looked up: with its overlap, one block holds all of an occurrence. */
const MAX_RUN = 48;
/** A shorter run has no trigram. */
const MIN_RUN = 3;

/** Null for a query that filters cannot help: its terms are short, or not of plain ASCII characters. */
export function filterQueryOf({ terms }: SearchQuery): FilterQuery | null {
  const runs = terms
    .flatMap(runsOf)
    .map((text) => Array.from({ length: text.length - 2 }, (_, at) => trigramHash(text, at)));
  return runs.length === 0 ? null : { runs };
}

/** Runs of characters that have one form in JSON, whatever the case. */
function runsOf(term: Term): string[] {
  const text = term.kind === 'regexp' ? (requiredText(term) ?? '') : term.folded;
  // `ss` may be written `ß`, and an `s` at an end may be a half of it.
  const plain = text.replace(/ss+|^s|s$/gi, '\0').split(/[^ !#-.0-[\]-~]+/);
  return plain.map((run) => run.slice(0, MAX_RUN)).filter((run) => run.length >= MIN_RUN);
}

/** True if a block with these bits, a power of two of them, may hold a run. */
export function mayHold(run: readonly number[], bits: Uint8Array): boolean {
  const mask = bits.length * 8 - 1;
  for (const hash of run) {
    const bit = hash & mask;
    if (((bits[bit >> 3] ?? 0) & (1 << (bit & 7))) === 0) return false;
  }
  return true;
}
