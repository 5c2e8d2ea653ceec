import type { SessionRow } from '../session-index/session-index.js';
import { emptyTotals, type ResponseTotals, type SessionTotals } from '../session-index/totals/session-totals.js';
import { NONE } from '../session-index/totals/totals-layout.js';
import {
  Group,
  keyOf,
  groupingsName,
  type Groupings,
  type CountedSession,
  type Grouping,
  type GroupKey,
  type Stats,
  type StatsQuery,
} from './groups.js';
import { QueryTimes } from './quarters/query-times.js';
import { costAt, type Amounts, type SpanPrice } from './prices/prices.js';
import { SpanPrices } from './quarters/span-prices.js';
import { costOf, NO_MODEL } from './sums.js';
import type { Union } from './ownership/union.js';

/** Usage of one session that was counted. */
interface CountedUsage {
  /** Time of its newest response or prompt in the range; -Infinity where there is none. */
  newestMs: number;
  /** True if all its responses and prompts belong to other sessions, or it has none. */
  ownsNothing: boolean;
}

/** A response, or several responses of one model added up. */
interface CountedResponses {
  model: string | null;
  amounts: Amounts;
  total: number;
  cost: number | null;
  responses: number;
}

/** Groupings by facts that are the same for all responses of a session. */
const BY_SESSION: readonly Grouping[] = ['project', 'branch', 'kind', 'session'];

/** Groups of one requested combination of groupings, by their key, or by all their keys as JSON. */
interface GroupSet {
  by: Groupings;
  /** One of the groupings is by model. Prompts, tool calls and bytes are then not counted, since they have no model. */
  isByModel: boolean;
  /** All usage of a session falls into the same group. */
  isBySession: boolean;
  /** The group found last and the values it was found for: consecutive responses mostly have the same ones. */
  last: { session: CountedSession | null; day: number | null; model: string | null; group: Group };
  found: Map<GroupKey, Group>;
}

/** Adds up the usage of sessions, by all requested groupings at once. */
export class Tally {
  readonly #query: StatsQuery;
  readonly #times: QueryTimes;
  readonly #prices: SpanPrices;
  /** Counted sessions. */
  readonly #counted: SessionRow[] = [];
  /** The groups that receive the bytes of `#counted`, as many per session, in the order of sessions. */
  readonly #groups: Group[] = [];
  /** Names of tools, and the number of each. */
  readonly #toolNames: string[] = [];
  readonly #toolNumbers = new Map<string, number>();
  readonly #totals = new Group([null], this.#toolNames);
  readonly #groupSets: readonly GroupSet[];
  readonly #lastDays = new Map<GroupKey, Group>();
  readonly #owningNothing: SessionRow[] = [];
  /** Reused for each row of stored totals that is read. */
  readonly #totalsRow = emptyTotals();

  constructor(query: StatsQuery, groupings: readonly Groupings[]) {
    this.#query = query;
    this.#times = new QueryTimes(query);
    this.#prices = new SpanPrices(query.prices);
    this.#groupSets = groupings.map((by) => ({
      by,
      isByModel: by.includes('model'),
      isBySession: by.every((grouping) => BY_SESSION.includes(grouping)),
      last: { session: null, day: null, model: null, group: this.#totals },
      found: new Map<GroupKey, Group>(),
    }));
  }

  /** Returns the counts. `bytesOf` returns the bytes on disk of sessions, in their order. */
  stats(sharing: number, bytesOf: (rows: readonly SessionRow[]) => readonly number[]): Stats {
    const sizes = bytesOf(this.#counted);
    const groupsEach = this.#groups.length / this.#counted.length;
    this.#groups.forEach((group, at) => (group.bytes += sizes[Math.floor(at / groupsEach)] ?? 0));
    const groups = new Map(this.#groupSets.map(({ by, found }) => [groupingsName(by), [...found.values()]]));
    return {
      totals: this.#totals,
      groups,
      lastDays: [...this.#lastDays.values()],
      sharing,
      owningNothing: this.#owningNothing,
    };
  }

  /** Counts the responses that a session of the union owns. */
  addResponsesOf(union: Union, at: number, session: CountedSession): void {
    const { row } = session;
    const { prices, nowMs } = this.#query;
    const fallbackMs = row.lastActivityMs ?? nowMs;
    const part: CountedUsage = { newestMs: -Infinity, ownsNothing: true };
    union.forEachResponse(at, (response) => {
      part.ownsNothing = false;
      const { timeMs, model, amounts } = response;
      if (!this.#times.isInRange(timeMs)) return;
      part.newestMs = later(part.newestMs, timeMs);
      const total = amounts.input + amounts.output + amounts.cacheRead + amounts.cacheWrite;
      const cost = total === 0 ? 0 : costOf(response, prices, fallbackMs);
      this.#addResponses(session, this.#times.day(timeMs), { model, amounts, total, cost, responses: 1 });
    });
    union.forEachPromptTime(at, (timeMs) => {
      part.ownsNothing = false;
      if (!this.#times.isInRange(timeMs)) return;
      part.newestMs = later(part.newestMs, timeMs);
      this.#addPrompts(session, this.#times.day(timeMs), 1);
    });
    if (this.#query.tools !== 'nowhere')
      union.forEachToolCall(at, (tool, timeMs) => {
        if (this.#times.isInRange(timeMs)) this.#addToolCalls(session, this.#times.day(timeMs), tool, 1);
      });
    this.addSession(session, part);
  }

  /** Counts a session by its stored totals, which must be exact for the query (`isExact`). */
  addTotals(totals: SessionTotals, session: CountedSession): void {
    const totalsRow = this.#totalsRow;
    const { amounts } = totalsRow;
    const part: CountedUsage = { newestMs: -Infinity, ownsNothing: totals.responses + totals.prompts === 0 };
    for (let at = 0; at < totals.responses; at++) {
      totals.readResponses(at, totalsRow);
      const { isInRange, day } = this.#times.quarter(totalsRow.quarter);
      if (!isInRange) continue;
      part.newestMs = later(part.newestMs, totalsRow.newestMs);
      const { model, responses } = totalsRow;
      const total = amounts.input + amounts.output + amounts.cacheRead + amounts.cacheWrite;
      const cost = totalsRow.isEmpty ? 0 : this.#costOf(totalsRow, session.row);
      this.#addResponses(session, day, { model, amounts, total, cost, responses });
    }
    for (let at = 0; at < totals.prompts; at++) {
      totals.readPrompts(at, totalsRow);
      const { isInRange, day } = this.#times.quarter(totalsRow.quarter);
      if (!isInRange) continue;
      part.newestMs = later(part.newestMs, totalsRow.newestMs);
      this.#addPrompts(session, day, totalsRow.prompts);
    }
    const calls = this.#query.tools === 'nowhere' ? 0 : totals.calls;
    for (let at = 0; at < calls; at++) {
      totals.readCalls(at, totalsRow);
      const { isInRange, day } = this.#times.quarter(totalsRow.quarter);
      if (isInRange) this.#addToolCalls(session, day, totalsRow.tool, totalsRow.calls);
    }
    this.addSession(session, part);
  }

  /**
   * True if the stored totals of a session give the same result as its single responses: no quarter hour is cut by the
   * range or by midnight, and no price depends on a single request.
   */
  isExact(totals: SessionTotals, row: SessionRow): boolean {
    const totalsRow = this.#totalsRow;
    for (let at = 0; at < totals.responses; at++) {
      totals.readResponses(at, totalsRow);
      if (!this.#times.quarter(totalsRow.quarter).isUncut || !this.#isPriceExact(totalsRow, row)) return false;
    }
    for (let at = 0; at < totals.prompts; at++) {
      totals.readPrompts(at, totalsRow);
      if (!this.#times.quarter(totalsRow.quarter).isUncut) return false;
    }
    return true;
  }

  /** Counts the session itself, in the group of its newest response or prompt. */
  addSession(session: CountedSession, { newestMs, ownsNothing }: CountedUsage): void {
    const { row } = session;
    const active = row.lastActivityMs ?? NaN;
    const newest =
      this.#times.isInRange(active) && !(newestMs > active) ? active : newestMs === -Infinity ? NaN : newestMs;
    if (!this.#times.isInRange(newest)) return;
    if (ownsNothing) this.#owningNothing.push(row);
    const day = this.#times.day(newest);
    const last = this.#groupAt(this.#lastDays, day, [day]);
    this.#counted.push(row);
    this.#countIn(this.#totals, row);
    this.#countIn(last, row);
    for (const gathering of this.#groupSets)
      if (!gathering.isByModel) this.#countIn(this.#group(gathering, session, day, null), row);
  }

  /** Counts a session in a group that its bytes belong to. */
  #countIn(group: Group, row: SessionRow): void {
    group.countSession(row);
    this.#groups.push(group);
  }

  /** Adds responses of one model to all groups they belong to. */
  #addResponses(session: CountedSession, day: number | null, counted: CountedResponses): void {
    const { model, total, cost, responses } = counted;
    this.#totals.sums.addPriced(counted, total, cost, responses);
    for (const gathering of this.#groupSets) {
      const group = this.#group(gathering, session, day, model ?? NO_MODEL);
      group.sums.addPriced(counted, total, cost, responses);
      group.countSession(session.row);
    }
  }

  #addPrompts(session: CountedSession, day: number | null, prompts: number): void {
    this.#totals.prompts += prompts;
    for (const gathering of this.#groupSets) {
      if (gathering.isByModel) continue;
      const group = this.#group(gathering, session, day, null);
      group.prompts += prompts;
      group.countSession(session.row);
    }
  }

  #addToolCalls(session: CountedSession, day: number | null, name: string, calls: number): void {
    let tool = this.#toolNumbers.get(name);
    if (tool === undefined) {
      tool = this.#toolNames.push(name) - 1;
      this.#toolNumbers.set(name, tool);
    }
    this.#totals.addToolCalls(tool, calls);
    if (this.#query.tools === 'totals') return;
    for (const gathering of this.#groupSets)
      if (!gathering.isByModel) this.#group(gathering, session, day, null).addToolCalls(tool, calls);
  }

  /** True if the sum of responses costs the same as the single responses together. */
  #isPriceExact(totalsRow: ResponseTotals, row: SessionRow): boolean {
    if (totalsRow.isEmpty || totalsRow.model === null) return true;
    const price = this.#priceOf(totalsRow.model, totalsRow, row);
    return price !== undefined && (price === null || totalsRow.maxSent <= price.maxSent);
  }

  /** Cost of responses of one model together; null if there is no price. */
  #costOf(totalsRow: ResponseTotals, row: SessionRow): number | null {
    const price = totalsRow.model === null ? null : (this.#priceOf(totalsRow.model, totalsRow, row) ?? null);
    return price === null ? null : costAt(price.rates, totalsRow.amounts, price.factor);
  }

  #priceOf(model: string, totalsRow: ResponseTotals, { lastActivityMs }: SessionRow): SpanPrice | null | undefined {
    if (totalsRow.quarter !== NONE) return this.#prices.at(model, totalsRow, totalsRow.quarter);
    const { prices, nowMs } = this.#query;
    const timeMs = lastActivityMs ?? nowMs;
    return prices.during(model, totalsRow, { firstMs: timeMs, lastMs: timeMs });
  }

  #group(gathering: GroupSet, session: CountedSession, day: number | null, model: string | null): Group {
    const { last, isBySession, isByModel } = gathering;
    if (last.session === session && (isBySession || (last.day === day && (!isByModel || last.model === model))))
      return last.group;
    last.session = session;
    last.day = day;
    last.model = model;
    last.group = this.#findGroup(gathering, session, day, model);
    return last.group;
  }

  #findGroup({ by, found }: GroupSet, session: CountedSession, day: number | null, model: string | null): Group {
    const key = keyOf(by[0], session, day, model);
    if (by.length === 1) return this.#groupAt(found, key, [key]);
    const keys = by.map((grouping) => keyOf(grouping, session, day, model));
    return this.#groupAt(found, JSON.stringify(keys), keys);
  }

  /** Returns the group of a name; creates it with these keys if it does not exist. */
  #groupAt(groups: Map<GroupKey, Group>, name: GroupKey, keys: readonly GroupKey[]): Group {
    let group = groups.get(name);
    if (group === undefined) {
      group = new Group(keys, this.#toolNames);
      groups.set(name, group);
    }
    return group;
  }
}

/** Returns the later of two times; NaN stands for none. */
function later(newestMs: number, timeMs: number): number {
  return timeMs > newestMs ? timeMs : newestMs;
}
