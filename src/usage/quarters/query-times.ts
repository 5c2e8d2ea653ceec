import { startOfQuarter } from '../../session-index/totals/session-totals.js';
import { NONE, QUARTER_MS } from '../../session-index/totals/totals-layout.js';
import type { StatsQuery } from '../groups.js';
import { CALENDAR } from '../zone.js';

/** A quarter hour in relation to a query's range and time zone. */
export interface Quarter {
  /** True if the start of the quarter hour is in the range. */
  isInRange: boolean;
  /** The day on which the quarter hour starts; null outside the calendar, or if the time is not known. */
  day: number | null;
  /** True if the quarter hour is entirely inside or outside the range, and entirely in one day. */
  isUncut: boolean;
}

/** A block has 1024 quarter hours, some ten days. */
const BLOCK_BITS = 10;
const BLOCK = 2 ** BLOCK_BITS;
/** Stands for no day in a key; no day of the calendar has this number. */
const NO_DAY = 2 ** 30;

/** Decides which times are in the range of a query and which days they belong to. */
export class QueryTimes {
  readonly #query: Pick<StatsQuery, 'sinceMs' | 'beforeMs' | 'zone'>;
  /** Quarter hours by number, in blocks; only blocks that sessions use exist. */
  readonly #blocks = new Map<number, (Quarter | undefined)[]>();
  /** One object for all equal quarter hours, by their values. */
  readonly #distinct = new Map<number, Quarter>();
  /** The last results: consecutive entries of a session mostly have the same ones. */
  #lastNumber = NONE;
  #lastQuarter: Quarter;
  #lastDay = { timeMs: NaN, day: 0 };

  constructor(query: Pick<StatsQuery, 'sinceMs' | 'beforeMs' | 'zone'>) {
    this.#query = query;
    this.#lastQuarter = this.#quarterAt(NaN);
  }

  /** True for a time in the range. Without a range it is true for every time, also an unknown one (NaN). */
  isInRange(timeMs: number): boolean {
    const { sinceMs, beforeMs } = this.#query;
    return (sinceMs === undefined || timeMs >= sinceMs) && (beforeMs === undefined || timeMs < beforeMs);
  }

  /** Returns the day of a time; null outside the calendar. */
  day(timeMs: number): number | null {
    if (!(timeMs > CALENDAR.firstMs && timeMs < CALENDAR.lastMs)) return null;
    if (timeMs !== this.#lastDay.timeMs) this.#lastDay = { timeMs, day: this.#query.zone.dayOf(timeMs) };
    return this.#lastDay.day;
  }

  /** Returns a quarter hour by its number since 1970, or by `NONE`. */
  quarter(number: number): Quarter {
    if (number === this.#lastNumber) return this.#lastQuarter;
    const block = this.#block(number >>> BLOCK_BITS);
    const at = number & (BLOCK - 1);
    this.#lastNumber = number;
    this.#lastQuarter = block[at] ??= this.#quarterAt(startOfQuarter(number));
    return this.#lastQuarter;
  }

  #block(number: number): (Quarter | undefined)[] {
    let block = this.#blocks.get(number);
    if (block === undefined) this.#blocks.set(number, (block = Array.from<Quarter | undefined>({ length: BLOCK })));
    return block;
  }

  #quarterAt(startMs: number): Quarter {
    const day = this.day(startMs);
    const isInRange = this.isInRange(startMs);
    if (Number.isNaN(startMs)) return { isInRange, day, isUncut: true };
    const lastMs = startMs + QUARTER_MS - 1;
    const { sinceMs = -Infinity, beforeMs = Infinity } = this.#query;
    // A range may begin and end within one quarter hour.
    const isWhole = isInRange ? this.isInRange(lastMs) : lastMs < sinceMs || startMs >= beforeMs;
    return this.#same({ isInRange, day, isUncut: isWhole && day === this.day(lastMs) });
  }

  /** Returns one object for all equal quarter hours. */
  #same(quarter: Quarter): Quarter {
    const key = (quarter.day ?? NO_DAY) * 4 + Number(quarter.isInRange) * 2 + Number(quarter.isUncut);
    const known = this.#distinct.get(key);
    if (known !== undefined) return known;
    this.#distinct.set(key, quarter);
    return quarter;
  }
}
