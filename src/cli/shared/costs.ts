import type { SessionRecord } from '../../session-index/record.js';
import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import type { Prices } from '../../usage/prices/prices.js';
import type { SessionCosts } from '../../usage/session-costs.js';
import type { Context } from '../context.js';

/** A record with its costs filled in, and the costs in detail. */
export interface CostedRecord {
  record: SessionRecord;
  costs: SessionCosts;
}

/** Loads prices when they are needed: the table takes longer to load than a plain list. */
export type PriceLoader = () => Promise<Prices>;

/**
 * Returns the prices of `--prices`. The file is read immediately, and only once (it may be a pipe). Throws USAGE for an
 * invalid file before anything else is read or printed.
 */
export async function createPriceLoader(file: string | undefined): Promise<PriceLoader> {
  const open = async (): Promise<Prices> => (await import('../../usage/prices/price-file.js')).openPrices(file ?? null);
  if (file === undefined) return open;
  const prices = await open();
  return () => Promise.resolve(prices);
}

/**
 * Fills in the costs of records, given with their rows, as JSON shows them. Reads all ledgers, since the owner of a
 * response depends on all sessions.
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

/** Returns a function that computes the costs of sessions, inherited history included; it reads only their ledgers. */
export async function createCostCalculator(
  index: SessionIndex,
  prices: PriceLoader,
  context: Context,
): Promise<(rows: readonly SessionRow[]) => (number | null)[]> {
  const { inclusiveCosts } = await import('../../usage/session-costs.js');
  const known = await prices();
  return (rows) => inclusiveCosts(index, rows, known, context.now());
}
