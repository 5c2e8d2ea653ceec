import type { SessionRecord } from '../../session-index/record.js';
import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import type { Prices } from '../../usage/prices/prices.js';
import type { SessionCosts } from '../../usage/session-costs.js';
import type { Context } from '../context.js';

/** A record with its costs filled in, and what they were made of. */
export interface CostedRecord {
  record: SessionRecord;
  costs: SessionCosts;
}

/** Gives prices when they are asked for: the table takes longer to load than a plain list. */
export type PriceTeller = () => Promise<Prices>;

/**
 * The prices of `--prices`. A file is read at once, and once only (it may be a pipe): throws a usage error for one that
 * is not as it should be, before anything is read or printed.
 */
export async function pricesOf(file: string | undefined): Promise<PriceTeller> {
  const open = async (): Promise<Prices> => (await import('../../usage/prices/price-file.js')).openPrices(file ?? null);
  if (file === undefined) return open;
  const prices = await open();
  return () => Promise.resolve(prices);
}

/**
 * Fills in the costs of records, given with their rows: what JSON shows. Whose a response is depends on all sessions,
 * so all ledgers are looked through.
 */
export async function costedRecords(
  index: SessionIndex,
  pairs: readonly { row: SessionRow; record: SessionRecord }[],
  prices: PriceTeller,
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

/**
 * Returns a function that computes the costs of sessions, inherited history included; it reads no ledgers but theirs.
 */
export async function costTeller(
  index: SessionIndex,
  prices: PriceTeller,
  context: Context,
): Promise<(rows: readonly SessionRow[]) => (number | null)[]> {
  const { inclusiveCosts } = await import('../../usage/session-costs.js');
  const known = await prices();
  return (rows) => inclusiveCosts(index, rows, known, context.now());
}
