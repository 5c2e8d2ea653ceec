import { randomBytes } from 'node:crypto';
import { openShelves } from '../claude/layout.js';
import { readLiveRegistry } from '../claude/processes.js';
import type { Workplace } from '../claude/workplace.js';
import type { SessionRecord } from '../session-index/record.js';
import type { SessionIndex, SessionRow } from '../session-index/session-index.js';
import { candidatesOf, EVERYTHING, targetOf, type Found } from './candidates.js';
import { bytesGoing, decide, remainingBytes, type Held } from './decide.js';
import { Forks } from './forks.js';
import { recheck } from './judge.js';
import { findLeftovers } from './leftovers.js';
import type { Expiry, GoCode, Kept, PlanTotals, PreparedPlan, PrunePlan, PrunePolicy, Reason, Recheck, Removal, StayCode, Target } from './model.js';
import { policyRecord } from './policy-record.js';
import { Protections, type PlanRules } from './protections.js';
import { ourFolders, surveyTarget, type Survey } from './survey.js';

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

/**
 * What a policy removes from the sessions of an index, and what it leaves and why. Reads the disk for what it selects,
 * and writes nothing. Throws IO where leftovers are asked for and cannot be told from sessions.
 */
export function planPrune(index: SessionIndex, policy: PrunePolicy, options: PlanOptions): PlannedPrune {
  const { workplace } = options;
  const { configDirs } = workplace;
  const now = workplace.now();
  const shelves = openShelves(configDirs);
  const { all, inScope } = candidatesOf({ index, policy, shelves, isOurs: ourFolders(configDirs) });
  const leftovers = policy.orphans ? findLeftovers({ configDirs, shelves, sessions: all, problems: index.problems, scope: policy.scope }) : [];
  const candidates = [...inScope, ...leftovers];
  const rules: PlanRules = { minIdleMs: policy.minIdle.ms, restored: !policy.includeRestored, archived: !policy.includeArchived, unknownAge: true };
  const protections = new Protections({ registry: readLiveRegistry(configDirs, workplace.system), rules, configDirs, now });
  const forks = new Forks(index, all);
  const heldByForks = new Map<Found, Reason<StayCode>[]>();
  for (;;) {
    const protect = (found: Found): Reason<StayCode>[] => [...protections.reasonsOf(found), ...(heldByForks.get(found) ?? [])];
    const { go, held } = decide(candidates, policy, now, protect);
    // A session that stays for a fork's sake may itself be a fork, and the budget then takes others.
    const holdings = forks.holdings((found) => go.has(found));
    if (holdings.length === 0) return assemble({ index, policy, options, now, candidates, go, held, rules });
    for (const [found, reason] of holdings) heldByForks.set(found, [reason]);
  }
}

/** Choices of a removal by name. */
export interface RemovalOptions extends PlanOptions {
  policy: PrunePolicy;
}

/**
 * The plan for sessions that were named: whatever their age, they go unless they are live, pinned, or no session that
 * may be moved. `rows` are of this index; of one named twice once.
 */
export function planRemoval(index: SessionIndex, rows: readonly SessionRow[], options: RemovalOptions): PlannedPrune {
  const { workplace, policy } = options;
  const { configDirs } = workplace;
  const now = workplace.now();
  const named = new Set(rows);
  const { all } = candidatesOf({ index, policy: EVERYTHING, shelves: openShelves(configDirs), isOurs: ourFolders(configDirs) });
  const candidates = all.filter(({ row }) => row !== null && named.has(row));
  const rules: PlanRules = { minIdleMs: null, restored: false, archived: false, unknownAge: false };
  const protections = new Protections({ registry: readLiveRegistry(configDirs, workplace.system), rules, configDirs, now });
  const go = new Map<Found, Reason<GoCode>[]>();
  const held: Held<Found>[] = [];
  for (const candidate of candidates) {
    const reasons = protections.reasonsOf(candidate);
    const wanted: Reason<GoCode>[] = [{ code: 'named', detail: null }];
    if (reasons.length === 0) go.set(candidate, wanted);
    else held.push({ candidate, wanted, reasons });
  }
  return assemble({ index, policy, options, now, candidates, go, held, rules });
}

/** What a plan is put together from. */
export interface Parts {
  index: SessionIndex;
  policy: PrunePolicy;
  options: PlanOptions;
  now: number;
  candidates: readonly Found[];
  go: ReadonlyMap<Found, Reason<GoCode>[]>;
  held: readonly Held<Found>[];
  rules: PlanRules;
}

/** The plan for what was decided: `go` in the order of removal. */
export function assemble(parts: Parts): PlannedPrune {
  const { index, policy, options, now, candidates, go, held, rules } = parts;
  const isOurs = ourFolders(options.workplace.configDirs);
  const going = new Map<Found, Removal>();
  for (const [found, reasons] of go) {
    const survey = found.copies.length === 0 ? found.survey() : surveyTarget(lastTarget(found, going), isOurs);
    if (survey !== null) going.set(found, removalOf(found, reasons, survey));
  }
  const targets = new Map<Removal, Target>();
  const described = options.described === undefined ? [...going.keys()] : largestOf(going, options.described);
  const told = recordsOf(index, options.described === undefined ? [...described, ...held.map(({ candidate }) => candidate)] : described);
  const before = new Map<Found, Removal>();
  for (const found of described) {
    const removal = going.get(found);
    if (removal === undefined) continue;
    const target = lastTarget(found, before);
    before.set(found, removal);
    targets.set(removal, target);
    const survey = found.copies.length === 0 ? found.survey() : surveyTarget(target, isOurs);
    Object.assign(removal, toldOf(found, told.get(found)), { lastActivityAt: isoTime(found.ageMs), fingerprint: survey?.fingerprint });
  }
  const remove = [...going.values()];
  const keep = held.map((each) => keptOf(each, told.get(each.candidate)));
  const scannedBytes = remainingBytes(candidates, () => false);
  const plan: PrunePlan = {
    schemaVersion: 1,
    pruneId: newPruneId(now),
    dryRun: options.dryRun,
    now: new Date(now).toISOString(),
    configDirs: options.workplace.configDirs.map(({ path }) => path),
    trashDir: options.trash.dir,
    policy: policyRecord(policy),
    remove,
    keep,
    expire: [...options.trash.expire],
    totals: totalsOf({ scanned: candidates.length, scannedBytes, remove, keep, policy, trash: options.trash }),
    problems: [...index.problems],
  };
  return { plan, targets, rules, held: new Map(), found: candidates, going };
}

/** Those of a plan's sessions of which most goes, largest first. */
export function largestOf(going: PlannedPrune['going'], count: number): Found[] {
  const largest: [found: Found, bytes: number][] = [];
  for (const [found, { footprintBytes }] of going) {
    const least = largest.at(-1);
    if (largest.length === count && least !== undefined && footprintBytes <= least[1]) continue;
    largest.push([found, footprintBytes]);
    largest.sort(([, a], [, b]) => b - a);
    largest.length = Math.min(largest.length, count);
  }
  return largest.map(([found]) => found);
}

/** What copies of one id share goes with the last of them, and only if all go. */
function lastTarget(found: Found, before: ReadonlyMap<Found, Removal>): Target {
  return targetOf(found, found.copies.every((copy) => before.has(copy)));
}

/** Folder, title, time and fingerprint are filled in where they are asked for. */
function removalOf(found: Found, reasons: Reason<GoCode>[], { bytes, files }: Survey): Removal {
  return {
    id: found.id,
    configDir: found.configDir.path,
    projectDir: found.projectDir,
    cwd: found.cwd,
    title: null,
    kind: found.row?.kind ?? null,
    lastActivityAt: null,
    ageSource: found.ageSource,
    footprintBytes: bytes,
    files,
    reasons,
    fingerprint: '',
    status: 'planned',
    error: null,
  };
}

function recordsOf(index: SessionIndex, found: readonly Found[]): Map<Found, SessionRecord> {
  const withRows = found.filter(({ row }) => row !== null);
  const records = index.records(withRows.flatMap(({ row }) => row ?? []), { footprint: false });
  return new Map(withRows.flatMap((each, at) => (records[at] === undefined ? [] : [[each, records[at]]])));
}

function toldOf({ cwd }: Found, record: SessionRecord | undefined): Pick<Removal, 'cwd' | 'title'> {
  return { cwd: record?.cwd ?? cwd, title: record?.title ?? null };
}

function keptOf({ candidate, wanted, reasons }: Held<Found>, record: SessionRecord | undefined): Kept {
  return {
    id: candidate.id,
    configDir: candidate.configDir.path,
    projectDir: candidate.projectDir,
    ...toldOf(candidate, record),
    kind: candidate.row?.kind ?? null,
    lastActivityAt: isoTime(candidate.ageMs),
    footprintBytes: bytesGoing(candidate, () => true),
    wanted: wanted.map(({ code }) => code),
    reasons,
  };
}

interface Sums {
  scanned: number;
  scannedBytes: number;
  remove: readonly Removal[];
  keep: readonly Kept[];
  policy: PrunePolicy;
  trash: TrashState;
}

function totalsOf({ scanned, scannedBytes, remove, keep, policy, trash }: Sums): PlanTotals {
  const removeBytes = remove.reduce((sum, { footprintBytes }) => sum + footprintBytes, 0);
  const remainingAfter = Math.max(0, scannedBytes - removeBytes);
  return {
    scanned,
    scannedBytes,
    remove: remove.length,
    removeBytes,
    keep: keep.length,
    notSelected: scanned - remove.length - keep.length,
    removed: 0,
    changed: 0,
    protected: 0,
    failed: 0,
    movedBytes: 0,
    freedBytes: 0,
    trashBytes: trash.heldBytes,
    expired: 0,
    expireBytes: trash.expire.reduce((sum, { heldBytes }) => sum + heldBytes, 0),
    remainingBytes: remainingAfter,
    overBudgetBytes: policy.maxTotalBytes === null ? 0 : Math.max(0, remainingAfter - policy.maxTotalBytes),
  };
}

/** Sorts by time, and tells two runs of one second apart. */
function newPruneId(now: number): string {
  const second = new Date(now).toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length).replaceAll(':', '-');
  return `${second}Z-${randomBytes(2).toString('hex')}`;
}

function isoTime(ms: number | null): string | null {
  return ms === null || Math.abs(ms) > 8.64e15 ? null : new Date(ms).toISOString();
}
