import { randomBytes } from 'node:crypto';
import type { SessionRecord } from '../../session-index/record.js';
import type { SessionIndex } from '../../session-index/session-index.js';
import { targetOf, type Found } from './candidates.js';
import { bytesGoing, remainingBytes, type Held } from './decide.js';
import type { GoCode, Kept, PlanTotals, PrunePlan, PrunePolicy, Reason, Removal, Target } from '../model.js';
import type { PlannedPrune, PlanOptions, TrashState } from './planned.js';
import { policyRecord } from './policy-record.js';
import type { PlanRules } from '../keep/protections.js';
import { largestOf } from './shares.js';
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
  const records = recordsOf(
    index,
    options.described === undefined ? [...described, ...held.map(({ candidate }) => candidate)] : described,
  );
  const before = new Map<Found, Removal>();
  for (const found of described) {
    const removal = going.get(found);
    if (removal === undefined) continue;
    const target = lastTarget(found, before);
    before.set(found, removal);
    targets.set(removal, target);
    const survey = found.copies.length === 0 ? found.survey() : surveyTarget(target, isOurs);
    Object.assign(removal, descriptionOf(found, records.get(found)), {
      lastActivityAt: isoTime(found.ageMs),
      fingerprint: survey?.fingerprint,
    });
  }
  const remove = [...going.values()];
  const keep = held.map((each) => keptOf(each, records.get(each.candidate)));
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

/** Files shared by copies of one id are removed with the last copy, and only if all are removed. */
function lastTarget(found: Found, before: ReadonlyMap<Found, Removal>): Target {
  return targetOf(
    found,
    found.copies.every((copy) => before.has(copy)),
  );
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
  const records = index.records(
    withRows.flatMap(({ row }) => row ?? []),
    { footprint: false },
  );
  return new Map(withRows.flatMap((each, at) => (records[at] === undefined ? [] : [[each, records[at]]])));
}

function descriptionOf({ cwd }: Found, record: SessionRecord | undefined): Pick<Removal, 'cwd' | 'title'> {
  return { cwd: record?.cwd ?? cwd, title: record?.title ?? null };
}

function keptOf({ candidate, wanted, reasons }: Held<Found>, record: SessionRecord | undefined): Kept {
  return {
    id: candidate.id,
    configDir: candidate.configDir.path,
    projectDir: candidate.projectDir,
    ...descriptionOf(candidate, record),
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

/** Sorts by time, and distinguishes two runs of one second. */
function newPruneId(now: number): string {
  const second = new Date(now).toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length).replaceAll(':', '-');
  return `${second}Z-${randomBytes(2).toString('hex')}`;
}
