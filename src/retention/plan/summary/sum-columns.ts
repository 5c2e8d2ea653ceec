import type { IdArtifacts } from '../../../claude/layout.js';
import type { MeasuredFolder, MeasuredSessions } from '../../../session-index/sums/measured-folders.js';
import type { SessionIndex, SessionRow } from '../../../session-index/session-index.js';
import type { PlanTotals, PrunePolicy, Reason, KeepCode, RemovalSummary } from '../../model.js';
import type { Protections } from '../../keep/protections.js';
import type { PruneCandidate } from '../candidates.js';
import { isSelected, reasonsOf, recentReason, type Selectable } from '../decide.js';
import { Forks, type ForkCandidate } from '../forks.js';
import type { SummarizedPrune, SummarizedRemoval } from '../planned.js';
import { repeatedIds } from '../repeated-ids.js';
import type { PruneOverview } from './overview.js';
import { largestPositions, Shares } from './shares.js';

/** Returns true if columns are enough for a policy: its rules compare no sessions, and its scope needs no records. */
export function isOfColumns({ orphans, keepLast, maxTotalBytes, scope }: PrunePolicy): boolean {
  const needsRecords = scope.isInProjects !== null || scope.title !== null || scope.tag !== null;
  return !orphans && keepLast === null && maxTotalBytes === null && !needsRecords;
}

/** Inputs of `sumColumns`. */
export interface ColumnSources {
  index: SessionIndex;
  measured: MeasuredSessions;
  policy: PrunePolicy;
  now: number;
  protections: Protections;
  idArtifacts: IdArtifacts;
  /** Plans the given sessions one by one, with reasons to keep some of them in addition to their own. */
  planEach(rows: readonly SessionRow[], forForks: ReadonlyMap<SessionRow | null, Reason<KeepCode>>): SummarizedPrune;
}

/** Decisions about a session: out of scope, kept, removed, or left to `planEach`. */
const OUT_OF_SCOPE = 0;
const KEPT = 1;
const REMOVED = 2;
const PLANNED = 3;

/**
 * Returns the overview of a policy's plan, from the columns of the index. Sessions that are unusual or may be protected
 * are planned one by one as in `planPrune`, so that both have the same result.
 */
export function sumColumns(sources: ColumnSources): PruneOverview {
  const decision = new ColumnDecision(sources);
  const forForks = new Map<SessionRow, Reason<KeepCode>>();
  for (;;) {
    const each = decision.decide(forForks);
    const found = parentsInUse(decision, each, sources);
    if (found.length === 0) return overview(decision, each, sources);
    // A parent that is kept may itself be a fork.
    for (const [row, reason] of found) forForks.set(row, reason);
  }
}

/** Decides about sessions by their columns. */
class ColumnDecision {
  readonly ids: readonly string[];
  /** Decision about each session, by its position in the index. */
  readonly decided: Uint8Array;
  readonly #sources: ColumnSources;
  /** 1 for each session that `planEach` must plan. */
  readonly #unusual: Uint8Array;
  readonly #reasons: ReturnType<typeof reasonsOf>;

  constructor(sources: ColumnSources) {
    const { index, measured, policy, now, idArtifacts } = sources;
    this.ids = index.ids();
    this.decided = new Uint8Array(this.ids.length);
    this.#sources = sources;
    this.#unusual = new Uint8Array(this.ids.length);
    this.#reasons = reasonsOf(policy, now);
    for (const position of measured.marked) this.#unusual[position] = 1;
    // A title or a tag keeps an empty session, which only its record shows.
    if (policy.empty) for (const position of measured.empty) this.#unusual[position] = 1;
    const repeated = repeatedIds(this.ids);
    if (repeated.size === 0 && idArtifacts.isEmpty) return;
    for (const { configDir, first, sessions } of measured.folders) {
      for (let position = first; position < first + sessions; position++) {
        const id = this.ids[position] ?? '';
        if (repeated.has(id) || idArtifacts.rootsOf({ configDir, id }).length > 0) this.#unusual[position] = 1;
      }
    }
  }

  /** Decides about all sessions, and plans those that are left; a reason in `forForks` keeps a session. */
  decide(forForks: ReadonlyMap<SessionRow, Reason<KeepCode>>): SummarizedPrune {
    const { index, measured, policy, planEach } = this.#sources;
    const { kinds } = policy.scope;
    const planned: SessionRow[] = [...forForks.keys()];
    for (const folder of measured.folders) {
      for (let position = folder.first; position < folder.first + folder.sessions; position++) {
        const row = index.rows[position];
        if (row === undefined) continue;
        const isLeft = forForks.has(row);
        const isOut = kinds.length > 0 && this.#unusual[position] === 0 && !kinds.includes(row.kind);
        const decided = isLeft ? PLANNED : isOut ? OUT_OF_SCOPE : this.#decide(folder, position);
        this.decided[position] = decided;
        if (decided === PLANNED && !isLeft) planned.push(row);
      }
    }
    return planEach(planned, forForks);
  }

  #decide({ configDir }: MeasuredFolder, position: number): number {
    const { measured, policy, now, protections } = this.#sources;
    const bytes = measured.bytes[position] ?? NaN;
    if (this.#unusual[position] === 1 || Number.isNaN(bytes)) return PLANNED;
    const ageMs = measured.lastActivityMs[position] ?? NaN;
    // Most sessions are kept by this alone. A session of unknown age never counts as quiet.
    if (policy.before !== null && ageMs >= policy.before.ms) return KEPT;
    const session = selectableAt(measured, position);
    if (!isSelected(session, policy)) return KEPT;
    const isSpared = policy.before === null && recentReason(session, this.#reasons(session), now) !== null;
    const id = this.ids[position] ?? '';
    const isQuiet = !isSpared && protections.isQuiet({ id, configDir }, ageMs, measured.writtenMs[position] ?? NaN);
    return isQuiet ? REMOVED : PLANNED;
  }
}

/** Returns the columns of a session that its selection depends on; `empty` is not used for sessions decided here. */
function selectableAt({ lastActivityMs, prompts, bytes }: MeasuredSessions, position: number): Selectable {
  return {
    leftover: false,
    ageMs: lastActivityMs[position] ?? NaN,
    prompts: prompts[position] ?? NaN,
    empty: false,
    ownBytes: bytes[position] ?? NaN,
    sharedBytes: 0,
  };
}

/** Returns the sessions to be removed that remaining forks read from, with the reason to keep each. */
function parentsInUse(
  { ids, decided }: ColumnDecision,
  { removals }: SummarizedPrune,
  { index, measured }: ColumnSources,
): [row: SessionRow, reason: Reason<KeepCode>][] {
  if (measured.forked.length === 0) return [];
  const planned = new Set(removals.map(({ candidate }) => candidate.row));
  const withResults = measured.folders.flatMap(({ withToolResults }) => withToolResults);
  const candidates = [...new Set([...measured.forked, ...withResults])].flatMap((position) => {
    const row = index.rows[position];
    return row === undefined ? [] : [{ position, row, id: ids[position] ?? '', path: row.file.path }];
  });
  const forks = new Forks<ForkCandidate & { position: number; row: SessionRow }>(index, candidates);
  const found = forks.findParentsInUse(({ position, row }) => decided[position] === REMOVED || planned.has(row));
  return found.map(([{ row }, reason]) => [row, reason]);
}

/** Combines the decisions made from columns with the sessions planned one by one. */
function overview({ ids, decided }: ColumnDecision, each: SummarizedPrune, sources: ColumnSources): PruneOverview {
  const { index, measured, policy, now } = sources;
  const planned = new Map<SessionRow | null, PruneCandidate>(
    each.candidates.map((candidate) => [candidate.row, candidate]),
  );
  const removals = new Map(each.removals.map(({ candidate, removal }) => [candidate, removal]));
  const shares = new Shares(index);
  const reasons = reasonsOf(policy, now);
  const remove: RemovalSummary[] = [...each.plan.remove];
  // NaN for sessions that are not removed.
  const removedBytes = new Float64Array(decided.length).fill(NaN);
  let [scanned, scannedBytes, bytesOfRemoved] = [0, 0, 0];
  for (const { configDir, projectDir, first, sessions } of measured.folders) {
    const share = shares.of(configDir, projectDir);
    for (let position = first; position < first + sessions; position++) {
      const row = index.rows[position];
      if (row === undefined || decided[position] === OUT_OF_SCOPE) continue;
      if (decided[position] === PLANNED) {
        const candidate = planned.get(row);
        if (candidate === undefined) continue;
        const removal = removals.get(candidate);
        share.rows.push(row);
        if (removal === undefined) share.addKept(candidate.ownBytes + candidate.sharedBytes);
        else share.addRemoved((removedBytes[position] = removal.footprintBytes));
        continue;
      }
      const bytes = measured.bytes[position] ?? NaN;
      share.rows.push(row);
      scanned += 1;
      scannedBytes += bytes;
      if (decided[position] === KEPT) {
        share.addKept(bytes);
        continue;
      }
      share.addRemoved((removedBytes[position] = bytes));
      bytesOfRemoved += bytes;
      remove.push({ footprintBytes: bytes, reasons: reasons(selectableAt(measured, position)), status: 'planned' });
    }
  }
  const more = { scanned, scannedBytes, remove: remove.length - each.plan.remove.length, removeBytes: bytesOfRemoved };
  const plan = { ...each.plan, remove, totals: withMore(each.plan.totals, more) };
  const oldestFirst = (a: number, b: number): number =>
    (measured.lastActivityMs[a] ?? NaN) - (measured.lastActivityMs[b] ?? NaN) ||
    ((ids[a] ?? '') < (ids[b] ?? '') ? -1 : 1);
  const largest = largestPositions(removedBytes, oldestFirst).flatMap((position) => index.rows[position] ?? []);
  return { plan, shares: shares.largestFirst, largest: namedRemovals(largest, { planned, removals }, sources) };
}

/** Returns totals with more sessions added, none of which was selected and kept. */
function withMore(
  totals: PlanTotals,
  more: Pick<PlanTotals, 'scanned' | 'scannedBytes' | 'remove' | 'removeBytes'>,
): PlanTotals {
  const scanned = totals.scanned + more.scanned;
  const scannedBytes = totals.scannedBytes + more.scannedBytes;
  const remove = totals.remove + more.remove;
  const removeBytes = totals.removeBytes + more.removeBytes;
  return {
    ...totals,
    ...{ scanned, scannedBytes, remove, removeBytes },
    notSelected: scanned - remove - totals.keep,
    remainingBytes: Math.max(0, scannedBytes - removeBytes),
  };
}

/** Returns the removals of some sessions, as `planEach` does. */
function namedRemovals(
  rows: readonly SessionRow[],
  known: {
    planned: ReadonlyMap<SessionRow | null, PruneCandidate>;
    removals: ReadonlyMap<PruneCandidate, RemovalSummary>;
  },
  { planEach }: ColumnSources,
): SummarizedRemoval[] {
  const others = rows.filter((row) => !known.planned.has(row));
  const removals = new Map(planEach(others, new Map()).removals.map((each) => [each.candidate.row, each]));
  return rows.flatMap((row) => {
    const candidate = known.planned.get(row);
    const removal = candidate === undefined ? undefined : known.removals.get(candidate);
    const named = candidate === undefined || removal === undefined ? removals.get(row) : { candidate, removal };
    return named ?? [];
  });
}
