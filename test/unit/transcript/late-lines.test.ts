import { closeSync, openSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { carryLateLines, type CopiedPart } from '../../../src/transcript/late-lines.js';
import { rounds } from '../../support/rounds.js';
import { temporaryFolder } from '../../support/temporary.js';

const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

/** Carries the late lines of an old file over to a new one, and returns the text of the new one. */
function carried(
  { old, now }: { old: string; now: string },
  copied: CopiedPart,
  { unfinished = false, times = 1 } = {},
): string {
  const folder = temporaryFolder('late');
  const [from, to] = [join(folder, 'old'), join(folder, 'new')];
  writeFileSync(from, old);
  writeFileSync(to, now);
  const fd = openSync(from, 'r');
  const renew = (line: Buffer): Buffer | null => (line.toString() === 'old' ? Buffer.from('new') : null);
  for (let time = 0; time < times; time++) carryLateLines(fd, to, copied, { renew, unfinished });
  closeSync(fd);
  return readFileSync(to, 'utf8');
}

const line = fc.constantFrom('a', 'b', 'c', '');
const few = fc.array(line, { maxLength: 6 });
const some = fc.array(line, { minLength: 1, maxLength: 6 });

describe('late lines', () => {
  test('are in the new file as often as in the old one, even if they are carried over several times', () => {
    fc.assert(
      fc.property(some, few, few, fc.integer({ min: 1, max: 3 }), (copiedLines, late, others, times) => {
        const start = text(copiedLines);
        const copied = { lines: copiedLines.length, bytes: start.length, size: start.length };
        const now = carried({ old: start + text(late), now: start + text(others) }, copied, { times });
        expect(now.startsWith(start + text(others))).toBe(true);
        const behind = now.slice(start.length).split('\n').slice(0, -1);
        const count = (lines: readonly string[], wanted: string): number =>
          lines.filter((line) => line === wanted).length;
        for (const line of ['a', 'b', 'c'])
          expect(count(behind, line)).toBe(Math.max(count(late, line), count(others, line)));
        expect(count(behind, '')).toBe(count(others, ''));
      }),
      { numRuns: rounds(200) },
    );
  });

  test('are rewritten, and recognised in their new form', () => {
    const copied = { lines: 1, bytes: 2, size: 2 };
    expect(carried({ old: 'x\nold\nold\n', now: 'x\nnew\n' }, copied, { times: 2 })).toBe('x\nnew\nnew\n');
  });

  test('are carried over unfinished only if no process will finish them', () => {
    const copied = { lines: 1, bytes: 2, size: 2 };
    expect(carried({ old: 'x\na\nb', now: 'x\n' }, copied)).toBe('x\na\n');
    expect(carried({ old: 'x\na\nb', now: 'x\n' }, copied, { unfinished: true })).toBe('x\na\nb\n');
  });

  test('change nothing, not even the time, of a copy that has them all and perhaps an unfinished last line', () => {
    const copied = { lines: 1, bytes: 2, size: 2 };
    expect(carried({ old: 'x\na\n', now: 'x\na\nb' }, copied)).toBe('x\na\nb');
    // The beginning of the line was copied, and another program finished it.
    const unfinished = { lines: 1, bytes: 2, size: 4 };
    expect(carried({ old: 'x\nab', now: 'x\nabc\n' }, unfinished, { unfinished: true })).toBe('x\nabc\n');
  });

  test('renew the time of the file that they are appended to', () => {
    const folder = temporaryFolder('late');
    const [from, to] = [join(folder, 'old'), join(folder, 'new')];
    writeFileSync(from, 'x\na\n');
    writeFileSync(to, 'x\n');
    utimesSync(to, 1000, 1000);
    const fd = openSync(from, 'r');
    carryLateLines(fd, to, { lines: 1, bytes: 2, size: 2 }, { renew: () => null, unfinished: false });
    closeSync(fd);
    expect([readFileSync(to, 'utf8'), statSync(to).mtimeMs > 1_000_000]).toEqual(['x\na\n', true]);
  });

  test('include a line whose beginning is in the copy, once it is complete', () => {
    const copied = { lines: 1, bytes: 2, size: 4 };
    expect(carried({ old: 'x\nab', now: 'x\nab' }, copied)).toBe('x\nab');
    expect(carried({ old: 'x\nabc\n', now: 'x\nab' }, copied)).toBe('x\nab\nabc\n');
  });
});
