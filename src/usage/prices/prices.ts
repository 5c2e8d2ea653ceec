import type { Tier } from '../../transcript/scanner/scanner.js';

/** Usage of one response, as far as it is priced. `cacheWrite1h` is a part of `cacheWrite`. */
export interface Amounts {
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite: number;
  cacheWrite1h: number;
  webSearches: number;
}

/**
 * Prices in US dollars per million tokens, and per web search. The cache is kept for five minutes after `cacheWrite`,
 * for an hour after `cacheWrite1h`.
 */
export interface Rates {
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite: number;
  cacheWrite1h: number;
  webSearch: number;
}

/** A source of prices. `date` is the day of the table, null if unknown. */
export interface PriceSource {
  name: string;
  date: string | null;
}

/** Properties of a response that decide its price, in addition to its tokens. */
export interface Billing {
  tier: Tier;
  /** Inference ran in the United States only. */
  isUsOnly: boolean;
}

/** Prices of requests with more than `above` input tokens, those read from and written to the cache included. */
export interface LongRequests {
  above: number;
  rates: Rates;
}

/** A model's prices at one time. */
export interface ModelPrice {
  rates: Rates;
  /** Null where long requests cost the same. */
  long: LongRequests | null;
  /** Prices in fast mode; null where it costs the same. */
  fast: Rates | null;
  source: PriceSource;
  /** Prices of the public list if they differ; null if they are equal or the model is not listed. */
  listed: { rates: Rates; long: LongRequests | null } | null;
}

/** First and last moment of a span of time, in milliseconds. */
export interface TimeSpan {
  firstMs: number;
  lastMs: number;
}

/** Prices of all responses in a span of time that send at most `maxSent` tokens. */
export interface SpanPrice {
  rates: Rates;
  /** Applies to the tokens, not to web searches. */
  factor: number;
  /** Input tokens of a request, cache included, above which other prices apply; Infinity if none do. */
  maxSent: number;
}

/** Prices of models by the time of a response. */
export interface Prices {
  /** The public list and Claude Code's own prices, preceded by the price file that overrides both, if there is one. */
  readonly sources: readonly PriceSource[];
  /**
   * Returns the cost of one response in US dollars; null where the model's price is not known. Times are milliseconds.
   */
  cost(model: string, billing: Billing, timeMs: number, amounts: Amounts): number | null;
  /**
   * Returns the prices of all responses of a model and billing in a span of time; null where they are not known,
   * undefined where they differ within the span.
   */
  during(model: string, billing: Billing, span: TimeSpan): SpanPrice | null | undefined;
  /** Returns a model's prices at a time; null where they are not known. */
  price(model: string, timeMs: number): ModelPrice | null;
  /** Returns whether a price file sets the price of a model. */
  isOverridden(model: string): boolean;
}

const MILLION = 1e6;

/** Returns US dollars at the given rates; `factor` applies to tokens, not to web searches. */
export function costAt(rates: Rates, amounts: Amounts, factor = 1): number {
  const { input, output, cacheRead, cacheWrite, cacheWrite1h, webSearches } = amounts;
  const hour = Math.min(cacheWrite1h, cacheWrite);
  const tokens =
    input * rates.input +
    output * rates.output +
    cacheRead * rates.cacheRead +
    (cacheWrite - hour) * rates.cacheWrite +
    hour * rates.cacheWrite1h;
  return (tokens / MILLION) * factor + webSearches * rates.webSearch;
}

/** Returns the rates with token prices multiplied; the price of a web search stays the same. */
export function multiplyRates({ webSearch, ...tokens }: Rates, factor: number): Rates {
  const times = (rate: number): number => Number((rate * factor).toFixed(9));
  return {
    input: times(tokens.input),
    output: times(tokens.output),
    cacheRead: times(tokens.cacheRead),
    cacheWrite: times(tokens.cacheWrite),
    cacheWrite1h: times(tokens.cacheWrite1h),
    webSearch,
  };
}

/** Returns the input tokens of a request, including those read from and written to the cache. */
export function sentTokens({ input, cacheRead, cacheWrite }: Amounts): number {
  return input + cacheRead + cacheWrite;
}

/**
 * Returns a model's name without the prefixes and suffixes of cloud providers and Claude Code
 * (`us.anthropic.claude-…-v1:0`, `anthropic/claude-…`, `…@20250929`, `…[1m]`).
 */
export function plainName(model: string): string {
  return (
    /claude-.*/
      .exec(model)?.[0]
      .replace(/\[1m\]$/, '')
      .replace(/-v\d+(?::\d+)?$/, '')
      .replace('@', '-') ?? model
  );
}
