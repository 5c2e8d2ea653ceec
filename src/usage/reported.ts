import type { SessionRecord } from '../session-index/record.js';
import type { SessionCosts } from './session-costs.js';

/**
 * The relation of Claude Code's last report for a session to the list price of its responses (docs/usage.md, "What
 * Claude Code reports"). `same`: they agree; `from-fork`: the report counts from the fork on, calls without an answer
 * included.
 * `prices`: the same tokens at other prices, or a price file is in use; `default-price`: Claude Code had no price for a
 * model. More tokens: `compactions`, `parent`, `side-calls`. Fewer: `older` (answers came after it), `less`. Without
 * token counts in the report: `more`, `fewer`, or a reason the transcript itself gives.
 */
export type ReportRelation =
  | 'same'
  | 'from-fork'
  | 'prices'
  | 'default-price'
  | 'compactions'
  | 'parent'
  | 'side-calls'
  | 'more'
  | 'older'
  | 'less'
  | 'fewer';

/** Sums of the same amounts differ by less than this, whatever the order of addition. */
const ROUNDING_USD = 1e-6;

/** Returns the relation; null if one of the costs is not known. */
export function reportRelation(record: SessionRecord, costs: SessionCosts): ReportRelation | null {
  const { reportedCostUsd: reported, compactions } = record;
  const { all, own, about, isOverridden } = costs;
  const [whole, part] = [all.wholeUsd, own.wholeUsd];
  if (reported === null || whole === null || part === null) return null;
  if (Math.abs(reported - whole) < ROUNDING_USD) return 'same';
  const isFork = own.responses < all.responses;
  const isBetween = reported > part && reported < whole;
  const startsAtFork = compactions > 0 || about.forkedFrom !== null;
  if (isFork && (Math.abs(reported - part) < ROUNDING_USD || (startsAtFork && isBetween))) return 'from-fork';
  if (about.isReportGuessed) return 'default-price';
  const { reportedTokens: tokens } = about;
  const isMore = tokens === null ? reported > whole : tokens > all.tokens.total;
  const isSameTokens = tokens === all.tokens.total || (isFork && tokens === own.tokens.total);
  // If fewer tokens cost more, or more tokens less, the price is a reason in any case.
  if (isOverridden || isSameTokens || isMore !== reported > whole) return 'prices';
  if (isMore) return compactions > 0 ? 'compactions' : isFork ? 'parent' : tokens === null ? 'more' : 'side-calls';
  return about.answeredSinceReport ? 'older' : tokens === null ? 'fewer' : 'less';
}
