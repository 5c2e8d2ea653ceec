import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { appendFilters, compactFilters } from '../../../src/search/filters/filter-file.js';
import { type FileFilter, packFilter, unpackFilter } from '../../../src/search/filters/filter-record.js';
import { filterQueryOf } from '../../../src/search/filters/filter-query.js';
import { PendingFilters } from '../../../src/search/filters/pending-filters.js';
import { FilterTable } from '../../../src/search/filters/filter-table.js';
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
    const filter = { path: 'p/a.jsonl', stamp: STAMP, isOpaque, blocks };
    // Filters of other sizes in the same group change nothing.
    const others = [16, 64, 4096].map((size, n): FileFilter => {
      const bits = new Uint8Array(size).fill(n);
      return { path: `p/${size}.jsonl`, stamp: { ...STAMP, ino: size }, isOpaque: false, blocks: [{ size: 9, bits }] };
    });
    appendFilters(folder, path, [filter, ...others]);
    const table = FilterTable.read(path, filterQuery);
    const row = table.find(STAMP) ?? NaN;
    expect(row).toBe(0);
    // The search that makes a filter uses it in the same way as a later one.
    const alone = finder.sketch(fd, bytes.length);
    expect({ isOpaque: alone.isOpaque, blocks: alone.blocks }).toEqual({ isOpaque, blocks });
    expect(possibleSpans(filterQuery, alone)).toEqual(table.mayMatch(row) ? table.spans(row) : []);
    if (!table.mayMatch(row)) return [];
    const spans = table.spans(row);
    const lines = spans === null ? all : finder.candidatesIn(fd, bytes.length, spans);
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
  const filterOf = (path: string, ino: number, size = 1): FileFilter => {
    return { path, stamp: { ...STAMP, ino, size }, isOpaque: true, blocks: [] };
  };
  const namesIn = (path: string) => FilterTable.read(path, null).namesBeyond(new Set()).sort();
  const holds = (path: string, ino: number, size = 1) =>
    FilterTable.read(path, null).find({ ...STAMP, ino, size }) !== undefined;

  test('gives the last record of each file, up to the first that is damaged', () => {
    const path = join(folder, 'many.filters');
    appendFilters(folder, path, [filterOf('p/a.jsonl', 1), filterOf('p/b.jsonl', 2)]);
    appendFilters(folder, path, [filterOf('p/a.jsonl', 1, 9)]);
    expect(namesIn(path)).toEqual(['p/a.jsonl', 'p/b.jsonl']);
    expect([holds(path, 1, 9), holds(path, 1, 8), holds(path, 2), holds(path, 3)]).toEqual([true, false, true, false]);
    const before = readFileSync(path).length;
    appendFilters(folder, path, [filterOf('p/c.jsonl', 3)]);
    const torn = readFileSync(path);
    torn[before + 40] = 255;
    writeFileSync(path, torn);
    appendFilters(folder, path, [filterOf('p/d.jsonl', 4)]);
    expect(namesIn(path)).toHaveLength(2);
    expect(FilterTable.read(path, null).isWasteful).toBe(true);
    compactFilters(path, (name) => name !== 'p/b.jsonl');
    expect(namesIn(path)).toEqual(['p/a.jsonl']);
    appendFilters(folder, path, [filterOf('p/d.jsonl', 4)]);
    expect(namesIn(path)).toEqual(['p/a.jsonl', 'p/d.jsonl']);
    expect(FilterTable.read(path, null).namesBeyond(new Set([4]))).toEqual(['p/a.jsonl']);
  });

  test.each([
    ['size', { size: 2 }],
    ['time of the last write', { mtimeMs: 2.25 }],
    ['time of the last change', { ctimeMs: 4 }],
    ['inode', { ino: 5 }],
  ])('has none of a file with another %s', (_, other) => {
    const path = join(folder, 'states.filters');
    appendFilters(folder, path, [filterOf('p/a.jsonl', 4)]);
    expect(FilterTable.read(path, null).find(STAMP)).toBeDefined();
    expect(FilterTable.read(path, null).find({ ...STAMP, ...other })).toBeUndefined();
  });

  test('knows the files in a folder of tool results as long as it has a filter of each', () => {
    const path = join(folder, 'results.filters');
    const state = { mtimeMs: STAMP.mtimeMs, ctimeMs: STAMP.ctimeMs, ino: 10 };
    const listed = (now = state) => FilterTable.read(path, null).listed('p/a/tool-results', now);
    appendFilters(folder, path, [filterOf('p/a/tool-results/x.txt', 11), filterOf('p/a/tool-results/y.txt', 12)]);
    expect(listed()).toBeNull();
    appendFilters(folder, path, [filterOf('p/a/tool-results', 10, 2)]);
    expect(listed()).toEqual(['x.txt', 'y.txt']);
    expect(listed({ ...state, mtimeMs: 3 })).toBeNull();
    compactFilters(path, (name) => name !== 'p/a/tool-results/y.txt');
    expect(listed()).toBeNull();
  });

  test('with any byte changed holds no filter that was not written', () => {
    const path = join(folder, 'changed.filters');
    const names = ['p/a.jsonl', 'p/b/tool-results', 'p/b/tool-results/x.txt'];
    for (const [n, name] of names.entries())
      appendFilters(folder, join(folder, 'whole.filters'), [filterOf(name, n + 1)]);
    const whole = readFileSync(join(folder, 'whole.filters'));
    fc.assert(
      fc.property(
        fc.nat(whole.length - 1),
        fc.integer({ min: 1, max: 255 }),
        fc.option(fc.nat(whole.length)),
        (at, change, length) => {
          const damaged = Buffer.from(whole.subarray(0, length ?? whole.length));
          if (at < damaged.length) damaged[at] = (damaged[at] ?? 0) ^ change;
          writeFileSync(path, damaged);
          const states = names.map((_, n) => holds(path, n + 1));
          expect(states).toEqual(states.toSorted().reverse());
          compactFilters(path, () => true);
          // A filter whose name is damaged is lost when the file is written anew.
          const left = namesIn(path);
          expect(left).toEqual(names.filter((name) => left.includes(name)));
          expect(FilterTable.read(path, null).isWasteful).toBe(false);
        },
      ),
      { numRuns: rounds(150) },
    );
  });

  test('with any byte of its bits changed has no filter with these bits', () => {
    const path = join(folder, 'bits.filters');
    rmSync(path, { force: true });
    const sizes = [16, 32, 512, 2048, 16];
    const filters = sizes.map((size, n): FileFilter => {
      const bits = Uint8Array.from({ length: size }, (_, at) => (at * 31 + n * 7) & 255);
      return { ...filterOf(`p/${n}.jsonl`, n + 1), isOpaque: false, blocks: [{ size: 99, bits }] };
    });
    appendFilters(folder, path, filters.slice(0, 3));
    appendFilters(folder, path, filters.slice(3));
    const whole = readFileSync(path);
    const query = { runs: [[[5, 77, 4000], [9]]], anchor: { run: [[5, 77, 4000], [9]], reach: 10 } } as const;
    const verdicts = () => {
      const table = FilterTable.read(path, query);
      return filters.map(({ stamp }) => {
        const file = table.find(stamp);
        return file === undefined ? null : [table.mayMatch(file), table.spans(file)];
      });
    };
    const expected = verdicts();
    expect(expected.map((verdict) => verdict?.[0])).toContain(true);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = Buffer.from(whole);
        damaged[at] = (damaged[at] ?? 0) ^ change;
        writeFileSync(path, damaged);
        for (const [n, verdict] of verdicts().entries()) if (verdict !== null) expect(verdict).toEqual(expected[n]);
        compactFilters(path, () => true);
        for (const [n, verdict] of verdicts().entries()) if (verdict !== null) expect(verdict).toEqual(expected[n]);
      }),
      { numRuns: rounds(150) },
    );
  });

  test('passes from thread to thread in one piece', () => {
    const bits = Uint8Array.from({ length: 32 }, (_, at) => at);
    const filter: FileFilter = {
      ...filterOf('p/é.jsonl', 3),
      blocks: [
        { size: 70_000, bits },
        { size: 5, bits },
      ],
    };
    const packed = packFilter(filter);
    expect(packed.length % 8).toBe(0);
    expect(unpackFilter(packed)).toEqual(filter);
  });

  test('is kept in memory until it is written, and the memory is used again', () => {
    const pending = new PendingFilters();
    const some = (from: number): FileFilter[] =>
      Array.from({ length: 40 }, (_, n) => {
        const bits = new Uint8Array(4096).fill(from + n);
        return { ...filterOf(`p/${from + n}.jsonl`, from + n), blocks: [{ size: 9, bits }] };
      });
    for (const from of [1, 100]) {
      for (const filter of some(from)) pending.add(packFilter(filter));
      expect(pending.bytes).toBeGreaterThan(40 * 4096);
      expect(pending.take()).toEqual(some(from));
      expect([pending.bytes, pending.take()]).toEqual([0, []]);
    }
  });

  test('is read with the same result while other work takes turns', async () => {
    const path = join(folder, 'turns.filters');
    appendFilters(folder, path, [filterOf('p/a.jsonl', 1), filterOf('p/b.jsonl', 2)]);
    appendFilters(folder, path, [filterOf('p/b.jsonl', 2, 7)]);
    let turns = 0;
    const always = { isDue: true, give: () => Promise.resolve(void (turns += 1)) };
    expect(await FilterTable.readInTurns(path, null, always)).toEqual(FilterTable.read(path, null));
    expect(turns).toBe(2);
    expect((await FilterTable.readInTurns(folder, null, always)).size).toBe(0);
  });

  test.each(['', 'ccsess', 'something else entirely', 'ccsess-filters\u0009\u0000more'])(
    'of %j has none',
    (content) => {
      const path = join(folder, 'odd.filters');
      writeFileSync(path, content);
      expect(FilterTable.read(path, null).size).toBe(0);
    },
  );

  test('that is a folder, or cannot be created, changes nothing', () => {
    expect(FilterTable.read(folder, null).size).toBe(0);
    expect(appendFilters(folder, folder, [])).toBe(false);
    compactFilters(folder, () => true);
  });
});
