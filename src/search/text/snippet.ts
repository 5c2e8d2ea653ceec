import type { Occurrences } from '../query/matcher.js';
import type { Range } from '../query/model.js';

/** A line of text around a match. */
export interface Snippet {
  /** On one line: runs of blanks and line breaks are one space. `…` at an end means that text was left out there. */
  text: string;
  /** Positions of matches in `text`, in UTF-16 code units. */
  ranges: Range[];
}

/** Maximum length of a snippet in characters, except for a longer match. */
const MAX_SNIPPET = 240;
/** Characters before the match. */
const LEAD = 60;
const MAX_RANGES = 50;
const ELLIPSIS = '…';

/** The part of a text where the terms are closest to each other. */
export function snippetOf(text: string, { ranges, closest }: Occurrences): Snippet {
  const from = atWord(text, Math.max(0, closest[0] - LEAD), closest[0]);
  const to = Math.min(text.length, from + MAX_SNIPPET);
  const marks = ranges.filter(([start, end]) => start < to && end > from).slice(0, MAX_RANGES);
  const built = new Line(from > 0);
  let at = from;
  for (const [start, end] of marks) {
    built.add(text.slice(at, Math.max(at, start)));
    const [first, last] = [Math.max(at, start), Math.min(end, to)];
    built.addMarked(text.slice(first, whole(text, last)));
    at = whole(text, last);
  }
  built.add(text.slice(at, whole(text, to)));
  return built.finish(to < text.length);
}

/** The start of a word between two positions; the first of them if there is none. */
function atWord(text: string, from: number, before: number): number {
  if (from === 0) return 0;
  const space = text.slice(from, before).search(/\s\S/);
  return space < 0 ? whole(text, from) : from + space + 1;
}

/** A position that splits no surrogate pair: this one or the next. */
function whole(text: string, position: number): number {
  const unit = text.charCodeAt(position);
  return position > 0 && unit >= 0xdc00 && unit <= 0xdfff ? position + 1 : position;
}

/** A line being built, with each run of blanks as one space. */
class Line {
  #text: string;
  readonly #ranges: Range[] = [];

  constructor(isCut: boolean) {
    this.#text = isCut ? ELLIPSIS : '';
  }

  add(part: string): void {
    const line = part.replace(/\s+/g, ' ');
    this.#text += /^$|[ …]$/.test(this.#text) && this.#text.length <= 1 ? line.trimStart() : line;
  }

  addMarked(part: string): void {
    const start = this.#text.length;
    this.#text += part.replace(/\s+/g, ' ');
    if (this.#text.length > start) this.#ranges.push([start, this.#text.length]);
  }

  finish(isCut: boolean): Snippet {
    const last = this.#ranges.at(-1)?.[1] ?? 0;
    const end = Math.max(last, this.#text.trimEnd().length);
    return { text: this.#text.slice(0, end) + (isCut ? ELLIPSIS : ''), ranges: this.#ranges };
  }
}
