import { graphemes, widthOf } from '../text.js';
import { sgrOf, type ColorDepth, type Row } from './style.js';

/** One position of the screen. The second column of a wide character holds `text: ''`. */
export interface Cell {
  readonly text: string;
  /** 2 for a wide character, 0 for its second column. */
  readonly width: 0 | 1 | 2;
  /** Parameters of its style (`sgrOf`). */
  readonly sgr: string;
  /** Terminals may disagree about the width, so the cursor is set explicitly after it. */
  readonly isUncertain: boolean;
}

/** A column without text and without a style. */
export const BLANK: Cell = { text: ' ', width: 1, sgr: '', isUncertain: false };

const SAFE_ASCII = /^[ -~]*$/;
/** Characters whose width every terminal knows: letters, box drawing, kana, Han and Hangul. */
const KNOWN_WIDTH = new RegExp(
  '^[ -~\\u00a1-\\u00ac\\u00ae-\\u017f\\u0391-\\u03c9\\u0400-\\u045f\\u2013-\\u2026\\u2500-\\u259f\\u3001-\\u3029' +
    '\\u3041-\\u3096\\u30a1-\\u30fe\\u3400-\\u4dbf\\u4e00-\\u9fff\\uac00-\\ud7a3\\uff01-\\uff60]$',
  'u',
);
/** Characters that control the terminal instead of being shown: controls, line separators, direction marks. */
const CONTROLLING = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;
const SPACING = /^[\t\r\n]/;
const LONE_SURROGATE = /\p{Surrogate}/gu;

/**
 * Lays out a row in exactly `columns` cells. Characters that would control the terminal are left out, a tab or line
 * break is a space, and a wide character that only half fits is a space.
 */
export function cellsOf(row: Row, columns: number, colors: ColorDepth): Cell[] {
  const cells: Cell[] = [];
  for (const { text, style } of row) {
    if (cells.length >= columns) break;
    addText(cells, text, sgrOf(style, colors), columns);
  }
  while (cells.length < columns) cells.push(BLANK);
  return cells;
}

function addText(cells: Cell[], text: string, sgr: string, columns: number): void {
  // A column takes a few code units at most, so the rest of a text of a megabyte need not be read.
  const visible = text.length > columns * 64 ? text.slice(0, columns * 64) : text;
  if (SAFE_ASCII.test(visible)) {
    for (let at = 0; at < visible.length && cells.length < columns; at++)
      cells.push({ text: visible[at] ?? ' ', width: 1, sgr, isUncertain: false });
    return;
  }
  for (const grapheme of graphemes(visible)) {
    if (cells.length >= columns) return;
    if (SPACING.test(grapheme)) cells.push({ text: ' ', width: 1, sgr, isUncertain: false });
    else if (!CONTROLLING.test(grapheme)) addGrapheme(cells, grapheme.replace(LONE_SURROGATE, '\ufffd'), sgr, columns);
  }
}

function addGrapheme(cells: Cell[], grapheme: string, sgr: string, columns: number): void {
  const width = widthOf(grapheme);
  if (width === 0) return;
  if (width > 1 && cells.length + 2 > columns) {
    cells.push({ text: ' ', width: 1, sgr, isUncertain: false });
    return;
  }
  cells.push({ text: grapheme, width: width > 1 ? 2 : 1, sgr, isUncertain: !KNOWN_WIDTH.test(grapheme) });
  if (width > 1) cells.push({ text: '', width: 0, sgr, isUncertain: false });
}

/** Returns true if two cells look the same. */
export function isSameCell(a: Cell | undefined, b: Cell | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && a.text === b.text && a.sgr === b.sgr && a.width === b.width);
}
