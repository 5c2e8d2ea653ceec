import { resolveAge, parseAge } from '../grammar/age.js';
import { parseDate } from '../grammar/date.js';
import type { StatsQuery } from './groups.js';
import type { Zone } from './zone.js';
import { DAY_MS } from '../system/time.js';

const PLAIN_DATE = /^\d{4}-\d{2}-\d{2}$/;

/** Ends of a range of time, as written: ages or dates. */
export interface WrittenRange {
  since?: string;
  until?: string;
}

/**
 * Returns the range in milliseconds; a plain date means the start of that day in the zone. `nameOf` returns the name of
 * an option for usage errors.
 */
export async function resolveRange(
  { since, until }: WrittenRange,
  zone: Zone,
  nowMs: number,
  nameOf: (option: keyof WrittenRange) => string,
): Promise<Pick<StatsQuery, 'sinceMs' | 'beforeMs'>> {
  const moment = async (text: string, name: string): Promise<number> => {
    const isDay = PLAIN_DATE.test(text) && parseDate(text) !== null;
    return isDay
      ? zone.startOf(Date.parse(`${text}T00:00:00Z`) / DAY_MS)
      : resolveAge(parseAge(text, name), nowMs, text, name);
  };
  return {
    ...(since === undefined ? {} : { sinceMs: await moment(since, nameOf('since')) }),
    ...(until === undefined ? {} : { beforeMs: await moment(until, nameOf('until')) }),
  };
}
