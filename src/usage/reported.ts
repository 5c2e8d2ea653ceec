import type { SessionRecord } from '../session-index/record.js';
import type { SessionCosts } from './session-costs.js';

/**
 * How what Claude Code itself last reported for a session relates to the list price of its responses, as far as it can be
 * told (docs/usage.md, "What Claude Code reports"):
 * `same`; `from-fork`: it counts from the fork on, compactions included; `compactions`, `parent`, `side-calls`: it is more, by calls that leave no
 * answer in the transcript, or by all its parent had cost; `older`: answers came after it; `less`: it is less, for another reason.
 */
export type ReportRelation = 'same' | 'from-fork' | 'compactions' | 'parent' | 'side-calls' | 'older' | 'less';

/** Sums of the same amounts differ by less, however they were added up. */
const ROUNDING_USD = 1e-6;

/** The relation; null where one of the two is not known. */
export function reportRelation(
  { reportedCostUsd: reported, compactions }: SessionRecord,
  { all, own, answeredSinceReport }: SessionCosts,
): ReportRelation | null {
  const [whole, part] = [all.wholeUsd, own.wholeUsd];
  if (reported === null || whole === null || part === null) return null;
  if (Math.abs(reported - whole) < ROUNDING_USD) return 'same';
  const isFork = own.responses < all.responses;
  const isOwn = Math.abs(reported - part) < ROUNDING_USD || (compactions > 0 && reported > part && reported < whole);
  if (isFork && isOwn) return 'from-fork';
  if (reported > whole) return compactions > 0 ? 'compactions' : isFork ? 'parent' : 'side-calls';
  return answeredSinceReport ? 'older' : 'less';
}
