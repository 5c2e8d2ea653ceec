import { openShelves, footprint, type Shelves } from '../claude/layout.js';
import type { ConfigDir } from '../claude/model.js';
import type { SessionKind } from '../session-index/record.js';
import type { SessionIndex, SessionRow } from '../session-index/session-index.js';
import { Holder, Lineage } from './holders.js';
import type { Prices } from './prices.js';
import { costOf, NO_MODEL, Sums } from './sums.js';
import { Union } from './union.js';
import { CALENDAR, firstOfMonth, mondayOf, type Zone } from './zone.js';

/** What usage can be gathered by. */
export const GROUPINGS = ['day', 'week', 'month', 'project', 'model', 'branch', 'kind', 'session'] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** What is counted, and how. Times are milliseconds. */
export interface StatsQuery {
  /** Responses and prompts from this time on, and before that one; those without a time are in no range. */
  sinceMs?: number;
  beforeMs?: number;
  /** Decides by a session's folder. */
  project?: (cwd: string | null) => boolean;
  zone: Zone;
  prices: Prices;
  nowMs: number;
}

/** What came together under one key: a day (counted from 1970), a name, or null where there is none. */
export class Group {
  readonly key: number | string | null;
  readonly sums = new Sums();
  sessions = 0;
  prompts = 0;
  /** Bytes on disk now of the sessions; a session's lie where its newest part lies. */
  bytes = 0;
  /** A session of the group, for what its key does not say. */
  row: SessionRow | null = null;

  constructor(key: Group['key']) {
    this.key = key;
  }

  /** Counts a session, once however often it is named in a row. */
  count(row: SessionRow): void {
    if (this.row === row) return;
    this.row = row;
    this.sessions++;
  }
}

/** Usage as it was counted. */
export interface Stats {
  totals: Group;
  /** By each grouping asked for; a week and a month are named by their first day. */
  groups: ReadonlyMap<Grouping, readonly Group[]>;
  /** Sessions and their bytes by the day of their newest part. */
  lastDays: readonly Group[];
  /** Sessions that hold responses others hold too. */
  sharing: number;
}

/** A session that is counted. */
interface Counted {
  row: SessionRow;
  cwd: string | null;
  branch: string | null;
}

/**
 * Counts responses, prompts, sessions and bytes, each response and prompt once among the sessions looked at. Reads the
 * ledgers of the index and walks the files of sessions that have any beside their transcript.
 */
export function countUsage(
  index: SessionIndex,
  configDirs: readonly ConfigDir[],
  query: StatsQuery,
  groupings: readonly Grouping[],
): Stats {
  const everything = index
    .ledgers(index.rows)
    .map((ledger, at) => (ledger === null ? null : new Holder(index.rows[at] as SessionRow, ledger)));
  const sessions = countedSessions(index, everything, query);
  const holders = everything.filter((holder) => holder !== null);
  const lineage = new Lineage(holders);
  const union = new Union(
    sessions.size === index.rows.length ? holders : holders.filter(({ row }) => sessions.has(row)),
    lineage,
  );
  const tally = new Tally(query, groupings);
  const shelves = openShelves(configDirs);
  union.holders.forEach((_, at) => tally.addHolder(union, at, sessions, shelves));
  const held = new Set(union.holders.map(({ row }) => row));
  for (const session of sessions.values()) if (!held.has(session.row)) tally.addSession(session, -Infinity, shelves);
  return tally.stats(union.sharing.size);
}

/** The sessions of the query by their row; what no ledger says is read from the records of the few that have none. */
function countedSessions(
  index: SessionIndex,
  holders: readonly (Holder | null)[],
  { project }: StatsQuery,
): Map<SessionRow, Counted> {
  const bare = index.rows.filter((_, at) => holders[at] === null);
  const records = new Map(index.records(bare, { footprint: false }).map((record, at) => [bare[at], record]));
  const counted = index.rows.map((row, at): Counted => {
    const head = holders[at]?.head ?? records.get(row);
    return { row, cwd: head?.cwd ?? null, branch: head?.gitBranch ?? null };
  });
  return new Map(
    counted.filter(({ cwd }) => project === undefined || project(cwd)).map((session) => [session.row, session]),
  );
}

class Tally {
  readonly #query: StatsQuery;
  readonly #totals = new Group(null);
  readonly #groups: ReadonlyMap<Grouping, Map<Group['key'], Group>>;
  readonly #lastDays = new Map<Group['key'], Group>();

  constructor(query: StatsQuery, groupings: readonly Grouping[]) {
    this.#query = query;
    this.#groups = new Map(groupings.map((grouping) => [grouping, new Map<Group['key'], Group>()]));
  }

  stats(sharing: number): Stats {
    const groups = new Map([...this.#groups].map(([grouping, found]) => [grouping, [...found.values()]]));
    return { totals: this.#totals, groups, lastDays: [...this.#lastDays.values()], sharing };
  }

  addHolder(union: Union, at: number, sessions: ReadonlyMap<SessionRow, Counted>, shelves: Shelves): void {
    const { row } = union.holders[at] as Holder;
    const session = sessions.get(row) as Counted;
    const { prices, nowMs } = this.#query;
    const fallbackMs = row.lastActivityMs ?? nowMs;
    let newest = -Infinity;
    union.responses(at, (response) => {
      const { timeMs, model, amounts } = response;
      if (!this.#isInRange(timeMs)) return;
      if (timeMs > newest) newest = timeMs;
      const total = amounts.input + amounts.output + amounts.cacheRead + amounts.cacheWrite;
      const cost = total === 0 ? 0 : costOf(response, prices, fallbackMs);
      this.#totals.sums.addPriced(response, total, cost);
      for (const [grouping, groups] of this.#groups) {
        const group = groupAt(groups, this.#key(grouping, session, timeMs, model ?? NO_MODEL));
        group.sums.addPriced(response, total, cost);
        group.count(row);
      }
    });
    union.promptTimes(at, (timeMs) => {
      if (!this.#isInRange(timeMs)) return;
      if (timeMs > newest) newest = timeMs;
      this.#totals.prompts++;
      for (const [grouping, groups] of this.#groups) {
        if (grouping === 'model') continue;
        const group = groupAt(groups, this.#key(grouping, session, timeMs, null));
        group.prompts++;
        group.count(row);
      }
    });
    this.addSession(session, newest, shelves);
  }

  /** Counts the session itself, where the newest of what was counted of it lies. */
  addSession(session: Counted, newestMs: number, shelves: Shelves): void {
    const { row } = session;
    const active = row.lastActivityMs ?? NaN;
    const newest = this.#isInRange(active) && !(newestMs > active) ? active : newestMs === -Infinity ? NaN : newestMs;
    if (!this.#isInRange(newest)) return;
    const bytes = bytesOf(row, shelves);
    this.#totals.count(row);
    this.#totals.bytes += bytes;
    const last = groupAt(this.#lastDays, this.#key('day', session, newest, null));
    last.count(row);
    last.bytes += bytes;
    for (const [grouping, groups] of this.#groups) {
      if (grouping === 'model') continue;
      const group = groupAt(groups, this.#key(grouping, session, newest, null));
      group.count(row);
      group.bytes += bytes;
    }
  }

  /** Without a range everything is in it, also what has no time. */
  #isInRange(timeMs: number): boolean {
    const { sinceMs, beforeMs } = this.#query;
    return (sinceMs === undefined || timeMs >= sinceMs) && (beforeMs === undefined || timeMs < beforeMs);
  }

  #key(grouping: Grouping, { row, cwd, branch }: Counted, timeMs: number, model: string | null): Group['key'] {
    switch (grouping) {
      case 'day':
        return this.#day(timeMs);
      case 'week':
        return firstDay(this.#day(timeMs), mondayOf);
      case 'month':
        return firstDay(this.#day(timeMs), firstOfMonth);
      case 'project':
        return cwd;
      case 'model':
        return model;
      case 'branch':
        return branch;
      case 'kind':
        return row.kind satisfies SessionKind;
      case 'session':
        return row.file.path;
      default:
        return grouping satisfies never;
    }
  }

  #day(timeMs: number): number | null {
    return timeMs > CALENDAR.firstMs && timeMs < CALENDAR.lastMs ? this.#query.zone.dayOf(timeMs) : null;
  }
}

function firstDay(day: number | null, first: (day: number) => number): number | null {
  return day === null ? null : first(day);
}

function groupAt(groups: Map<Group['key'], Group>, key: Group['key']): Group {
  let group = groups.get(key);
  if (group === undefined) {
    group = new Group(key);
    groups.set(key, group);
  }
  return group;
}

/** A session's footprint; most have nothing but their transcript, which the scan has measured. */
function bytesOf({ file }: SessionRow, shelves: Shelves): number {
  const isAlone = file.sideEntries.length === 0 && file.agents.length === 0 && shelves.rootsOf(file).length === 0;
  return isAlone ? file.stamp.size : footprint(file, shelves).bytes;
}
