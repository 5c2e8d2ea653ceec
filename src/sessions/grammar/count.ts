import { CcsessError } from '../../claude/errors.js';

/** A whole number of zero or more, in digits; else a usage error that names `flag`. */
export function parseCount(text: string, flag: string): number {
  const count = /^\d+$/.test(text) ? Number(text) : NaN;
  if (Number.isSafeInteger(count)) return count;
  throw new CcsessError('USAGE', `${flag} ${text}: not a whole number (0 = all).`);
}
