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
  pinned?: boolean;
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

/** The index as if it held these of its sessions alone. */
export function narrowedTo(index: SessionIndex, rows: readonly SessionRow[]): SessionIndex {
  return { rows, problems: index.problems, records: (asked, options) => index.records(asked, options), ledgers: (asked) => index.ledgers(asked) };
}

/** Sessions with what was asked for of them. */
interface Candidates {
  rows: SessionRow[];
  records: (SessionRecord | null)[] | null;
  costs: (number | null)[] | null;
}

/**
 * Filters and sorts. Records are asked for only if the query needs them, and footprints only of what
 * the other filters leave over, so that a plain query costs the columns of the index alone. Only the `first` so many
 * are sure to be in their place, which takes less time; the rest follow in any order.
 */
export function select(index: SessionIndex, query: Query, first = Infinity): Selection {
  let found: Candidates = { rows: index.rows.filter((row) => matchesRow(row, query)), records: null, costs: null };
  const needsBytes = query.sort === 'size' || query.largerThanBytes !== undefined;
  if (needsRecord(query)) found = only(withRecords(index, found.rows, false), (record) => record !== null && matchesRecord(record, query));
  if (needsBytes) {
    const least = query.largerThanBytes ?? -1;
    found = only(withRecords(index, found.rows, true), (record) => bytesOf(record) > least);
  }
  if (query.costs !== undefined && (query.sort === 'cost' || query.minCostUsd !== undefined)) {
    const least = query.minCostUsd ?? null;
    found = only({ ...found, costs: query.costs(found.rows) }, (_, costUsd) => least === null || (costUsd !== null && costUsd >= least));
  }
  const { rows, records } = found;
  return {
    rows: inOrder(found, query, first),
    bytes: needsBytes ? new Map(rows.map((row, at) => [row, bytesOf(records?.[at] ?? null)])) : null,
  };
}

function withRecords(index: SessionIndex, rows: SessionRow[], footprint: boolean): Candidates {
  return { rows, records: index.records(rows, { footprint }), costs: null };
}

function only({ rows, records, costs }: Candidates, wanted: (record: SessionRecord | null, costUsd: number | null) => boolean): Candidates {
  const kept = rows.map((_, at) => wanted(records?.[at] ?? null, costs?.[at] ?? null));
  const isKept = (_: unknown, at: number): boolean => kept[at] === true;
  return { rows: rows.filter(isKept), records: records?.filter(isKept) ?? null, costs: costs?.filter(isKept) ?? null };
}

function matchesRow(row: SessionRow, query: Query): boolean {
  const activity = row.lastActivityMs;
  if (query.kind !== undefined && row.kind !== query.kind) return false;
  if (query.live === true && row.live === null) return false;
  if (query.pinned === true && !row.pinned) return false;
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
function inOrder({ rows, records, costs }: Candidates, query: Query, first: number): SessionRow[] {
  const sort = query.sort ?? 'activity';
  const sign = query.reverse === true ? -1 : 1;
  // Worked out once each, and in a list of their own: a sort asks some fifteen times for every session.
  const values = rows.map((row, at) => sortValue(row, records?.[at] ?? null, costs?.[at] ?? null, sort));
  const compare = (a: number, b: number): number => {
    const left = values[a] ?? null;
    const right = values[b] ?? null;
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    return sign * (typeof left === 'string' ? compareText(left, String(right)) : Number(right) - left);
  };
  const rowOf = (at: number): SessionRow => rows[at] as SessionRow;
  const byValue = (a: number, b: number): number => compare(a, b) || byIdentity(rowOf(a), rowOf(b));
  const [foremost, others] = split(values, sign, first);
  return [...foremost.sort(byValue), ...others].map(rowOf);
}

/** Places of the values that come first, ties and all, and of the others; in neither case in order. */
function split(values: readonly (number | string | null)[], sign: 1 | -1, first: number): [number[], number[]] {
  const places = values.map((_, at) => at);
  if (first >= values.length || first === 0 || !values.every((value) => value === null || typeof value === 'number')) return [places, []];
  // Numbers alone are sorted in a fraction of the time it takes to compare sessions.
  const numbers = Float64Array.from(values, (value) => (value === null ? Infinity : -sign * value));
  const last = Float64Array.from(numbers).sort()[first - 1] ?? Infinity;
  const isForemost = (at: number): boolean => (numbers[at] ?? Infinity) <= last;
  return [places.filter(isForemost), places.filter((at) => !isForemost(at))];
}

function sortValue(row: SessionRow, record: SessionRecord | null, costUsd: number | null, sort: SortKey): number | string | null {
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
