import { isNamed, type ProjectFilter, type SessionKind, type SessionRecord } from '../../session-index/record.js';
import type { IndexOptions, SessionIndex, SessionRow } from '../../session-index/session-index.js';
import type { PathFilter } from '../../session-index/touched/path-filter.js';
import { byActivity, byIdentity, compareText } from './listing.js';
import { orderByKey } from './order-by-key.js';
import { switchTest, type SwitchFilters } from './switch-filters.js';

/** Sort keys of sessions. */
export const SORT_KEYS = [
  'activity',
  'created',
  'size',
  'prompts',
  'turns',
  'tokens',
  'cost',
  'title',
  'project',
] as const;
export type SortKey = (typeof SORT_KEYS)[number];
type TextKey = 'title' | 'project';
type NumberKey = Exclude<SortKey, TextKey>;

/** Filters and order of sessions. An omitted filter does not narrow. */
export interface Query extends SwitchFilters {
  kinds?: readonly SessionKind[];
  /** Activity at or after this, milliseconds. A session of unknown age never matches a time. */
  sinceMs?: number;
  /** Activity before this, milliseconds. */
  beforeMs?: number;
  /** Words that title and prompts (the first and the last one) contain, all of them, any case. */
  words?: readonly string[];
  /** Substring of the title, any case. */
  title?: string;
  /** The whole tag. */
  tag?: string;
  branch?: string;
  /** Substring of any model's name, any case. */
  model?: string;
  /** A filter from `projectFilter`. */
  project?: ProjectFilter;
  /** A filter from `touchedFilter`; needs an index that was opened with `paths`. */
  touched?: PathFilter;
  largerThanBytes?: number;
  /** Minimum cost in US dollars; an unknown cost never matches. */
  minCostUsd?: number;
  /** Computes costs, in the order of the rows; needed for `minCostUsd` and to sort by cost. */
  costs?: (rows: readonly SessionRow[]) => (number | null)[];
  sort?: SortKey;
  reverse?: boolean;
}

/** Returns the options that an index must be opened with to answer a query. */
export function indexOptionsOf({ live, touched }: Query): Pick<IndexOptions, 'processes' | 'paths'> {
  return { processes: live === true, paths: touched !== undefined };
}

/** The sessions of a query in order; `bytes` are their footprints, if the query needed them. */
export interface Selection {
  rows: SessionRow[];
  bytes: ReadonlyMap<SessionRow, number> | null;
}

/** Returns the index reduced to these of its sessions. */
export function narrowedTo(index: SessionIndex, rows: readonly SessionRow[]): SessionIndex {
  const among = new Set(rows);
  return {
    rows,
    problems: index.problems,
    cleanup: index.cleanup,
    records: (asked, options) => index.records(asked, options),
    footprintBytes: (asked) => index.footprintBytes(asked),
    folderSums: () => index.folderSums(),
    measure: () => null,
    ids: () => rows.map(({ file }) => file.id),
    cwds: () => index.cwds(),
    withIdPrefix: (start) => index.withIdPrefix(start).filter((row) => among.has(row)),
    withId: (id) => index.withId(id).filter((row) => among.has(row)),
    candidatesByTitle: (title) => index.candidatesByTitle(title).filter((row) => among.has(row)),
    names: (find) => index.names(find),
    withSharedResponses: (asked) => index.withSharedResponses(asked).filter((row) => among.has(row)),
    touchedPaths: () => index.touchedPaths(),
    touching: (filter) => new Set([...index.touching(filter)].filter((row) => among.has(row))),
    totals() {
      const all = index.totals();
      const kept = new Map(index.rows.map((row, at) => [row, all[at] ?? null]));
      return rows.map((row) => kept.get(row) ?? null);
    },
    ledgers: (asked) => index.ledgers(asked),
  };
}

/** Maximum number of rows for which inserting takes less time than sorting. */
const MAX_INSERTED = 256;

/** Sessions with the data that a query needs of them. */
interface Candidates {
  rows: SessionRow[];
  records: (SessionRecord | null)[] | null;
  costs: (number | null)[] | null;
}

/**
 * Filters and sorts sessions. Records are read only if the query needs them, and footprints only of sessions that pass
 * the other filters, so that a plain query costs the columns of the index alone. Only the first `first` rows are
 * sorted, which takes less time; the rest follow in any order.
 */
export function select(index: SessionIndex, query: Query, first = Infinity): Selection {
  const touching = query.touched === undefined ? null : index.touching(query.touched);
  const isOn = switchTest(query);
  const matching = index.rows.filter(
    (row) => touching?.has(row) !== false && matchesRow(row, query) && isOn?.(row) !== false,
  );
  let found: Candidates = { rows: matching, records: null, costs: null };
  const needsBytes = query.sort === 'size' || query.largerThanBytes !== undefined;
  if (needsRecord(query))
    found = keepMatching(
      withRecords(index, found.rows, false),
      (record, _, row) => record !== null && matchesRecord(row, record, query),
    );
  if (needsBytes) {
    const least = query.largerThanBytes ?? -1;
    found = keepMatching(withRecords(index, found.rows, true), (record) => bytesOf(record) > least);
  }
  if (query.costs !== undefined && (query.sort === 'cost' || query.minCostUsd !== undefined)) {
    const least = query.minCostUsd ?? null;
    found = keepMatching(
      { ...found, costs: query.costs(found.rows) },
      (_, costUsd) => least === null || (costUsd !== null && costUsd >= least),
    );
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

function keepMatching(
  { rows, records, costs }: Candidates,
  wanted: (record: SessionRecord | null, costUsd: number | null, row: SessionRow) => boolean,
): Candidates {
  const kept = rows.map((row, at) => wanted(records?.[at] ?? null, costs?.[at] ?? null, row));
  const isKept = (_: unknown, at: number): boolean => kept[at] === true;
  return { rows: rows.filter(isKept), records: records?.filter(isKept) ?? null, costs: costs?.filter(isKept) ?? null };
}

function matchesRow(row: SessionRow, query: Query): boolean {
  const { kinds, sinceMs, beforeMs } = query;
  if (kinds?.includes(row.kind) === false) return false;
  if (sinceMs === undefined && beforeMs === undefined) return true;
  const activity = row.lastActivityMs;
  return activity !== null && activity >= (sinceMs ?? -Infinity) && activity < (beforeMs ?? Infinity);
}

function needsRecord(query: Query): boolean {
  const asked = [query.title, query.tag, query.branch, query.model, query.project, query.words];
  return query.empty === true || isTextKey(query.sort) || asked.some((value) => value !== undefined);
}

function matchesRecord({ resumable }: SessionRow, record: SessionRecord, query: Query): boolean {
  if (query.empty === true && isNamed(resumable, record)) return false;
  const { title, firstPrompt, lastPrompt } = record;
  const texts = [title, firstPrompt, lastPrompt];
  if (query.words?.every((word) => texts.some((text) => contains(text, word))) === false) return false;
  if (query.title !== undefined && !contains(record.title, query.title)) return false;
  if (query.tag !== undefined && record.tag !== query.tag) return false;
  if (query.branch !== undefined && record.gitBranch !== query.branch) return false;
  const { model } = query;
  if (model !== undefined && !record.models.some((name) => contains(name, model))) return false;
  return query.project === undefined || query.project(record);
}

function contains(text: string | null, part: string): boolean {
  return text !== null && text.toLowerCase().includes(part.toLowerCase());
}

function bytesOf(record: SessionRecord | null): number {
  return record?.footprintBytes ?? 0;
}

function isTextKey(sort: SortKey | undefined): sort is TextKey {
  return sort === 'title' || sort === 'project';
}

/** Largest or newest first, texts from A; rows without a value come last in both directions; ties by id. */
function inOrder(found: Candidates, query: Query, first: number): SessionRow[] {
  const { sort = 'activity' } = query;
  const sign = query.reverse === true ? -1 : 1;
  return isTextKey(sort) ? byText(found, sort, sign) : byNumber(found, sort, sign, first);
}

/** Compares titles without case, and folders with case; within one folder the newest session is first. */
function byText({ rows, records }: Candidates, sort: TextKey, sign: 1 | -1): SessionRow[] {
  const textOf = (record: SessionRecord | null | undefined): string | null =>
    (sort === 'title' ? record?.title?.toLowerCase() : record?.cwd) ?? null;
  const withText = rows.map((row, at) => ({ row, text: textOf(records?.[at]) }));
  const tie = sort === 'title' ? byIdentity : byActivity;
  withText.sort((a, b) => {
    if (a.text === null || b.text === null)
      return Number(a.text === null) - Number(b.text === null) || tie(a.row, b.row);
    return sign * compareText(a.text, b.text) || tie(a.row, b.row);
  });
  return withText.map(({ row }) => row);
}

/** Puts only the first `first` rows in order: sorting numbers takes a fraction of the time of comparing sessions. */
function byNumber({ rows, records, costs }: Candidates, sort: NumberKey, sign: 1 | -1, first: number): SessionRow[] {
  const keys = new Float64Array(rows.length);
  const keyAt = (at: number): number => keys[at] ?? Infinity;
  const rowAt = (at: number): SessionRow => rows[at] as SessionRow;
  for (let at = 0; at < rows.length; at++) {
    const value = numberOf(rowAt(at), records?.[at] ?? null, costs?.[at] ?? null, sort);
    keys[at] = value === null ? Infinity : -sign * value;
  }
  const last = first > 0 && first < rows.length ? smallest(keys, first) : Infinity;
  const foremost: number[] = [];
  const others: SessionRow[] = [];
  for (let at = 0; at < rows.length; at++) {
    if (keyAt(at) <= last) foremost.push(at);
    else others.push(rowAt(at));
  }
  const ordered = orderByKey(foremost, keys, (a, b) => byIdentity(rowAt(a), rowAt(b)));
  return [...ordered.map(rowAt), ...others];
}

/** Returns the largest of the `count` smallest numbers, without sorting all of them if `count` is small. */
function smallest(numbers: Float64Array, count: number): number {
  if (count > MAX_INSERTED) return numbers.toSorted()[count - 1] ?? Infinity;
  const found = new Float64Array(count).fill(Infinity);
  let last = Infinity;
  for (const number of numbers) {
    if (!(number < last)) continue;
    let at = count - 1;
    for (; at > 0 && (found[at - 1] ?? 0) > number; at--) found[at] = found[at - 1] ?? 0;
    found[at] = number;
    last = found[count - 1] ?? Infinity;
  }
  return last;
}

function numberOf(
  row: SessionRow,
  record: SessionRecord | null,
  costUsd: number | null,
  sort: NumberKey,
): number | null {
  switch (sort) {
    case 'activity':
      return row.lastActivityMs;
    case 'created':
      return row.createdMs;
    case 'prompts':
      return row.prompts;
    case 'turns':
      return row.turns;
    case 'tokens':
      return row.tokens;
    case 'cost':
      return costUsd;
    case 'size':
      return bytesOf(record);
    default:
      return sort satisfies never;
  }
}
