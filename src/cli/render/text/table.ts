import { widthOf } from './width.js';

/** One column: its heading and the side its cells stand on. */
export interface Column {
  heading: string;
  align?: 'left' | 'right';
}

/** Plain text of a cell, and how it is coloured once it is laid out. */
export interface Cell {
  text: string;
  paint?: (text: string) => string;
}

const GAP = '  ';
/** Rows laid out together: the time cli-table3 takes grows with the square of their number. */
const BATCH_ROWS = 100;
// A private character stands for one column; see below.
const STAND_IN = '\ue000';
const NO_BORDERS = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: GAP,
};

/** Columns between two cells. */
export const GAP_WIDTH = GAP.length;

/**
 * Lines of a borderless table, the heading first, no spaces at their ends. Columns are as wide as their
 * widest cell; cells are cut before (`cutEnd`), not here.
 */
export async function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  paintHeading: (text: string) => string,
): Promise<string[]> {
  const { default: Table } = await import('cli-table3');
  const all = [columns.map(({ heading }): Cell => ({ text: heading, paint: paintHeading })), ...rows];
  // cli-table3 measures by an old table of widths (emoji, Thai and Arabic marks come out wrong), so it lays
  // out stand-ins of the right width, which are then exchanged for the text.
  const widths = columns.map((_, at) =>
    all.reduce((widest, cells) => Math.max(widest, widthOf(cells[at]?.text ?? '')), 0),
  );
  const lines: string[] = [];
  for (let first = 0; first < all.length; first += BATCH_ROWS) {
    const batch = all.slice(first, first + BATCH_ROWS);
    const table = new Table({
      chars: NO_BORDERS,
      style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
      colAligns: columns.map(({ align }) => align ?? 'left'),
      // A width of 0 means none to cli-table3, and comes to nothing all the same.
      colWidths: widths.map((width) => (width === 0 ? null : width)),
    });
    table.push(...batch.map((cells) => cells.map(({ text }) => STAND_IN.repeat(widthOf(text)))));
    const texts = batch.flat().filter(({ text }) => widthOf(text) > 0);
    let next = 0;
    const painted = table.toString().replace(new RegExp(`${STAND_IN}+`, 'g'), () => {
      const cell = texts[next++];
      return cell === undefined ? '' : (cell.paint ?? String)(cell.text);
    });
    lines.push(...painted.split('\n').map((line) => line.trimEnd()));
  }
  return lines;
}

/** Widest cell of a column, its heading included. */
export function columnWidth(heading: string, texts: readonly string[]): number {
  return texts.reduce((widest, text) => Math.max(widest, widthOf(text)), widthOf(heading));
}

/** Joins what belongs together by ` · `, and breaks lines between two of them where one would not fit. */
export function joinFitting(segments: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const segment of segments) {
    const last = lines.at(-1);
    const longer = last === undefined ? segment : `${last} · ${segment}`;
    if (last !== undefined && widthOf(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(segment);
  }
  return lines;
}
