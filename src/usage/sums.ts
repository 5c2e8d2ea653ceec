import type { Tokens } from '../session-index/record.js';
import type { Prices } from './prices/prices.js';
import type { Response } from './union.js';

/** Name of responses that do not say which model gave them. */
export const NO_MODEL = '(none named)';

/** Tokens and cost of some responses, added one by one. */
export class Sums {
  responses = 0;
  readonly tokens: Tokens = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, total: 0 };
  /** US dollars of the responses that have a price. */
  pricedUsd = 0;
  /** Some response has one. */
  priced = false;
  /** Tokens by model of the responses that have none. */
  readonly unpriced = new Map<string, number>();

  /** `fallbackMs` is the time for the price where the response says none. */
  add(response: Response, prices: Prices, fallbackMs: number): void {
    const { input, output, cacheRead, cacheWrite } = response.amounts;
    const total = input + output + cacheRead + cacheWrite;
    this.addPriced(response, total, total === 0 ? 0 : costOf(response, prices, fallbackMs));
  }

  /** As `add`, for responses whose total and cost are known already: of one, or of several of a model together. */
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

  /** Cost of everything; null if some of it has no price. */
  get wholeUsd(): number | null {
    return this.unpriced.size === 0 ? this.pricedUsd : null;
  }

  /** Cost of the part with known prices; null if nothing has one. */
  get knownUsd(): number | null {
    return this.priced || this.unpriced.size === 0 ? this.pricedUsd : null;
  }
}

/** A sum of dollars without the digits that adding fractions leaves behind: to a ten-billionth. */
export function roundUsd(usd: number | null): number | null {
  return usd === null || !(Math.abs(usd) < 1e5) ? usd : Math.round(usd * 1e10) / 1e10;
}

/** US dollars for a response by the prices of its time; null where its model has none. */
export function costOf(response: Response, prices: Prices, fallbackMs: number): number | null {
  const { model, timeMs, amounts } = response;
  return model === null ? null : prices.cost(model, response, Number.isNaN(timeMs) ? fallbackMs : timeMs, amounts);
}
