import type { SessionRecord } from '../../session-index/record.js';
import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import type { Prices } from '../../usage/prices/prices.js';
import type { SessionCosts } from '../../usage/session-costs.js';
import type { Context } from '../context.js';

/** A record with costs, and the costs in detail. */
export interface CostedRecord {
  record: SessionRecord;
  costs: SessionCosts;
}

/** Loads prices when they are needed, since loading the table takes longer than a plain list. */
export type PriceLoader = () => Promise<Prices>;

/**
 * Returns a loader for the prices of `--prices`. The file is read immediately and only once, as it may be a pipe;
 * throws USAGE if it is invalid.
 */
export async function createPriceLoader(file: string | undefined): Promise<PriceLoader> {
  const open = async (): Promise<Prices> => (await import('../../usage/prices/price-file.js')).openPrices(file ?? null);
  if (file === undefined) return open;
  const prices = await open();
  return () => Promise.resolve(prices);
}

/**
 * Adds costs to records, given with their rows, as JSON shows them. Reads all ledgers with shared responses, since the
 * owner of a response depends on all sessions.
 */
export async function costedRecords(
  index: SessionIndex,
  pairs: readonly { row: SessionRow; record: SessionRecord }[],
  prices: PriceLoader,
  context: Context,
): Promise<CostedRecord[]> {
  const { sessionCosts, withCosts } = await import('../../usage/session-costs.js');
  const costs = sessionCosts(
    index,
    pairs.map(({ row }) => row),
    await prices(),
    context.now(),
  );
  return pairs.map(({ record }, at) => ({
    record: withCosts(record, costs[at] as SessionCosts),
    costs: costs[at] as SessionCosts,
  }));
}

/** Returns a function that computes the costs of sessions, including inherited responses, from their own ledgers. */
export async function createCostCalculator(
  index: SessionIndex,
  prices: PriceLoader,
  context: Context,
): Promise<(rows: readonly SessionRow[]) => (number | null)[]> {
  const { inclusiveCosts } = await import('../../usage/session-costs.js');
  const known = await prices();
  return (rows) => inclusiveCosts(index, rows, known, context.now());
}
