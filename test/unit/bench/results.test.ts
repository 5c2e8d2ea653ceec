import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { limitsSvg } from '../../../bench/picture.mjs';
import { resultFiles } from '../../../bench/report.mjs';

describe('the results of the bench', () => {
  it('follow from the figures that are kept: run node bench/run.mjs --render after a change', () => {
    const files = resultFiles();
    expect(files.map(({ path }) => path.split('/').at(-1))).toEqual(
      expect.arrayContaining(['RESULTS.md', 'speed.svg']),
    );
    for (const { path, content } of files) expect([path, readFileSync(path, 'utf8')]).toEqual([path, content]);
  });

  it('are drawn relative to their limit: a bar of half the limit has half the length, a far longer one is cut', () => {
    const row = { job: '`a <b>`', than: 'c & d', must: 2, aim: 1.5, ratio: 1, verdict: 'aim' };
    const picture = limitsSvg([row, { ...row, ratio: 200, verdict: 'MISSED' }, { ...row, ratio: 2 }], 'Title');
    const lengths = [...picture.matchAll(/<rect x="390" .*?width="([\d.]+)".*?fill="(#\w+)"/g)].map(
      ([, length, fill]) => ({
        length: Number(length),
        fill,
      }),
    );
    const [half, cut, whole] = lengths.map(({ length }) => length);
    expect(whole).toBeCloseTo(2 * (half ?? 0), 0);
    expect(cut).toBeCloseTo(3 * (half ?? 0), 0);
    expect(new Set(lengths.map(({ fill }) => fill)).size).toBe(2);
    expect(picture).toContain('a &lt;b&gt;  /  c &amp; d');
    expect(picture).toContain('200.00 × (2 ×)');
  });
});
