import { rowWidth, spanOf } from '../../../tui/frame/row.js';
import type { Row, Span, Style } from '../../../tui/frame/style.js';
import { rangesIn } from '../find/match.js';

/** Styles of the picker. They use the terminal's own colours only, and so suit light and dark backgrounds. */
export const THEME = {
  dim: { dim: true },
  bold: { bold: true },
  bar: { foreground: 'magenta', bold: true },
  selected: { foreground: 'magenta', bold: true },
  match: { foreground: 'magenta', bold: true, underline: true },
  // Plain blue is unreadable on the black of xterm, of macOS and of the Windows console.
  folder: { foreground: 'bright-blue' },
  branch: { foreground: 'cyan' },
  live: { foreground: 'green' },
  waiting: { foreground: 'yellow', bold: true },
  idle: { foreground: 'yellow' },
  pinned: { foreground: 'yellow' },
  mark: { foreground: 'magenta', bold: true },
  error: { foreground: 'red', bold: true },
  key: { foreground: 'cyan' },
} as const satisfies Record<string, Style>;

/** Marks the words of a query in a text by weight and underline, not by colour alone. */
export function marked(text: string, words: readonly string[], style?: Style): Span[] {
  const spans: Span[] = [];
  let at = 0;
  for (const [start, end] of rangesIn(text, words)) {
    if (start > at) spans.push(spanOf(text.slice(at, start), style));
    spans.push({ text: text.slice(start, end), style: { ...style, dim: false, ...THEME.match } });
    at = end;
  }
  if (at < text.length) spans.push(spanOf(text.slice(at), style));
  return spans;
}

/** Returns a row with one part at each end; the right one is left out if both do not fit. */
export function justifiedRow(left: Row, right: Row, width: number): Row {
  const gap = width - rowWidth(left) - rowWidth(right);
  return gap < 1 ? left : [...left, spanOf(' '.repeat(gap)), ...right];
}
