import { parseChoice } from '../grammar/choice.js';
import { CcsessError } from '../system/errors.js';
import { existence, projectFolderOf } from '../claude/worktree.js';
import { openShelves, footprint, type Shelves } from '../claude/layout.js';
import type { ConfigDir } from '../claude/model.js';
import type { ProjectFilter, ProjectMember, SessionKind } from '../session-index/record.js';
import type { SessionIndex, SessionRow } from '../session-index/session-index.js';
import { Holder, Lineage } from './holders.js';
import type { Prices } from './prices/prices.js';
import { costOf, NO_MODEL, Sums } from './sums.js';
import { Union } from './union.js';
import { CALENDAR, firstOfMonth, mondayOf, type Zone } from './zone.js';

/** Keys that usage can be grouped by. */
export const GROUPINGS = ['day', 'week', 'month', 'project', 'model', 'branch', 'kind', 'session'] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** One grouping, or several at once: a row for each combination of their keys. */
export type By = readonly [Grouping, ...Grouping[]];

/** A day (counted from 1970), a name, or null where there is none. */
export type Key = number | string | null;

/** Query of a count. Times are milliseconds. */
export interface StatsQuery {
  /** Responses and prompts from this time on, and before that one; those without a time are in no range. */
  sinceMs?: number;
  beforeMs?: number;
  /** Decides by a session's folder. */
  project?: ProjectFilter;
  zone: Zone;
  prices: Prices;
  nowMs: number;
}

/** Sums under one key, or one combination of keys. */
export class Group {
  /** One for each grouping. */
  readonly keys: readonly Key[];
  readonly sums = new Sums();
  sessions = 0;
  prompts = 0;
  /** Calls by the tool's name. */
  readonly tools = new Map<string, number>();
  /** Bytes on disk now of the sessions; a session's bytes belong to the group of its newest part. */
  bytes = 0;
  /** A session of the group, for what its key does not say. */
  row: SessionRow | null = null;

  constructor(keys: readonly Key[]) {
    this.keys = keys;
  }

  /** The first of its keys. */
  get key(): Key {
    return this.keys[0] ?? null;
  }

  addToolCall(tool: string): void {
    this.tools.set(tool, (this.tools.get(tool) ?? 0) + 1);
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
  /** By the name (`nameOf`) of each `By` asked for; a week and a month are named by their first day. */
  groups: ReadonlyMap<string, readonly Group[]>;
  /** Sessions and their bytes by the day of their newest part. */
  lastDays: readonly Group[];
  /** Sessions that hold responses others hold too. */
  sharing: number;
  /** Sessions counted that hold responses or prompts, but none of their own. */
  owningNothing: readonly SessionRow[];
}

/** Groupings by their names, each once. Throws a usage error that names `option` for none or an unknown one. */
export function byOf(names: readonly string[], option: string): By {
  const [first, ...more] = new Set(names.map((name) => parseChoice(name, GROUPINGS, option)));
  if (first === undefined) throw new CcsessError('USAGE', `${option} needs a grouping.`);
  return [first, ...more];
}

/** The name of one grouping is itself; of several it is all of them. */
export function nameOf(by: By): string {
  return by.join(',');
}

/** A session that is counted. */
interface Counted extends ProjectMember {
  row: SessionRow;
  /** The folder it counts under (`projectFolderOf`). */
  folder: string | null;
  branch: string | null;
}

/**
 * Counts responses, prompts, sessions and bytes, each response and prompt once among the sessions looked at. Reads the
 * ledgers of the index and walks the files of sessions that have any in addition to their transcript.
 */
export function countUsage(
  index: SessionIndex,
  configDirs: readonly ConfigDir[],
  query: StatsQuery,
  groupings: readonly (Grouping | By)[],
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
  const tally = new Tally(
    query,
    groupings.map((by) => (typeof by === 'string' ? [by] : by)),
  );
  const shelves = openShelves(configDirs);
  union.holders.forEach((_, at) => tally.addHolder(union, at, sessions, shelves));
  const held = new Set(union.holders.map(({ row }) => row));
  for (const session of sessions.values())
    if (!held.has(session.row)) tally.addSession(session, { newestMs: -Infinity, ownsNothing: false }, shelves);
  return tally.stats(union.sharing.size);
}

/** The sessions of the query by their row; what no ledger says is read from the records of the few that have none. */
function countedSessions(
  index: SessionIndex,
  holders: readonly (Holder | null)[],
  { project }: StatsQuery,
): Map<SessionRow, Counted> {
  const bare = index.rows.filter((_, at) => (holders[at]?.about.cwd ?? null) === null);
  const exists = existence();
  const records = new Map(index.records(bare, { footprint: false }).map((record, at) => [bare[at], record]));
  const counted = index.rows.map((row, at): Counted => {
    const about = records.get(row) ?? holders[at]?.about;
    const { cwd = null, repository = null } = about ?? {};
    const folder = projectFolderOf({ cwd, repository }, exists);
    return { row, cwd, repository, projectDir: row.file.projectDir, folder, branch: about?.gitBranch ?? null };
  });
  return new Map(
    counted.filter((session) => project === undefined || project(session)).map((session) => [session.row, session]),
  );
}

/** Groups of one `By`: groups by their key, or by all of their keys as one text. */
interface Gathering {
  by: By;
  /** By model there are no prompts, tool calls and bytes. */
  isByModel: boolean;
  found: Map<Key, Group>;
}

class Tally {
  readonly #query: StatsQuery;
  readonly #totals = new Group([null]);
  readonly #gatherings: readonly Gathering[];
  readonly #lastDays = new Map<Key, Group>();
  readonly #owningNothing: SessionRow[] = [];

  constructor(query: StatsQuery, groupings: readonly By[]) {
    this.#query = query;
    this.#gatherings = groupings.map((by) => ({ by, isByModel: by.includes('model'), found: new Map<Key, Group>() }));
  }

  stats(sharing: number): Stats {
    const groups = new Map(this.#gatherings.map(({ by, found }) => [nameOf(by), [...found.values()]]));
    return {
      totals: this.#totals,
      groups,
      lastDays: [...this.#lastDays.values()],
      sharing,
      owningNothing: this.#owningNothing,
    };
  }

  addHolder(union: Union, at: number, sessions: ReadonlyMap<SessionRow, Counted>, shelves: Shelves): void {
    const { row } = union.holders[at] as Holder;
    const session = sessions.get(row) as Counted;
    const { prices, nowMs } = this.#query;
    const fallbackMs = row.lastActivityMs ?? nowMs;
    let newest = -Infinity;
    let ownsNothing = true;
    union.responses(at, (response) => {
      const { timeMs, model, amounts } = response;
      ownsNothing = false;
      if (!this.#isInRange(timeMs)) return;
      if (timeMs > newest) newest = timeMs;
      const total = amounts.input + amounts.output + amounts.cacheRead + amounts.cacheWrite;
      const cost = total === 0 ? 0 : costOf(response, prices, fallbackMs);
      this.#totals.sums.addPriced(response, total, cost);
      for (const gathering of this.#gatherings) {
        const group = this.#group(gathering, session, timeMs, model ?? NO_MODEL);
        group.sums.addPriced(response, total, cost);
        group.count(row);
      }
    });
    union.promptTimes(at, (timeMs) => {
      ownsNothing = false;
      if (!this.#isInRange(timeMs)) return;
      if (timeMs > newest) newest = timeMs;
      this.#totals.prompts++;
      for (const gathering of this.#gatherings) {
        if (gathering.isByModel) continue;
        const group = this.#group(gathering, session, timeMs, null);
        group.prompts++;
        group.count(row);
      }
    });
    union.toolCalls(at, (tool, timeMs) => {
      if (!this.#isInRange(timeMs)) return;
      this.#totals.addToolCall(tool);
      for (const gathering of this.#gatherings) {
        if (!gathering.isByModel) this.#group(gathering, session, timeMs, null).addToolCall(tool);
      }
    });
    this.addSession(session, { newestMs: newest, ownsNothing }, shelves);
  }

  /** Counts the session itself, in the group of its newest counted part. */
  addSession(
    session: Counted,
    { newestMs, ownsNothing }: { newestMs: number; ownsNothing: boolean },
    shelves: Shelves,
  ): void {
    const { row } = session;
    const active = row.lastActivityMs ?? NaN;
    const newest = this.#isInRange(active) && !(newestMs > active) ? active : newestMs === -Infinity ? NaN : newestMs;
    if (!this.#isInRange(newest)) return;
    const bytes = bytesOf(row, shelves);
    if (ownsNothing) this.#owningNothing.push(row);
    this.#totals.count(row);
    this.#totals.bytes += bytes;
    const day = this.#key('day', session, newest, null);
    const last = groupAt(this.#lastDays, day, [day]);
    last.count(row);
    last.bytes += bytes;
    for (const gathering of this.#gatherings) {
      if (gathering.isByModel) continue;
      const group = this.#group(gathering, session, newest, null);
      group.count(row);
      group.bytes += bytes;
    }
  }

  /** Without a range everything is in it, also what has no time. */
  #isInRange(timeMs: number): boolean {
    const { sinceMs, beforeMs } = this.#query;
    return (sinceMs === undefined || timeMs >= sinceMs) && (beforeMs === undefined || timeMs < beforeMs);
  }

  #group({ by, found }: Gathering, session: Counted, timeMs: number, model: string | null): Group {
    const key = this.#key(by[0], session, timeMs, model);
    if (by.length === 1) return groupAt(found, key, [key]);
    const keys = by.map((grouping) => this.#key(grouping, session, timeMs, model));
    return groupAt(found, JSON.stringify(keys), keys);
  }

  #key(grouping: Grouping, { row, folder, branch }: Counted, timeMs: number, model: string | null): Key {
    switch (grouping) {
      case 'day':
        return this.#day(timeMs);
      case 'week':
        return firstDay(this.#day(timeMs), mondayOf);
      case 'month':
        return firstDay(this.#day(timeMs), firstOfMonth);
      case 'project':
        return folder;
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

function groupAt(groups: Map<Key, Group>, name: Key, keys: readonly Key[]): Group {
  let group = groups.get(name);
  if (group === undefined) {
    group = new Group(keys);
    groups.set(name, group);
  }
  return group;
}

/** A session's footprint; most have nothing but their transcript, which the scan has measured. */
function bytesOf({ file }: SessionRow, shelves: Shelves): number {
  const isAlone = file.sideEntries.length === 0 && file.agents.length === 0 && shelves.rootsOf(file).length === 0;
  return isAlone ? file.stamp.size : footprint(file, shelves).bytes;
}
