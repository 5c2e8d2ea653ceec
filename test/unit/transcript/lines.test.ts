import { writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lastLinesStart, readLines, readRange, withFile } from '../../../src/transcript/lines.js';
import { temporaryFolder } from '../../support/temporary.js';

const folder = temporaryFolder('lines');
function file(content: string | Buffer): string {
  const path = join(folder, 'file');
  writeFileSync(path, content);
  return path;
}
function linesOf(
  content: string | Buffer,
  range: { start?: number; end?: number } = {},
): [string, number, number, boolean][] {
  return withFile(file(content), (fd) =>
    Array.from(readLines(fd, range), (line) => [line.bytes.toString(), line.start, line.end, line.terminated]),
  );
}

describe('the lines of a file', () => {
  test('have positions; the last one may lack its newline', () => {
    expect(linesOf('one\n\nthree')).toEqual([
      ['one', 0, 4, true],
      ['', 4, 5, true],
      ['three', 5, 10, false],
    ]);
    expect(linesOf('one\r\n')).toEqual([['one\r', 0, 5, true]]);
    expect(linesOf('')).toEqual([]);
  });

  test('can be read from a part of it', () => {
    expect(linesOf('one\ntwo\nthree\n', { start: 4, end: 10 })).toEqual([
      ['two', 4, 8, true],
      ['th', 8, 10, false],
    ]);
  });

  test('can be of any length', () => {
    const long = 'x'.repeat(3_000_000);
    expect(linesOf(`a\n${long}\nb\n`).map(([text]) => text.length)).toEqual([1, 3_000_000, 1]);
  });

  test('joined again are the file', () => {
    const bytes = fc.array(fc.oneof(fc.constant('\n'), fc.string({ maxLength: 5 }), fc.constant('y'.repeat(300_000))), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(bytes, (pieces) => {
        const text = pieces.join('');
        expect(
          linesOf(text)
            .map(([line, , , terminated]) => line + (terminated ? '\n' : ''))
            .join(''),
        ).toBe(text);
      }),
      { numRuns: 60 },
    );
  });

  test('that are too long are skipped, and the others are read as usual', () => {
    const line = fc.integer({ min: 0, max: 12 }).map((length) => 'x'.repeat(length));
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 6 }),
        fc.boolean(),
        fc.integer({ min: 1, max: 10 }),
        (texts, ends, limit) => {
          const content = texts.join('\n') + (ends && texts.length > 0 ? '\n' : '');
          const whole = linesOf(content);
          const limited = withFile(file(content), (fd) =>
            Array.from(readLines(fd, { limit }), ({ bytes, isHeld, start, end, terminated }) => ({
              text: bytes.toString(),
              isHeld,
              place: [start, end, terminated],
            })),
          );
          expect(limited).toEqual(
            whole.map(([text, ...place]) => ({
              text: text.length < limit ? text : '',
              isHeld: text.length < limit,
              place,
            })),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  test('cannot be read from a FIFO, which is refused at once', () => {
    const path = join(folder, 'fifo');
    execFileSync('mkfifo', [path]);
    expect(() => withFile(path, () => null)).toThrow('not a regular file');
  });
});

test('the start of the last lines is the start of the first of them', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: fc.constantFrom('a', 'é'), maxLength: 4 }), { maxLength: 6 }),
      fc.boolean(),
      fc.nat(8),
      (texts, ends, count) => {
        const content = texts.join('\n') + (ends && texts.length > 0 ? '\n' : '');
        const lines = linesOf(content);
        const expected = count === 0 ? Buffer.byteLength(content) : (lines.at(-count)?.[1] ?? 0);
        expect(withFile(file(content), (fd, size) => lastLinesStart(fd, size, count))).toBe(expected);
      },
    ),
  );
});

test('a range is cut where the file ends', () => {
  expect(withFile(file('abcdef'), (fd) => readRange(fd, 2, 100).toString())).toBe('cdef');
});
