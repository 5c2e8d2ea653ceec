import type { ChalkInstance } from 'chalk';
import type { Tokens } from 'marked';
import type { Fit } from '../text/fit.js';
import { inlineSpans } from './inline.js';
import { linesOf, plainText, PLAIN, wrapSpans, type Span } from './spans.js';

const SEPARATOR = ' │ ';
const MIN_COLUMN = 4;

/** Returns a Markdown table with wrapped cells, or a list of its rows if columns would become too narrow. */
export function tableLines(table: Tokens.Table, width: number, color: ChalkInstance, fit: Fit): string[] {
  const head = table.header.map(({ tokens }) => inlineSpans(tokens, color, color.bold));
  const rows = table.rows.map((row) => row.map(({ tokens }) => inlineSpans(tokens, color)));
  const columns = columnWidths([head, ...rows], width - SEPARATOR.length * (head.length - 1), fit);
  if (columns === null) return listedRows(head, rows, width, fit);
  const line = color.dim(columns.map((column) => '─'.repeat(column)).join('─┼─'));
  const drawn = (cells: readonly Span[][]): string[] => rowLines(cells, columns, table.align, color, fit);
  return [...drawn(head), line, ...rows.flatMap(drawn)];
}

/** Returns column widths that fit, reducing the widest columns first; null if there is no room for all columns. */
function columnWidths(rows: readonly Span[][][], room: number, fit: Fit): number[] | null {
  const count = rows[0]?.length ?? 0;
  if (room < count * MIN_COLUMN) return null;
  const widths = Array.from({ length: count }, (_, column) =>
    Math.max(1, ...rows.flatMap((row) => linesOf(row[column] ?? []).map((line) => fit.widthOf(plainText(line))))),
  );
  for (let excess = sum(widths) - room; excess > 0; excess = sum(widths) - room) {
    const widest = Math.max(...widths);
    const next = Math.max(MIN_COLUMN, ...widths.filter((width) => width < widest));
    const wide = widths.filter((width) => width === widest).length;
    const step = Math.max(1, Math.min(Math.ceil(excess / wide), widest - next));
    let left = excess;
    for (const [column, width] of widths.entries()) {
      if (width !== widest || left <= 0) continue;
      widths[column] = width - step;
      left -= step;
    }
  }
  return widths;
}

function rowLines(
  cells: readonly Span[][],
  columns: readonly number[],
  align: Tokens.Table['align'],
  color: ChalkInstance,
  fit: Fit,
): string[] {
  const wrapped = columns.map((column, index) => wrapSpans(cells[index] ?? [], column, fit));
  const height = Math.max(...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, at) =>
    columns
      .map((column, index) => {
        const text = wrapped[index]?.[at] ?? '';
        const space = Math.max(0, column - fit.widthOf(text));
        const left = align[index] === 'right' ? space : align[index] === 'center' ? Math.floor(space / 2) : 0;
        return ' '.repeat(left) + text + ' '.repeat(space - left);
      })
      .join(color.dim(SEPARATOR))
      .trimEnd(),
  );
}

function listedRows(head: readonly Span[][], rows: readonly Span[][][], width: number, fit: Fit): string[] {
  return rows.flatMap((row, index) => [
    ...(index === 0 ? [] : ['']),
    ...row.flatMap((cell, column) =>
      wrapSpans([...(head[column] ?? []), { text: ': ', style: PLAIN }, ...cell], width, fit),
    ),
  ]);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
