import type { Fit } from './fit.js';
import { cutEnd, widthOf } from './width.js';

/** A text with more characters per column than this is too wide in any case, and need not be measured. */
const SURE_TO_MEASURE = 8;

/** Fits texts to the columns of a terminal. */
export const IN_COLUMNS: Fit = { widthOf, cut: cutEnd, wrap: wrapLine };

/**
 * Wraps a line at spaces into lines of at most `columns` columns (at least one) with the same indentation. A longer
 * word is broken after a `/` if possible.
 */
export function wrapLine(line: string, columns: number): string[] {
  const width = Math.max(1, columns);
  if (widthOf(line) <= width) return [line];
  const indent = (/^ */.exec(line)?.[0] ?? '').slice(0, Math.max(0, width - 20));
  const lines: string[] = [];
  let current = indent;
  const push = (): void => {
    lines.push(current.trimEnd());
    current = indent;
  };
  for (const word of line.trimStart().split(/(?<= )(?! )/)) {
    const isTooWide = widthOf(current) + widthOf(word.trimEnd()) > width;
    // A path that is longer than a line is broken in any case, so it starts on the current line.
    const isLongPath = word.includes('/') && indent.length + widthOf(word.trimEnd()) > width;
    if (current !== indent && isTooWide && !isLongPath) push();
    current += word;
    if (widthOf(current.trimEnd()) > width) current = breakWord(current, { width, indent, lines });
  }
  if (current.trimEnd() !== '') push();
  return lines;
}

/** Breaks a word that is too wide into `lines`, in linear time; returns the rest, for the last line. */
function breakWord(text: string, { width, indent, lines }: { width: number; indent: string; lines: string[] }): string {
  const { length } = text.trimEnd();
  const isRestWide = (at: number): boolean =>
    length - at > SURE_TO_MEASURE * width || widthOf(indent + text.slice(at, length)) > width;
  let at = breakAt(text, 0, width);
  lines.push(text.slice(0, at).trimEnd());
  while (at < length && isRestWide(at)) {
    const next = breakAt(text, at, width - indent.length);
    lines.push(indent + text.slice(at, next));
    at = next;
  }
  return indent + text.slice(at);
}

/**
 * Returns the end of the part of a text from `from` on that fits, preferably after a `/` if the line is then filled
 * well.
 */
function breakAt(text: string, from: number, width: number): number {
  const end = fittingEnd(text, from, width);
  const slash = text.lastIndexOf('/', end - 1) + 1;
  return end < text.length && slash > from + width / 3 ? slash : end;
}

/** Returns the end of the longest part of a text from `from` on that fits, at least one character. */
function fittingEnd(text: string, from: number, width: number): number {
  let taken = 0;
  let at = from;
  while (at < text.length) {
    const char = String.fromCodePoint(text.codePointAt(at) ?? 0);
    taken += widthOf(char);
    if (taken > width && at > from) break;
    at += char.length;
  }
  return at;
}

/** Wraps all lines that are too long (`wrapLine`). */
export function wrapLines(lines: readonly string[], width: number): string[] {
  return lines.flatMap((line) => wrapLine(line, width));
}

/** Joins segments by ` · ` into lines of at most `width` columns, and wraps longer segments. */
export function joinFitting(segments: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const segment of segments) {
    const last = lines.at(-1);
    const longer = last === undefined ? segment : `${last} · ${segment}`;
    if (last !== undefined && widthOf(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(segment);
  }
  return lines.flatMap((line) => wrapLine(line, width));
}
