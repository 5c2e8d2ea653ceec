import type { SessionRecord } from '../session-index/record.js';
import type { SessionIndex, SessionRow } from '../session-index/session-index.js';
import type { SessionCosts } from '../usage/session-costs.js';
import type { Context } from './context.js';

/** A record with its costs filled in, and what they were made of. */
export interface CostedRecord {
  record: SessionRecord;
  costs: SessionCosts;
}

/**
 * Fills in the costs of records, given with their rows: what JSON shows. `pricesFile` is that of `--prices`. Whose a
 * response is depends on all sessions, so all ledgers are looked through. Throws a usage error for a bad price file.
 */
export async function costedRecords(
  index: SessionIndex,
  pairs: readonly { row: SessionRow; record: SessionRecord }[],
  pricesFile: string | undefined,
  context: Context,
): Promise<CostedRecord[]> {
  const [{ sessionCosts, withCosts }, { openPrices }] = await Promise.all([import('../usage/session-costs.js'), import('../usage/price-file.js')]);
  const prices = await openPrices(pricesFile ?? null);
  const costs = sessionCosts(index, pairs.map(({ row }) => row), prices, context.now());
  return pairs.map(({ record }, at) => ({ record: withCosts(record, costs[at] as SessionCosts), costs: costs[at] as SessionCosts }));
}

/** What tells the costs of all that sessions hold, inherited history too; it reads no ledgers but theirs. Throws as `costedRecords`. */
export async function costTeller(index: SessionIndex, pricesFile: string | undefined, context: Context): Promise<(rows: readonly SessionRow[]) => (number | null)[]> {
  const [{ inclusiveCosts }, { openPrices }] = await Promise.all([import('../usage/session-costs.js'), import('../usage/price-file.js')]);
  const prices = await openPrices(pricesFile ?? null);
  return (rows) => inclusiveCosts(index, rows, prices, context.now());
}

/** Throws a usage error for a price file that is not as it should be, before anything is read or printed. */
export async function checkPrices(file: string | undefined): Promise<void> {
  if (file !== undefined) await (await import('../usage/price-file.js')).openPrices(file);
}
