import { listIdArtifacts } from '../../claude/layout.js';
import { readHolders } from '../../claude/live/holders.js';
import type { SessionIndex } from '../../session-index/session-index.js';
import { candidatesOf, EVERYTHING } from './candidates.js';
import { candidatesByKey, keyOf, withProtections } from './current-protections.js';
import { Forks } from './forks.js';
import { findLeftovers } from './leftovers.js';
import type { PlanTotals, PrunePlan, PrunePolicy, Removal, RemovalCode } from '../model.js';
import { assemble } from './assemble.js';
import type { PlannedPrune, PlannedRemoval, PlanOptions } from './planned.js';
import { refused, type ListedPlan, type ListedRemoval } from './plan-file.js';
import { Protections, type PlanRules } from '../keep/protections.js';
import { ourFolders } from './survey/our-folders.js';

/** Inputs for applying a listed plan, in addition to the plan. */
export interface ListedOptions extends PlanOptions {
  /** The policy of the file, parsed; its selectors are not used. */
  policy: PrunePolicy;
  /** Returns true if a missing session is in the trash, because the plan was applied before. */
  isTrashed(id: string): boolean;
}

/**
 * Plans exactly the removals of a plan file, each with the fingerprint of the file, so that a session that differs is
 * not touched. Throws PLAN_REFUSED if the file names a session that does not exist here.
 */
export function planListed(index: SessionIndex, listed: ListedPlan, options: ListedOptions): PlannedPrune {
  const { environment, policy, dryRun } = options;
  const { configDirs } = environment;
  const now = environment.now();
  const idArtifacts = listIdArtifacts(configDirs);
  const { all } = candidatesOf({ index, policy: EVERYTHING, idArtifacts, isOurs: ourFolders(configDirs) });
  const leftovers = listed.remove.some((removal) => hasReason(removal, 'orphan'))
    ? findLeftovers({ configDirs, idArtifacts, sessions: all, problems: index.problems, scope: EVERYTHING.scope })
    : [];
  const byKey = candidatesByKey([...all, ...leftovers]);
  const present = listed.remove.filter((removal) => byKey.has(keyOf(removal)) || !options.isTrashed(removal.id));
  const candidates = present.map((removal) => byKey.get(keyOf(removal)) ?? missing(removal));
  const isNamed = present.every((removal) => hasReason(removal, 'named'));
  const rules: PlanRules = {
    minIdleMs: policy.minIdle.ms,
    restored: !policy.includeRestored,
    archived: !policy.includeArchived && !isNamed,
    unknownAge: !isNamed,
  };
  const protections = new Protections({
    registry: readHolders(configDirs, environment.system),
    rules,
    configDirs,
    now,
  });
  const removed = new Map(candidates.map((candidate, at) => [candidate, present[at]?.reasons ?? []]));
  const planned = assemble({ index, policy, options, now, candidates, removed, kept: [], protections });
  const forks = new Forks(index, all);
  const fingerprints = new Map(present.map((removal) => [keyOf(removal), removal.fingerprint]));
  const removals = withProtections(
    planned.removals,
    planned.removals.map(({ candidate }) => candidate),
    { protections, forks },
  ).map((each): PlannedRemoval => {
    const fingerprint = fingerprints.get(keyOf(each.removal)) ?? each.removal.fingerprint;
    const outcome = dryRun ? outcomeNow(each, fingerprint) : {};
    return { ...each, removal: { ...each.removal, ...outcome, fingerprint } };
  });
  const remove = removals.map(({ removal }) => removal);
  const totals = totalsOf({ ...planned.plan, remove }, listed, policy);
  return { ...planned, removals, plan: { ...planned.plan, pruneId: listed.pruneId, remove, totals } };
}

function hasReason({ reasons }: ListedRemoval, wanted: RemovalCode): boolean {
  return reasons.some(({ code }) => code === wanted);
}

function missing({ id, projectDir }: ListedRemoval): never {
  throw refused(`there is no session ${id} in project dir ${JSON.stringify(projectDir)}`);
}

/** Returns the outcome that a run would have now, for a dry run. */
function outcomeNow(
  { removal, protections: [reason] }: PlannedRemoval,
  fingerprint: string,
): Partial<Pick<Removal, 'status' | 'error'>> {
  if (reason === undefined) return removal.fingerprint === fingerprint ? {} : { status: 'changed' };
  const { code, detail } = reason;
  return { status: 'protected', error: { code, message: detail === null ? code : `${code}: ${detail}` } };
}

/** Returns the totals with the number of sessions that the file says were scanned: its scope is not in the file. */
function totalsOf(
  { remove, totals }: PrunePlan,
  { scanned, scannedBytes }: ListedPlan,
  { maxTotalBytes }: PrunePolicy,
): PlanTotals {
  const remainingBytes = Math.max(0, scannedBytes - totals.removeBytes);
  const withStatus = (status: Removal['status']): number =>
    remove.filter((removal) => removal.status === status).length;
  return {
    ...totals,
    scanned: Math.max(scanned, remove.length),
    scannedBytes,
    notSelected: Math.max(0, scanned - remove.length),
    changed: withStatus('changed'),
    protected: withStatus('protected'),
    remainingBytes,
    overBudgetBytes: maxTotalBytes === null ? 0 : Math.max(0, remainingBytes - maxTotalBytes),
  };
}
