import type { LiveRegistry } from '../../claude/live/live-registry.js';
import type { Environment } from '../../claude/environment.js';
import type { PruneCandidate } from './candidates.js';
import { recheck } from './recheck.js';
import { ourFoldersNow } from './survey/our-folders.js';
import type {
  Expiry,
  PlanSummary,
  PrunePlan,
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
  /** Expired sessions in the trash. */
  expire: readonly Expiry[];
}

/** Options of a plan. */
export interface PlanOptions {
  environment: Environment;
  trash: TrashState;
  dryRun: boolean;
}

/** A session that a plan removes, as a screen shows it. */
export interface SummarizedRemoval {
  candidate: PruneCandidate;
  removal: RemovalSummary;
}

/** The sums of a plan, with its sessions. */
export interface SummarizedPrune {
  plan: PlanSummary;
  /** All sessions in scope, removed or not. */
  candidates: readonly PruneCandidate[];
  /** In the order of `plan.remove`. */
  removals: readonly SummarizedRemoval[];
}

/** A session that a plan removes, with its files on this disk. */
export interface PlannedRemoval extends SummarizedRemoval {
  /** The member of `plan.remove`. */
  removal: Removal;
  target: Target;
  /** Reasons to keep it that only the whole index shows, in addition to those of `recheck`; empty in a new plan. */
  protections: readonly Reason<KeepCode>[];
}

/** A plan that can be applied, with the files of each removal. */
export interface PlannedPrune extends SummarizedPrune {
  plan: PrunePlan;
  removals: readonly PlannedRemoval[];
  rules: PlanRules;
}

/** Returns a function that checks a removal once more just before its files are moved (`recheck`). */
export function recheckOf(
  { rules }: PlannedPrune,
  environment: Environment,
): (planned: PlannedRemoval, registry?: LiveRegistry) => Recheck {
  const isOurs = ourFoldersNow(environment.configDirs);
  return ({ target, protections }, registry) => {
    const now = recheck(target, rules, environment, isOurs, registry);
    return { ...now, reasons: [...now.reasons, ...protections] };
  };
}
