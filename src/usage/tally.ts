import type { ProjectMember, SessionKind } from '../session-index/record.js';
import type { SessionRow } from '../session-index/session-index.js';
import type { ResponseTotals, SessionTotals } from '../session-index/totals/session-totals.js';
import { QUARTER_MS } from '../session-index/totals/totals-layout.js';
import { Group, groupAt, nameOf, type By, type Grouping, type Key, type Stats, type StatsQuery } from './groups.js';
import type { Amounts } from './prices/prices.js';
import { costOf, NO_MODEL } from './sums.js';
import type { Union } from './union.js';
import { CALENDAR, firstOfMonth, mondayOf } from './zone.js';

/** A session that is counted. */
export interface CountedSession extends ProjectMember {
  row: SessionRow;
  /** The folder it counts under (`projectFolderOf`). */
  folder: string | null;
  branch: string | null;
}

/** Counts of a session. */
interface CountedPart {
  /** Time of its newest response or prompt in the range; -Infinity where there is none. */
  newestMs: number;
  /** It holds responses or prompts of others only, or none at all. */
  ownsNothing: boolean;
}

/** One response, or several of a model together. */
interface CountedResponses {
  model: string | null;
  amounts: Amounts;
  total: number;
  cost: number | null;
  responses: number;
}

/** Groupings by facts of a session, not of its single responses. */
const BY_SESSION: readonly Grouping[] = ['project', 'branch', 'kind', 'session'];

/** Groups of one `By`: groups by their key, or by all of their keys as one text. */
interface Gathering {
  by: By;
  /** By model there are no prompts, tool calls and bytes. */
  isByModel: boolean;
  /** Every part of a session is in the same group. */
  isBySession: boolean;
  /** The group that was found last, and the session it was found for. */
  last: { session: CountedSession; group: Group } | null;
  found: Map<Key, Group>;
}

/** Adds up sessions, by all groupings asked for at once. */
export class Tally {
  readonly #query: StatsQuery;
  /** Sessions counted, with the groups that their bytes belong to. */
  readonly #places: { row: SessionRow; groups: Group[] }[] = [];
  readonly #totals = new Group([null]);
  /** Quarter hours by their start, as far as they were asked for. */
  readonly #uncut = new Map<number, boolean>();
  /** The day that was asked for last. */
  #lastDay = { timeMs: NaN, day: 0 };
  readonly #gatherings: readonly Gathering[];
  readonly #lastDays = new Map<Key, Group>();
  readonly #owningNothing: SessionRow[] = [];

  constructor(query: StatsQuery, groupings: readonly By[]) {
    this.#query = query;
    this.#gatherings = groupings.map((by) => ({
      by,
      isByModel: by.includes('model'),
      isBySession: by.every((grouping) => BY_SESSION.includes(grouping)),
      last: null,
      found: new Map<Key, Group>(),
    }));
  }

  /** The counts; `bytesOf` gives the bytes of sessions, in their order. */
  stats(sharing: number, bytesOf: (rows: readonly SessionRow[]) => readonly number[]): Stats {
    const sizes = bytesOf(this.#places.map(({ row }) => row));
    this.#places.forEach(({ groups }, at) => {
      for (const group of groups) group.bytes += sizes[at] ?? 0;
    });
    const groups = new Map(this.#gatherings.map(({ by, found }) => [nameOf(by), [...found.values()]]));
    return {
      totals: this.#totals,
      groups,
      lastDays: [...this.#lastDays.values()],
      sharing,
      owningNothing: this.#owningNothing,
    };
  }

  /** Counts what a holder of the union owns. */
  addHolder(union: Union, at: number, session: CountedSession): void {
    const { row } = session;
    const { prices, nowMs } = this.#query;
    const fallbackMs = row.lastActivityMs ?? nowMs;
    const part: CountedPart = { newestMs: -Infinity, ownsNothing: true };
    union.responses(at, (response) => {
      part.ownsNothing = false;
      const { timeMs, model, amounts } = response;
      if (!this.#takes(part, timeMs)) return;
      const total = amounts.input + amounts.output + amounts.cacheRead + amounts.cacheWrite;
      const cost = total === 0 ? 0 : costOf(response, prices, fallbackMs);
      this.#addResponses(session, timeMs, { model, amounts, total, cost, responses: 1 });
    });
    union.promptTimes(at, (timeMs) => {
      part.ownsNothing = false;
      if (this.#takes(part, timeMs)) this.#addPrompts(session, timeMs, 1);
    });
    union.toolCalls(at, (tool, timeMs) => {
      if (this.#isInRange(timeMs)) this.#addToolCalls(session, timeMs, tool, 1);
    });
    this.addSession(session, part);
  }

  /** Counts the kept totals of a session, with the costs of their responses from `exactCosts`. */
  addTotals(totals: SessionTotals, costs: readonly (number | null)[], session: CountedSession): void {
    let next = 0;
    const part: CountedPart = { newestMs: -Infinity, ownsNothing: true };
    totals.forEachResponses((some) => {
      part.ownsNothing = false;
      const cost = costs[next++] ?? null;
      const { startMs, newestMs, model, amounts, responses } = some;
      if (!this.#takes(part, startMs, newestMs)) return;
      const total = amounts.input + amounts.output + amounts.cacheRead + amounts.cacheWrite;
      this.#addResponses(session, startMs, { model, amounts, total, cost, responses });
    });
    totals.forEachPrompts((startMs, newestMs, prompts) => {
      part.ownsNothing = false;
      if (this.#takes(part, startMs, newestMs)) this.#addPrompts(session, startMs, prompts);
    });
    totals.forEachCalls((tool, startMs, calls) => {
      if (this.#isInRange(startMs)) this.#addToolCalls(session, startMs, tool, calls);
    });
    this.addSession(session, part);
  }

  /**
   * The costs of a session's kept totals of responses, in their order, null where there is no price. Null in all unless
   * the totals give the same result as the responses one by one: no quarter hour is cut by the range or by the end of a
   * day, and prices do not depend on the single response.
   */
  exactCosts(totals: SessionTotals, row: SessionRow): (number | null)[] | null {
    const costs: (number | null)[] = [];
    let isExact = true;
    totals.forEachResponses((some) => {
      const cost = isExact && this.#isUncut(some.startMs) ? this.#costOf(some, row) : undefined;
      if (cost === undefined) isExact = false;
      else costs.push(cost);
    });
    totals.forEachPrompts((startMs) => void (isExact &&= this.#isUncut(startMs)));
    return isExact ? costs : null;
  }

  /** Counts the session itself, in the group of its newest counted part. */
  addSession(session: CountedSession, { newestMs, ownsNothing }: CountedPart): void {
    const { row } = session;
    const active = row.lastActivityMs ?? NaN;
    const newest = this.#isInRange(active) && !(newestMs > active) ? active : newestMs === -Infinity ? NaN : newestMs;
    if (!this.#isInRange(newest)) return;
    if (ownsNothing) this.#owningNothing.push(row);
    this.#totals.count(row);
    const day = this.#key('day', session, newest, null);
    const last = groupAt(this.#lastDays, day, [day]);
    last.count(row);
    const groups = [this.#totals, last];
    for (const gathering of this.#gatherings) {
      if (gathering.isByModel) continue;
      const group = this.#group(gathering, session, newest, null);
      group.count(row);
      groups.push(group);
    }
    this.#places.push({ row, groups });
  }

  /** Adds responses of one model to all groups they belong to. */
  #addResponses(session: CountedSession, timeMs: number, some: CountedResponses): void {
    const { model, total, cost, responses } = some;
    this.#totals.sums.addPriced(some, total, cost, responses);
    for (const gathering of this.#gatherings) {
      const group = this.#group(gathering, session, timeMs, model ?? NO_MODEL);
      group.sums.addPriced(some, total, cost, responses);
      group.count(session.row);
    }
  }

  #addPrompts(session: CountedSession, timeMs: number, prompts: number): void {
    this.#totals.prompts += prompts;
    for (const gathering of this.#gatherings) {
      if (gathering.isByModel) continue;
      const group = this.#group(gathering, session, timeMs, null);
      group.prompts += prompts;
      group.count(session.row);
    }
  }

  #addToolCalls(session: CountedSession, timeMs: number, tool: string, calls: number): void {
    this.#totals.addToolCalls(tool, calls);
    for (const gathering of this.#gatherings) {
      if (!gathering.isByModel) this.#group(gathering, session, timeMs, null).addToolCalls(tool, calls);
    }
  }

  /** True if something of this time is in the range; its newest time is then one of the session's counted part. */
  #takes(part: CountedPart, timeMs: number, newestMs = timeMs): boolean {
    if (!this.#isInRange(timeMs)) return false;
    if (newestMs > part.newestMs) part.newestMs = newestMs;
    return true;
  }

  /** Cost of summed responses; null where there is no price, undefined where only single ones have one. */
  #costOf(some: ResponseTotals, { lastActivityMs }: SessionRow): number | null | undefined {
    const { model, amounts, startMs, isEmpty, maxSent } = some;
    if (isEmpty) return 0;
    if (model === null) return null;
    const { prices, nowMs } = this.#query;
    const fallbackMs = lastActivityMs ?? nowMs;
    const times = Number.isNaN(startMs)
      ? { firstMs: fallbackMs, lastMs: fallbackMs }
      : { firstMs: startMs, lastMs: startMs + QUARTER_MS - 1 };
    return prices.costOfSum(model, some, times, amounts, maxSent);
  }

  /** True if a quarter hour is wholly in the range or outside of it, and wholly in one day. */
  #isUncut(startMs: number): boolean {
    if (Number.isNaN(startMs)) return true;
    let isUncut = this.#uncut.get(startMs);
    if (isUncut === undefined) {
      const lastMs = startMs + QUARTER_MS - 1;
      isUncut = this.#isInRange(startMs) === this.#isInRange(lastMs) && this.#day(startMs) === this.#day(lastMs);
      this.#uncut.set(startMs, isUncut);
    }
    return isUncut;
  }

  /** Without a range everything is in it, also what has no time. */
  #isInRange(timeMs: number): boolean {
    const { sinceMs, beforeMs } = this.#query;
    return (sinceMs === undefined || timeMs >= sinceMs) && (beforeMs === undefined || timeMs < beforeMs);
  }

  #group(gathering: Gathering, session: CountedSession, timeMs: number, model: string | null): Group {
    const { last, isBySession } = gathering;
    if (isBySession && last?.session === session) return last.group;
    const group = this.#findGroup(gathering, session, timeMs, model);
    if (isBySession) gathering.last = { session, group };
    return group;
  }

  #findGroup({ by, found }: Gathering, session: CountedSession, timeMs: number, model: string | null): Group {
    const key = this.#key(by[0], session, timeMs, model);
    if (by.length === 1) return groupAt(found, key, [key]);
    const keys = by.map((grouping) => this.#key(grouping, session, timeMs, model));
    return groupAt(found, JSON.stringify(keys), keys);
  }

  #key(grouping: Grouping, { row, folder, branch }: CountedSession, timeMs: number, model: string | null): Key {
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
    if (!(timeMs > CALENDAR.firstMs && timeMs < CALENDAR.lastMs)) return null;
    // Counts of a session come in the order of time, often with one time for much of it.
    if (timeMs !== this.#lastDay.timeMs) this.#lastDay = { timeMs, day: this.#query.zone.dayOf(timeMs) };
    return this.#lastDay.day;
  }
}

function firstDay(day: number | null, first: (day: number) => number): number | null {
  return day === null ? null : first(day);
}
