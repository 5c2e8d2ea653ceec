import type { LiveRegistry } from '../../claude/live/live-registry.js';
import type { Workplace } from '../../claude/workplace.js';
import type { Found } from './candidates.js';
import { recheck } from './judge.js';
import { ourFoldersNow } from './survey/our-folders.js';
import type { Expiry, PreparedPlan, Reason, Recheck, Removal, StayCode, Target } from '../model.js';
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
  /**
   * Only for this number of the largest are folder, title, time and fingerprint looked up, which takes as long as the
   * rest: for a screen that shows no more. Such a plan can be shown, but neither kept nor applied.
   */
  described?: number;
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

/** A plan with what was found on the way, for a screen to sum up. */
export interface PlannedPrune extends PreparedPlan {
  rules: PlanRules;
  /** Protections that need the whole index; empty for a plan just made. */
  held: ReadonlyMap<Target, Reason<StayCode>[]>;
  found: readonly Found[];
  going: ReadonlyMap<Found, Removal>;
}
