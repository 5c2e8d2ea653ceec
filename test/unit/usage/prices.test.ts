import { readFileSync } from 'node:fs';
import * as genai from '@pydantic/genai-prices';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { listPrices } from '../../../src/usage/prices/list-prices.js';
import { costAt, type Amounts, type Billing, type TimeSpan } from '../../../src/usage/prices/prices.js';
import { PublicPrices, publicPrices, TABLE } from '../../../src/usage/prices/public-prices.js';
import { ANTHROPIC_MODELS } from '../../../src/usage/prices/anthropic-models.js';
import { changesOf } from '../../../src/usage/prices/listed-model.js';
import { anthropicModels } from '../../../scripts/build-prices.mjs';

const { calcPrice, findProvider } = genai;
const NOW = Date.parse('2026-11-20T10:00:00Z');
const NONE: Amounts = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, cacheWrite1h: 0, webSearches: 0 };
const STANDARD: Billing = { tier: 'standard', isUsOnly: false };
const prices = listPrices();
const list = publicPrices();
const cost = (model: string, amounts: Partial<Amounts>, billing: Partial<Billing> = {}): number | null =>
  prices.cost(model, { ...STANDARD, ...billing }, NOW, { ...NONE, ...amounts });

/** Returns names that each of Anthropic's models may have, and some that none has. */
function modelNames(): string[] {
  const texts = JSON.stringify(ANTHROPIC_MODELS).match(/claude[\w.@-]*/g) ?? [];
  const ids = (findProvider({ providerId: 'anthropic' })?.models ?? []).map(({ id }) => id);
  return [...new Set([...texts, ...ids])].flatMap((name) => [
    ...[name, name.toUpperCase(), ` ${name} `, `${name}-20250929`, `${name}-20251345`, `${name}-2025-09-29`],
    ...[`${name}-latest`, `${name}x`, `us.anthropic.${name}-v1:0`, `anthropic/${name}`, `${name}@20250929`],
    ...[`${name}[1m]`, name.slice(0, -1), `${name}-fast`],
  ]);
}

describe("the table of Anthropic's models", () => {
  it('equals that of the installed package: run npm run build:prices after an update', () => {
    expect(ANTHROPIC_MODELS).toEqual(anthropicModels());
  });

  it('has the same prices as the package, for every name and time', () => {
    const load = (): typeof genai => genai;
    const [lean, whole] = [new PublicPrices(load), new PublicPrices(load, [])];
    const changes = ANTHROPIC_MODELS.flatMap((model) => changesOf(model));
    expect(changes.length).toBeGreaterThan(0);
    const times = [0, NOW, Date.parse('2030-01-01'), ...changes.flatMap((start) => [start - 1, start, start + 1])];
    for (const name of modelNames())
      for (const time of times) expect([name, time, lean.at(name, time)]).toEqual([name, time, whole.at(name, time)]);
  });

  it('is used instead of the package for these models, and only for these', () => {
    const load = vi.fn<() => typeof genai>(() => genai);
    const lean = new PublicPrices(load);
    for (const model of ['claude-opus-5-5', 'claude-sonnet-4-6-20260101', 'claude-haiku-4-5-20251001'])
      lean.at(model, NOW);
    expect(load).not.toHaveBeenCalled();
    expect(lean.at('gpt-5', NOW).rates).not.toBeNull();
    expect(load).toHaveBeenCalledOnce();
  });
});

describe('the cost of a sum', () => {
  const day = { firstMs: NOW, lastMs: NOW + 1000 };
  const amounts = { ...NONE, input: 300_000, output: 10, cacheWrite: 100, cacheWrite1h: 40, webSearches: 2 };

  function costOfSum(
    model: string,
    billing: Billing,
    span: TimeSpan,
    sum: Amounts,
    maxSent: number,
  ): number | null | undefined {
    const price = prices.during(model, billing, span);
    if (price === undefined || price === null) return price;
    return maxSent > price.maxSent ? undefined : costAt(price.rates, sum, price.factor);
  }

  it.each(['claude-opus-5-5', 'claude-opus-4-6', 'claude-haiku-5-5', 'gemini-2.5-pro', 'claude-fable-5-2'])(
    'of %s is that of its parts, with each tier',
    (model) => {
      for (const tier of ['standard', 'fast'] as const)
        for (const isUsOnly of [false, true]) {
          const billing = { tier, isUsOnly };
          const parts = Array.from({ length: 10 }, () => ({ ...amounts, input: amounts.input / 10 }));
          const sum = parts.reduce((total, part) => total + (prices.cost(model, billing, NOW, part) ?? NaN), 0);
          const whole = { ...amounts, output: 100, cacheWrite: 1000, cacheWrite1h: 400, webSearches: 20 };
          expect(costOfSum(model, billing, day, whole, 30_100)).toBeCloseTo(sum, 10);
        }
    },
  );

  it('is not known without its parts if one of them is above the limit of a higher price', () => {
    const of = (model: string, maxSent: number) => costOfSum(model, STANDARD, day, amounts, maxSent);
    expect([of('claude-haiku-5-5', 100_000), of('claude-haiku-5-5', 100_001)]).toEqual([expect.any(Number), undefined]);
    expect([of('gemini-2.5-pro', 200_000), of('gemini-2.5-pro', 200_001)]).toEqual([expect.any(Number), undefined]);
    // Claude Code has no higher price for these.
    expect(of('claude-opus-4-6', 900_000)).toEqual(expect.any(Number));
  });

  it('is not known without its parts if the price changes between them, or depends on the time of day', () => {
    const change = ANTHROPIC_MODELS.flatMap((model) => changesOf(model))[0] ?? NaN;
    const of = (model: string, firstMs: number, lastMs: number) =>
      costOfSum(model, STANDARD, { firstMs, lastMs }, amounts, 1);
    expect(of('claude-opus-4-6', change - 1, change)).toBeUndefined();
    expect(of('claude-opus-4-6', change, change + 1)).toEqual(expect.any(Number));
    expect(of('deepseek-chat', NOW, NOW + 1)).toBeUndefined();
  });

  it('is null for a model without a price', () => {
    expect(costOfSum('my-model', STANDARD, day, amounts, 1)).toBeNull();
  });
});

describe('list prices', () => {
  it('come from the installed package: update its date together with it', () => {
    const { version } = JSON.parse(readFileSync('node_modules/@pydantic/genai-prices/package.json', 'utf8')) as {
      version: string;
    };
    expect(TABLE.version).toBe(version);
    expect(TABLE.name).toContain(version);
  });

  it('equal the cost that Claude Code computed for one response', () => {
    expect(
      cost('claude-opus-5-5', { input: 11, output: 31, cacheRead: 1000, cacheWrite: 100, cacheWrite1h: 40 }),
    ).toBeCloseTo(0.001484, 12);
  });

  it('of the public list are those of the time of the response, even for long requests', () => {
    const cost = (amounts: Partial<Amounts>, time: string): number | null =>
      list.cost('claude-opus-4-6', Date.parse(time), { ...NONE, ...amounts });
    const long = { input: 300_000, output: 1000 };
    expect(cost(long, '2026-01-01')).toBeCloseTo(3.0375, 12);
    expect(cost(long, '2026-05-01')).toBeCloseTo(1.525, 12);
    expect(cost({ input: 200_000 }, '2026-01-01')).toBeCloseTo(1, 12);
  });

  it("count long requests of other makers' models at their higher price, from one token above the limit", () => {
    expect(cost('gemini-2.5-pro', { input: 200_000 })).toBeCloseTo(0.25, 12);
    expect(cost('gemini-2.5-pro', { input: 200_001 })).toBeCloseTo(0.5000025, 12);
  });

  it('include the model names of cloud providers, and web searches', () => {
    expect(cost('us.anthropic.claude-sonnet-4-5-20250929-v1:0', { output: 1_000_000 })).toBe(15);
    expect(cost('anthropic/claude-opus-5-5', { output: 1_000_000 })).toBe(20);
    expect(cost('claude-opus-5-5', { webSearches: 3 })).toBeCloseTo(0.03, 12);
  });

  it.each(['my-model', '', 'claude-a', '\0', '__proto__', 'constructor'])('have no price for %j', (model) => {
    expect(cost(model, { output: 1 })).toBeNull();
    expect(prices.price(model, NOW)).toBeNull();
  });

  it('agree with the package itself, and never use the network', () => {
    const fetch = vi.fn<typeof globalThis.fetch>();
    vi.stubGlobal('fetch', fetch);
    onTestFinished(() => void vi.unstubAllGlobals());
    const models = (findProvider({ providerId: 'anthropic' })?.models ?? []).map(({ id }) => id);
    expect(models.length).toBeGreaterThan(10);
    const amounts = fc.record({
      input: fc.nat(400_000),
      output: fc.nat(100_000),
      cacheRead: fc.nat(400_000),
      cacheWrite: fc.nat(50_000),
      cacheWrite1h: fc.nat(60_000),
      webSearches: fc.nat(9),
    });
    const time = fc.date({ min: new Date('2024-01-01'), max: new Date('2027-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(fc.constantFrom(...models), amounts, time, (model, used, timestamp) => {
        const { input, output, cacheRead, cacheWrite, cacheWrite1h, webSearches } = used;
        const usage = {
          input_tokens: input + cacheRead + cacheWrite,
          cache_read_tokens: cacheRead,
          cache_write_tokens: cacheWrite,
          cache_write_1h_tokens: Math.min(cacheWrite, cacheWrite1h),
          output_tokens: output,
          web_searches: webSearches,
        };
        expect(list.cost(model, timestamp.getTime(), used)).toBeCloseTo(
          calcPrice(usage, model, { providerId: 'anthropic', timestamp })?.total_price ?? NaN,
          9,
        );
      }),
      { numRuns: 1000 },
    );
    expect(fetch).not.toHaveBeenCalled();
  });
});

/** One response of each kind, and what Claude Code 2.1.332 reported for it. */
const USED: Amounts = { input: 1000, output: 1000, cacheRead: 1000, cacheWrite: 100, cacheWrite1h: 40, webSearches: 2 };
const REPORTED: readonly [model: string, billing: Partial<Billing>, usd: number][] = [
  ['claude-fable-5-2', { tier: 'fast' }, 0.11888],
  ['claude-mythos-5-2', { tier: 'fast' }, 0.11888],
  ['claude-mythos-5-1', {}, 0.0818],
  ['claude-haiku-5-5', { tier: 'fast' }, 0.0206255],
  ['claude-haiku-5-5', { isUsOnly: true }, 0.02068805],
  ['claude-sonnet-5-5', { tier: 'fast' }, 0.03241],
  ['claude-opus-5-5', { tier: 'fast', isUsOnly: true }, 0.074604],
];

describe("prices where Claude Code's differ from the public list", () => {
  it.each(REPORTED)('%s %j', (model, billing, usd) => {
    expect(cost(model, USED, billing)).toBeCloseTo(usd, 12);
  });

  it('of fast mode are a multiple with some models', () => {
    const factor = (model: string): number =>
      (cost(model, { output: 1000 }, { tier: 'fast' }) ?? NaN) / (cost(model, { output: 1000 }) ?? NaN);
    expect(
      [
        'claude-opus-5',
        'claude-opus-4-8',
        'claude-opus-4-7',
        'claude-opus-4-6',
        'claude-sonnet-5',
        'claude-opus-4-5',
      ].map((model) => Math.round(factor(model))),
    ).toEqual([2, 2, 6, 6, 1, 1]);
    expect(cost('claude-opus-5', { webSearches: 1 }, { tier: 'fast', isUsOnly: true })).toBe(0.01);
    expect(cost('claude-opus-5', USED, { tier: 'priority' })).toBe(cost('claude-opus-5', USED));
  });

  it('of long requests begin above their limit, which counts the cache', () => {
    expect(cost('claude-haiku-5-5', { cacheRead: 40_000, cacheWrite: 50_000, input: 10_000 })).toBeCloseTo(0.00765, 12);
    expect(cost('claude-haiku-5-5', { cacheRead: 40_000, cacheWrite: 50_000, input: 10_001 })).toBeCloseTo(
      0.0382505,
      12,
    );
    expect(cost('claude-sonnet-4-5', { input: 150_000, cacheRead: 100_000, output: 1000 })).toBeCloseTo(0.495, 12);
    expect(prices.cost('claude-opus-4-6', STANDARD, Date.parse('2026-01-01'), { ...NONE, input: 300_000 })).toBeCloseTo(
      1.5,
      12,
    );
  });

  it.each([
    'claude-haiku-5-5-20261101',
    'us.anthropic.claude-haiku-5-5-20261101-v1:0',
    'claude-haiku-5-5@20261101',
    'anthropic/claude-haiku-5-5',
    'claude-haiku-5-5[1m]',
  ])('are found for %s', (model) => {
    expect(cost(model, { output: 1_000_000 })).toBeCloseTo(0.5, 12);
  });

  it.each(['claude-haiku-5-55', 'claude-fable-5-20', 'claude-mythos-6', 'claude-mythos'])(
    'are not taken for %s',
    (model) => {
      expect(cost(model, { output: 1 })).toBeNull();
    },
  );

  it('have their source, and the rates of the public list', () => {
    expect(prices.price('claude-sonnet-5-5', NOW)).toMatchObject({
      rates: { cacheRead: 0.1 },
      long: null,
      source: prices.sources[1],
      listed: { rates: { cacheRead: 0.2 }, long: null },
    });
    expect(prices.price('claude-haiku-5-5', NOW)).toMatchObject({
      long: { above: 100_000, rates: { input: 0.5 } },
      source: { name: 'Claude Code 2.1.332' },
      listed: null,
    });
    expect(prices.price('claude-sonnet-4-5', NOW)).toMatchObject({
      long: null,
      source: prices.sources[0],
      listed: { long: { above: 200_000, rates: { input: 6 } } },
    });
    expect(prices.price('claude-opus-5-5', NOW)).toMatchObject({ fast: { output: 40, webSearch: 0.01 }, listed: null });
  });
});
