import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Matcher } from '../../../src/search/query/matcher.js';
import { parseQuery, type QueryOptions } from '../../../src/search/query/parse-query.js';
import { RawFinder } from '../../../src/search/raw/finder.js';
import { rounds } from '../../support/rounds.js';
import { temporaryFolder } from '../../support/temporary.js';

const CHUNK = 128 * 1024;
/** Pieces of texts in which case, accents and escapes have many forms. */
const PIECES = [
  ...'abekstKSE;`/\\"\n\t -19.',
  ...[
    'é',
    'e\u0301',
    'É',
    'ß',
    'ẞ',
    'ſ',
    '\u212a',
    'İ',
    'ς',
    'Σ',
    'σ',
    '\u037e',
    '日',
    '\uf9d2',
    '한',
    '\u1112\u1161\u11ab',
  ],
  ...['😀', '\ud83d', '\u001b[31m', 'journal', 'Rename', '\\u0061', 'ệ', 'e\u0323\u0302', 'ж', 'Ж'],
];

/** A text as some writer of JSON may write it: each character plain, or escaped in one of its ways. */
function written(text: string, choices: readonly number[]): string {
  const short: Record<string, string> = { '"': '\\"', '\\': '\\\\', '/': '\\/', '\n': '\\n', '\t': '\\t' };
  return Array.from({ length: text.length }, (_, at) => {
    const unit = text[at] ?? '';
    const choice = choices[at % choices.length] ?? 0;
    const code = text.charCodeAt(at);
    const escape = `\\u${code.toString(16).padStart(4, '0')}`;
    if (choice === 1) return choice === 1 && at % 2 === 0 ? escape : escape.toUpperCase().replace('\\U', '\\u');
    const isHalf = code >= 0xd800 && code <= 0xdfff;
    const needsEscape = unit < ' ' || unit === '"' || unit === '\\' || (isHalf && !isPaired(text, at));
    return needsEscape || (choice === 2 && unit in short) ? (short[unit] ?? escape) : unit;
  }).join('');
}

function isPaired(text: string, at: number): boolean {
  const code = text.codePointAt(at) ?? 0;
  const before = at > 0 ? (text.codePointAt(at - 1) ?? 0) : 0;
  // Half a surrogate pair that is not escaped would not be valid in UTF-8.
  return code <= 0xffff && before <= 0xffff;
}

const folder = temporaryFolder('raw');

/** Line starts that a finder names in a file of this content; null if the query has no literal. */
function candidates(query: string, options: QueryOptions, content: string): Set<number> | null {
  const finder = RawFinder.of(parseQuery(query, options));
  if (finder === null) return null;
  const path = join(folder, 'lines.jsonl');
  const bytes = Buffer.from(content);
  writeFileSync(path, bytes);
  const fd = openSync(path, 'r');
  try {
    const lines = finder.candidates(fd, bytes.length);
    for (const { start, end } of lines) {
      expect(start === 0 || bytes[start - 1] === 10).toBe(true);
      expect(end === bytes.length || bytes[end - 1] === 10).toBe(true);
      expect(bytes.subarray(start, end - 1).includes(10)).toBe(false);
    }
    return new Set(lines.map(({ start }) => start));
  } finally {
    closeSync(fd);
  }
}

const text = fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }).map((pieces) => pieces.join(''));

describe('the search in raw bytes', () => {
  test('passes over no line that a query matches, however it is written', () => {
    let found = 0;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(text, fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 5 })), {
          minLength: 1,
          maxLength: 6,
        }),
        fc.tuple(fc.nat(5), fc.nat(20), fc.integer({ min: 1, max: 8 })),
        fc.constantFrom('smart', 'ignore', 'exact'),
        fc.constantFrom(0, CHUNK - 400, CHUNK - 40, CHUNK - 260, 2 * CHUNK - 300),
        fc.boolean(),
        (lines, [of, from, length], mode, filler, swap) => {
          const source = lines[of % lines.length]?.[0] ?? '';
          const part = [...source]
            .slice(from % Math.max(1, source.length))
            .slice(0, length)
            .join('');
          const word = (swap ? part.toUpperCase() : part)
            .replaceAll('"', '\\"')
            .replaceAll('\\', '\\\\')
            .replaceAll('\\\\"', '\\"');
          fc.pre(part.trim() !== '' && !/\p{Surrogate}/u.test(part));
          const options: QueryOptions = { case: mode };
          const content = ['x'.repeat(filler), ...lines.map(([one, choices]) => `{"t":"${written(one, choices)}"}`)];
          const query = `"${word}"`;
          const starts = candidates(query, options, content.join('\n'));
          if (starts === null) return;
          const matcher = new Matcher(parseQuery(query, options));
          let offset = 0;
          for (const [at, line] of content.entries()) {
            const decoded = at === 0 ? '' : (JSON.parse(line) as { t: string }).t;
            if (matcher.test([decoded])[0] === true) {
              found += 1;
              expect({ query, line, isCandidate: starts.has(offset) }).toEqual({ query, line, isCandidate: true });
            }
            offset += Buffer.byteLength(line) + 1;
          }
        },
      ),
      { numRuns: rounds(300) },
    );
    expect(found).toBeGreaterThan(rounds(300) / 10);
  });

  test.each([
    ['/rename\\(.*journal/i', 'xx RENAME(a, journal', 'rename a journal'],
    ['/\\d+ errors?/', '12 error', '12 mistakes'],
    ['"a\ta"', 'a\\ta', 'b'],
    ['/fo{2}bar/', 'foobar', 'no'],
    ['/(?:ab)+cde/', 'ababcde', 'ab'],
    ['/[abc]xyz/', 'bxyz', 'abc'],
    ['/Dİ/i', 'dİ', 'x'],
  ])('%s is looked for by a part that it cannot do without', (query, matching, other) => {
    const content = [matching, other].map((one) => `{"t":"${one}"}\n`).join('');
    expect([...(candidates(query, {}, content) ?? [-1])]).toEqual([0]);
  });

  test.each(['/a|b/', '/[abc]/', '/x*/', '/(abc)?/', '/\\u0041bc/', 'ss', '"\\"\\""'])(
    '%s has no such part, and every line is decoded',
    (query) => {
      expect(candidates(query, {}, '')).toBeNull();
    },
  );
});
