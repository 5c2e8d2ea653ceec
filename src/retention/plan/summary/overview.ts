import type { SessionIndex } from '../../../session-index/session-index.js';
import type { PlanSummary } from '../../model.js';
import type { SummarizedPrune, SummarizedRemoval } from '../planned.js';
import { largestOf, sharesOf, type ProjectShare } from './shares.js';

/** A plan as a screen shows it. */
export interface PruneOverview {
  plan: PlanSummary;
  /** Sums by project dir, the one that loses most bytes first. */
  shares: readonly ProjectShare[];
  /** The largest removals, largest first. */
  largest: readonly SummarizedRemoval[];
}

/** Returns the overview of a plan that was made session by session. */
export function overviewOf(planned: SummarizedPrune, index: SessionIndex): PruneOverview {
  return { plan: planned.plan, shares: sharesOf(planned, index), largest: largestOf(planned.removals) };
}
