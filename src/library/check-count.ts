import { CcsessError } from '../system/errors.js';

/** A count that the option `name` gives: a whole number of zero or more, or Infinity; else throws USAGE. */
export function checkCount(count: number, name: string): number {
  if (count >= 0 && (Number.isInteger(count) || count === Infinity)) return count;
  throw new CcsessError('USAGE', `${name} ${count}: not a whole number of zero or more.`);
}
