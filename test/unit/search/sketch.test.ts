import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseQuery } from '../../../src/search/query/parse-query.js';
import { RawFinder } from '../../../src/search/raw/finder.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ccsess-sketch-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const finder = RawFinder.of(parseQuery('journal')) as RawFinder;

function isOpaque(content: string): boolean {
  const path = join(folder, 'text');
  writeFileSync(path, content);
  const fd = openSync(path, 'r');
  try {
    return finder.sketch(fd, Buffer.byteLength(content)).isOpaque;
  } finally {
    closeSync(fd);
  }
}

describe('a sketch', () => {
  it.each([
    ['an escape of an ordinary character', '\\u0061'],
    ['a long s', '\u017f'],
    ['a Greek question mark', '\u037e'],
    ['a Kelvin sign', '\u212a'],
    ['a Greek grave accent', '\u1fef'],
  ])('reports %s wherever it is, in files of every length', (_, hidden) => {
    for (let before = 0; before < 70; before += 1)
      for (const after of [0, 1, 40]) {
        const content = `${'x'.repeat(before)}${hidden}${'y'.repeat(after)}`;
        expect([before, after, isOpaque(content)]).toEqual([before, after, true]);
      }
    // On either side of the border of two reads, and of two blocks.
    for (const border of [128 * 1024 - 256, 256 * 1024 - 256, 384 * 1024 - 256])
      for (let before = border - 40; before < border + 40; before += 7)
        expect([before, isOpaque(`${'x'.repeat(before)}${hidden}${'y'.repeat(999)}`)]).toEqual([before, true]);
  });

  it('reports no other pair of bytes', () => {
    const pairs: string[] = [];
    for (let first = 0; first < 0x250; first += 1)
      for (const second of [0x07, 0x2e, 0x2f, 0x3e, 0x3f, 0x45, 0x4f, 0x5e, 0x5f, 0x6a, 0x75, 0x15c, 0x2ff])
        pairs.push(String.fromCharCode(first, second));
    const content = pairs.filter((pair) => !/\\u|[\u017f\u037e]/.test(pair)).join(' ');
    expect([isOpaque(content), isOpaque(`${content}\u017f`)]).toEqual([false, true]);
    expect(isOpaque(`${'\\u001b[31m\u2500\u2084 \u4e2a \u212b \u1fee '.repeat(5000)}\\\\u0061`)).toBe(false);
  });
});
