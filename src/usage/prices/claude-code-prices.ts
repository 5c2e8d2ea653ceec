import type { LongRequests, Rates } from './prices.js';
import { multiplyRates } from './prices.js';

/**
 * Claude Code's prices that the public list lacks or gives differently (docs/usage.md, "Claude Code's own prices").
 * Each was compared with the cost that this version reported for a response of known size.
 */
export const CLAUDE_CODE_TABLE = { name: 'Claude Code 2.1.332', date: '2026-11-29' } as const;

/** A model's prices in Claude Code. */
interface OwnPrice {
  rates: Rates;
  long?: LongRequests;
}

const WEB_SEARCH = 0.01;
const FABLE_5: Rates = {
  input: 10,
  output: 50,
  cacheRead: 1,
  cacheWrite: 12.5,
  cacheWrite1h: 20,
  webSearch: WEB_SEARCH,
};
const FABLE_5_1: Rates = { ...FABLE_5, cacheRead: 0.25 };
const FABLE_5_2: Rates = {
  input: 8,
  output: 40,
  cacheRead: 0.2,
  cacheWrite: 10,
  cacheWrite1h: 16,
  webSearch: WEB_SEARCH,
};
const HAIKU_5_5: Rates = {
  input: 0.1,
  output: 0.5,
  cacheRead: 0.01,
  cacheWrite: 0.125,
  cacheWrite1h: 0.2,
  webSearch: WEB_SEARCH,
};
const SONNET_5_5: Rates = {
  input: 2,
  output: 10,
  cacheRead: 0.1,
  cacheWrite: 2.5,
  cacheWrite1h: 4,
  webSearch: WEB_SEARCH,
};

const MODELS: ReadonlyMap<string, OwnPrice> = new Map([
  ['claude-sonnet-5-5', { rates: SONNET_5_5 }],
  ['claude-haiku-5-5', { rates: HAIKU_5_5, long: { above: 100_000, rates: multiplyRates(HAIKU_5_5, 5) } }],
  ['claude-fable-5-2', { rates: FABLE_5_2 }],
  ['claude-mythos-5', { rates: FABLE_5 }],
  ['claude-mythos-5-1', { rates: FABLE_5_1 }],
  ['claude-mythos-5-2', { rates: FABLE_5_2 }],
]);

/** Fast mode's prices as multiples of the standard ones; other models cost the same in fast mode. */
const FAST_FACTORS: ReadonlyMap<string, number> = new Map([
  ['claude-opus-5-5', 2],
  ['claude-opus-5', 2],
  ['claude-opus-4-8', 2],
  ['claude-opus-4-7', 6],
  ['claude-opus-4-6', 6],
  ['claude-fable-5-2', 2],
  ['claude-mythos-5-2', 2],
]);

/** Factor on the price of every model for inference in the United States only. */
export const US_ONLY_FACTOR = 1.1;

/** Returns a model's prices in Claude Code if the table has them; `name` has no cloud prefix or suffix. */
export function ownPrice(name: string): OwnPrice | null {
  return MODELS.get(undated(name)) ?? null;
}

/** Returns the factor of fast mode on a model's standard price. */
export function fastFactor(name: string): number {
  return FAST_FACTORS.get(undated(name)) ?? 1;
}

/** A model's name without the day of its release. */
function undated(name: string): string {
  return name.replace(/-\d{8}$/, '');
}
