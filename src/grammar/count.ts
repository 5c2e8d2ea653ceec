import { CcsessError } from '../system/errors.js';
import { phrase, type OptionLabel } from '../system/phrase.js';

/** Reads a whole number of zero or more, in digits. Throws a usage error that names the option for anything else. */
export function parseCount(text: string, name: OptionLabel): number {
  const count = wholeNumber(text);
  if (count !== null) return count;
  throw new CcsessError('USAGE', phrase`${name} ${text}: not a whole number (0 = all).`);
}

/** Reads a whole number of at least `least`, for counts that are not limits. Throws as `parseCount`. */
export function parseWhole(text: string, name: OptionLabel, least: number): number {
  const count = wholeNumber(text);
  if (count !== null && count >= least) return count;
  throw new CcsessError('USAGE', phrase`${name} ${text}: not a whole number of ${least} or more.`);
}

function wholeNumber(text: string): number | null {
  const count = /^\d+$/.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(count) ? count : null;
}
