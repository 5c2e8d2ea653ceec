import type { SessionIndex } from '../session-index/session-index.js';
import { figuresOf, sumFigures, usageRows, type UsageFigures, type UsageRow } from './report.js';
import type { Group, Stats } from './groups.js';

/** Groupings that must have been counted for `overviewOf`. */
export const OVERVIEW_GROUPINGS = ['day', 'project', 'model'] as const;

/** Number of days whose costs are listed one by one. */
const DAYS = 30;

/** Figures of the overview of `ccsess stats`. */
export interface Overview {
  /** Usage of the last `days` days including today; of all time where `days` is null. */
  windows: { days: number | null; figures: UsageFigures }[];
  /** Cost of each of the last 30 days, today last; null where no cost is known. */
  days: { day: number; costUsd: number | null }[];
  /** Most expensive first. */
  projects: UsageRow[];
  models: UsageRow[];
}

/** Returns the overview of counted usage. `today` is a day of the zone in which it was counted. */
export function overviewOf(stats: Stats, today: number, index: SessionIndex): Overview {
  const days = stats.groups.get('day') ?? [];
  const byDay = new Map(days.map((group) => [group.key, figuresOf(group)]));
  return {
    windows: [
      ...[1, 7, DAYS].map((count) => ({
        days: count,
        figures: sumDays(today - count + 1, today, days, stats.lastDays),
      })),
      { days: null, figures: figuresOf(stats.totals) },
    ],
    days: Array.from({ length: DAYS }, (_, at) => today - DAYS + 1 + at).map((day) => ({
      day,
      costUsd: (byDay.get(day) ?? { costUsd: 0 }).costUsd,
    })),
    projects: usageRows(stats.groups.get('project') ?? [], ['project'], index),
    models: usageRows(stats.groups.get('model') ?? [], ['model'], index),
  };
}

/**
 * Adds up the usage from day `first` to `last`. A session counts once, on the day of its newest response or prompt,
 * however many days it spans.
 */
function sumDays(first: number, last: number, days: readonly Group[], lastDays: readonly Group[]): UsageFigures {
  // Later days come from a wrong clock.
  const isIn = ({ key }: Group): boolean => typeof key === 'number' && key >= first && key <= last;
  const { sessions, footprintBytes } = sumFigures(lastDays.filter(isIn).map(figuresOf));
  return { ...sumFigures(days.filter(isIn).map(figuresOf)), sessions, footprintBytes };
}
