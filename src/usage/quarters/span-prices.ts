import { TIERS } from '../../session-index/format/ledger/ledger-layout.js';
import { QUARTER_MS } from '../../session-index/totals/totals-layout.js';
import type { Billing, Prices, SpanPrice, TimeSpan } from '../prices/prices.js';

/** Number of quarter hours whose price is looked up together: six weeks. */
const SPAN_QUARTERS = 2 ** 12;

/** Prices by quarter hour. Most are looked up once for many weeks, since prices rarely change. */
export class SpanPrices {
  readonly #prices: Prices;
  /** Prices by model, then by the number of the span and the billing. */
  readonly #spans = new Map<string, Map<number, SpanPrice | null | undefined>>();

  constructor(prices: Prices) {
    this.#prices = prices;
  }

  /**
   * Returns the price that all responses of a model and billing have in a quarter hour, numbered from 1970. Null if it
   * is not known, undefined if it changes within the quarter hour.
   */
  at(model: string, billing: Billing, quarter: number): SpanPrice | null | undefined {
    let spans = this.#spans.get(model);
    if (spans === undefined) this.#spans.set(model, (spans = new Map<number, SpanPrice | null | undefined>()));
    const span = Math.floor(quarter / SPAN_QUARTERS);
    const key = (span * TIERS.length + TIERS.indexOf(billing.tier)) * 2 + Number(billing.isUsOnly);
    let price = spans.get(key);
    if (price === undefined && !spans.has(key)) {
      price = this.#prices.during(model, billing, timesOf(span * SPAN_QUARTERS, SPAN_QUARTERS));
      spans.set(key, price);
    }
    return price === undefined ? this.#prices.during(model, billing, timesOf(quarter, 1)) : price;
  }
}

function timesOf(quarter: number, count: number): TimeSpan {
  return { firstMs: quarter * QUARTER_MS, lastMs: (quarter + count) * QUARTER_MS - 1 };
}
