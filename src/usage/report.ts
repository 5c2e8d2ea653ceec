import type { Tokens } from '../session-index/record.js';
import type { SessionIndex, SessionRow } from '../session-index/session-index.js';
import type { PriceSource } from './prices/prices.js';
import { nameOf, type Groupings, type Group, type Grouping, type Key, type Stats } from './groups.js';
import { toolCounts } from '../session-index/to-record.js';
import { roundUsd, type Sums } from './sums.js';
import { dayName } from './zone.js';

/** Sums under one key, or in all. Costs are US dollars at list prices. */
export interface UsageFigures {
  sessions: number;
  /** Null by model: a prompt has none. */
  prompts: number | null;
  responses: number;
  /** Tool calls by the tool's name, the most frequent first; null by model. */
  tools: Record<string, number> | null;
  tokens: Tokens;
  /** Of the responses that have a price; null where none has. */
  costUsd: number | null;
  /** Tokens of the responses that have none. */
  unpricedTokens: number;
  /** Null by model. */
  footprintBytes: number | null;
}

/**
 * One row of `stats --by`. `key`: a day or first day (`2026-11-05`, of a month `2026-11`), a folder, a name, an id;
 * null: unknown.
 */
export interface UsageRow extends UsageFigures {
  key: string | null;
  /** Its keys by each grouping, the first one included. */
  keys: (string | null)[];
  /** Which session, by session; else null. */
  session: { configDir: string; projectDir: string; cwd: string | null; title: string | null } | null;
}

/** `stats --json` (docs/schema/stats.schema.json). */
export interface UsageReport {
  schemaVersion: 1;
  /** The grouping; several of them in their order. */
  by: Grouping | Grouping[];
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
    /** Sessions that hold responses or prompts, all of which belong to others. */
    owningNothing: { configDir: string; projectDir: string; id: string }[];
  };
}

/** Choices of `usageReport` that it only repeats. */
export type ReportFrame = Pick<UsageReport, 'since' | 'until' | 'timeZone' | 'prices'>;

const TIMES: readonly Grouping[] = ['day', 'week', 'month'];

/** True if rows are in order of time, not of cost. */
export function isByTime(by: Grouping): boolean {
  return TIMES.includes(by);
}

/**
 * The report: rows in order of time, or the costliest first, within those of the grouping before; those of unknown time
 * last.
 */
export function usageReport(stats: Stats, by: Groupings, index: SessionIndex, frame: ReportFrame): UsageReport {
  const { totals, sharing, owningNothing } = stats;
  const unpriced = [...totals.sums.unpriced]
    .map(([model, tokens]) => ({ model, tokens }))
    .sort((a, b) => b.tokens - a.tokens || (a.model < b.model ? -1 : 1));
  return {
    schemaVersion: 1,
    by: by.length === 1 ? by[0] : [...by],
    ...frame,
    rows: usageRows(stats.groups.get(nameOf(by)) ?? [], by, index),
    totals: {
      ...figuresOf(totals),
      unpriced,
      sharingSessions: sharing,
      owningNothing: owningNothing.map(({ file: { configDir, projectDir, id } }) => ({
        configDir: configDir.path,
        projectDir,
        id,
      })),
    },
  };
}

/** Groups as rows, in their order. */
export function usageRows(groups: readonly Group[], by: Groupings, index: SessionIndex): UsageRow[] {
  const sorted = inOrder(groups, by, 0);
  const sessions = by.includes('session') ? sessionsOf(sorted, index) : [];
  return sorted.map((group, at) => {
    const keys = by.map((grouping, which) =>
      grouping === 'session' ? (group.row?.file.id ?? null) : keyText(group.keys[which] ?? null, grouping),
    );
    const figures = figuresOf(group);
    return {
      key: keys[0] ?? null,
      keys,
      session: sessions[at] ?? null,
      ...(by.includes('model') ? { ...figures, prompts: null, tools: null, footprintBytes: null } : figures),
    };
  });
}

/** Groups ordered by the key at `depth`, those with the same one by the next. */
function inOrder(groups: readonly Group[], by: Groupings, depth: number): Group[] {
  const grouping = by[depth];
  if (grouping === undefined) return [...groups];
  const parts = new Map<Key, Group[]>();
  for (const group of groups) {
    const key = group.keys[depth] ?? null;
    const part = parts.get(key);
    if (part === undefined) parts.set(key, [group]);
    else part.push(group);
  }
  const weighed = Array.from(parts, ([key, part]): Part => ({ key, part, ...weightOf(part) }));
  weighed.sort(isByTime(grouping) ? byTime : byCost);
  return weighed.flatMap(({ part }) => inOrder(part, by, depth + 1));
}

/** Groups that have one key in common, with what they come to. */
interface Part {
  key: Key;
  part: readonly Group[];
  /** -1 where no cost is known. */
  usd: number;
  tokens: number;
}

function weightOf(groups: readonly Group[]): Pick<Part, 'usd' | 'tokens'> {
  const known = groups.flatMap(({ sums }) => sums.knownUsd ?? []);
  return {
    // Without the digits that depend on the order of adding.
    usd: known.length === 0 ? -1 : (roundUsd(known.reduce((sum, usd) => sum + usd, 0)) ?? -1),
    tokens: groups.reduce((sum, { sums }) => sum + sums.tokens.total, 0),
  };
}

/** The figures of a group, or of several together. */
export function figuresOf({ sums, sessions, prompts, tools, bytes }: Group): UsageFigures {
  const { responses, tokens, knownUsd } = sums;
  return {
    sessions,
    prompts,
    responses,
    tools: toolCounts(tools),
    tokens: { ...tokens },
    costUsd: roundUsd(knownUsd),
    unpricedTokens: unpricedTokens(sums),
    footprintBytes: bytes,
  };
}

/** Figures of several groups as one; sessions that several hold are counted in each. */
export function sumFigures(all: readonly UsageFigures[]): UsageFigures {
  const sum = (value: (figures: UsageFigures) => number): number =>
    all.reduce((total, figures) => total + value(figures), 0);
  const sumKnown = (value: (figures: UsageFigures) => number | null): number | null =>
    all.length > 0 && all.every((figures) => value(figures) === null) ? null : sum((figures) => value(figures) ?? 0);
  return {
    sessions: sum(({ sessions }) => sessions),
    prompts: sumKnown(({ prompts }) => prompts),
    responses: sum(({ responses }) => responses),
    tools: sumTools(all),
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

function sumTools(all: readonly UsageFigures[]): UsageFigures['tools'] {
  const known = all.map(({ tools }) => tools).filter((tools) => tools !== null);
  if (known.length === 0 && all.length > 0) return null;
  const sums = new Map<string, number>();
  for (const tools of known) {
    for (const [name, calls] of Object.entries(tools)) sums.set(name, (sums.get(name) ?? 0) + calls);
  }
  return toolCounts(sums);
}

function unpricedTokens({ unpriced }: Sums): number {
  return [...unpriced.values()].reduce((sum, tokens) => sum + tokens, 0);
}

function keyText(key: Key, by: Grouping): string | null {
  return typeof key === 'number' ? dayName(key).slice(0, by === 'month' ? 7 : 10) : key;
}

function sessionsOf(groups: readonly Group[], index: SessionIndex): NonNullable<UsageRow['session']>[] {
  const rows = groups.map(({ row }) => row as SessionRow);
  return index
    .records(rows, { footprint: false })
    .map(({ configDir, projectDir, cwd, title }) => ({ configDir, projectDir, cwd, title }));
}

function byTime(a: Part, b: Part): number {
  return Number(a.key ?? Infinity) - Number(b.key ?? Infinity) || 0;
}

function byCost(a: Part, b: Part): number {
  return b.usd - a.usd || b.tokens - a.tokens || (String(a.key) < String(b.key) ? -1 : 1);
}
