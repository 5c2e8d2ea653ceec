import type { LiveRegistry } from '../../claude/live/live-registry.js';
import type { Workplace } from '../../claude/workplace.js';
import type { Found } from './candidates.js';
import { recheck } from './judge.js';
import { ourFoldersNow } from './survey/our-folders.js';
import type {
  Expiry,
  PlanSummary,
  PreparedPlan,
  Reason,
  Recheck,
  Removal,
  RemovalSummary,
  KeepCode,
  Target,
} from '../model.js';
import type { PlanRules } from '../keep/protections.js';

/** Present content of the trash. */
export interface TrashState {
  dir: string;
  heldBytes: number;
  /** Sessions in the trash whose time is over. */
  expire: readonly Expiry[];
}

/** Surroundings and choices of a plan. */
export interface PlanOptions {
  workplace: Workplace;
  trash: TrashState;
  dryRun: boolean;
}

/** Returns the state of a target at the moment of acting (`recheck`), with the plan's own reasons. */
export function recheckOf(
  { rules, held }: PlannedPrune,
  workplace: Workplace,
): (target: Target, registry?: LiveRegistry) => Recheck {
  const isOurs = ourFoldersNow(workplace.configDirs);
  return (target, registry) => {
    const now = recheck(target, rules, workplace, isOurs, registry);
    return { ...now, reasons: [...now.reasons, ...(held.get(target) ?? [])] };
  };
}

/** The sums of a plan, with the sessions they were made from. */
export interface SummarizedPrune {
  plan: PlanSummary;
  found: readonly Found[];
  going: ReadonlyMap<Found, RemovalSummary>;
}

/** A plan that can be applied, with the sessions it was made from. A screen shows it as it does a `SummarizedPrune`. */
export interface PlannedPrune extends PreparedPlan {
  rules: PlanRules;
  /** Protections that need the whole index; empty for a plan just made. */
  held: ReadonlyMap<Target, Reason<KeepCode>[]>;
  found: readonly Found[];
  going: ReadonlyMap<Found, Removal>;
}
