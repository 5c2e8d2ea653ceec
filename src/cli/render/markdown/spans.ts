import type { Fit } from '../text/fit.js';

/** Returns a text with colours. */
export type Style = (text: string) => string;

/** A piece of text of one style. */
export interface Span {
  text: string;
  style: Style;
}

/** Leaves text unchanged. */
export const PLAIN: Style = (text) => text;

/** Combines two styles, applying the inner one first. */
export function within(outer: Style, inner: Style): Style {
  if (outer === PLAIN) return inner;
  return inner === PLAIN ? outer : (text) => outer(inner(text));
}

/** Returns the text of spans without styles. */
export function plainText(spans: readonly Span[]): string {
  return spans.map(({ text }) => text).join('');
}

/** Wraps spans into lines of at most `width` columns, at their own line breaks and at spaces. */
export function wrapSpans(spans: readonly Span[], width: number, fit: Fit): string[] {
  return linesOf(spans).flatMap((line) => wrapLine(line, width, fit));
}

/** Splits spans at their line breaks. */
export function linesOf(spans: readonly Span[]): Span[][] {
  const lines: Span[][] = [[]];
  for (const { text, style } of spans) {
    for (const [index, part] of text.split('\n').entries()) {
      if (index > 0) lines.push([]);
      if (part !== '') lines.at(-1)?.push({ text: part, style });
    }
  }
  return lines;
}

function wrapLine(spans: readonly Span[], width: number, fit: Fit): string[] {
  const plain = plainText(spans);
  let at = 0;
  return fit.wrap(plain, width).map((piece) => {
    const body = piece.trim();
    const lead = piece.length - piece.trimStart().length;
    // Only spaces are removed where a line is broken, so each piece begins where the last one ended.
    while (plain[at] === ' ' && !plain.startsWith(body, at)) at += 1;
    const start = at;
    at += body.length;
    return ' '.repeat(lead) + styled(spans, start, at);
  });
}

/** Returns a range of a line in its styles. */
function styled(spans: readonly Span[], start: number, end: number): string {
  let position = 0;
  let result = '';
  for (const { text, style } of spans) {
    const from = Math.max(start, position);
    const to = Math.min(end, position + text.length);
    if (from < to) result += style(text.slice(from - position, to - position));
    position += text.length;
  }
  return result;
}
