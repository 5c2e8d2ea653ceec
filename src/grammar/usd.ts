import { CcsessError } from '../system/errors.js';
import { phrase, type OptionLabel } from '../system/phrase.js';

/**
 * Reads US dollars of zero or more: `5`, `0.50` or `$5`. Throws a usage error that names the option for anything else.
 */
export function parseUsd(text: string, name: OptionLabel): number {
  const amount = /^\$?\d+(?:\.\d+)?$/.test(text) ? Number(text.replace('$', '')) : NaN;
  if (Number.isFinite(amount)) return amount;
  throw new CcsessError('USAGE', phrase`${name} ${text}: not an amount of US dollars, such as 5 or 0.50.`);
}
