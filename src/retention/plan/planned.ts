import type { Workplace } from '../../claude/workplace.js';
import type { Found } from './candidates.js';
import { recheck } from './judge.js';
import type { Expiry, PreparedPlan, Reason, Recheck, Removal, StayCode, Target } from '../model.js';
import type { PlanRules } from '../keep/protections.js';

/** What lies in the trash already. */
export interface TrashState {
  dir: string;
  heldBytes: number;
  /** Whose time is over. */
  expire: readonly Expiry[];
}

/** What a plan is made in. */
export interface PlanOptions {
  workplace: Workplace;
  trash: TrashState;
  dryRun: boolean;
  /**
   * Of so many of the largest alone folder, title, time and fingerprint are looked up, which takes as long as all the rest: for
   * a screen that shows no more. Such a plan can be shown, but neither kept nor applied.
   */
  described?: number;
}

/** How the targets of a plan stand at the moment of acting (`recheck`), with what the plan knows of them beside. */
export function recheckOf({ rules, held }: PlannedPrune, workplace: Workplace): (target: Target) => Recheck {
  return (target) => {
    const now = recheck(target, rules, workplace);
    return { ...now, reasons: [...now.reasons, ...(held.get(target) ?? [])] };
  };
}

/** A plan with what was found on the way, for a screen to sum up. */
export interface PlannedPrune extends PreparedPlan {
  rules: PlanRules;
  /** What protects some of the sessions by what only the whole index tells; for a plan just made nothing does. */
  held: ReadonlyMap<Target, Reason<StayCode>[]>;
  found: readonly Found[];
  going: ReadonlyMap<Found, Removal>;
}
