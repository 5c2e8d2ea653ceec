import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  appendRecords,
  compactRecords,
  encodeFilter,
  readVerdicts,
  readVerdictsInTurns,
} from '../../../src/search/filters/filter-file.js';
import { filterQueryOf } from '../../../src/search/filters/filter-query.js';
import { parseQuery } from '../../../src/search/query/parse-query.js';
import { Matcher } from '../../../src/search/query/matcher.js';
import { possibleSpans } from '../../../src/search/read/possible-spans.js';
import { RawFinder } from '../../../src/search/raw/finder.js';
import { rounds } from '../../support/rounds.js';
import { temporaryFolder } from '../../support/temporary.js';

const BLOCK = 256 * 1024;
const STAMP = { size: 1, mtimeMs: 2.5, ctimeMs: 3, ino: 4 };
const folder = temporaryFolder('filters');

/**
 * Returns the offsets of the lines that may match, by the filter of a file with this content; null if the filter does
 * not help.
 */
function possibleLines(query: string, content: string): number[] | null {
  const parsed = parseQuery(query);
  const filterQuery = filterQueryOf(parsed);
  if (filterQuery === null) return null;
  const text = join(folder, 'text');
  const bytes = Buffer.from(content);
  writeFileSync(text, bytes);
  // The filter is the same for all queries, so one with a literal serves for queries that have none.
  const finder = (RawFinder.of(parsed) ?? RawFinder.of(parseQuery('journal'))) as RawFinder;
  const sketch = finder.newSketch();
  const fd = openSync(text, 'r');
  try {
    const all = finder.candidates(fd, bytes.length, sketch);
    const { isOpaque, blocks } = sketch;
    expect(blocks.reduce((sum, { size }) => sum + size, 0)).toBe(bytes.length);
    const path = join(folder, `${Math.random()}.filters`);
    appendRecords(folder, path, [encodeFilter({ path: 'p/a.jsonl', stamp: STAMP, isOpaque, blocks })]);
    const verdict = readVerdicts(path, filterQuery).byPath.get('p/a.jsonl');
    expect(verdict?.stamp).toEqual(STAMP);
    // The search that makes a filter goes by it as a later one does.
    const alone = finder.sketch(fd, bytes.length);
    expect({ isOpaque: alone.isOpaque, blocks: alone.blocks }).toEqual({ isOpaque, blocks });
    expect(possibleSpans(filterQuery, alone)).toEqual(verdict?.mayMatch === true ? verdict.spans : []);
    if (verdict?.mayMatch !== true) return [];
    const lines = verdict.spans === null ? all : finder.candidatesIn(fd, bytes.length, verdict.spans);
    // Lines found in parts are also found in the whole, with the same length.
    if (RawFinder.of(parsed) !== null) expect(all).toEqual(expect.arrayContaining(lines));
    return lines.map(({ start }) => start);
  } finally {
    closeSync(fd);
  }
}

const PIECES = [...'abeksT/-. 1_', 'ss', 'ß', 'ſ', '\u212a', 'journal', 'Rename', '\\n', '\\"', '\\u0061', 'é', '日本'];
const text = fc.array(fc.constantFrom(...PIECES), { maxLength: 14 }).map((pieces) => pieces.join(''));

describe('the filter of a file', () => {
  test('admits every file that a query matches', () => {
    let matched = 0;
    fc.assert(
      fc.property(
        fc.array(text, { minLength: 1, maxLength: 4 }),
        fc.tuple(fc.nat(10), fc.integer({ min: 3, max: 12 })),
        fc.constantFrom(0, 500, BLOCK - 520, BLOCK - 20, BLOCK + 3, 2 * BLOCK - 300),
        (lines, [from, length], filler) => {
          const decoded = lines.map((line) => (JSON.parse(`{"t":"${line}"}`) as { t: string }).t);
          const query = (decoded[0] ?? '').slice(from, from + length).replace(/["\\/\n]/g, ' ');
          fc.pre(query.trim() !== '');
          const content = `${'x'.repeat(filler)}\n${lines.map((line) => `{"t":"${line}"}`).join('\n')}\n`;
          const possible = possibleLines(query, content);
          const matcher = new Matcher(parseQuery(query));
          if (possible === null || RawFinder.of(parseQuery(query)) === null) return;
          let offset = filler + 1;
          for (const [at, line] of lines.entries()) {
            if (matcher.test([decoded[at] ?? ''])[0] === true) {
              matched += 1;
              expect({ query, line, isPossible: possible.includes(offset) }).toEqual({ query, line, isPossible: true });
            }
            offset += Buffer.byteLength(`{"t":"${line}"}\n`);
          }
        },
      ),
      { numRuns: rounds(200) },
    );
    expect(matched).toBeGreaterThan(rounds(200) / 10);
  });

  test('excludes a file without the text', () => {
    const content = `${'the journal is written before the rename '.repeat(9000)}\n`;
    expect(possibleLines('kumquat', content)).toEqual([]);
    expect(possibleLines('journal kumquat', content)).toEqual([]);
    expect(possibleLines('written before', content)).toEqual([0]);
    expect(possibleLines('/kumq.*t/', content)).toEqual([]);
  });

  test('limits reading to the parts of a file that may hold the rarest term', () => {
    const filler = `{"t":"${'the journal is written '.repeat(99)}"}\n`.repeat(500);
    const long = `{"t":"${'before the rename '.repeat(60_000)} a kumquat ${'x'.repeat(BLOCK)}"}\n`;
    const content = filler + long + filler;
    expect(possibleLines('kumquat journal', content)).toEqual([filler.length]);
    const finder = RawFinder.of(parseQuery('journal')) as RawFinder;
    const fd = openSync(join(folder, 'text'), 'r');
    const [first, ...others] = finder.candidatesIn(fd, content.length, [{ start: 3000, end: 3100 }]);
    closeSync(fd);
    const line = content.indexOf('\n') + 1;
    expect([first, others]).toEqual([{ start: line, end: 2 * line }, []]);
  });

  test.each(['ab', '日本語', '/a|b/', 'ss', '"\\"\\""'])('cannot help a query like %s', (query) => {
    expect(filterQueryOf(parseQuery(query))).toBeNull();
  });
});

describe('a file of filters', () => {
  const record = (path: string, size = 1) =>
    encodeFilter({ path, stamp: { ...STAMP, size }, isOpaque: true, blocks: [] });

  test('gives the last record of each path, up to the first that is damaged', () => {
    const path = join(folder, 'many.filters');
    appendRecords(folder, path, [record('p/a.jsonl'), record('p/b.jsonl')]);
    appendRecords(folder, path, [record('p/a.jsonl', 9)]);
    const sizes = () => [...readVerdicts(path, null).byPath].map(([name, { stamp }]) => [name, stamp.size]);
    expect(sizes()).toEqual([
      ['p/a.jsonl', 9],
      ['p/b.jsonl', 1],
    ]);
    const torn = record('p/c.jsonl');
    torn[20] = 255;
    appendRecords(folder, path, [torn, record('p/d.jsonl')]);
    expect(sizes()).toHaveLength(2);
    expect(readVerdicts(path, null).isWasteful).toBe(true);
    compactRecords(path, (name) => name !== 'p/b.jsonl');
    expect(sizes()).toEqual([['p/a.jsonl', 9]]);
    appendRecords(folder, path, [record('p/d.jsonl')]);
    expect(sizes()).toHaveLength(2);
  });

  test('is read with the same result while other work takes turns', async () => {
    const path = join(folder, 'turns.filters');
    appendRecords(folder, path, [record('p/a.jsonl'), record('p/b.jsonl', 7)]);
    let turns = 0;
    const always = { isDue: true, give: () => Promise.resolve(void (turns += 1)) };
    expect(await readVerdictsInTurns(path, null, always)).toEqual(readVerdicts(path, null));
    expect(turns).toBe(2);
    expect((await readVerdictsInTurns(folder, null, always)).byPath.size).toBe(0);
  });

  test.each(['', 'ccsess', 'something else entirely', 'ccsess-filters\u0009\u0000more'])(
    'of %j has none',
    (content) => {
      const path = join(folder, 'odd.filters');
      writeFileSync(path, content);
      expect(readVerdicts(path, null).byPath.size).toBe(0);
    },
  );

  test('that is a folder, or cannot be created, changes nothing', () => {
    expect(readVerdicts(folder, null).byPath.size).toBe(0);
    expect(appendRecords(folder, folder, [])).toBe(false);
    compactRecords(folder, () => true);
  });
});
