import type { RemovalCode, PrunePolicy, Reason, KeepCode } from '../model.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../system/time.js';

/** Minimum age of a session that is selected by something other than its age. */
const MIN_AGE_MS = DAY_MS;

/** Facts about a session, or about leftovers, that the rules of a policy use. */
export interface Candidate {
  id: string;
  /** True for leftovers: no transcript, and only the `orphans` selector selects them. */
  leftover: boolean;
  /** Time of the last activity, or the newest mtime if no entry carries a time; `null` if the age is unknown. */
  ageMs: number | null;
  prompts: number;
  /** True for a session without a prompt, an answer, a given title and a tag. */
  empty: boolean;
  /** Bytes of its own files. */
  ownBytes: number;
  /** Bytes of files shared by all copies of its id, which are removed with the last copy. */
  sharedBytes: number;
  /** Unique path: of its transcript, or of the first file of a leftover. */
  path: string;
  /** Key of its project. */
  project: string;
  /** Other copies of its id, in scope or not. */
  copies: readonly Candidate[];
}

/** A candidate that was selected and is kept. */
export interface KeptCandidate<C extends Candidate> {
  candidate: C;
  wanted: readonly Reason<RemovalCode>[];
  reasons: Reason<KeepCode>[];
}

/** Candidates to remove with reasons, oldest first, and those kept although they were selected. */
export interface Decision<C extends Candidate> {
  removed: ReadonlyMap<C, readonly Reason<RemovalCode>[]>;
  kept: readonly KeptCandidate<C>[];
}

/**
 * Applies a policy to the candidates in its scope. `protect` returns the reasons to keep a candidate, and is called
 * only for selected ones. Pure apart from `protect`.
 */
export function decide<C extends Candidate>(
  candidates: readonly C[],
  policy: PrunePolicy,
  now: number,
  protect: (candidate: C) => readonly Reason<KeepCode>[],
): Decision<C> {
  // Only a budget and `keepLast` need the candidates that no selector selects.
  const isCompared = policy.keepLast !== null || policy.maxTotalBytes !== null;
  const examined = isCompared ? [...candidates] : candidates.filter((candidate) => isSelected(candidate, policy));
  const oldestFirst = sortedByAge(examined);
  const newest = newestOfProjects(oldestFirst, policy.keepLast);
  const removed = new Map<C, readonly Reason<RemovalCode>[]>();
  const kept: KeptCandidate<C>[] = [];
  const removeOrKeep = (candidate: C, wanted: readonly Reason<RemovalCode>[]): void => {
    const protections = protect(candidate);
    const isNewest = newest.has(candidate);
    const recent = recentReason(candidate, wanted, now);
    if (protections.length === 0 && !isNewest && recent === null) removed.set(candidate, wanted);
    else {
      const reasons = [...protections, ...(isNewest ? [keepLast(policy)] : []), ...(recent === null ? [] : [recent])];
      kept.push({ candidate, wanted, reasons: oneOfEach(reasons) });
    }
  };
  const reasonsFor = reasonsOf(policy, now);
  for (const candidate of oldestFirst) {
    if (!isCompared || isSelected(candidate, policy)) removeOrKeep(candidate, reasonsFor(candidate));
  }
  if (policy.maxTotalBytes === null) return { removed, kept };
  enforceBudget(oldestFirst, policy.maxTotalBytes, { removed, kept, removeOrKeep });
  return { removed: new Map([...removed].sort(([a], [b]) => byAge(a, b))), kept };
}

/** Returns the bytes removed with a candidate; shared files are removed only if all copies are. */
export function removedBytes(candidate: Candidate, isRemoved: (other: Candidate) => boolean): number {
  return candidate.ownBytes + (candidate.copies.every(isRemoved) ? candidate.sharedBytes : 0);
}

/**
 * Sorts by `byAge`. Each age is packed into one number with the candidate's position, since numbers sort much faster;
 * then only candidates of equal age are compared.
 */
function sortedByAge<C extends Candidate>(candidates: C[]): C[] {
  const count = candidates.length;
  const ages: number[] = [];
  let [oldest, newest] = [Infinity, -Infinity];
  for (const { ageMs } of candidates) {
    if (ageMs === null || !Number.isInteger(ageMs)) return candidates.sort(byAge);
    ages.push(ageMs);
    oldest = Math.min(oldest, ageMs);
    newest = Math.max(newest, ageMs);
  }
  if (!Number.isSafeInteger((newest - oldest + 1) * count)) return candidates.sort(byAge);
  const packed = Float64Array.from(ages, (ageMs, at) => (ageMs - oldest) * count + at);
  const sorted: C[] = [];
  for (const number of packed.sort()) {
    const candidate = candidates[number % count];
    if (candidate !== undefined) sorted.push(candidate);
  }
  for (let from = 0; from < count; ) {
    let end = from + 1;
    while (end < count && sorted[end]?.ageMs === sorted[from]?.ageMs) end += 1;
    if (end > from + 1) for (const one of sorted.slice(from, end).sort(byAge)) sorted[from++] = one;
    from = end;
  }
  return sorted;
}

/** Compares by age, oldest first and unknown age last, then by id and path, so that the order is total. */
function byAge(a: Candidate, b: Candidate): number {
  const older = a.ageMs ?? Infinity;
  const newer = b.ageMs ?? Infinity;
  if (older !== newer) return older - newer;
  return compareText(a.id, b.id) || compareText(a.path, b.path);
}

function compareText(a: string, b: string): number {
  return Number(a > b) - Number(a < b);
}

function newestOfProjects<C extends Candidate>(oldestFirst: readonly C[], keep: number | null): ReadonlySet<C> {
  const newest = new Set<C>();
  if (keep === null) return newest;
  const counts = new Map<string, number>();
  for (const candidate of [...oldestFirst].reverse()) {
    const count = counts.get(candidate.project) ?? 0;
    if (candidate.leftover || count >= keep) continue;
    counts.set(candidate.project, count + 1);
    newest.add(candidate);
  }
  return newest;
}

function keepLast({ keepLast: count }: PrunePolicy): Reason<'keep-last'> {
  return { code: 'keep-last', detail: `newest ${String(count)}` };
}

/** Facts about a candidate that selectors use. */
export type Selectable = Pick<Candidate, 'leftover' | 'ageMs' | 'prompts' | 'empty' | 'ownBytes' | 'sharedBytes'>;

/** Returns true if there are selectors and all of them match. */
export function isSelected(candidate: Selectable, policy: PrunePolicy): boolean {
  if (candidate.leftover) return policy.orphans;
  const { before, largerThanBytes, promptsAtMost } = policy;
  if (before !== null) {
    const { ageMs } = candidate;
    if (ageMs === null || ageMs >= before.ms) return false;
  }
  if (largerThanBytes !== null && candidate.ownBytes + candidate.sharedBytes <= largerThanBytes) return false;
  if (promptsAtMost !== null && candidate.prompts > promptsAtMost) return false;
  if (policy.empty && !candidate.empty) return false;
  return before !== null || largerThanBytes !== null || promptsAtMost !== null || policy.empty;
}

/** Returns all selectors of the policy as reasons, for a session that they match. */
export function reasonsOf(policy: PrunePolicy, now: number): (candidate: Selectable) => readonly Reason<RemovalCode>[] {
  const { before, largerThanBytes, promptsAtMost } = policy;
  // Thousands of sessions have the same age in days, and share one list of reasons if nothing else of them is in it.
  const isShared = largerThanBytes === null && promptsAtMost === null;
  const ofDays = new Map<number, readonly Reason<RemovalCode>[]>();
  return (candidate) => {
    if (candidate.leftover) return [{ code: 'orphan', detail: null }];
    const { ageMs, prompts } = candidate;
    const days = Math.floor((now - (ageMs ?? now)) / DAY_MS);
    const known = ofDays.get(days);
    if (known !== undefined) return known;
    const reasons: Reason<RemovalCode>[] = [];
    if (before !== null) reasons.push({ code: 'older-than', detail: ageText(now - (ageMs ?? now)) });
    if (largerThanBytes !== null)
      reasons.push({ code: 'larger-than', detail: `${candidate.ownBytes + candidate.sharedBytes} B` });
    if (promptsAtMost !== null) reasons.push({ code: 'prompts-at-most', detail: String(prompts) });
    if (policy.empty) reasons.push({ code: 'empty', detail: null });
    if (isShared && days > 0) ofDays.set(days, reasons);
    return reasons;
  };
}

/** Returns a reason to keep a fresh session that was not selected by its age. */
export function recentReason(
  { ageMs }: Selectable,
  wanted: readonly Reason<RemovalCode>[],
  now: number,
): Reason<'recent'> | null {
  if (ageMs === null || ageMs <= now - MIN_AGE_MS || wanted.some(({ code }) => code === 'older-than')) return null;
  return { code: 'recent', detail: ageText(now - ageMs) };
}

interface BudgetContext<C extends Candidate> {
  removed: ReadonlyMap<C, unknown>;
  kept: KeptCandidate<C>[];
  removeOrKeep(candidate: C, wanted: readonly Reason<RemovalCode>[]): void;
}

/**
 * Selects the oldest remaining candidates until the rest fits the budget. Candidates that a selector matched but that
 * are kept still count, and are not tried again.
 */
function enforceBudget<C extends Candidate>(
  oldestFirst: readonly C[],
  maxTotalBytes: number,
  { removed, kept, removeOrKeep }: BudgetContext<C>,
): void {
  const isRemoved = (candidate: Candidate): boolean => removed.has(candidate as C);
  const keptBefore = new Map(kept.map((each) => [each.candidate, each]));
  let remaining = remainingBytes(oldestFirst, isRemoved);
  for (const candidate of oldestFirst) {
    if (remaining <= maxTotalBytes) return;
    if (isRemoved(candidate)) continue;
    const known = keptBefore.get(candidate);
    if (known !== undefined) known.wanted = [...known.wanted, { code: 'budget', detail: null }];
    else removeOrKeep(candidate, [{ code: 'budget', detail: null }]);
    if (isRemoved(candidate)) remaining -= removedBytes(candidate, isRemoved);
  }
}

/** Returns the bytes of the candidates that are not removed; files shared by copies count once. */
export function remainingBytes(candidates: readonly Candidate[], isRemoved: (candidate: Candidate) => boolean): number {
  const counted = new Set<Candidate>();
  let bytes = 0;
  for (const candidate of candidates) {
    if (!isRemoved(candidate)) bytes += candidate.ownBytes;
    if (candidate.sharedBytes === 0 || candidate.copies.some((copy) => counted.has(copy))) continue;
    counted.add(candidate);
    if (!isRemoved(candidate) || !candidate.copies.every(isRemoved)) bytes += candidate.sharedBytes;
  }
  return bytes;
}

function oneOfEach(reasons: readonly Reason<KeepCode>[]): Reason<KeepCode>[] {
  return reasons.filter(({ code }, at) => reasons.findIndex((other) => other.code === code) === at);
}

/** Returns `266d`, `5h` or `12min`: the age in the largest unit that is not 0, rounded down. */
function ageText(ms: number): string {
  if (ms >= DAY_MS) return `${Math.floor(ms / DAY_MS)}d`;
  const hours = Math.floor(ms / HOUR_MS);
  return hours >= 1 ? `${hours}h` : `${Math.max(0, Math.floor(ms / MINUTE_MS))}min`;
}
