import type { Tokens } from '../session-index/record.js';
import type { Prices } from './prices/prices.js';
import type { Response } from './ownership/union.js';

/** Model name of responses that name no model. */
export const NO_MODEL = '(none named)';

/** Tokens and cost of some responses, added one by one. */
export class Sums {
  responses = 0;
  readonly tokens: Tokens = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, total: 0 };
  /** US dollars of the responses that have a price. */
  pricedUsd = 0;
  /** True if any response has a price. */
  priced = false;
  /** Tokens of responses without a price, by model. */
  readonly unpriced = new Map<string, number>();

  /** Adds a response, priced as of `fallbackMs` if it has no time. */
  add(response: Response, prices: Prices, fallbackMs: number): void {
    const { input, output, cacheRead, cacheWrite } = response.amounts;
    const total = input + output + cacheRead + cacheWrite;
    this.addPriced(response, total, total === 0 ? 0 : costOf(response, prices, fallbackMs));
  }

  /** Adds one or more responses of a model whose total and cost are already known. */
  addPriced(
    { model, amounts }: Pick<Response, 'model' | 'amounts'>,
    total: number,
    cost: number | null,
    responses = 1,
  ): void {
    const { tokens } = this;
    this.responses += responses;
    tokens.input += amounts.input;
    tokens.output += amounts.output;
    tokens.cacheRead += amounts.cacheRead;
    tokens.cacheWrite += amounts.cacheWrite;
    tokens.total += total;
    if (cost === null) this.unpriced.set(model ?? NO_MODEL, (this.unpriced.get(model ?? NO_MODEL) ?? 0) + total);
    else {
      this.pricedUsd += cost;
      this.priced = true;
    }
  }

  /** Cost of all responses; null if any of them has no price. */
  get wholeUsd(): number | null {
    return this.unpriced.size === 0 ? this.pricedUsd : null;
  }

  /** Cost of the responses that have a price; null if none has one. */
  get knownUsd(): number | null {
    return this.priced || this.unpriced.size === 0 ? this.pricedUsd : null;
  }
}

/** Rounds US dollars to ten decimals, which removes the rounding errors of sums. */
export function roundUsd(usd: number | null): number | null {
  return usd === null || !(Math.abs(usd) < 1e5) ? usd : Math.round(usd * 1e10) / 1e10;
}

/** Returns the cost of a response in US dollars at the prices of its time; null if its model has no price. */
export function costOf(response: Response, prices: Prices, fallbackMs: number): number | null {
  const { model, timeMs, amounts } = response;
  return model === null ? null : prices.cost(model, response, Number.isNaN(timeMs) ? fallbackMs : timeMs, amounts);
}
