import type { Occurrences } from '../query/matcher.js';
import type { PartKind } from './parts.js';
import { DAY_MS } from '../../system/time.js';

/** Weight of a match by the kind of its part. */
const WEIGHTS: Readonly<Record<PartKind, number>> = {
  title: 1,
  prompt: 0.7,
  answer: 0.5,
  thinking: 0.35,
  tool: 0.25,
  result: 0.15,
  meta: 0.1,
};
/** Age at which a session counts half as much as one of today, in days. */
const HALF_DAYS = 60;

/** Weight of a match, above 0 and at most 1: by its part, halved where the terms are far from each other. */
export function scoreOf(kind: PartKind, { ranges, closest }: Occurrences): number {
  const marked = ranges.reduce(
    (sum, [start, end]) => (start < closest[1] && end > closest[0] ? sum + end - start : sum),
    0,
  );
  const nearness = Math.min(1, marked / Math.max(1, closest[1] - closest[0]));
  return Math.round(WEIGHTS[kind] * (0.5 + nearness / 2) * 10_000) / 10_000;
}

/** Relevance of a session: its best match, a little for each further one, less the older it is. */
export function relevanceOf(scores: readonly number[], activityMs: number | null, nowMs: number): number {
  const best = scores.reduce((most, score) => Math.max(most, score), 0);
  const days = activityMs === null ? Infinity : Math.max(0, nowMs - activityMs) / DAY_MS;
  const recency = 0.5 + 0.5 / (1 + days / HALF_DAYS);
  return (best + 0.05 * Math.log2(1 + scores.length)) * recency;
}
