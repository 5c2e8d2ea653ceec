import { expect, test } from 'vitest';
import { parseQuery } from '../../../src/search/query/parse-query.js';
import { RawFinder } from '../../../src/search/raw/finder.js';

const LINES = ['a fact of the trade', 'a façade', 'a fac\u0327ade', 'naïve code', 'a login'].map((text) =>
  JSON.stringify({ text }),
);

/** Numbers of the lines that are parsed for a query. */
function parsed(query: string): number[] {
  const text = Buffer.from(LINES.map((line) => `${line}\n`).join(''));
  const starts =
    RawFinder.of(parseQuery(query))
      ?.linesIn(text)
      .map(({ start }) => start) ?? [];
  return starts.map((start) => text.toString('utf8', 0, start).split('\n').length - 1);
}

test.each([
  ['façade', [1, 2]],
  ['naïve', [3]],
  ['login', [4]],
])('%s: only lines with a rare part of it are parsed', (query, expected) => {
  expect(parsed(query)).toEqual(expected);
});
