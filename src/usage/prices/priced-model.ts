import type { ModelPrice } from './prices.js';

/** A model and its current prices; null if they are not known. */
export interface PricedModel {
  model: string;
  price: ModelPrice | null;
}

/** A model's prices as JSON shows them; everything but the name is null if they are not known. */
export type PriceRecord = { model: string } & { [Name in keyof ModelPrice]: ModelPrice[Name] | null };

/** Returns the record of a model's prices. */
export function priceRecord({ model, price }: PricedModel): PriceRecord {
  return {
    model,
    rates: price?.rates ?? null,
    long: price?.long ?? null,
    fast: price?.fast ?? null,
    source: price?.source ?? null,
    listed: price?.listed ?? null,
  };
}
