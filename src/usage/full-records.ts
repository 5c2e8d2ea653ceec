import type { SessionRecord } from '../session-index/record.js';
import type { SessionIndex, SessionRow } from '../session-index/session-index.js';

/**
 * Returns complete records of sessions, in the order of `rows`: with sizes, and with costs at the prices of a file or
 * (null) list prices. Reads the ledgers of all sessions that share responses with these; throws a usage error for a bad
 * price file.
 */
export async function fullRecords(
  index: SessionIndex,
  rows: readonly SessionRow[],
  nowMs: number,
  pricesFile: string | null = null,
): Promise<SessionRecord[]> {
  // Imported here because loading prices takes longer than a warm list.
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
