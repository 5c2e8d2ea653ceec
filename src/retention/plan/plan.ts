import { listIdArtifacts } from '../../claude/layout.js';
import { readHolders } from '../../claude/live/holders.js';
import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import { assemble, type Parts } from './assemble.js';
import { candidatesOf, EVERYTHING, type PruneCandidate } from './candidates.js';
import { decide, type KeptCandidate } from './decide.js';
import { Forks } from './forks.js';
import { findLeftovers } from './leftovers.js';
import type { RemovalCode, PrunePolicy, Reason, KeepCode } from '../model.js';
import type { PlannedPrune, PlanOptions } from './planned.js';
import { Protections, type PlanRules } from '../keep/protections.js';
import { ourFolders } from './survey/our-folders.js';

/**
 * Plans which sessions of an index a policy removes and which it keeps, with reasons. Reads the files of selected
 * sessions, and writes nothing. Throws IO if leftovers are selected but cannot be identified.
 */
export function planPrune(index: SessionIndex, policy: PrunePolicy, options: PlanOptions): PlannedPrune {
  return assemble(decidePrune(index, policy, options));
}

/** Decides what a policy removes from the sessions of an index. Throws as `planPrune`. */
export function decidePrune(index: SessionIndex, policy: PrunePolicy, options: PlanOptions): Parts {
  const { environment } = options;
  const { configDirs } = environment;
  const now = environment.now();
  const idArtifacts = listIdArtifacts(configDirs);
  // A plan may use remembered sizes, since every file is examined again before it moves.
  const sums = index.folderSums();
  const { all, inScope } = candidatesOf({ index, policy, idArtifacts, isOurs: ourFolders(configDirs), sums });
  if (!options.dryRun) sums.save();
  const leftovers = policy.orphans
    ? findLeftovers({ configDirs, idArtifacts, sessions: all, problems: index.problems, scope: policy.scope })
    : [];
  const candidates = [...inScope, ...leftovers];
  const rules = rulesOf(policy);
  const protections = new Protections({
    registry: readHolders(configDirs, environment.system),
    rules,
    configDirs,
    now,
  });
  const forks = new Forks(index, all);
  const parentsInUse = new Map<PruneCandidate, Reason<KeepCode>>();
  for (;;) {
    const protect = (candidate: PruneCandidate): readonly Reason<KeepCode>[] => {
      const forFork = parentsInUse.size === 0 ? undefined : parentsInUse.get(candidate);
      const own = protections.reasonsOf(candidate);
      return forFork === undefined ? own : [...own, forFork];
    };
    const { removed, kept } = decide(candidates, policy, now, protect);
    const found = forks.findParentsInUse((candidate) => removed.has(candidate));
    if (found.length === 0) return { index, policy, options, now, candidates, removed, kept, protections };
    // A parent that is kept may itself be a fork, and a budget then selects other sessions, so all is decided again.
    for (const [parent, reason] of found) parentsInUse.set(parent, reason);
  }
}

/** Returns the protections that a policy does not switch off. */
export function rulesOf({ minIdle, includeRestored, includeArchived }: PrunePolicy): PlanRules {
  return { minIdleMs: minIdle.ms, restored: !includeRestored, archived: !includeArchived, unknownAge: true };
}

/** Options of a removal by name. */
export interface RemovalOptions extends PlanOptions {
  policy: PrunePolicy;
}

/**
 * Plans the removal of named sessions, whatever their age, unless they are live, pinned, or must not be moved. `rows`
 * are of this index; a session that is named twice is removed once.
 */
export function planRemoval(index: SessionIndex, rows: readonly SessionRow[], options: RemovalOptions): PlannedPrune {
  const { environment, policy } = options;
  const { configDirs } = environment;
  const now = environment.now();
  const named = new Set(rows);
  const ids = new Set(rows.map(({ file }) => file.id));
  const { all } = candidatesOf({
    index,
    rows: index.rows.filter(({ file }) => ids.has(file.id)),
    policy: EVERYTHING,
    idArtifacts: listIdArtifacts(configDirs),
    isOurs: ourFolders(configDirs),
  });
  const candidates = all.filter(({ row }) => row !== null && named.has(row));
  const rules: PlanRules = { minIdleMs: null, restored: false, archived: false, unknownAge: false };
  const protections = new Protections({
    registry: readHolders(configDirs, environment.system),
    rules,
    configDirs,
    now,
  });
  const removed = new Map<PruneCandidate, Reason<RemovalCode>[]>();
  const kept: KeptCandidate<PruneCandidate>[] = [];
  for (const candidate of candidates) {
    const reasons = protections.reasonsOf(candidate);
    const wanted: Reason<RemovalCode>[] = [{ code: 'named', detail: null }];
    if (reasons.length === 0) removed.set(candidate, wanted);
    else kept.push({ candidate, wanted, reasons: [...reasons] });
  }
  return assemble({ index, policy, options, now, candidates, removed, kept, protections });
}
