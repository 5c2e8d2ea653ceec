import { CcsessError } from '../system/errors.js';
import { DAY_MS, MINUTE_MS } from '../system/time.js';

const QUARTER_MS = 15 * 60 * 1000;
const FIXED = /^([+-])([01]\d|2[0-3]):([0-5]\d)$/;
const EPOCH_WEEKDAY = 3; // 1 January 1970 was a Thursday; Monday is 0

/** Calendar of one time zone. Days are numbered from 1 January 1970. */
export interface Zone {
  dayOf(timeMs: number): number;
  /**
   * Returns the start of a day in milliseconds: midnight, or the first time after it where the clock skips midnight.
   */
  startOf(day: number): number;
}

/**
 * Returns the zone of an IANA name or an offset (`Europe/Berlin`, `UTC`, `+02:00`); the machine's own zone for null.
 * Throws a usage error that names `label`.
 */
export function parseZone(name: string | null, label: string): Zone {
  return new CachedZone(name === null ? localOffset : namedOffset(name, label));
}

/** Returns a day as `2026-11-05`. */
export function dayName(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** Returns the Monday of a day's week (ISO 8601). */
export function mondayOf(day: number): number {
  return day - ((((day + EPOCH_WEEKDAY) % 7) + 7) % 7);
}

/** Returns the first day of a day's month. */
export function firstOfMonth(day: number): number {
  return day - new Date(day * DAY_MS).getUTCDate() + 1;
}

/** Caches the zone's offset per day, or per quarter hour on days on which it changes, because `Intl` is slow. */
class CachedZone implements Zone {
  readonly #offsetAt: (timeMs: number) => number;
  /** By day of UTC; null where the offset changes in it. */
  readonly #byDay = new Map<number, number | null>();
  readonly #byQuarter = new Map<number, number>();

  constructor(offsetAt: (timeMs: number) => number) {
    this.#offsetAt = offsetAt;
  }

  dayOf(timeMs: number): number {
    return Math.floor((timeMs + this.#offset(timeMs)) / DAY_MS);
  }

  startOf(day: number): number {
    const midnight = day * DAY_MS;
    // The offset may change on this day: one of the offsets before and after it gives the start.
    const starts = [midnight - DAY_MS, midnight + DAY_MS].map((near) => midnight - this.#offset(near));
    const first = Math.min(...starts);
    for (let at = first; at <= Math.max(...starts); at += QUARTER_MS) if (this.dayOf(at) === day) return at;
    return first;
  }

  #offset(timeMs: number): number {
    const day = Math.floor(timeMs / DAY_MS);
    let known = this.#byDay.get(day);
    if (known === undefined) {
      const first = this.#offsetAt(day * DAY_MS);
      known = first === this.#offsetAt((day + 1) * DAY_MS) ? first : null;
      this.#byDay.set(day, known);
    }
    if (known !== null) return known;
    const quarter = Math.floor(timeMs / QUARTER_MS);
    const offset = this.#byQuarter.get(quarter) ?? this.#offsetAt(quarter * QUARTER_MS);
    this.#byQuarter.set(quarter, offset);
    return offset;
  }
}

/** Times whose day is known, in every zone: the years 1 to 9999. */
export const CALENDAR = {
  firstMs: Date.parse('0001-01-02T00:00:00Z'),
  lastMs: Date.parse('9999-12-30T00:00:00Z'),
} as const;

function localOffset(timeMs: number): number {
  return -new Date(timeMs).getTimezoneOffset() * MINUTE_MS;
}

function namedOffset(name: string, label: string): (timeMs: number) => number {
  const [, sign, hours, minutes] = FIXED.exec(name) ?? [];
  if (sign !== undefined) return () => (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * MINUTE_MS;
  const format = formatOf(name, label);
  return (timeMs) => {
    const parts = Object.fromEntries(format.formatToParts(timeMs).map(({ type, value }) => [type, Number(value)]));
    const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour % 24, minute, second) - Math.floor(timeMs / 1000) * 1000;
  };
}

function formatOf(timeZone: string, label: string): Intl.DateTimeFormat {
  const numeric = 'numeric';
  try {
    return new Intl.DateTimeFormat('en-US', {
      ...{ timeZone, calendar: 'iso8601', numberingSystem: 'latn', hourCycle: 'h23' },
      ...{ year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric, second: numeric },
    });
  } catch {
    throw new CcsessError('USAGE', `${label} ${timeZone}: unknown time zone; examples: Europe/Berlin, UTC, +02:00.`);
  }
}
