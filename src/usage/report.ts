import type { Tokens } from '../session-index/record.js';
import type { SessionIndex, SessionRow } from '../session-index/session-index.js';
import type { PriceSource } from './prices/prices.js';
import { groupingsName, type Groupings, type Group, type Grouping, type GroupKey, type Stats } from './groups.js';
import { toolCounts } from '../session-index/to-record.js';
import { roundUsd, type Sums } from './sums.js';
import { dayName } from './zone.js';

/** Usage of one key, or in total. Costs are US dollars at list prices. */
export interface UsageFigures {
  sessions: number;
  /** Null in rows by model, since a prompt has no model. */
  prompts: number | null;
  responses: number;
  /** Tool calls by tool name, most frequent first; null in rows by model. */
  tools: Record<string, number> | null;
  tokens: Tokens;
  /** Cost of the responses that have a price; null if none has one. */
  costUsd: number | null;
  /** Tokens of the responses without a price. */
  unpricedTokens: number;
  /** Null in rows by model. */
  footprintBytes: number | null;
}

/**
 * One row of `stats --by`. `key` is a day or the first day of a week (`2026-11-05`), a month (`2026-11`), a folder, a
 * name or an id; null if unknown.
 */
export interface UsageRow extends UsageFigures {
  key: string | null;
  /** Keys by all groupings, in their order. */
  keys: (string | null)[];
  /** The session, in rows by session; else null. */
  session: { configDir: string; projectDir: string; cwd: string | null; title: string | null } | null;
}

/** `stats --json` (docs/schema/stats.schema.json). */
export interface UsageReport {
  schemaVersion: 1;
  /** The grouping, or several in their order. */
  by: Grouping | Grouping[];
  /** The requested range; null where it is open. */
  since: string | null;
  until: string | null;
  /** The requested time zone; null is the machine's own. */
  timeZone: string | null;
  prices: PriceSource[];
  rows: UsageRow[];
  totals: UsageFigures & {
    /** Models without a price, and their tokens. */
    unpriced: { model: string; tokens: number }[];
    /** Number of sessions with responses that other sessions have too. */
    sharingSessions: number;
    /** Sessions whose responses and prompts all belong to other sessions. */
    owningNothing: { configDir: string; projectDir: string; id: string }[];
  };
}

/** Parameters of the request that the report repeats. */
export type ReportHeader = Pick<UsageReport, 'since' | 'until' | 'timeZone' | 'prices'>;

const TIME_GROUPINGS: readonly Grouping[] = ['day', 'week', 'month'];

/** True for groupings whose rows are sorted by time; the others are sorted by cost. */
export function isByTime(by: Grouping): boolean {
  return TIME_GROUPINGS.includes(by);
}

/**
 * Returns the report of counted usage. Rows are sorted grouping by grouping: by time (unknown last), or by cost
 * (highest first).
 */
export function usageReport(stats: Stats, by: Groupings, index: SessionIndex, frame: ReportHeader): UsageReport {
  const { totals, sharing, owningNothing } = stats;
  const unpriced = [...totals.sums.unpriced]
    .map(([model, tokens]) => ({ model, tokens }))
    .sort((a, b) => b.tokens - a.tokens || (a.model < b.model ? -1 : 1));
  return {
    schemaVersion: 1,
    by: by.length === 1 ? by[0] : [...by],
    ...frame,
    rows: usageRows(stats.groups.get(groupingsName(by)) ?? [], by, index),
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

/** Returns groups as sorted rows. */
export function usageRows(groups: readonly Group[], by: Groupings, index: SessionIndex): UsageRow[] {
  const sorted = sortGroups(groups, by, 0);
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

/** Sorts groups by the grouping at `depth`, and those with the same key by the next one. */
function sortGroups(groups: readonly Group[], by: Groupings, depth: number): Group[] {
  const grouping = by[depth];
  if (grouping === undefined) return [...groups];
  const parts = new Map<GroupKey, Group[]>();
  for (const group of groups) {
    const key = group.keys[depth] ?? null;
    const part = parts.get(key);
    if (part === undefined) parts.set(key, [group]);
    else part.push(group);
  }
  const keyed = Array.from(parts, ([key, part]): GroupsOfKey => ({ key, part, ...sortSums(part) }));
  keyed.sort(isByTime(grouping) ? byTime : byCost);
  return keyed.flatMap(({ part }) => sortGroups(part, by, depth + 1));
}

/** Groups that have one key in common, and the sums to sort them by. */
interface GroupsOfKey {
  key: GroupKey;
  part: readonly Group[];
  /** -1 where no cost is known. */
  usd: number;
  tokens: number;
}

function sortSums(groups: readonly Group[]): Pick<GroupsOfKey, 'usd' | 'tokens'> {
  const known = groups.flatMap(({ sums }) => sums.knownUsd ?? []);
  return {
    // Rounded, since the last digits depend on the order of addition.
    usd: known.length === 0 ? -1 : (roundUsd(known.reduce((sum, usd) => sum + usd, 0)) ?? -1),
    tokens: groups.reduce((sum, { sums }) => sum + sums.tokens.total, 0),
  };
}

/** Returns the figures of a group. */
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

/** Returns the figures of several groups together; a session counts in each group that has it. */
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

function keyText(key: GroupKey, by: Grouping): string | null {
  return typeof key === 'number' ? dayName(key).slice(0, by === 'month' ? 7 : 10) : key;
}

function sessionsOf(groups: readonly Group[], index: SessionIndex): NonNullable<UsageRow['session']>[] {
  const rows = groups.map(({ row }) => row as SessionRow);
  return index
    .records(rows, { footprint: false })
    .map(({ configDir, projectDir, cwd, title }) => ({ configDir, projectDir, cwd, title }));
}

function byTime(a: GroupsOfKey, b: GroupsOfKey): number {
  return Number(a.key ?? Infinity) - Number(b.key ?? Infinity) || 0;
}

function byCost(a: GroupsOfKey, b: GroupsOfKey): number {
  return b.usd - a.usd || b.tokens - a.tokens || (String(a.key) < String(b.key) ? -1 : 1);
}
