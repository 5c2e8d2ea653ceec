import type { SessionRecord } from '../session-index/record.js';
import type { SessionIndex, SessionRow } from '../session-index/session-index.js';

/**
 * The records of sessions, in their order, with all there is to know of them: sizes, and costs at the prices of a file
 * or, with `null`, at list prices. To find the owner of a response, the ledgers of all sessions are searched. Throws a
 * usage error for a bad price file.
 */
export async function fullRecords(
  index: SessionIndex,
  rows: readonly SessionRow[],
  nowMs: number,
  pricesFile: string | null = null,
): Promise<SessionRecord[]> {
  // Prices take longer to load than a warm list has.
  const [{ sessionCosts, withCosts }, { openPrices }] = await Promise.all([
    import('./session-costs.js'),
    import('./prices/price-file.js'),
  ]);
  const prices = openPrices(pricesFile);
  const costs = sessionCosts(index, rows, prices, nowMs);
  return index.records(rows, { footprint: true }).map((record, at) => {
    const cost = costs[at];
    return cost === undefined ? record : withCosts(record, cost);
  });
}
