import type { Row, Span } from '../frame/style.js';
import { rowOfAnsi } from '../frame/ansi.js';
import type { ViewPart } from './source.js';
import type { Position, ViewWindow } from './window.js';

/** Finds the first match in one direction from a position, block by block; null if there is none. */
export function* findMatch(
  window: ViewWindow,
  query: string,
  { from, step }: { from: Position; step: 1 | -1 },
): Generator<void, Position | null> {
  const { source, mode } = window;
  const word = longestWord(query);
  for (let block = from.block; block >= 0 && block < source.count; block += step) {
    if (word === null || source.mayHold(block, mode, word)) {
      const lines = matchingLines(window.block(block).parts, query).filter(
        (line) => block !== from.block || (step > 0 ? line > from.line : line < from.line),
      );
      const line = step > 0 ? lines[0] : lines.at(-1);
      if (line !== undefined) return { block, line };
    }
    yield;
  }
  return null;
}

/** The longest run of ASCII letters and digits in a query, in lower case; null if none has three and a letter. */
function longestWord(query: string): string | null {
  const words = query.toLowerCase().match(/(?<![^\u0000-\u007f])[a-z0-9]{3,}(?![^\u0000-\u007f])/g) ?? [];
  const lettered = words.filter((word) => /[a-z]/.test(word)).sort((a, b) => b.length - a.length);
  return lettered[0] ?? null;
}

/** The lines of a block in which a match begins; it may continue on the next line of its part. */
function matchingLines(parts: readonly ViewPart[], query: string): number[] {
  const found = new Set<number>();
  let first = 0;
  for (const { lines } of parts) {
    const starts: number[] = [];
    let text = '';
    for (const line of lines) {
      starts.push(text.length);
      text += `${textOf(line).trim()} `;
    }
    for (const at of matchesIn(text, query)) found.add(first + starts.findLastIndex((start) => start <= at));
    first += lines.length;
  }
  return [...found].sort((a, b) => a - b);
}

/** Returns a line as a row, with the matches of the query inverted. */
export function highlightedRow(line: string, query: string): Row {
  const row = rowOfAnsi(line);
  const matches = query === '' ? [] : matchesIn(textOf(line), query);
  if (matches.length === 0) return row;
  const isMatched = (at: number): boolean => matches.some((start) => at >= start && at < start + query.length);
  const spans: Span[] = [];
  let position = 0;
  for (const { text, style } of row) {
    for (let at = 0; at < text.length; ) {
      const isInverse = isMatched(position + at);
      let end = at + 1;
      while (end < text.length && isMatched(position + end) === isInverse) end += 1;
      spans.push({ text: text.slice(at, end), style: isInverse ? { ...style, inverse: true } : { ...style } });
      at = end;
    }
    position += text.length;
  }
  return spans;
}

/** Positions of a query in a text; case matters only if the query has a capital. */
function matchesIn(text: string, query: string): number[] {
  const isExact = query !== query.toLowerCase();
  // Some letters are longer in lower case, and positions must be those of the original text.
  const lower = text.toLowerCase();
  const searched = isExact || lower.length !== text.length ? text : lower;
  const positions: number[] = [];
  for (let at = searched.indexOf(query); at >= 0; at = searched.indexOf(query, at + query.length)) positions.push(at);
  return positions;
}

function textOf(line: string): string {
  return line.includes('\u001b')
    ? rowOfAnsi(line)
        .map(({ text }) => text)
        .join('')
    : line;
}
