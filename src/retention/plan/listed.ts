import { listIdArtifacts } from '../../claude/layout.js';
import { readHolders } from '../../claude/live/holders.js';
import type { Workplace } from '../../claude/workplace.js';
import type { SessionIndex } from '../../session-index/session-index.js';
import { candidatesOf, EVERYTHING, targetOf, type Found } from './candidates.js';
import { Forks } from './forks.js';
import { findLeftovers } from './leftovers.js';
import type { PrunePolicy, Reason, Removal, KeepCode, Target } from '../model.js';
import { assemble } from './assemble.js';
import type { PlannedPrune, PlanOptions } from './planned.js';
import { refused, type ListedPlan, type ListedRemoval } from './plan-file.js';
import { Protections, type PlanRules } from '../keep/protections.js';
import { ourFolders } from './survey/our-folders.js';

/** Inputs for applying a listed plan, in addition to the plan. */
export interface ListedOptions extends PlanOptions {
  /** The policy of the file, read; its selectors no longer count. */
  policy: PrunePolicy;
  /** True if a missing session is in the trash, so that the plan was applied before. */
  isTrashed(id: string): boolean;
}

/**
 * The plan of a file over the index as it is now: exactly its sessions, each with the fingerprint the file says, so
 * that one that differs is not touched. What protects a session now is in `held`. Throws PLAN_REFUSED if it names
 * a session that does not exist here.
 */
export function planListed(index: SessionIndex, listed: ListedPlan, options: ListedOptions): PlannedPrune {
  const { workplace, policy } = options;
  const { configDirs } = workplace;
  const now = workplace.now();
  const idArtifacts = listIdArtifacts(configDirs);
  const { all } = candidatesOf({ index, policy: EVERYTHING, idArtifacts, isOurs: ourFolders(configDirs) });
  const wantsLeftovers = listed.remove.some(({ reasons }) => reasons.some(({ code }) => code === 'orphan'));
  const leftovers = wantsLeftovers
    ? findLeftovers({ configDirs, idArtifacts, sessions: all, problems: index.problems, scope: EVERYTHING.scope })
    : [];
  const byKey = new Map(
    [...all, ...leftovers].map((found) => [
      keyOf({ id: found.id, configDir: found.configDir.path, projectDir: found.projectDir }),
      found,
    ]),
  );
  const go = new Map<Found, ListedRemoval>();
  for (const removal of listed.remove) {
    const found = byKey.get(keyOf(removal));
    if (found !== undefined) go.set(found, removal);
    else if (!options.isTrashed(removal.id))
      throw refused(`there is no session ${removal.id} in project dir ${JSON.stringify(removal.projectDir)}`);
  }
  const isNamed = [...go.values()].every(({ reasons }) => reasons.some(({ code }) => code === 'named'));
  const rules: PlanRules = {
    minIdleMs: policy.minIdle.ms,
    restored: !policy.includeRestored,
    archived: !policy.includeArchived && !isNamed,
    unknownAge: !isNamed,
  };
  const protections = new Protections({ registry: readHolders(configDirs, workplace.system), rules, configDirs, now });
  const reasons = new Map([...go].map(([found, removal]) => [found, removal.reasons]));
  const planned = assemble({
    index,
    policy,
    options,
    now,
    candidates: [...go.keys()],
    removed: reasons,
    kept: [],
    protections,
  });
  const held = heldOf(planned.going, planned.targets, protections, new Forks(index, all));
  for (const [found, removal] of planned.going) {
    const { fingerprint } = go.get(found) ?? removal;
    if (options.dryRun)
      judgeNow(removal, fingerprint, held.get(planned.targets.get(removal) ?? targetOf(found, false)));
    removal.fingerprint = fingerprint;
  }
  return {
    ...planned,
    held,
    plan: { ...planned.plan, pruneId: listed.pruneId, totals: totalsOf(planned, listed, policy) },
  };
}

function keyOf({ id, configDir, projectDir }: Pick<ListedRemoval, 'id' | 'configDir' | 'projectDir'>): string {
  return [configDir, projectDir, id].join('\0');
}

/**
 * Returns the plan with the present protections of its sessions, by a newly opened index: for when time has passed
 * since it was made. A session that is not there any more is left to the last look before the move.
 */
export function judgeAgain(
  planned: PlannedPrune,
  index: SessionIndex,
  { configDirs, now, system }: Workplace,
): PlannedPrune {
  const { all } = candidatesOf({
    index,
    policy: EVERYTHING,
    idArtifacts: listIdArtifacts(configDirs),
    isOurs: ourFolders(configDirs),
  });
  const byKey = new Map(
    all.map((found) => [keyOf({ id: found.id, configDir: found.configDir.path, projectDir: found.projectDir }), found]),
  );
  const going = new Map<Found, Removal>();
  for (const removal of planned.targets.keys()) {
    const found = byKey.get(keyOf(removal));
    if (found !== undefined) going.set(found, removal);
  }
  const registry = readHolders(configDirs, system);
  const protections = new Protections({ registry, rules: planned.rules, configDirs, now: now() });
  return { ...planned, held: heldOf(going, planned.targets, protections, new Forks(index, all)) };
}

function heldOf(
  going: ReadonlyMap<Found, Removal>,
  targets: PlannedPrune['targets'],
  protections: Protections,
  forks: Forks,
): Map<Target, Reason<KeepCode>[]> {
  const read = new Map(forks.holdings((found) => going.has(found)));
  const held = new Map<Target, Reason<KeepCode>[]>();
  for (const [found, removal] of going) {
    const target = targets.get(removal);
    const fork = removal.reasons.some(({ code }) => code === 'named') ? undefined : read.get(found);
    const reasons = [...protections.reasonsOf(found), ...(fork === undefined ? [] : [fork])];
    if (target !== undefined && reasons.length > 0) held.set(target, reasons);
  }
  return held;
}

/** The outcome a run would report now. */
function judgeNow(removal: Removal, fingerprint: string, [reason]: readonly Reason<KeepCode>[] = []): void {
  if (reason !== undefined) {
    removal.status = 'protected';
    removal.error = {
      code: reason.code,
      message: reason.detail === null ? reason.code : `${reason.code}: ${reason.detail}`,
    };
  } else if (removal.fingerprint !== fingerprint) removal.status = 'changed';
}

/** The file says what its sessions were chosen from: its scope cannot be looked at again. */
function totalsOf(
  { plan }: PlannedPrune,
  { scanned, scannedBytes }: ListedPlan,
  { maxTotalBytes }: PrunePolicy,
): PlannedPrune['plan']['totals'] {
  const remainingBytes = Math.max(0, scannedBytes - plan.totals.removeBytes);
  const withStatus = (status: Removal['status']): number =>
    plan.remove.filter((removal) => removal.status === status).length;
  return {
    ...plan.totals,
    scanned: Math.max(scanned, plan.remove.length),
    scannedBytes,
    notSelected: Math.max(0, scanned - plan.remove.length),
    changed: withStatus('changed'),
    protected: withStatus('protected'),
    remainingBytes,
    overBudgetBytes: maxTotalBytes === null ? 0 : Math.max(0, remainingBytes - maxTotalBytes),
  };
}
