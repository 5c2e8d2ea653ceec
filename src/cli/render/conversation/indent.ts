import { sanitize } from '../text/sanitize.js';
import type { PageScreen } from '../text/screen.js';

/** Indentation of everything below a heading. */
export const INDENT = '    ';
const MIN_WIDTH = 20;

/** Returns the number of columns for text after the indentation and `mark`. */
export function textWidth(screen: PageScreen, mark = ''): number {
  return Math.max(MIN_WIDTH, screen.width - INDENT.length - mark.length);
}

/** Returns text as indented lines, safe to print, without blank lines at its ends. */
export function indented(text: string, screen: PageScreen, mark = ''): string[] {
  return plainLines(text, screen, mark).map((line) => (INDENT + mark + line).trimEnd());
}

/** Returns text as lines, safe to print, without blank lines at its ends. */
export function plainLines(text: string, screen: PageScreen, mark = ''): string[] {
  const width = textWidth(screen, mark);
  const whole = text.trimEnd();
  const start = whole.lastIndexOf('\n', whole.length - whole.trimStart().length) + 1;
  const lines: string[] = [];
  for (const line of whole === '' ? [] : whole.slice(start).split(/\r\n?|\n/)) {
    const safe = sanitize(line.includes('\t') ? line.replaceAll('\t', '  ') : line);
    for (const piece of screen.fit.wrap(safe, width)) lines.push(piece.trimEnd());
  }
  return lines;
}
