import { CcsessError } from '../system/errors.js';

/** A whole number of zero or more, in digits; else a usage error that names `flag`. */
export function parseCount(text: string, flag: string): number {
  const count = wholeNumber(text);
  if (count !== null) return count;
  throw new CcsessError('USAGE', `${flag} ${text}: not a whole number (0 = all).`);
}

/** Reads a whole number of at least `least`, for counts that are not limits. Throws as `parseCount`. */
export function parseWhole(text: string, flag: string, least: number): number {
  const count = wholeNumber(text);
  if (count !== null && count >= least) return count;
  throw new CcsessError('USAGE', `${flag} ${text}: not a whole number of ${least} or more.`);
}

function wholeNumber(text: string): number | null {
  const count = /^\d+$/.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(count) ? count : null;
}
