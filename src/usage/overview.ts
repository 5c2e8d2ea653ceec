import type { SessionIndex } from '../session-index/session-index.js';
import { figuresOf, sumFigures, usageRows, type UsageFigures, type UsageRow } from './report.js';
import type { Group, Stats } from './groups.js';

/** Groupings that must have been counted for `overviewOf`. */
export const OVERVIEW_GROUPINGS = ['day', 'project', 'model'] as const;

/** Number of days whose costs are listed one by one. */
const DAYS = 30;

/** Figures of the overview of `ccsess stats`. */
export interface Overview {
  /** Usage of this number of last days, including today; null: of all time. */
  windows: { days: number | null; figures: UsageFigures }[];
  /** Cost of each of the last 30 days, today last; null if no cost of the day is known. */
  days: { day: number; costUsd: number | null }[];
  /** Costliest first. */
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
        figures: between(today - count + 1, today, days, stats.lastDays),
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
 * Adds up the usage of some days. A session is counted once, by its newest part, on however many of the days it was
 * used. Usage after the last day, dated by a wrong clock, is not counted.
 */
function between(first: number, last: number, days: readonly Group[], lastDays: readonly Group[]): UsageFigures {
  const isIn = ({ key }: Group): boolean => typeof key === 'number' && key >= first && key <= last;
  const { sessions, footprintBytes } = sumFigures(lastDays.filter(isIn).map(figuresOf));
  return { ...sumFigures(days.filter(isIn).map(figuresOf)), sessions, footprintBytes };
}
