/** Milliseconds of a minute. */
export const MINUTE_MS = 60_000;
/** Milliseconds of an hour. */
export const HOUR_MS = 60 * MINUTE_MS;
/** Milliseconds of a day of 24 hours. */
export const DAY_MS = 24 * HOUR_MS;

/** The last time that a `Date` can hold, in milliseconds; the first one is as far before 1970. */
const MAX_TIME_MS = 8.64e15;

/** Returns a time as JSON shows it, ISO 8601 in UTC with milliseconds; null for none and for one beyond `Date`. */
export function isoTime(ms: number | null | undefined): string | null {
  return typeof ms === 'number' && Math.abs(ms) <= MAX_TIME_MS ? new Date(ms).toISOString() : null;
}
