import type { RemovalCode, PrunePolicy, Reason, KeepCode } from '../model.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../system/time.js';

/** Sessions that no age selects are kept this long after their activity. */
const SPARE_MS = DAY_MS;

/** Facts about a session, or about leftovers, that the rules examine. */
export interface Candidate {
  id: string;
  /** It has no transcript: `--orphans` alone selects it. */
  leftover: boolean;
  /** Activity, or the newest mtime where no entry carries a time; `null` where the age is unknown. */
  ageMs: number | null;
  prompts: number;
  /** No prompt, no answer, and nobody gave it a title or a tag to find it by. */
  empty: boolean;
  /** Bytes that are its alone, and those it shares with other copies of its id, which go with the last of them. */
  ownBytes: number;
  sharedBytes: number;
  /** Path of its transcript, or of its first file if it is a leftover: unique. */
  path: string;
  /** A key that all sessions of one project share. */
  project: string;
  /** Other copies of its id, also out of scope. */
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
 * Applies a policy to the candidates in its scope. `protect` returns the reasons a candidate must be kept; it is called
 * only for selected ones. Pure: the same in, the same out.
 */
export function decide<C extends Candidate>(
  candidates: readonly C[],
  policy: PrunePolicy,
  now: number,
  protect: (candidate: C) => readonly Reason<KeepCode>[],
): Decision<C> {
  // Only a budget and the newest of projects compare sessions that no selector asks for.
  const isCompared = policy.keepLast !== null || policy.maxTotalBytes !== null;
  const asked = isCompared ? [...candidates] : candidates.filter((candidate) => isSelected(candidate, policy));
  const oldestFirst = sortedByAge(asked);
  const newest = newestOfProjects(oldestFirst, policy.keepLast);
  const removed = new Map<C, readonly Reason<RemovalCode>[]>();
  const kept: KeptCandidate<C>[] = [];
  const ask = (candidate: C, wanted: readonly Reason<RemovalCode>[]): void => {
    const protections = protect(candidate);
    const isNewest = newest.size > 0 && newest.has(candidate);
    const spare = spared(candidate, wanted, now);
    if (protections.length === 0 && !isNewest && spare === null) removed.set(candidate, wanted);
    else {
      const reasons = [...protections, ...(isNewest ? [keepLast(policy)] : []), ...(spare === null ? [] : [spare])];
      kept.push({ candidate, wanted, reasons: oneOfEach(reasons) });
    }
  };
  const reasonsFor = reasonsOf(policy, now);
  for (const candidate of oldestFirst) {
    if (!isCompared || isSelected(candidate, policy)) ask(candidate, reasonsFor(candidate));
  }
  if (policy.maxTotalBytes === null) return { removed, kept };
  enforceBudget(oldestFirst, policy.maxTotalBytes, { removed, kept, ask });
  return { removed: new Map([...removed].sort(([a], [b]) => byAge(a, b))), kept };
}

/** Bytes that are removed with a candidate; those that copies share only if all copies are removed. */
export function removedBytes(candidate: Candidate, isGoing: (other: Candidate) => boolean): number {
  return candidate.ownBytes + (candidate.copies.every(isGoing) ? candidate.sharedBytes : 0);
}

/**
 * Sorts as `byAge`. Ages and positions are packed into numbers first, which sort in a fraction of the time; only
 * candidates of one age are compared.
 */
function sortedByAge<C extends Candidate>(candidates: C[]): C[] {
  const count = candidates.length;
  let [oldest, newest] = [Infinity, -Infinity];
  for (const { ageMs } of candidates) {
    if (ageMs === null || !Number.isInteger(ageMs)) return candidates.sort(byAge);
    oldest = Math.min(oldest, ageMs);
    newest = Math.max(newest, ageMs);
  }
  if (count === 0 || !Number.isSafeInteger((newest - oldest + 1) * count)) return candidates.sort(byAge);
  const packed = new Float64Array(count);
  for (let at = 0; at < count; at++) packed[at] = ((candidates[at]?.ageMs ?? 0) - oldest) * count + at;
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

/** Oldest first, unknown age last; then by id, so that the order is the same every time. */
function byAge(a: Candidate, b: Candidate): number {
  const older = a.ageMs ?? Infinity;
  const newer = b.ageMs ?? Infinity;
  if (older !== newer) return older - newer;
  return compareText(a.id, b.id) || compareText(a.path, b.path);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
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
  return { code: 'keep-last', detail: `newest ${count ?? 0}` };
}

/** Facts about a candidate that selectors examine. */
export type Selectable = Pick<Candidate, 'leftover' | 'ageMs' | 'prompts' | 'empty' | 'ownBytes' | 'sharedBytes'>;

/** True if there are selectors and all of them match. */
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
  const isAgeAlone = largerThanBytes === null && promptsAtMost === null && !policy.empty;
  // Thousands of sessions are as many days old as others, and have the same reason.
  const ofDays = new Map<number, readonly Reason<RemovalCode>[]>();
  return (candidate) => {
    if (candidate.leftover) return [{ code: 'orphan', detail: null }];
    const { ageMs, prompts } = candidate;
    const days = Math.floor((now - (ageMs ?? now)) / DAY_MS);
    const known = isAgeAlone && days > 0 ? ofDays.get(days) : undefined;
    if (known !== undefined) return known;
    const reasons: Reason<RemovalCode>[] = [];
    if (before !== null) reasons.push({ code: 'older-than', detail: ageText(now - (ageMs ?? now)) });
    if (largerThanBytes !== null)
      reasons.push({ code: 'larger-than', detail: `${candidate.ownBytes + candidate.sharedBytes} B` });
    if (promptsAtMost !== null) reasons.push({ code: 'prompts-at-most', detail: String(prompts) });
    if (policy.empty) reasons.push({ code: 'empty', detail: null });
    if (isAgeAlone && days > 0) ofDays.set(days, reasons);
    return reasons;
  };
}

/** Fresh sessions go only if an age says so, or a name. */
export function spared(
  { ageMs }: Selectable,
  wanted: readonly Reason<RemovalCode>[],
  now: number,
): Reason<'recent'> | null {
  if (ageMs === null || ageMs <= now - SPARE_MS || wanted.some(({ code }) => code === 'older-than')) return null;
  return { code: 'recent', detail: ageText(now - ageMs) };
}

interface Asking<C extends Candidate> {
  removed: ReadonlyMap<C, unknown>;
  kept: KeptCandidate<C>[];
  ask(candidate: C, wanted: readonly Reason<RemovalCode>[]): void;
}

/**
 * Selects the oldest remaining candidates until the rest fits the budget. Candidates that a selector matched but that
 * are kept still count, and are not tried again.
 */
function enforceBudget<C extends Candidate>(
  oldestFirst: readonly C[],
  maxTotalBytes: number,
  { removed, kept, ask }: Asking<C>,
): void {
  const isGoing = (candidate: Candidate): boolean => removed.has(candidate as C);
  const keptBefore = new Map(kept.map((each) => [each.candidate, each]));
  let remaining = remainingBytes(oldestFirst, isGoing);
  for (const candidate of oldestFirst) {
    if (remaining <= maxTotalBytes) return;
    if (isGoing(candidate)) continue;
    const known = keptBefore.get(candidate);
    if (known !== undefined) known.wanted = [...known.wanted, { code: 'budget', detail: null }];
    else ask(candidate, [{ code: 'budget', detail: null }]);
    if (isGoing(candidate)) remaining -= removedBytes(candidate, isGoing);
  }
}

/** Bytes of what stays; what copies share counts once. */
export function remainingBytes(candidates: readonly Candidate[], isGoing: (candidate: Candidate) => boolean): number {
  const counted = new Set<Candidate>();
  let bytes = 0;
  for (const candidate of candidates) {
    if (!isGoing(candidate)) bytes += candidate.ownBytes;
    if (candidate.sharedBytes === 0 || candidate.copies.some((copy) => counted.has(copy))) continue;
    counted.add(candidate);
    if (!isGoing(candidate) || !candidate.copies.every(isGoing)) bytes += candidate.sharedBytes;
  }
  return bytes;
}

function oneOfEach(reasons: readonly Reason<KeepCode>[]): Reason<KeepCode>[] {
  return reasons.filter(({ code }, at) => reasons.findIndex((other) => other.code === code) === at);
}

/** `266d`, `5h`, `12min`: floored to the largest unit that has one. */
function ageText(ms: number): string {
  if (ms >= DAY_MS) return `${Math.floor(ms / DAY_MS)}d`;
  const hours = Math.floor(ms / HOUR_MS);
  return hours >= 1 ? `${hours}h` : `${Math.max(0, Math.floor(ms / MINUTE_MS))}min`;
}
