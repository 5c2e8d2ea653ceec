import { CcsessError } from '../system/errors.js';
import { phrase, type OptionLabel } from '../system/phrase.js';
import { looksLikeDate, parseDate } from './date.js';

/** A length of time. Calendar months are separate from milliseconds, since months differ in length. */
export interface Duration {
  months: number;
  ms: number;
}

/** A time in the past, as written: a duration before now, a date, or midnight a number of days ago. */
export type Age = { duration: Duration } | { at: number } | { daysBack: number };

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR_ONE = Date.parse('0001-01-01T00:00:00Z');

const UNITS: Readonly<Record<string, Duration>> = {
  y: { months: 12, ms: 0 },
  mo: { months: 1, ms: 0 },
  w: { months: 0, ms: 7 * DAY },
  d: { months: 0, ms: DAY },
  h: { months: 0, ms: HOUR },
  min: { months: 0, ms: MINUTE },
  s: { months: 0, ms: SECOND },
};
const UNIT_NAMES = 'units: s min h d w mo y';
const DURATION = /^(?:\d+[a-z]+)+$/;
/** One unit written out, as people type it: `3 days`, `2 weeks ago`. */
const WRITTEN_OUT = /^(\d+) ?(second|minute|min|hour|day|week|month|year)s?(?: ago)?$/;
const LONG_UNITS: Readonly<Record<string, string>> = {
  second: 's',
  minute: 'min',
  min: 'min',
  hour: 'h',
  day: 'd',
  week: 'w',
  month: 'mo',
  year: 'y',
};
const DAYS_BACK: Readonly<Record<string, number>> = { today: 0, yesterday: 1 };

/**
 * Reads an age: `30d`, combined `1d12h` (each unit once, largest first), `3 days` or `2 weeks ago`, `today` or
 * `yesterday` (their midnight), a date or an RFC 3339 time. Throws a usage error that names the option for anything
 * else; bare numbers and a bare `m` are never guessed.
 */
export function parseAge(text: string, name: OptionLabel): Age {
  if (looksLikeDate(text)) {
    const at = parseDate(text);
    if (at !== null) return { at };
    throw usage(
      name,
      text,
      'no such date or time. Write 2026-11-01, or 2026-11-01T08:30:00Z (seconds and zone included).',
    );
  }
  const daysBack = Object.hasOwn(DAYS_BACK, text) ? DAYS_BACK[text] : undefined;
  if (daysBack !== undefined) return { daysBack };
  const [, number = '', unit = ''] = WRITTEN_OUT.exec(text) ?? [];
  if (unit !== '') return { duration: parseUnits(`${number}${LONG_UNITS[unit] ?? ''}`, name) };
  if (/^\d+$/.test(text)) throw usage(name, text, `missing unit, for example ${text}d (${UNIT_NAMES}).`);
  if (!DURATION.test(text))
    throw usage(name, text, `not an age. Write 30d, 1d12h or '3 days' (${UNIT_NAMES}), yesterday, or 2026-11-01.`);
  return { duration: parseUnits(text, name) };
}

function parseUnits(text: string, name: OptionLabel): Duration {
  const unitNames = Object.keys(UNITS);
  const duration: Duration = { months: 0, ms: 0 };
  let rank = -1;
  for (const [part, number = '', unitName = ''] of text.matchAll(/(\d+)([a-z]+)/g)) {
    if (unitName === 'm') throw usage(name, text, `minutes or months? Write ${part}in or ${part}o (${UNIT_NAMES}).`);
    const unit = Object.hasOwn(UNITS, unitName) ? UNITS[unitName] : undefined;
    if (unit === undefined) throw usage(name, text, `unknown unit ${unitName} (${UNIT_NAMES}).`);
    if (unitNames.indexOf(unitName) <= rank) throw usage(name, text, 'each unit once, the largest first.');
    rank = unitNames.indexOf(unitName);
    duration.months += unit.months * Number(number);
    duration.ms += unit.ms * Number(number);
  }
  return duration;
}

/**
 * Returns the time of an age in milliseconds; months and years are calendar ones in the local zone (31 March less 1mo =
 * 28 February). Throws a usage error for a time before the year 1.
 */
export async function resolveAge(age: Age, now: number, text: string, name: OptionLabel): Promise<number> {
  if ('at' in age) return age.at;
  if ('daysBack' in age) return midnightBefore(now, age.daysBack);
  const { months, ms } = age.duration;
  const time = (months === 0 ? now : await monthsBefore(now, months)) - ms;
  // Written so that NaN (outside the calendar) is refused too.
  if (!(time > YEAR_ONE)) throw usage(name, text, 'further back than the calendar goes.');
  return time;
}

/** Returns the start of a local day. Days are calendar days, which may have 23 or 25 hours. */
function midnightBefore(now: number, days: number): number {
  const day = new Date(now);
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() - days).getTime();
}

async function monthsBefore(now: number, months: number): Promise<number> {
  const { sub } = await import('date-fns/sub');
  return sub(now, { months }).getTime();
}

/**
 * Returns the time of an age as `resolveAge`, and throws a usage error unless it is in the past: an age that selects
 * sessions to remove must not select all of them.
 */
export async function parsePastTime(age: Age, now: number, text: string, name: OptionLabel): Promise<number> {
  const time = await resolveAge(age, now, text, name);
  if (time < now) return time;
  throw usage(name, text, 'not in the past, so it would select every session.');
}

/**
 * Returns the time of a date, or of a duration from now on (`7d`: in a week). Throws a usage error if it is in the
 * past.
 */
export async function parseFutureTime(text: string, now: number, name: OptionLabel): Promise<number> {
  const age = parseAge(text, name);
  const time =
    'duration' in age ? 2 * now - (await resolveAge(age, now, text, name)) : await resolveAge(age, now, text, name);
  if (time >= now) return time;
  throw usage(name, text, 'not in the future.');
}

/** Returns the milliseconds of a duration (`10min`, `1d12h`). Throws a usage error for a date, and as `parseAge`. */
export async function parseDuration(text: string, now: number, name: OptionLabel): Promise<number> {
  const age = parseAge(text, name);
  if (!('duration' in age)) throw usage(name, text, `not a length of time. Write 10min or 30d (${UNIT_NAMES}).`);
  return now - (await resolveAge(age, now, text, name));
}

function usage(name: OptionLabel, text: string, what: string): CcsessError {
  return new CcsessError('USAGE', phrase`${name} ${text}: ${what}`);
}
