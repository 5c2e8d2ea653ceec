import { graphemes, widthOf } from '../text.js';
import type { Row, Span, Style } from './style.js';

const ELLIPSIS = '…';

/** A row of one span. */
export function rowOf(text: string, style?: Style): Row {
  return [spanOf(text, style)];
}

/** A span; without a style, plain text. */
export function spanOf(text: string, style?: Style): Span {
  return style === undefined ? { text } : { text, style };
}

/** Returns the columns of a row. */
export function rowWidth(row: Row): number {
  return row.reduce((sum, { text }) => sum + widthOf(text), 0);
}

/** Returns a row cut at its end to at most `width` columns, with `…` in the style of the removed text. */
export function cutRow(row: Row, width: number): Row {
  if (rowWidth(row) <= width) return row;
  if (width < 1) return [];
  const cut: Span[] = [];
  let left = width - 1;
  for (const span of row) {
    const spanWidth = widthOf(span.text);
    if (spanWidth <= left) {
      cut.push(span);
      left -= spanWidth;
      continue;
    }
    cut.push({ ...span, text: startOf(span.text, left) + ELLIPSIS });
    break;
  }
  return cut;
}

function startOf(text: string, width: number): string {
  let taken = '';
  let left = width;
  for (const grapheme of graphemes(text)) {
    left -= widthOf(grapheme);
    if (left < 0) break;
    taken += grapheme;
  }
  return taken;
}

/** Returns a row of exactly `width` columns: cut, or filled with spaces of the given style. */
export function fitRow(row: Row, width: number, fill?: Style): Row {
  const cut = cutRow(row, width);
  const left = width - rowWidth(cut);
  return left > 0 ? [...cut, spanOf(' '.repeat(left), fill)] : cut;
}

/** Applies a style to each span of a row; attributes that a span has itself win. */
export function restyled(row: Row, style: Style): Row {
  return row.map((span) => ({ text: span.text, style: { ...span.style, ...style } }));
}
