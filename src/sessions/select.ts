import type { SessionKind, SessionRecord } from '../session-index/record.js';
import type { SessionIndex, SessionRow } from '../session-index/session-index.js';
import { byIdentity, compareText } from './listing.js';

/** What sessions can be sorted by. */
export const SORT_KEYS = ['activity', 'created', 'size', 'turns', 'tokens', 'cost', 'title'] as const;
export type SortKey = (typeof SORT_KEYS)[number];

/** Which sessions, and in which order. What is left out does not narrow. */
export interface Query {
  kind?: SessionKind;
  /** Activity at or after this, milliseconds. A session of unknown age never matches a time. */
  sinceMs?: number;
  /** Activity before this, milliseconds. */
  beforeMs?: number;
  live?: boolean;
  empty?: boolean;
  /** Substring of the title, any case. */
  title?: string;
  /** The whole tag. */
  tag?: string;
  branch?: string;
  /** Substring of any model's name, any case. */
  model?: string;
  /** Decides by the recorded folder (`projectFilter`). */
  project?: (cwd: string | null) => boolean;
  largerThanBytes?: number;
  /** Cost of at least so many US dollars; one that is not known never matches. */
  minCostUsd?: number;
  /** Tells costs, in the order of the rows; needed for `minCostUsd` and to sort by cost. */
  costs?: (rows: readonly SessionRow[]) => (number | null)[];
  sort?: SortKey;
  reverse?: boolean;
}

/** The sessions of a query in their order; `bytes` are their footprints where the query needed them. */
export interface Selection {
  rows: SessionRow[];
  bytes: ReadonlyMap<SessionRow, number> | null;
}

interface Candidate {
  row: SessionRow;
  record: SessionRecord | null;
  costUsd: number | null;
}

/**
 * Filters and sorts. Records are asked for only if the query needs them, and footprints only of what
 * the other filters leave over, so that a plain query costs the columns of the index alone.
 */
export function select(index: SessionIndex, query: Query): Selection {
  let candidates: Candidate[] = index.rows.filter((row) => matchesRow(row, query)).map((row) => ({ row, record: null, costUsd: null }));
  const needsBytes = query.sort === 'size' || query.largerThanBytes !== undefined;
  if (needsRecord(query)) {
    candidates = withRecords(index, candidates, false).filter(({ record }) => record !== null && matchesRecord(record, query));
  }
  if (needsBytes) {
    const least = query.largerThanBytes ?? -1;
    candidates = withRecords(index, candidates, true).filter(({ record }) => bytesOf(record) > least);
  }
  if (query.costs !== undefined && (query.sort === 'cost' || query.minCostUsd !== undefined)) {
    const { minCostUsd } = query;
    const costs = query.costs(candidates.map(({ row }) => row));
    candidates = candidates.map((candidate, at) => ({ ...candidate, costUsd: costs[at] ?? null }));
    if (minCostUsd !== undefined) candidates = candidates.filter(({ costUsd }) => costUsd !== null && costUsd >= minCostUsd);
  }
  candidates = inOrder(candidates, query);
  return {
    rows: candidates.map(({ row }) => row),
    bytes: needsBytes ? new Map(candidates.map(({ row, record }) => [row, bytesOf(record)])) : null,
  };
}

function withRecords(index: SessionIndex, candidates: Candidate[], footprint: boolean): Candidate[] {
  const rows = candidates.map(({ row }) => row);
  const records = index.records(rows, { footprint });
  return rows.map((row, at) => ({ row, record: records[at] ?? null, costUsd: null }));
}

function matchesRow(row: SessionRow, query: Query): boolean {
  const activity = row.lastActivityMs;
  if (query.kind !== undefined && row.kind !== query.kind) return false;
  if (query.live === true && row.live === null) return false;
  if (query.empty === true && !row.empty) return false;
  if (query.sinceMs !== undefined && (activity === null || activity < query.sinceMs)) return false;
  return query.beforeMs === undefined || (activity !== null && activity < query.beforeMs);
}

function needsRecord(query: Query): boolean {
  const asked = [query.title, query.tag, query.branch, query.model, query.project];
  return query.sort === 'title' || asked.some((value) => value !== undefined);
}

function matchesRecord(record: SessionRecord, query: Query): boolean {
  if (query.title !== undefined && !contains(record.title, query.title)) return false;
  if (query.tag !== undefined && record.tag !== query.tag) return false;
  if (query.branch !== undefined && record.gitBranch !== query.branch) return false;
  const { model } = query;
  if (model !== undefined && !record.models.some((name) => contains(name, model))) return false;
  return query.project === undefined || query.project(record.cwd);
}

function contains(text: string | null, part: string): boolean {
  return text !== null && text.toLowerCase().includes(part.toLowerCase());
}

function bytesOf(record: SessionRecord | null): number {
  return record?.footprintBytes ?? 0;
}

/** Largest or newest first, titles from A; what has no value comes last either way round; ties by id. */
function inOrder(candidates: readonly Candidate[], query: Query): Candidate[] {
  const sort = query.sort ?? 'activity';
  const sign = query.reverse === true ? -1 : 1;
  // Worked out once each, and in a list of their own: a sort asks some fifteen times for every session.
  const values = candidates.map((candidate) => sortValue(candidate, sort));
  const compare = (a: number, b: number): number => {
    const left = values[a] ?? null;
    const right = values[b] ?? null;
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    return sign * (typeof left === 'string' ? compareText(left, String(right)) : Number(right) - left);
  };
  const rowOf = (at: number): SessionRow => (candidates[at] as Candidate).row;
  const order = candidates.map((_, at) => at).sort((a, b) => compare(a, b) || byIdentity(rowOf(a), rowOf(b)));
  return order.map((at) => candidates[at] as Candidate);
}

function sortValue({ row, record, costUsd }: Candidate, sort: SortKey): number | string | null {
  switch (sort) {
    case 'activity':
      return row.lastActivityMs;
    case 'created':
      return row.createdMs;
    case 'turns':
      return row.turns;
    case 'tokens':
      return row.tokens;
    case 'cost':
      return costUsd;
    case 'size':
      return bytesOf(record);
    case 'title':
      return record?.title?.toLowerCase() ?? null;
    default:
      return sort satisfies never;
  }
}
