const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const RFC_3339 = /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.\d+)?(?:[Zz]|[+-](\d{2}):(\d{2}))$/;

/** True for a text that is meant as a date, valid or not. */
export function looksLikeDate(text: string): boolean {
  return /^\d{4}-\d{2}/.test(text);
}

/**
 * Returns the milliseconds of a date (`2026-11-01`: its local midnight) or an RFC 3339 time (`2026-11-01T08:30:00Z`,
 * zone required); `null` for anything else, such as 30 February.
 */
export function parseDate(text: string): number | null {
  const date = DATE.exec(text);
  if (date !== null) {
    const [year = 0, month = 0, day = 0] = date.slice(1).map(Number);
    return isDay(year, month, day) ? new Date(year, month - 1, day).getTime() : null;
  }
  const time = RFC_3339.exec(text);
  if (time === null) return null;
  const parts = time.slice(1).map((part) => Number(part ?? 0));
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, zoneHour = 0, zoneMinute = 0] = parts;
  if (!isDay(year, month, day) || hour > 23 || minute > 59 || second > 59 || zoneHour > 23 || zoneMinute > 59)
    return null;
  return Date.parse(text.toUpperCase().replace(' ', 'T'));
}

function isDay(year: number, month: number, day: number): boolean {
  // Years before 1000 would be read as 19xx by `Date`, and no session is that old.
  return (
    year >= 1000 && month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate()
  );
}
