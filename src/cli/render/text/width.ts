import { graphemes, widthOf } from '../../../tui/text.js';

export { widthOf };

const ELLIPSIS = '…';
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
