import type { SessionIndex, SessionRow } from '../session-index/session-index.js';
import type { Prices } from './prices/prices.js';
import { Sums } from './sums.js';
import { type Union, unionAround } from './ownership/union.js';

/** A span of time in milliseconds: from `sinceMs` on, and before `beforeMs`. */
export interface Span {
  sinceMs: number;
  beforeMs: number;
}

/** Usage of a session in a span of time, without responses copied from the session it was forked from. */
export interface SpanUsage {
  sums: Sums;
  /** Times of the first and the last response or prompt; Infinity and -Infinity where there is none. */
  firstMs: number;
  lastMs: number;
}

/**
 * Returns the usage of sessions in a span, in the order of `rows`: each response counts once, in the session that made
 * it, and responses without a time do not count. Reads the ledgers of these sessions and of those that share a response
 * with them.
 */
export function spanUsage(
  index: SessionIndex,
  rows: readonly SessionRow[],
  span: Span,
  prices: Prices,
  nowMs: number,
): SpanUsage[] {
  const requested = new Set(rows);
  const union = unionAround(index, rows);
  const found = new Map<SessionRow, SpanUsage>();
  union.sessions.forEach(({ row }, at) => {
    if (requested.has(row)) found.set(row, usageOf(union, at, span, prices, row.lastActivityMs ?? nowMs));
  });
  return rows.map((row) => found.get(row) ?? { sums: new Sums(), firstMs: Infinity, lastMs: -Infinity });
}

function usageOf(union: Union, at: number, span: Span, prices: Prices, fallbackMs: number): SpanUsage {
  const usage: SpanUsage = { sums: new Sums(), firstMs: Infinity, lastMs: -Infinity };
  const extendTo = (timeMs: number): boolean => {
    if (!isInSpan(timeMs, span)) return false;
    usage.firstMs = Math.min(usage.firstMs, timeMs);
    usage.lastMs = Math.max(usage.lastMs, timeMs);
    return true;
  };
  union.forEachResponse(at, (response) => {
    if (extendTo(response.timeMs)) usage.sums.add(response, prices, fallbackMs);
  });
  union.forEachPromptTime(at, extendTo);
  return usage;
}

/** True for a time in the span; false for NaN. */
export function isInSpan(timeMs: number, { sinceMs, beforeMs }: Span): boolean {
  return timeMs >= sinceMs && timeMs < beforeMs;
}
