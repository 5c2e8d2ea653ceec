/** Times in the one form that Claude Code writes. */
import { COLON, MINUS, POINT, QUOTE, UPPER_T, UPPER_Z, ZERO } from './characters';

// @ts-ignore: decorator
@inline
function twoDigits(at: usize): i32 {
  const high = load<u8>(at) - ZERO;
  const low = load<u8>(at + 1) - ZERO;
  return high <= 9 && low <= 9 ? <i32>high * 10 + <i32>low : -1;
}

/**
 * Returns the milliseconds of a time in the form that Claude Code writes ("2026-11-23T06:44:51.208Z", quotes included).
 * Returns NaN for any other form, and for days that may not exist (29 February); the caller parses those.
 */
export function readTime(start: usize, end: usize): f64 {
  if (end - start != 26 || load<u8>(start) != QUOTE || load<u8>(start + 24) != UPPER_Z) return NaN;
  const at = start + 1;
  if (load<u8>(at + 4) != MINUS || load<u8>(at + 7) != MINUS || load<u8>(at + 10) != UPPER_T) return NaN;
  if (load<u8>(at + 13) != COLON || load<u8>(at + 16) != COLON || load<u8>(at + 19) != POINT) return NaN;
  const century = twoDigits(at);
  const decade = twoDigits(at + 2);
  const month = twoDigits(at + 5);
  const day = twoDigits(at + 8);
  const hour = twoDigits(at + 11);
  const minute = twoDigits(at + 14);
  const second = twoDigits(at + 17);
  const centis = twoDigits(at + 20);
  const milli = load<u8>(at + 22) - ZERO;
  if ((century | decade | month | day | hour | minute | second | centis) < 0 || milli > 9) return NaN;
  if (century < 19 || month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) return NaN;
  if (day > 30 || (month == 2 && day > 28)) {
    const long = month == 1 || month == 3 || month == 5 || month == 7 || month == 8 || month == 10 || month == 12;
    if (!long || day > 31) return NaN;
  }
  // Days since 1970-01-01, counting years from March so that the leap day comes last.
  const year = century * 100 + decade - (month <= 2 ? 1 : 0);
  const era = year / 400;
  const yearOfEra = year - era * 400;
  const dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const days = era * 146097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719468;
  return <f64>days * 86400000 + <f64>(hour * 3600 + minute * 60 + second) * 1000 + <f64>(centis * 10 + <i32>milli);
}
