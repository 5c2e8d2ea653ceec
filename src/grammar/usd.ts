import { CcsessError } from '../system/errors.js';

/** US dollars of zero or more, `5`, `0.50` or `$5`; else a usage error that names `flag`. */
export function parseUsd(text: string, flag: string): number {
  const amount = /^\$?\d+(?:\.\d+)?$/.test(text) ? Number(text.replace('$', '')) : NaN;
  if (Number.isFinite(amount)) return amount;
  throw new CcsessError('USAGE', `${flag} ${text}: not an amount of US dollars, such as 5 or 0.50.`);
}
