const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * Returns the time since `then`, rounded down: `now`, `3m`, `2h`, `5d`, `7w`, then the local date. A future time is
 * `now` if a wrong clock may explain it (up to an hour), else its date.
 */
export function formatAge(then: number, now: number): string {
  const age = now - then;
  if (age < -HOUR || age >= 8 * WEEK) return isoDay(then);
  if (age < MINUTE) return 'now';
  if (age < HOUR) return `${Math.floor(age / MINUTE)}m`;
  if (age < DAY) return `${Math.floor(age / HOUR)}h`;
  if (age < WEEK) return `${Math.floor(age / DAY)}d`;
  return `${Math.floor(age / WEEK)}w`;
}

/** Returns the time left until `until`, rounded down: `4d`, `5h`, `3m`, `0m`. */
export function timeLeft(until: number, now: number): string {
  const left = Math.max(0, until - now);
  if (left >= DAY) return `${Math.floor(left / DAY)}d`;
  return left >= HOUR ? `${Math.floor(left / HOUR)}h` : `${Math.floor(left / MINUTE)}m`;
}

/** Returns the local day: `2026-03-02`. */
export function isoDay(moment: number): string {
  const date = new Date(moment);
  const year = String(date.getFullYear()).padStart(4, '0');
  return `${year}-${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())}`;
}

/** Returns a local day: `Sat 24 Oct 2026`. */
export function formatDay(moment: number): string {
  const date = new Date(moment);
  return `${WEEKDAYS[date.getDay()] ?? ''} ${date.getDate()} ${MONTHS[date.getMonth()] ?? ''} ${date.getFullYear()}`;
}

/** Returns a local time: `Sat 24 Oct 2026 06:46`. */
export function formatMoment(moment: number): string {
  const date = new Date(moment);
  return `${formatDay(moment)} ${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}`;
}

/** Returns an entry's time as local time: `Fri 20 Nov 18:02`, with the year unless it is the current one. */
export function dayAndTime(timestamp: string, now: number): string {
  const text = formatMoment(Date.parse(timestamp));
  const year = String(new Date(now).getFullYear());
  return text.replace(` ${year} `, ' ');
}

/**
 * Returns a recent local time: `today 18:02`, `Fri 18:02`, `20 Nov 18:02`; with the year unless it is the current one.
 */
export function shortDayAndTime(moment: number, now: number): string {
  const [weekday = '', day = '', month = '', year = '', time = ''] = formatMoment(moment).split(' ');
  if (isoDay(moment) === isoDay(now)) return `today ${time}`;
  if (moment < now && now - moment < WEEK - DAY) return `${weekday} ${time}`;
  const isThisYear = year === String(new Date(now).getFullYear());
  return `${day} ${month} ${isThisYear ? '' : `${year} `}${time}`;
}

/** Returns the UTC day of a time: `Thu 5 Nov`, or `18 Nov 2026` with its year. */
export function formatUtcDay(moment: number, withYear = false): string {
  const date = new Date(moment);
  const day = `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()] ?? ''}`;
  return withYear ? `${day} ${date.getUTCFullYear()}` : `${WEEKDAYS[date.getUTCDay()] ?? ''} ${day}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
