import { graphemes, widthOf } from '../../../tui/text.js';

export { widthOf };

const ELLIPSIS = '…';
/** Characters of right-to-left scripts, such as Hebrew and Arabic. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
/** Number of code units that nearly always fill a column. */
const UNITS_PER_COLUMN = 4;

/** Cuts a text at its end to at most `width` columns, with `…`, between characters as a reader sees them. */
export function cutEnd(text: string, width: number): string {
  const start = text.slice(0, UNITS_PER_COLUMN * Math.max(0, width) + 1);
  // Avoids measuring a prompt of a megabyte to show its first words.
  const isCut = start.length < text.length && widthOf(start) > width;
  if (!isCut && widthOf(text) <= width) return text;
  return width < 1 ? '' : take(graphemes(isCut ? start : text), width - 1).join('') + ELLIPSIS;
}

/** Cuts a text at its start to at most `width` columns, with `…`: the end of a path matters most. */
export function cutStart(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  return width < 1
    ? ''
    : ELLIPSIS +
        take(graphemes(text).reverse(), width - 1)
          .reverse()
          .join('');
}

/**
 * Appends an invisible direction mark to text with right-to-left parts, so that terminals which reorder it keep the
 * figures after it in their columns.
 */
export function endedLtr(text: string): string {
  return RIGHT_TO_LEFT.test(text) ? `${text}\u200e` : text;
}

function take(parts: readonly string[], width: number): string[] {
  const taken: string[] = [];
  let left = width;
  for (const part of parts) {
    left -= widthOf(part);
    if (left < 0) break;
    taken.push(part);
  }
  return taken;
}
