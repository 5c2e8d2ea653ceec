import { fold, FoldedPositions } from './fold.js';
import type { Range, RegexpTerm, SearchQuery, TextTerm } from './model.js';
import { BacktrackingRunner, type RegexpRunner } from './regexp-runner.js';

/** Occurrences of the terms of a query in a text. */
export interface Occurrences {
  /** In order, none touching another. */
  ranges: Range[];
  /** The shortest part of the text that holds every term. */
  closest: Range;
}

/** Maximum number of occurrences of one term that are considered. */
const MAX_OCCURRENCES = 1000;
const WORD = /[\p{L}\p{N}\p{M}_]/u;

/** Decides which texts a query matches, and where. */
export class Matcher {
  readonly #texts: readonly TextTerm[];
  readonly #regexps: readonly { term: RegexpTerm; runner: RegexpRunner }[];

  /** `newRunner` creates the runner of a regular expression. */
  constructor(
    { terms }: SearchQuery,
    newRunner: (term: RegexpTerm) => RegexpRunner = (term) => new BacktrackingRunner(term),
  ) {
    this.#texts = terms.filter((term) => term.kind === 'text');
    this.#regexps = terms.filter((term) => term.kind === 'regexp').map((term) => ({ term, runner: newRunner(term) }));
  }

  /** Number of texts that a regular expression took too long for; they count as without a match. */
  get skipped(): number {
    return this.#regexps.reduce((sum, { runner }) => sum + runner.skipped, 0);
  }

  /** For each text, true if it contains every term. */
  test(texts: readonly string[]): boolean[] {
    const result = texts.map((text) => this.#hasTexts(new FoldedForms(text)));
    for (const { term, runner } of this.#regexps) {
      const open = result.flatMap((isOpen, at) => (isOpen ? [at] : []));
      if (open.length === 0) break;
      const left = open.map((at) => texts[at] ?? '');
      const found = term.isWholeWord
        ? regexpRanges(left, term, runner).map((ranges) => ranges.length > 0)
        : runner.test(left);
      open.forEach((at, i) => (result[at] = found[i] === true));
    }
    return result;
  }

  /** Returns for each text the occurrences of all terms; null if a term is missing. */
  find(texts: readonly string[]): (Occurrences | null)[] {
    const result = texts.map((text) => this.#textOccurrences(text));
    for (const { term, runner } of this.#regexps) {
      const open = result.flatMap((ranges, at) => (ranges === null ? [] : [at]));
      if (open.length === 0) break;
      const found = regexpRanges(
        open.map((at) => texts[at] ?? ''),
        term,
        runner,
      );
      for (const [i, at] of open.entries()) {
        const ranges = found[i] ?? [];
        if (ranges.length === 0) result[at] = null;
        else result[at]?.push(ranges);
      }
    }
    return result.map((ranges) =>
      ranges === null ? null : { ranges: joined(ranges.flat()), closest: closestOf(ranges) },
    );
  }

  /** Returns the occurrences of each term but the regular expressions; null if one is missing. */
  #textOccurrences(text: string): Range[][] | null {
    const forms = new FoldedForms(text);
    if (!this.#hasTexts(forms)) return null;
    return this.#texts.map((term) => {
      const positions = forms.positions(term.isExact);
      return textRanges(forms.of(term.isExact), term, MAX_OCCURRENCES).map(([start, end]) => [
        positions.start(start),
        positions.end(end),
      ]);
    });
  }

  #hasTexts(forms: FoldedForms): boolean {
    return this.#texts.every((term) => {
      const form = forms.of(term.isExact);
      return term.isWholeWord ? textRanges(form, term, 1).length > 0 : form.includes(term.folded);
    });
  }
}

/** Returns for each text the matches of an expression, with `isWholeWord` only those of whole words. */
function regexpRanges(texts: readonly string[], { isWholeWord }: RegexpTerm, runner: RegexpRunner): Range[][] {
  const found = runner.find(texts, MAX_OCCURRENCES);
  if (!isWholeWord) return found;
  return found.map((ranges, at) => ranges.filter(([start, end]) => isWord(texts[at] ?? '', start, end)));
}

/** A text in the forms that terms are compared with, each made once. */
class FoldedForms {
  readonly #text: string;
  readonly #forms = new Map<boolean, string>();
  readonly #positions = new Map<boolean, FoldedPositions>();

  constructor(text: string) {
    this.#text = text;
  }

  of(isExact: boolean): string {
    let form = this.#forms.get(isExact);
    if (form === undefined) this.#forms.set(isExact, (form = fold(this.#text, isExact)));
    return form;
  }

  positions(isExact: boolean): FoldedPositions {
    let positions = this.#positions.get(isExact);
    if (positions === undefined) this.#positions.set(isExact, (positions = new FoldedPositions(this.#text, isExact)));
    return positions;
  }
}

function textRanges(folded: string, term: TextTerm, limit: number): Range[] {
  const { length } = term.folded;
  const ranges: Range[] = [];
  for (let at = folded.indexOf(term.folded); at >= 0 && ranges.length < limit; ) {
    const isFound = !term.isWholeWord || isWord(folded, at, at + length);
    if (isFound) ranges.push([at, at + length]);
    at = folded.indexOf(term.folded, at + (isFound ? length : 1));
  }
  return ranges;
}

/** True if neither end of the range is inside a word, between two letters or digits. */
function isWord(text: string, start: number, end: number): boolean {
  return !continues(before(text, start), after(text, start)) && !continues(before(text, end), after(text, end));
}

function continues(left: string, right: string): boolean {
  return WORD.test(left) && WORD.test(right);
}

function before(text: string, at: number): string {
  const unit = text.charCodeAt(at - 1);
  return at > 0 ? text.slice(unit >= 0xdc00 && unit <= 0xdfff ? at - 2 : at - 1, at) : '';
}

function after(text: string, at: number): string {
  const point = text.codePointAt(at);
  return point === undefined ? '' : String.fromCodePoint(point);
}

/** Returns the ranges in order, those that touch or overlap merged. */
function joined(ranges: readonly Range[]): Range[] {
  const result: Range[] = [];
  for (const [start, end] of ranges.toSorted((a, b) => a[0] - b[0] || a[1] - b[1])) {
    const last = result.at(-1);
    if (last !== undefined && start <= last[1]) result[result.length - 1] = [last[0], Math.max(last[1], end)];
    else result.push([start, end]);
  }
  return result;
}

/** The shortest range with one occurrence of each term. */
function closestOf(occurrences: readonly (readonly Range[])[]): Range {
  const all = occurrences
    .flatMap((ranges, term) => ranges.map((range) => ({ range, term })))
    .toSorted((a, b) => a.range[0] - b.range[0]);
  const last = new Map<number, Range>();
  let best: Range = [0, Infinity];
  for (const { range, term } of all) {
    last.set(term, range);
    if (last.size < occurrences.length) continue;
    const start = Math.min(...[...last.values()].map(([from]) => from));
    const end = Math.max(...[...last.values()].map(([, to]) => to));
    if (end - start < best[1] - best[0]) best = [start, end];
  }
  return best;
}
