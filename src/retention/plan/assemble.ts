import { randomBytes } from 'node:crypto';
import type { SessionRecord } from '../../session-index/record.js';
import type { SessionIndex } from '../../session-index/session-index.js';
import { targetOf, type PruneCandidate } from './candidates.js';
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
} from '../model.js';
import type {
  PlannedPrune,
  PlannedRemoval,
  PlanOptions,
  SummarizedPrune,
  SummarizedRemoval,
  TrashState,
} from './planned.js';
import { policyRecord } from './policy-record.js';
import type { Protections } from '../keep/protections.js';
import { ourFolders } from './survey/our-folders.js';
import { surveyTarget, type Survey } from './survey/survey.js';
import { isoTime } from '../../system/time.js';

/** Inputs of a plan. */
export interface Parts {
  index: SessionIndex;
  policy: PrunePolicy;
  options: PlanOptions;
  now: number;
  candidates: readonly PruneCandidate[];
  removed: ReadonlyMap<PruneCandidate, readonly Reason<RemovalCode>[]>;
  kept: readonly KeptCandidate<PruneCandidate>[];
  protections: Protections;
}

/** Returns the plan for what was decided, its removals in the order of `removed`. */
export function assemble(parts: Parts): PlannedPrune {
  const { index, candidates, kept, protections } = parts;
  const surveyed = surveyRemovals(parts);
  const described = [...surveyed, ...kept].map(({ candidate }) => candidate);
  const records = recordsOf(index, described);
  const removals = surveyed.map((each, at): PlannedRemoval => {
    const { candidate, isLastCopy } = each;
    const target = targetOf(candidate, isLastCopy);
    return { candidate, target, removal: removalOf(each, records[at]), protections: [] };
  });
  const remove = removals.map(({ removal }) => removal);
  const keep = kept.map((each, at) => keptOf(each, records[removals.length + at]));
  const { expire, totals, problems, ...head } = headOf(parts, remove);
  const plan: PrunePlan = { schemaVersion: 1, ...head, remove, keep, expire, totals, problems };
  return { plan, candidates, removals, rules: protections.rules };
}

/**
 * Returns the sums of the plan that `assemble` makes, for a screen. Records and fingerprints, which take as long as
 * all the rest, are not read.
 */
export function summarize(parts: Parts): SummarizedPrune {
  const { candidates, kept } = parts;
  const removals = surveyRemovals(parts).map(({ candidate, reasons, survey }): SummarizedRemoval => {
    return { candidate, removal: { footprintBytes: survey.bytes, reasons, status: 'planned' } };
  });
  const remove = removals.map(({ removal }) => removal);
  const keep = kept.map(({ wanted, reasons }) => ({ wanted: wanted.map(({ code }) => code), reasons }));
  return { plan: { ...headOf(parts, remove), remove, keep }, candidates, removals };
}

/** A session to be removed, and the state of its files. */
interface SurveyedRemoval {
  candidate: PruneCandidate;
  reasons: readonly Reason<RemovalCode>[];
  survey: Survey;
  /** All other copies of its id are removed before it, so that the files they share are removed with it. */
  isLastCopy: boolean;
}

/** Returns the sessions to be removed, without those that have vanished. */
function surveyRemovals({ removed, options }: Parts): SurveyedRemoval[] {
  const isOurs = ourFolders(options.environment.configDirs);
  const surveyed: SurveyedRemoval[] = [];
  const earlier = new Set<PruneCandidate>();
  for (const [candidate, reasons] of removed) {
    const hasCopies = candidate.copies.length > 0;
    const isLastCopy = candidate.copies.every((copy) => earlier.has(copy));
    const survey = hasCopies ? surveyTarget(targetOf(candidate, isLastCopy), isOurs) : candidate.survey();
    if (survey === null) continue;
    surveyed.push({ candidate, reasons, survey, isLastCopy });
    if (hasCopies) earlier.add(candidate);
  }
  return surveyed;
}

/** The members of a plan that do not depend on the files of its sessions. */
function headOf(
  { index, policy, options, now, candidates, kept, protections }: Parts,
  remove: readonly RemovalSummary[],
): Omit<PlanSummary, 'remove' | 'keep'> {
  const { environment, dryRun, trash } = options;
  return {
    pruneId: newPruneId(now),
    dryRun,
    now: new Date(now).toISOString(),
    configDirs: environment.configDirs.map(({ path }) => path),
    trashDir: trash.dir,
    policy: policyRecord(policy),
    expire: [...trash.expire],
    totals: totalsOf({ candidates, remove, keep: kept.length, policy, trash }),
    problems: [...index.problems, ...protections.problems],
  };
}

function removalOf(
  { candidate, reasons, survey: { bytes, files, fingerprint } }: SurveyedRemoval,
  record: SessionRecord | undefined,
): Removal {
  return {
    id: candidate.id,
    configDir: candidate.configDir.path,
    projectDir: candidate.projectDir,
    ...descriptionOf(candidate, record),
    kind: candidate.row?.kind ?? null,
    lastActivityAt: isoTime(candidate.ageMs),
    ageSource: candidate.ageSource,
    footprintBytes: bytes,
    files,
    reasons: [...reasons],
    fingerprint,
    status: 'planned',
    error: null,
  };
}

/** Returns the record of each candidate; leftovers have none. */
function recordsOf(index: SessionIndex, candidates: readonly PruneCandidate[]): (SessionRecord | undefined)[] {
  const rows = candidates.flatMap(({ row }) => row ?? []);
  const records = index.records(rows, { footprint: false }).values();
  return candidates.map(({ row }) => (row === null ? undefined : records.next().value));
}

function descriptionOf({ cwd }: PruneCandidate, record: SessionRecord | undefined): Pick<Removal, 'cwd' | 'title'> {
  return { cwd: record?.cwd ?? cwd, title: record?.title ?? null };
}

function keptOf(
  { candidate, wanted, reasons }: KeptCandidate<PruneCandidate>,
  record: SessionRecord | undefined,
): Kept {
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
  candidates: readonly PruneCandidate[];
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

/** Returns an id that sorts by time, and differs for two runs of one second. */
function newPruneId(now: number): string {
  const second = new Date(now).toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length).replaceAll(':', '-');
  return `${second}Z-${randomBytes(2).toString('hex')}`;
}
