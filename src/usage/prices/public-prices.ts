import { createRequire } from 'node:module';
import type * as GenaiPrices from '@pydantic/genai-prices';
import { ANTHROPIC_MODELS } from './anthropic-models.js';
import { changesOf, findListed, type ListedModel, type ListedPrices, pricesAt } from './listed-model.js';
import { type Amounts, costAt, type LongRequests, plainName, type Rates, sentTokens } from './prices.js';

/** The package that public prices come from; a test compares the version with the installed one. */
export const TABLE = { name: '@pydantic/genai-prices 0.1.8', version: '0.1.8', date: '2026-09-23' } as const;

/** Empty usage, for looking up a price. */
const NO_USE = { input_tokens: 0, output_tokens: 0 };

/** The part of the price package that is used. */
type Library = Pick<typeof GenaiPrices, 'calcPrice'>;

/**
 * Returns the public list prices. The package, half a megabyte, is loaded only for models of other companies than
 * Anthropic.
 */
export function publicPrices(): PublicPrices {
  return new PublicPrices(() => {
    return createRequire(String(import.meta.url))('@pydantic/genai-prices') as Library;
  });
}

/** A model's prices in one period; null if it has none. */
interface PeriodPrices {
  rates: Rates | null;
  long: LongRequests | null;
}

/**
 * A model's prices by period: `known` at a position applies from `starts` at that position. Both are empty if prices
 * depend on the time of day.
 */
interface PriceHistory {
  starts: number[];
  known: (PeriodPrices | undefined)[];
  /** The model's entry in the table of Anthropic models; the package is not needed then. */
  listed?: ListedModel;
}

/** The public list prices of models, as the package has them; nothing is ever fetched. */
export class PublicPrices {
  readonly #load: () => Library;
  readonly #models: readonly ListedModel[];
  #library: Library | undefined;
  readonly #histories = new Map<string, PriceHistory>();

  /** `load` loads the package; models in `models` are priced without it. */
  constructor(load: () => Library, models: readonly ListedModel[] = ANTHROPIC_MODELS) {
    this.#load = load;
    this.#models = models;
  }

  /** Returns the cost of a response in US dollars at the standard tier; null where the model is not in the list. */
  cost(model: string, timeMs: number, amounts: Amounts): number | null {
    const { rates, long } = this.at(model, timeMs);
    if (rates === null) return null;
    return long === null || sentTokens(amounts) <= long.above
      ? costAt(rates, amounts)
      : this.#calculate(model, timeMs, amounts);
  }

  /** Returns a model's prices at a time. */
  at(model: string, timeMs: number): PeriodPrices {
    let history = this.#histories.get(model);
    if (history === undefined) {
      history = this.#historyOf(model, timeMs);
      this.#histories.set(model, history);
    }
    let period = history.starts.length - 1;
    while (period > 0 && !(timeMs >= (history.starts[period] ?? 0))) period--;
    const known = history.known[period] ?? this.#lookUp(model, timeMs, history.listed);
    if (period >= 0) history.known[period] = known;
    return known;
  }

  #historyOf(model: string, timeMs: number): PriceHistory {
    const listed = findListed(this.#models, model);
    if (listed !== null) {
      const starts = [-Infinity, ...changesOf(listed).sort((a, b) => a - b)];
      return { starts, known: [], listed };
    }
    const prices = this.#queryPackage(model, timeMs, NO_USE)?.model.prices;
    if (!Array.isArray(prices)) return { starts: [-Infinity], known: [] };
    const starts = prices.flatMap(({ constraint }) =>
      constraint === undefined ? [] : constraint.type === 'start_date' ? [Date.parse(constraint.start_date)] : [NaN],
    );
    return starts.some(Number.isNaN)
      ? { starts: [], known: [] }
      : { starts: [-Infinity, ...starts.sort((a, b) => a - b)], known: [] };
  }

  #lookUp(model: string, timeMs: number, listed?: ListedModel): PeriodPrices {
    const found =
      listed === undefined ? this.#queryPackage(model, timeMs, NO_USE)?.model_price : pricesAt(listed, timeMs);
    if (found === undefined || found === null) return { rates: null, long: null };
    const prices = found as ListedPrices;
    const starts = Object.values(prices).flatMap((price) =>
      typeof price === 'object' ? price.tiers.map(({ start }) => start) : [],
    );
    const above = Math.min(...starts, Infinity);
    const ratesAt = (isLong: boolean): Rates => {
      const rate = (key: string): number | undefined => {
        const price = prices[key];
        if (typeof price !== 'object') return price;
        return isLong ? (price.tiers.find(({ start }) => start === above)?.price ?? price.base) : price.base;
      };
      const input = rate('input_mtok') ?? 0;
      const cacheWrite = rate('cache_write_mtok') ?? input;
      return {
        input,
        output: rate('output_mtok') ?? 0,
        cacheRead: rate('cache_read_mtok') ?? input,
        cacheWrite,
        cacheWrite1h: rate('cache_write_1h_mtok') ?? cacheWrite,
        webSearch: (rate('web_searches_kcount') ?? 0) / 1000,
      };
    };
    return { rates: ratesAt(false), long: above === Infinity ? null : { above, rates: ratesAt(true) } };
  }

  /** Has the package compute the cost of a long request, whose rates differ by model. */
  #calculate(
    model: string,
    timeMs: number,
    { input, output, cacheRead, cacheWrite, cacheWrite1h, webSearches }: Amounts,
  ): number | null {
    const result = this.#queryPackage(model, timeMs, {
      input_tokens: input + cacheRead + cacheWrite,
      cache_read_tokens: cacheRead,
      cache_write_tokens: cacheWrite,
      cache_write_1h_tokens: Math.min(cacheWrite1h, cacheWrite),
      output_tokens: output,
      web_searches: webSearches,
    });
    return result?.total_price ?? null;
  }

  #queryPackage(model: string, timeMs: number, usage: Record<string, number>): ReturnType<Library['calcPrice']> {
    for (const name of new Set([model, plainName(model)])) {
      for (const options of [{ providerId: 'anthropic' }, {}]) {
        try {
          const result = (this.#library ??= this.#load()).calcPrice(usage, name, {
            ...options,
            timestamp: new Date(timeMs),
          });
          if (result !== null) return result;
        } catch {
          // The package knows the model, but has no price for this kind of usage.
        }
      }
    }
    return null;
  }
}
