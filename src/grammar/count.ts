import { CcsessError } from '../system/errors.js';

/** A whole number of zero or more, in digits; else a usage error that names `flag`. */
export function parseCount(text: string, flag: string): number {
  const count = wholeNumber(text);
  if (count !== null) return count;
  throw new CcsessError('USAGE', `${flag} ${text}: not a whole number (0 = all).`);
}

/** As `parseCount`, for what is no limit: a whole number of at least `least`. */
export function parseWhole(text: string, flag: string, least: number): number {
  const count = wholeNumber(text);
  if (count !== null && count >= least) return count;
  throw new CcsessError('USAGE', `${flag} ${text}: not a whole number of ${least} or more.`);
}

function wholeNumber(text: string): number | null {
  const count = /^\d+$/.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(count) ? count : null;
}
