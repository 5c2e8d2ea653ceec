import type { Screen } from './screen.js';
import { columnWidths, type WidthRange } from '../column-widths.js';
import { cutEnd, cutStart, endedLtr, widthOf } from './width.js';

type Color = (text: string) => string;

/** Text of a cell. `fit` returns the cell for a narrower column if cutting the text is not enough. */
export interface Cell {
  text: string;
  color?: Color | undefined;
  fit?: (width: number) => Omit<Cell, 'fit'>;
}

/** A column of a table. Widths are terminal columns. */
export interface Column<Row> {
  heading: string;
  cell(row: Row): Cell | string;
  /** Default: left. */
  align?: 'left' | 'right';
  /** The side at which cells are cut on a narrow screen; without it, the column keeps its width. */
  shrink?: 'start' | 'end';
  /** Minimum width of a column that shrinks; default: that of its heading. */
  minWidth?: number;
  maxWidth?: number;
  /** Weight of the column when shrinking columns share the available width; default: 1. */
  share?: number;
  /** Minimum screen width at which the column appears; default: always. */
  from?: number;
  /** Leave the column out if all of several rows have the same text in it. */
  hideIfSame?: boolean;
  /** Leave the column out if no row has a text in it. */
  hideIfEmpty?: boolean;
  /** Colour of cells without a colour of their own. */
  color?: Color;
}

const MARGIN = '  ';
const GAP = '  ';
/** Number of rows laid out together, since cli-table3's time grows with their square. */
const BATCH_ROWS = 100;
// A private-use character stands for one column; see `draw`.
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

/**
 * Returns the lines of a borderless table, heading first. Its left margin of two columns may have a character per row,
 * returned by `sign`.
 */
export async function renderTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { width, color }: Pick<Screen, 'width' | 'color'>,
  sign?: (row: Row) => Cell | null,
): Promise<string[]> {
  const laid = columns
    .filter(({ from = 0 }) => width >= from)
    .map((column) => ({ column, cells: rows.map((row) => cellOf(column, row)) }))
    .filter(
      ({ column: { hideIfSame = false, hideIfEmpty = false }, cells: made }) =>
        (!hideIfSame || hasDifferences(made)) && (!hideIfEmpty || made.some(({ text }) => text !== '')),
    );
  const shown = laid.map(({ column }) => column);
  const cells = laid.map((one) => one.cells);
  const widths = columnWidths(
    shown.map((column, at) => rangeOf(column, cells[at] ?? [])),
    width - MARGIN.length,
    GAP.length,
  );
  const headings = shown.map(({ heading }): Cell => ({ text: heading, color: color.dim }));
  const fitted = rows.map((_, row) =>
    shown.map((column, at) => fit(cells[at]?.[row] ?? { text: '' }, widths[at] ?? 0, column)),
  );
  const lines = await draw(
    [headings, ...fitted],
    shown.map(({ align }) => align ?? 'left'),
  );
  const signs = [null, ...rows.map((row) => sign?.(row) ?? null)];
  return lines.map((line, at) => (margin(signs[at] ?? null) + line).trimEnd());
}

function cellOf<Row>({ cell, color }: Column<Row>, row: Row): Cell {
  const made = cell(row);
  return typeof made === 'string' ? { text: made, color } : { color, ...made };
}

function hasDifferences(cells: readonly Cell[]): boolean {
  return cells.length < 2 || cells.some(({ text }) => text !== cells[0]?.text);
}

function rangeOf<Row>({ heading, shrink, minWidth, maxWidth, share }: Column<Row>, cells: readonly Cell[]): WidthRange {
  const least = widthOf(heading);
  const wanted = cells.reduce((widest, { text }) => Math.max(widest, widthOf(text)), least);
  const max = Math.max(least, Math.min(wanted, maxWidth ?? Infinity));
  return { min: shrink === undefined ? max : Math.min(max, minWidth ?? least), max, share: share ?? 1 };
}

function fit<Row>(cell: Cell, width: number, { shrink }: Column<Row>): Cell {
  if (widthOf(cell.text) <= width && cell.fit === undefined) return cell;
  if (cell.fit !== undefined) return { color: cell.color, ...cell.fit(width) };
  return { ...cell, text: (shrink === 'start' ? cutStart : cutEnd)(cell.text, width) };
}

function margin(cell: Cell | null): string {
  return cell === null ? MARGIN : (cell.color ?? String)(cell.text) + MARGIN.slice(widthOf(cell.text));
}

/** Aligns and joins cells that fit, with cli-table3. */
async function draw(rows: readonly (readonly Cell[])[], aligns: ('left' | 'right')[]): Promise<string[]> {
  const { default: Table } = await import('cli-table3');
  const widths = aligns.map((_, at) =>
    rows.reduce((widest, cells) => Math.max(widest, widthOf(cells[at]?.text ?? '')), 0),
  );
  const lines: string[] = [];
  for (let first = 0; first < rows.length; first += BATCH_ROWS) {
    const batch = rows.slice(first, first + BATCH_ROWS);
    const table = new Table({
      chars: NO_BORDERS,
      style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
      colAligns: aligns,
      // cli-table3 treats a width of 0 as unset; an empty column has width 0 anyway.
      colWidths: widths.map((width) => (width === 0 ? null : width)),
    });
    // cli-table3 measures emoji, Thai and Arabic marks wrongly, so it lays out stand-ins of the right width, which are
    // then replaced by the text.
    table.push(...batch.map((cells) => cells.map(({ text }) => STAND_IN.repeat(widthOf(text)))));
    const texts = batch.flatMap((cells) =>
      cells.map((cell, at) => ({ cell, isBeforeFigure: aligns[at + 1] === 'right' })),
    );
    const shown = texts.filter(({ cell }) => widthOf(cell.text) > 0);
    let next = 0;
    const painted = table.toString().replace(new RegExp(`${STAND_IN}+`, 'g'), () => {
      const { cell, isBeforeFigure = false } = shown[next++] ?? {};
      const text = cell === undefined ? '' : (cell.color ?? String)(cell.text);
      return isBeforeFigure ? endedLtr(text) : text;
    });
    lines.push(...painted.split('\n').map((line) => line.trimEnd()));
  }
  return lines;
}
