import type { Tokens } from '../session-index/record.js';
import type { SessionIndex, SessionRow } from '../session-index/session-index.js';
import type { PriceSource } from './prices.js';
import type { Group, Grouping, Stats } from './stats.js';
import { tidyUsd, type Sums } from './sums.js';
import { dayName } from './zone.js';

/** What came together under one key, or in all. Costs are US dollars at list prices. */
export interface UsageFigures {
  sessions: number;
  /** Null by model: a prompt has none. */
  prompts: number | null;
  responses: number;
  tokens: Tokens;
  /** Of the responses that have a price; null where none has. */
  costUsd: number | null;
  /** Tokens of the responses that have none. */
  unpricedTokens: number;
  /** Null by model. */
  footprintBytes: number | null;
}

/** One row of `stats --by`. `key`: a day or first day (`2026-11-05`, of a month `2026-11`), a folder, a name, an id; null: unknown. */
export interface UsageRow extends UsageFigures {
  key: string | null;
  /** Which session, by session; else null. */
  session: { configDir: string; projectDir: string; cwd: string | null; title: string | null } | null;
}

/** `stats --json` (docs/schema/stats.schema.json). */
export interface UsageReport {
  schemaVersion: 1;
  by: Grouping;
  /** The range asked for; null where it is open. */
  since: string | null;
  until: string | null;
  /** As named; null is the machine's own. */
  timeZone: string | null;
  prices: PriceSource[];
  rows: UsageRow[];
  totals: UsageFigures & {
    /** Models without a price, and their tokens. */
    unpriced: { model: string; tokens: number }[];
    /** Sessions that hold responses others hold too. */
    sharingSessions: number;
  };
}

/** Choices of `usageReport` that it only repeats. */
export type ReportFrame = Pick<UsageReport, 'since' | 'until' | 'timeZone' | 'prices'>;

const TIMES: readonly Grouping[] = ['day', 'week', 'month'];

/** Whether rows stand in order of time, not of cost. */
export function isByTime(by: Grouping): boolean {
  return TIMES.includes(by);
}

/** The report by one grouping: rows in order of time, or the costliest first; those of unknown time last. */
export function usageReport(stats: Stats, by: Grouping, index: SessionIndex, frame: ReportFrame): UsageReport {
  const { totals, sharing } = stats;
  const unpriced = [...totals.sums.unpriced]
    .map(([model, tokens]) => ({ model, tokens }))
    .sort((a, b) => b.tokens - a.tokens);
  return {
    schemaVersion: 1,
    by,
    ...frame,
    rows: usageRows(stats.groups.get(by) ?? [], by, index),
    totals: { ...figuresOf(totals), unpriced, sharingSessions: sharing },
  };
}

/** The groups of one grouping as rows, in their order. */
export function usageRows(groups: readonly Group[], by: Grouping, index: SessionIndex): UsageRow[] {
  const sorted = [...groups].sort(isByTime(by) ? byTime : byCost);
  const sessions = by === 'session' ? sessionsOf(sorted, index) : [];
  return sorted.map((group, at) => {
    const session = sessions[at] ?? null;
    const figures = figuresOf(group);
    return {
      key: session === null ? keyText(group.key, by) : (group.row?.file.id ?? null),
      session,
      ...(by === 'model' ? { ...figures, prompts: null, footprintBytes: null } : figures),
    };
  });
}

/** The figures of a group, or of several together. */
export function figuresOf({ sums, sessions, prompts, bytes }: Group): UsageFigures {
  const { responses, tokens, knownUsd } = sums;
  return {
    sessions,
    prompts,
    responses,
    tokens: { ...tokens },
    costUsd: tidyUsd(knownUsd),
    unpricedTokens: unpricedTokens(sums),
    footprintBytes: bytes,
  };
}

/** Figures of several groups as one; sessions that several hold are counted in each. */
export function together(all: readonly UsageFigures[]): UsageFigures {
  const sum = (value: (figures: UsageFigures) => number): number =>
    all.reduce((total, figures) => total + value(figures), 0);
  const sumKnown = (value: (figures: UsageFigures) => number | null): number | null =>
    all.length > 0 && all.every((figures) => value(figures) === null) ? null : sum((figures) => value(figures) ?? 0);
  return {
    sessions: sum(({ sessions }) => sessions),
    prompts: sumKnown(({ prompts }) => prompts),
    responses: sum(({ responses }) => responses),
    tokens: {
      input: sum(({ tokens }) => tokens.input),
      output: sum(({ tokens }) => tokens.output),
      cacheRead: sum(({ tokens }) => tokens.cacheRead),
      cacheWrite: sum(({ tokens }) => tokens.cacheWrite),
      total: sum(({ tokens }) => tokens.total),
    },
    costUsd: sumKnown(({ costUsd }) => costUsd),
    unpricedTokens: sum((figures) => figures.unpricedTokens),
    footprintBytes: sumKnown(({ footprintBytes }) => footprintBytes),
  };
}

function unpricedTokens({ unpriced }: Sums): number {
  return [...unpriced.values()].reduce((sum, tokens) => sum + tokens, 0);
}

function keyText(key: Group['key'], by: Grouping): string | null {
  return typeof key === 'number' ? dayName(key).slice(0, by === 'month' ? 7 : 10) : key;
}

function sessionsOf(groups: readonly Group[], index: SessionIndex): NonNullable<UsageRow['session']>[] {
  const rows = groups.map(({ row }) => row as SessionRow);
  return index
    .records(rows, { footprint: false })
    .map(({ configDir, projectDir, cwd, title }) => ({ configDir, projectDir, cwd, title }));
}

function byTime(a: Group, b: Group): number {
  return Number(a.key ?? Infinity) - Number(b.key ?? Infinity) || 0;
}

function byCost(a: Group, b: Group): number {
  return (
    (b.sums.knownUsd ?? -1) - (a.sums.knownUsd ?? -1) ||
    b.sums.tokens.total - a.sums.tokens.total ||
    (String(a.key) < String(b.key) ? -1 : 1)
  );
}
