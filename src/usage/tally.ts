import type { SessionRow } from '../session-index/session-index.js';
import { emptyTotals, type ResponseTotals, type SessionTotals } from '../session-index/totals/session-totals.js';
import { NONE } from '../session-index/totals/totals-layout.js';
import {
  Group,
  keyOf,
  nameOf,
  type Groupings,
  type CountedSession,
  type Grouping,
  type Key,
  type Stats,
  type StatsQuery,
} from './groups.js';
import { Moments } from './quarters/moments.js';
import { costAt, type Amounts, type SpanPrice } from './prices/prices.js';
import { SpanPrices } from './quarters/span-prices.js';
import { costOf, NO_MODEL } from './sums.js';
import type { Union } from './union.js';

/** Counts of a session. */
interface CountedPart {
  /** Time of its newest response or prompt in the range; -Infinity where there is none. */
  newestMs: number;
  /** All its responses and prompts belong to others, or it has none. */
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

/** Groups of one `By`: groups by their key, or by all of their keys as one text. */
interface Gathering {
  by: Groupings;
  /** Grouped by model, so that there are no prompts, tool calls and bytes. */
  isByModel: boolean;
  /** Every part of a session is in the same group. */
  isBySession: boolean;
  /** The group found last, with the values it was found for. */
  last: { session: CountedSession | null; day: number | null; model: string | null; group: Group };
  found: Map<Key, Group>;
}

/** Adds up the usage of sessions, by all requested groupings at once. */
export class Tally {
  readonly #query: StatsQuery;
  readonly #moments: Moments;
  readonly #prices: SpanPrices;
  /** Sessions counted. */
  readonly #counted: SessionRow[] = [];
  /** The groups that their bytes belong to; the same number for each session. */
  readonly #groups: Group[] = [];
  /** Names of tools, and the number of each. */
  readonly #toolNames: string[] = [];
  readonly #toolNumbers = new Map<string, number>();
  readonly #totals = new Group([null], this.#toolNames);
  readonly #gatherings: readonly Gathering[];
  readonly #lastDays = new Map<Key, Group>();
  readonly #owningNothing: SessionRow[] = [];
  /** Kept totals of a session, read row by row. */
  readonly #some = emptyTotals();

  constructor(query: StatsQuery, groupings: readonly Groupings[]) {
    this.#query = query;
    this.#moments = new Moments(query);
    this.#prices = new SpanPrices(query.prices);
    this.#gatherings = groupings.map((by) => ({
      by,
      isByModel: by.includes('model'),
      isBySession: by.every((grouping) => BY_SESSION.includes(grouping)),
      last: { session: null, day: null, model: null, group: this.#totals },
      found: new Map<Key, Group>(),
    }));
  }

  /** Returns the counts; `bytesOf` returns the bytes of sessions, in their order. */
  stats(sharing: number, bytesOf: (rows: readonly SessionRow[]) => readonly number[]): Stats {
    const sizes = bytesOf(this.#counted);
    const groupsEach = this.#groups.length / this.#counted.length;
    this.#groups.forEach((group, at) => (group.bytes += sizes[Math.floor(at / groupsEach)] ?? 0));
    const groups = new Map(this.#gatherings.map(({ by, found }) => [nameOf(by), [...found.values()]]));
    return {
      totals: this.#totals,
      groups,
      lastDays: [...this.#lastDays.values()],
      sharing,
      owningNothing: this.#owningNothing,
    };
  }

  /** Counts the responses that a session of the union owns. */
  addHolder(union: Union, at: number, session: CountedSession): void {
    const { row } = session;
    const { prices, nowMs } = this.#query;
    const fallbackMs = row.lastActivityMs ?? nowMs;
    const part: CountedPart = { newestMs: -Infinity, ownsNothing: true };
    union.responses(at, (response) => {
      part.ownsNothing = false;
      const { timeMs, model, amounts } = response;
      if (!this.#moments.isInRange(timeMs)) return;
      part.newestMs = later(part.newestMs, timeMs);
      const total = amounts.input + amounts.output + amounts.cacheRead + amounts.cacheWrite;
      const cost = total === 0 ? 0 : costOf(response, prices, fallbackMs);
      this.#addResponses(session, this.#moments.day(timeMs), { model, amounts, total, cost, responses: 1 });
    });
    union.promptTimes(at, (timeMs) => {
      part.ownsNothing = false;
      if (!this.#moments.isInRange(timeMs)) return;
      part.newestMs = later(part.newestMs, timeMs);
      this.#addPrompts(session, this.#moments.day(timeMs), 1);
    });
    if (this.#query.tools !== 'nowhere')
      union.toolCalls(at, (tool, timeMs) => {
        if (this.#moments.isInRange(timeMs)) this.#addToolCalls(session, this.#moments.day(timeMs), tool, 1);
      });
    this.addSession(session, part);
  }

  /** Counts the kept totals of a session, which are exact for the query. */
  addTotals(totals: SessionTotals, session: CountedSession): void {
    const some = this.#some;
    const { amounts } = some;
    const part: CountedPart = { newestMs: -Infinity, ownsNothing: totals.responses + totals.prompts === 0 };
    for (let at = 0; at < totals.responses; at++) {
      totals.readResponses(at, some);
      const { isInRange, day } = this.#moments.quarter(some.quarter);
      if (!isInRange) continue;
      part.newestMs = later(part.newestMs, some.newestMs);
      const { model, responses } = some;
      const total = amounts.input + amounts.output + amounts.cacheRead + amounts.cacheWrite;
      const cost = some.isEmpty ? 0 : this.#costOf(some, session.row);
      this.#addResponses(session, day, { model, amounts, total, cost, responses });
    }
    for (let at = 0; at < totals.prompts; at++) {
      totals.readPrompts(at, some);
      const { isInRange, day } = this.#moments.quarter(some.quarter);
      if (!isInRange) continue;
      part.newestMs = later(part.newestMs, some.newestMs);
      this.#addPrompts(session, day, some.prompts);
    }
    const calls = this.#query.tools === 'nowhere' ? 0 : totals.calls;
    for (let at = 0; at < calls; at++) {
      totals.readCalls(at, some);
      const { isInRange, day } = this.#moments.quarter(some.quarter);
      if (isInRange) this.#addToolCalls(session, day, some.tool, some.calls);
    }
    this.addSession(session, part);
  }

  /**
   * True if the kept totals of a session give the same result as its single responses: no quarter hour is cut by the
   * range or by the end of a day, and prices do not depend on single requests.
   */
  isExact(totals: SessionTotals, row: SessionRow): boolean {
    const some = this.#some;
    for (let at = 0; at < totals.responses; at++) {
      totals.readResponses(at, some);
      if (!this.#moments.quarter(some.quarter).isUncut || !this.#isPriceExact(some, row)) return false;
    }
    for (let at = 0; at < totals.prompts; at++) {
      totals.readPrompts(at, some);
      if (!this.#moments.quarter(some.quarter).isUncut) return false;
    }
    return true;
  }

  /** Counts the session itself, in the group of its newest counted part. */
  addSession(session: CountedSession, { newestMs, ownsNothing }: CountedPart): void {
    const { row } = session;
    const active = row.lastActivityMs ?? NaN;
    const newest =
      this.#moments.isInRange(active) && !(newestMs > active) ? active : newestMs === -Infinity ? NaN : newestMs;
    if (!this.#moments.isInRange(newest)) return;
    if (ownsNothing) this.#owningNothing.push(row);
    const day = this.#moments.day(newest);
    const last = this.#groupAt(this.#lastDays, day, [day]);
    this.#counted.push(row);
    this.#count(this.#totals, row);
    this.#count(last, row);
    for (const gathering of this.#gatherings)
      if (!gathering.isByModel) this.#count(this.#group(gathering, session, day, null), row);
  }

  /** Counts a session in a group that its bytes belong to. */
  #count(group: Group, row: SessionRow): void {
    group.count(row);
    this.#groups.push(group);
  }

  /** Adds responses of one model to all groups they belong to. */
  #addResponses(session: CountedSession, day: number | null, some: CountedResponses): void {
    const { model, total, cost, responses } = some;
    this.#totals.sums.addPriced(some, total, cost, responses);
    for (const gathering of this.#gatherings) {
      const group = this.#group(gathering, session, day, model ?? NO_MODEL);
      group.sums.addPriced(some, total, cost, responses);
      group.count(session.row);
    }
  }

  #addPrompts(session: CountedSession, day: number | null, prompts: number): void {
    this.#totals.prompts += prompts;
    for (const gathering of this.#gatherings) {
      if (gathering.isByModel) continue;
      const group = this.#group(gathering, session, day, null);
      group.prompts += prompts;
      group.count(session.row);
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
    for (const gathering of this.#gatherings)
      if (!gathering.isByModel) this.#group(gathering, session, day, null).addToolCalls(tool, calls);
  }

  /** True if responses cost the same added up as one by one. */
  #isPriceExact(some: ResponseTotals, row: SessionRow): boolean {
    if (some.isEmpty || some.model === null) return true;
    const price = this.#priceOf(some.model, some, row);
    return price !== undefined && (price === null || some.maxSent <= price.maxSent);
  }

  /** Cost of responses added up; null if there is no price. */
  #costOf(some: ResponseTotals, row: SessionRow): number | null {
    const price = some.model === null ? null : (this.#priceOf(some.model, some, row) ?? null);
    return price === null ? null : costAt(price.rates, some.amounts, price.factor);
  }

  #priceOf(model: string, some: ResponseTotals, { lastActivityMs }: SessionRow): SpanPrice | null | undefined {
    if (some.quarter !== NONE) return this.#prices.at(model, some, some.quarter);
    const { prices, nowMs } = this.#query;
    const timeMs = lastActivityMs ?? nowMs;
    return prices.during(model, some, { firstMs: timeMs, lastMs: timeMs });
  }

  #group(gathering: Gathering, session: CountedSession, day: number | null, model: string | null): Group {
    const { last, isBySession, isByModel } = gathering;
    if (last.session === session && (isBySession || (last.day === day && (!isByModel || last.model === model))))
      return last.group;
    last.session = session;
    last.day = day;
    last.model = model;
    last.group = this.#findGroup(gathering, session, day, model);
    return last.group;
  }

  #findGroup({ by, found }: Gathering, session: CountedSession, day: number | null, model: string | null): Group {
    const key = keyOf(by[0], session, day, model);
    if (by.length === 1) return this.#groupAt(found, key, [key]);
    const keys = by.map((grouping) => keyOf(grouping, session, day, model));
    return this.#groupAt(found, JSON.stringify(keys), keys);
  }

  /** Returns the group of this name, created with these keys if it does not exist yet. */
  #groupAt(groups: Map<Key, Group>, name: Key, keys: readonly Key[]): Group {
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
