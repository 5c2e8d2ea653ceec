import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Tier } from '../../../src/transcript/scanner/scanner.js';
import { openPrices } from '../../../src/usage/prices/price-file.js';
import { temporaryFolder } from '../../support/temporary.js';

const folder = temporaryFolder('prices');
const path = join(folder, 'prices.json');

const TIME = Date.parse('2026-11-20');
const AMOUNTS = {
  input: 1_000_000,
  output: 1_000_000,
  cacheRead: 1_000_000,
  cacheWrite: 1_000_000,
  cacheWrite1h: 250_000,
  webSearches: 2,
};

function open(file: unknown): ReturnType<typeof openPrices> {
  writeFileSync(path, typeof file === 'string' ? file : JSON.stringify(file));
  return openPrices(path);
}

describe('a price file', () => {
  it('sets the prices of models named in full or by prefix, and leaves all others unchanged', () => {
    const prices = open({
      date: '2026-11-01',
      models: {
        'glm-*': { input: 1, output: 2 },
        'glm-4.6-air': {
          input: 10,
          output: 20,
          cacheRead: 1,
          cacheWrite: 4,
          cacheWrite1h: 8,
          webSearch: 0.5,
          tiers: { batch: { input: 5, output: 10 } },
        },
      },
    });
    const cost = (model: string, tier: Tier = 'standard'): number | null =>
      prices.cost(model, { tier, isUsOnly: false }, TIME, AMOUNTS);
    expect(cost('glm-5')).toBe(1 + 2 + 1 + 1);
    expect(cost('glm-4.6-air')).toBe(10 + 20 + 1 + 3 + 2 + 1);
    expect(cost('glm-4.6-air', 'batch')).toBe(5 + 10 + 5 + 5);
    expect(cost('glm-4.6-air', 'fast')).toBe(cost('glm-4.6-air'));
    expect(cost('claude-opus-5-5')).toBeCloseTo(4 + 20 + 0.2 + 3.75 + 2 + 0.02, 12);
    expect(cost('glm')).toBeNull();
    expect(prices.sources[0]).toEqual({ name: path, date: '2026-11-01' });
    expect(prices.cost('glm-5', { tier: 'fast', isUsOnly: true }, TIME, AMOUNTS)).toBe(5);
    expect(prices.price('glm-4.6-air', TIME)).toMatchObject({
      rates: { input: 10 },
      long: null,
      fast: null,
      source: prices.sources[0],
      listed: null,
    });
    expect(['glm-5', 'claude-opus-5-5'].map((model) => prices.isOverridden(model))).toEqual([true, false]);
  });

  it('overrides the built-in prices of a model', () => {
    const prices = open({ models: { 'claude-haiku-5-5': { input: 1, output: 2 } } });
    const cost = (tier: Tier, isUsOnly: boolean): number | null =>
      prices.cost('claude-haiku-5-5', { tier, isUsOnly }, TIME, AMOUNTS);
    expect([cost('standard', false), cost('fast', true)]).toEqual([5, 5]);
  });

  it.each([
    ['{', 'not JSON'],
    [[], 'the file is not an object'],
    [{}, 'models is not an object'],
    [{ models: {}, prices: {} }, "the file has a member 'prices'; known are date, models"],
    [{ date: 'today', models: {} }, 'date is not a date such as 2026-11-01'],
    [{ date: '2026-13-01', models: {} }, 'date is not a date such as 2026-11-01'],
    [{ date: '2026-02-30', models: {} }, 'date is not a date such as 2026-11-01'],
    [{ models: { m: 3 } }, 'model m is not an object'],
    [{ models: { m: { input: 1 } } }, 'm needs input and output, in US dollars per million tokens'],
    [
      { models: { m: { input: 1, output: -2 } } },
      'output of m is not a price: expected US dollars from 0 to a million',
    ],
    [
      { models: { m: { input: 1, output: 1e300 } } },
      'output of m is not a price: expected US dollars from 0 to a million',
    ],
    [
      { models: { m: { input: '1', output: 2 } } },
      'input of m is not a price: expected US dollars from 0 to a million',
    ],
    [
      { models: { m: { input: 1, output: 2, cacheread: 1 } } },
      "model m has a member 'cacheread'; known are input, output, cacheRead, cacheWrite, cacheWrite1h, " +
        'webSearch, tiers',
    ],
    [
      { models: { m: { input: 1, output: 2, tiers: { slow: {} } } } },
      "tiers of m has a member 'slow'; known are priority, batch, fast",
    ],
  ])('%j is refused', (file, what) => {
    expect(() => open(file)).toThrow(
      expect.objectContaining({ code: 'USAGE', message: `prices ${path}: ${what}.` }) as Error,
    );
  });

  it('that does not exist is refused', () => {
    for (const [name, problem] of [
      [join(folder, 'none.json'), 'no such file'],
      [folder, 'cannot be read (EISDIR)'],
    ] as const)
      expect(() => openPrices(name)).toThrow(
        expect.objectContaining({ code: 'USAGE', message: `prices ${name}: ${problem}.` }) as Error,
      );
  });
});
