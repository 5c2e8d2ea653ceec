import { BLANK, isSameCell, type Cell } from './cells.js';

const ESC = '\u001b';
/** Maximum number of unchanged cells that are rewritten between changed ones: moving the cursor takes as many bytes. */
const MAX_GAP = 6;

/** The cells of a screen, row by row. */
export type Grid = readonly (readonly Cell[])[];

/**
 * Control sequences that turn the screen `before` into `after`, both of the same size; `null` before means that the
 * screen is blank. Empty if nothing changed.
 */
export function changesBetween(before: Grid | null, after: Grid): string {
  return after.map((cells, at) => rowChanges(before?.[at] ?? null, cells, at + 1)).join('');
}

function rowChanges(before: readonly Cell[] | null, after: readonly Cell[], line: number): string {
  const isChanged = (at: number): boolean => !isSameCell(before?.[at] ?? BLANK, after[at]);
  let first = 0;
  while (first < after.length && !isChanged(first)) first++;
  if (first === after.length) return '';
  const isUncertain = (cells: readonly Cell[] | null): boolean => cells?.some((cell) => cell.isUncertain) ?? false;
  // Terminals may count the columns of these characters differently from string-width, so old cells may not be where
  // they are expected. Such a row is rewritten whole.
  if (isUncertain(before) || isUncertain(after)) return moveTo(line, 0) + eraseLine() + written(after, 0, end(after));
  const text = end(after);
  let out = '';
  for (let at = first; at < text; ) {
    if (!isChanged(at)) {
      at++;
      continue;
    }
    let last = at;
    for (let next = at + 1; next < text && next - last <= MAX_GAP; next++) if (isChanged(next)) last = next;
    out += moveTo(line, at) + written(after, at, last + 1);
    at = last + 1;
  }
  for (let at = text; at < after.length; at++) if (isChanged(at)) return `${out}${moveTo(line, at)}${ESC}[K`;
  return out;
}

/** The column after the last cell that is not blank. */
function end(cells: readonly Cell[]): number {
  let at = cells.length;
  while (at > 0 && isSameCell(cells[at - 1], BLANK)) at--;
  return at;
}

function written(cells: readonly Cell[], from: number, to: number): string {
  let out = '';
  let sgr = '';
  for (let at = from; at < to; at++) {
    const cell = cells[at] ?? BLANK;
    if (cell.width === 0) continue;
    if (cell.sgr !== sgr) out += cell.sgr === '' ? `${ESC}[m` : `${ESC}[0;${cell.sgr}m`;
    sgr = cell.sgr;
    out += cell.text;
    if (cell.isUncertain && at + cell.width < to) out += `${ESC}[${at + cell.width + 1}G`;
  }
  return sgr === '' ? out : `${out}${ESC}[m`;
}

function moveTo(line: number, column: number): string {
  return `${ESC}[${line};${column + 1}H`;
}

function eraseLine(): string {
  return `${ESC}[2K`;
}
