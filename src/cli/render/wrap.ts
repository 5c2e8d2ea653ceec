import type { Fit } from './fit.js';
import { cutEnd, widthOf } from './width.js';

/** For a terminal. */
export const IN_COLUMNS: Fit = { widthOf, cut: cutEnd, wrap: wrapLine };

/**
 * One line broken at spaces into lines of at most `width` columns; a longer word is broken where it must be. Lines
 * that follow keep the indentation of the first.
 */
export function wrapLine(line: string, width: number): string[] {
  if (widthOf(line) <= width) return [line];
  const indent = (/^ */.exec(line)?.[0] ?? '').slice(0, Math.max(0, width - 20));
  const lines: string[] = [];
  let current = indent;
  const push = (): void => {
    lines.push(current.trimEnd());
    current = indent;
  };
  for (const word of line.trimStart().split(/(?<= )(?! )/)) {
    if (current !== indent && widthOf(current) + widthOf(word.trimEnd()) > width) push();
    current += word;
    while (widthOf(current.trimEnd()) > width) {
      const head = fitting(current, width);
      lines.push(head);
      current = indent + current.slice(head.length);
    }
  }
  if (current.trimEnd() !== '') push();
  return lines;
}

/** The longest start of a text that fits, but never nothing. */
function fitting(text: string, width: number): string {
  let end = 0;
  let taken = 0;
  for (const char of text) {
    taken += widthOf(char);
    if (taken > width && end > 0) break;
    end += char.length;
  }
  return text.slice(0, end);
}
