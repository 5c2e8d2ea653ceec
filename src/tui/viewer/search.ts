import type { Row, Span, Style } from '../frame/style.js';
import { rowOfAnsi } from '../frame/ansi.js';
import type { HeldBlock, Position, ViewWindow } from './window.js';

/** A part of a line that belongs to a match; positions are those of the text without colour codes. */
interface Piece {
  /** The line in its block. */
  line: number;
  start: number;
  end: number;
}

/** A match in a block; it has several pieces if it continues on the next line. */
interface Match {
  /** The part it is in, and its number there; both stay the same when the window is resized. */
  key: number;
  nth: number;
  number: number;
  pieces: readonly [Piece, ...Piece[]];
}

/** A match, and the block that it was found in. */
interface FoundMatch extends Match {
  block: number;
}

/** Share of the window above a match that was scrolled to. */
const LEAD_SHARE = 0.25;

/** The match that was gone to is a solid block, the others are underlined: they differ without colours too. */
const CURRENT: Style = { inverse: true, bold: true, dim: false };
const OTHER: Style = { underline: true, bold: true, dim: false, foreground: 'magenta' };

/** A search in a window: the query, and the match that was gone to last. */
export class Search {
  #query = '';
  #current: Match | null = null;
  /** The top of the window when it was at the current match. */
  #topThere: Position | null = null;
  /** Matches by block; a block that changes is another object. */
  #known = new WeakMap<HeldBlock, Match[]>();

  constructor(readonly window: ViewWindow) {}

  /** The query whose matches are marked; empty without one. */
  get query(): string {
    return this.#query;
  }

  /** Marks the matches of another query; none if it is empty. */
  mark(query: string): void {
    this.#query = query;
    this.#current = null;
    this.#known = new WeakMap();
  }

  /** The lines in view as rows, with the matches marked. */
  rows(): Row[] {
    const { window } = this;
    if (this.#query === '') return window.lines().map(rowOfAnsi);
    return window.slices().flatMap(({ block, from, lines }) => {
      const pieces = new Map<number, MarkedPiece[]>();
      for (const match of this.#matchesOf(window.block(block))) {
        const style = isSame(match, this.#current) ? CURRENT : OTHER;
        for (const piece of match.pieces)
          pieces.set(piece.line, [...(pieces.get(piece.line) ?? []), { ...piece, style }]);
      }
      return lines.map((line, at) => markedRow(rowOfAnsi(line), pieces.get(from + at) ?? []));
    });
  }

  /**
   * Finds the next match in one direction, block by block: from the match that was gone to if that is in view, else
   * from the top of the window. Returns null if there is none.
   */
  *find(step: 1 | -1): Generator<void, FoundMatch | null> {
    const { window } = this;
    const { source, mode, top } = window;
    const word = longestWord(this.#query);
    const current = this.#inView();
    const start = current?.block ?? top.block;
    for (let block = start; block >= 0 && block < source.count; block += step) {
      if (word === null || source.mayHold(block, mode, word)) {
        const matches = this.#matchesOf(window.block(block)).filter(
          (match) => block !== start || isBeyond(match, current ?? top.line, step),
        );
        const match = step > 0 ? matches[0] : matches.at(-1);
        if (match !== undefined) return { ...match, block };
      }
      yield;
    }
    return null;
  }

  /** Makes a match the current one, and scrolls to it unless it is in view. */
  goTo(match: FoundMatch): void {
    const { window } = this;
    const position = positionOf(match);
    this.#current = match;
    if (!window.isInView(position)) window.goAbove(position, Math.floor(window.height * LEAD_SHARE));
    this.#topThere = window.top;
  }

  /** The position that the reader is at: the current match until the window is scrolled, then the top line. */
  get position(): Position {
    const { top } = this.window;
    const isThere = top.block === this.#topThere?.block && top.line === this.#topThere.line;
    const match = isThere ? this.#inView() : null;
    return match === null ? top : positionOf(match);
  }

  /** The current match where it is now; null if it is out of view, or gone. */
  #inView(): FoundMatch | null {
    const { window } = this;
    const block = this.#current === null ? null : window.source.blockOf(this.#current.key);
    if (block === null) return null;
    const match = this.#matchesOf(window.block(block)).find((one) => isSame(one, this.#current));
    if (match === undefined) return null;
    const found = { ...match, block };
    return window.isInView(positionOf(found)) ? found : null;
  }

  #matchesOf(block: HeldBlock): Match[] {
    let matches = this.#known.get(block);
    if (matches === undefined) this.#known.set(block, (matches = matchesOf(block, this.#query)));
    return matches;
  }
}

interface MarkedPiece extends Piece {
  style: Style;
}

function positionOf({ block, pieces: [{ line }] }: FoundMatch): Position {
  return { block, line };
}

function isSame(match: Match, other: Match | null): boolean {
  return other !== null && match.key === other.key && match.nth === other.nth && match.number === other.number;
}

/** Returns true if a match follows (or, with -1, precedes) another match of its block or the line at the top. */
function isBeyond({ pieces: [piece] }: Match, from: FoundMatch | number, step: 1 | -1): boolean {
  if (typeof from === 'number') return step > 0 ? piece.line >= from : piece.line < from;
  const [other] = from.pieces;
  const distance = piece.line - other.line || piece.start - other.start;
  return distance * step > 0;
}

/** The longest run of ASCII letters and digits in a query, in lower case; null if none has three and a letter. */
function longestWord(query: string): string | null {
  const words = query.toLowerCase().match(/(?<![^\u0000-\u007f])[a-z0-9]{3,}(?![^\u0000-\u007f])/g) ?? [];
  const lettered = words.filter((word) => /[a-z]/.test(word)).sort((a, b) => b.length - a.length);
  return lettered[0] ?? null;
}

/** Matches in a block, in order. A line of a part continues on the next one. */
function matchesOf({ parts }: HeldBlock, query: string): Match[] {
  const found: Match[] = [];
  const seen = new Map<number, number>();
  let first = 0;
  for (const { key, lines } of parts) {
    const nth = seen.get(key) ?? 0;
    seen.set(key, nth + 1);
    const pieces = piecesIn(lines.map(textOf), first, query);
    found.push(...pieces.map((of, number) => ({ key, nth, number, pieces: of })));
    first += lines.length;
  }
  return found;
}

/** Spaces, and the bar in front of each line of a prompt or a result, which are not text. */
const MARGIN = /^\s*(?:[▌│] )?\s*/;

/** Matches in lines that are continued, each as its pieces; `first` is the number of the first line. */
function piecesIn(lines: readonly string[], first: number, query: string): [Piece, ...Piece[]][] {
  const isExact = query !== query.toLowerCase();
  const margins = lines.map((line) => MARGIN.exec(line)?.[0].length ?? 0);
  const texts = lines.map((line, at) => `${folded(line.slice(margins[at]).trimEnd(), isExact)} `);
  const text = texts.join('');
  const starts: number[] = [];
  for (let at = 0, start = 0; at < texts.length; start += texts[at]?.length ?? 0, at++) starts.push(start);
  const found: [Piece, ...Piece[]][] = [];
  let line = 0;
  for (let at = text.indexOf(query); at >= 0; at = text.indexOf(query, at + query.length)) {
    const pieces: Piece[] = [];
    while (line + 1 < starts.length && (starts[line + 1] ?? 0) <= at) line += 1;
    for (let on = line; on < starts.length && (starts[on] ?? 0) < at + query.length; on++) {
      const [margin = 0, start = 0, length = 0] = [margins[on], starts[on], texts[on]?.length];
      const end = Math.min(at + query.length - start, length - 1);
      pieces.push({ line: first + on, start: margin + Math.max(0, at - start), end: margin + end });
    }
    const [head, ...rest] = pieces;
    if (head !== undefined) found.push([head, ...rest]);
  }
  return found;
}

/** Text in the form in which it is compared: case matters only if the query has a capital. */
function folded(text: string, isExact: boolean): string {
  const lower = isExact ? text : text.toLowerCase();
  // Some letters are longer in lower case, and positions must be those of the original text.
  return lower.length === text.length ? lower : text;
}

function markedRow(row: Row, pieces: readonly MarkedPiece[]): Row {
  if (pieces.length === 0) return row;
  const spans: Span[] = [];
  let position = 0;
  for (const { text, style } of row) {
    const cuts = pieces.flatMap(({ start, end }) => [start - position, end - position]);
    const ends = [...cuts.filter((cut) => cut > 0 && cut < text.length), text.length];
    let at = 0;
    for (const end of ends) {
      const piece = pieces.find(({ start, end: last }) => start <= position + at && position + at < last);
      if (end > at) spans.push({ text: text.slice(at, end), style: { ...style, ...piece?.style } });
      at = Math.max(at, end);
    }
    position += text.length;
  }
  return spans;
}

function textOf(line: string): string {
  return line.includes('\u001b')
    ? rowOfAnsi(line)
        .map(({ text }) => text)
        .join('')
    : line;
}
