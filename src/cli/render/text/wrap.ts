import type { Fit } from './fit.js';
import { cutEnd, widthOf } from './width.js';

/** Characters a column beyond which a text is taken for wider without being measured. */
const SURE_TO_MEASURE = 8;

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
    if (widthOf(current.trimEnd()) > width) current = breakWord(current, { width, indent, lines });
  }
  if (current.trimEnd() !== '') push();
  return lines;
}

/** Adds what is too wide to `lines`, in time that grows with its length; returns what is left for the last of them. */
function breakWord(text: string, { width, indent, lines }: { width: number; indent: string; lines: string[] }): string {
  const { length } = text.trimEnd();
  const isRestWide = (at: number): boolean =>
    length - at > SURE_TO_MEASURE * width || widthOf(indent + text.slice(at, length)) > width;
  let at = fittingEnd(text, 0, width);
  lines.push(text.slice(0, at));
  while (at < length && isRestWide(at)) {
    const next = fittingEnd(text, at, width - indent.length);
    lines.push(indent + text.slice(at, next));
    at = next;
  }
  return indent + text.slice(at);
}

/** The end of the longest part of a text that fits, from a place on; never the place itself. */
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
