import { graphemes, widthOf } from '../../../tui/text.js';

export { widthOf };

const ELLIPSIS = '…';
/** Hebrew, Arabic and the other scripts that are written from right to left. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
/** Code units in which a column is nearly always full. */
const UNITS_PER_COLUMN = 4;

/** Cut at its end to at most `width` columns, with `…`; never within a character as a reader sees it. */
export function cutEnd(text: string, width: number): string {
  const start = text.slice(0, UNITS_PER_COLUMN * Math.max(0, width) + 1);
  // A prompt of a megabyte is not measured to show its first words.
  const isCut = start.length < text.length && widthOf(start) > width;
  if (!isCut && widthOf(text) <= width) return text;
  return width < 1 ? '' : take(graphemes(isCut ? start : text), width - 1).join('') + ELLIPSIS;
}

/** Cut at its start to at most `width` columns, with `…`: the end of a path says most. */
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
 * Returns a text that takes in no figure behind it on terminals that reorder right-to-left text: if it has such a part,
 * with a mark of direction at its end, which takes no column.
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
