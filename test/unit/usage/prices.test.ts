import { readFileSync } from 'node:fs';
import { calcPrice, findProvider } from '@pydantic/genai-prices';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { listPrices, TABLE, type Amounts } from '../../../src/usage/prices.js';

const NOW = Date.parse('2026-11-20T10:00:00Z');
const NONE: Amounts = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, cacheWrite1h: 0, webSearches: 0 };
const prices = await listPrices();
const cost = (model: string, amounts: Partial<Amounts>, time = '2026-11-20'): number | null =>
  prices.cost(model, 'standard', Date.parse(time), { ...NONE, ...amounts });

describe('list prices', () => {
  it('are of the package that is installed: its date has to be renewed with it', () => {
    const { version } = JSON.parse(readFileSync('node_modules/@pydantic/genai-prices/package.json', 'utf8')) as {
      version: string;
    };
    expect(TABLE.version).toBe(version);
    expect(TABLE.name).toContain(version);
  });

  it('give what Claude Code reckoned for one response', () => {
    expect(
      cost('claude-opus-5-5', { input: 11, output: 31, cacheRead: 1000, cacheWrite: 100, cacheWrite1h: 40 }),
    ).toBeCloseTo(0.001484, 12);
  });

  it('are those of the time of the response, also for long requests', () => {
    const long = { input: 300_000, output: 1000 };
    expect(cost('claude-opus-4-6', long, '2026-01-01')).toBeCloseTo(3.0375, 12);
    expect(cost('claude-opus-4-6', long, '2026-05-01')).toBeCloseTo(1.525, 12);
    expect(cost('claude-opus-4-6', { input: 200_000 }, '2026-01-01')).toBeCloseTo(1, 12);
  });

  it('know the names clouds give to models, and web searches', () => {
    expect(cost('us.anthropic.claude-sonnet-4-5-20250929-v1:0', { output: 1_000_000 })).toBe(15);
    expect(cost('anthropic/claude-opus-5-5', { output: 1_000_000 })).toBe(20);
    expect(cost('claude-opus-5-5', { webSearches: 3 })).toBeCloseTo(0.03, 12);
  });

  it.each(['my-model', '', 'claude-a', '\0', '__proto__', 'constructor'])('say nothing about %j', (model) => {
    expect(cost(model, { output: 1 })).toBeNull();
    expect(prices.rates(model, NOW)).toBeNull();
  });

  it('agree with the package itself, and never ask the network', () => {
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
        expect(prices.cost(model, 'standard', timestamp.getTime(), used)).toBeCloseTo(
          calcPrice(usage, model, { providerId: 'anthropic', timestamp })?.total_price ?? NaN,
          9,
        );
      }),
      { numRuns: 1000 },
    );
    expect(fetch).not.toHaveBeenCalled();
  });
});
