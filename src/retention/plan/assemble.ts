import { randomBytes } from 'node:crypto';
import type { SessionRecord } from '../../session-index/record.js';
import type { SessionIndex } from '../../session-index/session-index.js';
import { targetOf, type Found } from './candidates.js';
import { removedBytes, remainingBytes, type KeptCandidate } from './decide.js';
import type {
  RemovalCode,
  Kept,
  PlanSummary,
  PlanTotals,
  PrunePlan,
  PrunePolicy,
  Reason,
  Removal,
  RemovalSummary,
  Target,
} from '../model.js';
import type { PlannedPrune, PlanOptions, SummarizedPrune, TrashState } from './planned.js';
import { policyRecord } from './policy-record.js';
import type { Protections } from '../keep/protections.js';
import { ourFolders } from './survey/our-folders.js';
import { surveyTarget, type Survey } from './survey/survey.js';
import { isoTime } from '../../system/time.js';

/** Parts that a plan is assembled from. */
export interface Parts {
  index: SessionIndex;
  policy: PrunePolicy;
  options: PlanOptions;
  now: number;
  candidates: readonly Found[];
  removed: ReadonlyMap<Found, readonly Reason<RemovalCode>[]>;
  kept: readonly KeptCandidate<Found>[];
  protections: Protections;
}

/** Returns the plan for what was decided, its removals in the order of `removed`. */
export function assemble(parts: Parts): PlannedPrune {
  const { index, candidates, removed, kept, protections } = parts;
  const surveys = surveysOf(parts);
  const records = recordsOf(index, [...surveys.keys(), ...kept.map(({ candidate }) => candidate)]);
  const going = new Map<Found, Removal>();
  const targets = new Map<Removal, Target>();
  for (const [found, survey] of surveys) {
    const target = lastTarget(found, going);
    const removal = removalOf(found, removed.get(found) ?? [], survey, records.get(found));
    going.set(found, removal);
    targets.set(removal, target);
  }
  const remove = [...going.values()];
  const keep = kept.map((each) => keptOf(each, records.get(each.candidate)));
  const { expire, totals, problems, ...head } = headOf(parts, remove);
  const plan: PrunePlan = { schemaVersion: 1, ...head, remove, keep, expire, totals, problems };
  return { plan, targets, rules: protections.rules, held: new Map(), found: candidates, going };
}

/**
 * Returns the sums of the plan that `assemble` makes, for a screen. Records and fingerprints, which take as long as
 * all the rest, are not read.
 */
export function summarize(parts: Parts): SummarizedPrune {
  const going = new Map<Found, RemovalSummary>();
  for (const [found, { bytes }] of surveysOf(parts))
    going.set(found, { footprintBytes: bytes, reasons: parts.removed.get(found) ?? [], status: 'planned' });
  const remove = [...going.values()];
  const keep = parts.kept.map(({ wanted, reasons }) => ({ wanted: wanted.map(({ code }) => code), reasons }));
  return { plan: { ...headOf(parts, remove), remove, keep }, found: parts.candidates, going };
}

/** The state of the files of each session to be removed, without sessions that have vanished. */
function surveysOf({ removed, options }: Parts): Map<Found, Survey> {
  const isOurs = ourFolders(options.workplace.configDirs);
  const surveys = new Map<Found, Survey>();
  for (const found of removed.keys()) {
    const survey = found.copies.length === 0 ? found.survey() : surveyTarget(lastTarget(found, surveys), isOurs);
    if (survey !== null) surveys.set(found, survey);
  }
  return surveys;
}

/** The members of a plan that do not depend on the files of its sessions. */
function headOf(
  { index, policy, options, now, candidates, kept, protections }: Parts,
  remove: readonly RemovalSummary[],
): Omit<PlanSummary, 'remove' | 'keep'> {
  const { workplace, dryRun, trash } = options;
  return {
    pruneId: newPruneId(now),
    dryRun,
    now: new Date(now).toISOString(),
    configDirs: workplace.configDirs.map(({ path }) => path),
    trashDir: trash.dir,
    policy: policyRecord(policy),
    expire: [...trash.expire],
    totals: totalsOf({ candidates, remove, keep: kept.length, policy, trash }),
    problems: [...index.problems, ...protections.problems],
  };
}

/** Files shared by copies of one id are removed with the last copy, and only if all are removed. */
function lastTarget(found: Found, before: ReadonlyMap<Found, unknown>): Target {
  return targetOf(
    found,
    found.copies.every((copy) => before.has(copy)),
  );
}

function removalOf(
  found: Found,
  reasons: readonly Reason<RemovalCode>[],
  { bytes, files, fingerprint }: Survey,
  record: SessionRecord | undefined,
): Removal {
  return {
    id: found.id,
    configDir: found.configDir.path,
    projectDir: found.projectDir,
    ...descriptionOf(found, record),
    kind: found.row?.kind ?? null,
    lastActivityAt: isoTime(found.ageMs),
    ageSource: found.ageSource,
    footprintBytes: bytes,
    files,
    reasons: [...reasons],
    fingerprint,
    status: 'planned',
    error: null,
  };
}

function recordsOf(index: SessionIndex, found: readonly Found[]): Map<Found, SessionRecord> {
  const withRows = found.filter(({ row }) => row !== null);
  const records = index.records(
    withRows.flatMap(({ row }) => row ?? []),
    { footprint: false },
  );
  return new Map(withRows.flatMap((each, at) => (records[at] === undefined ? [] : [[each, records[at]]])));
}

function descriptionOf({ cwd }: Found, record: SessionRecord | undefined): Pick<Removal, 'cwd' | 'title'> {
  return { cwd: record?.cwd ?? cwd, title: record?.title ?? null };
}

function keptOf({ candidate, wanted, reasons }: KeptCandidate<Found>, record: SessionRecord | undefined): Kept {
  return {
    id: candidate.id,
    configDir: candidate.configDir.path,
    projectDir: candidate.projectDir,
    ...descriptionOf(candidate, record),
    kind: candidate.row?.kind ?? null,
    lastActivityAt: isoTime(candidate.ageMs),
    footprintBytes: removedBytes(candidate, () => true),
    wanted: wanted.map(({ code }) => code),
    reasons,
  };
}

interface Sums {
  candidates: readonly Found[];
  remove: readonly RemovalSummary[];
  /** Number of sessions that are kept. */
  keep: number;
  policy: PrunePolicy;
  trash: TrashState;
}

function totalsOf({ candidates, remove, keep, policy, trash }: Sums): PlanTotals {
  const scanned = candidates.length;
  const scannedBytes = remainingBytes(candidates, () => false);
  const removeBytes = remove.reduce((sum, { footprintBytes }) => sum + footprintBytes, 0);
  const remainingAfter = Math.max(0, scannedBytes - removeBytes);
  return {
    scanned,
    scannedBytes,
    remove: remove.length,
    removeBytes,
    keep,
    notSelected: scanned - remove.length - keep,
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

/** Sorts by time, and distinguishes two runs of one second. */
function newPruneId(now: number): string {
  const second = new Date(now).toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length).replaceAll(':', '-');
  return `${second}Z-${randomBytes(2).toString('hex')}`;
}
