import { CcsessError } from '../system/errors.js';
import { phrase, type OptionLabel } from '../system/phrase.js';

const POWERS = ['', 'k', 'm', 'g', 't'];
const UNIT_NAMES = 'units: B K M G T, KiB MiB GiB TiB, kB MB GB TB';
const SIZE = /^(\d+(?:\.\d+)?)(b|[kmgt](?:i?b)?)$/i;

/**
 * Returns the bytes of a size in any case: `500M`, `1.5GiB` (powers of 1024), `200MB` (powers of 1000), `512B`. Throws
 * a usage error that names the option for anything else, even for a number without a unit.
 */
export function parseSize(text: string, name: OptionLabel): number {
  if (/^\d+(?:\.\d+)?$/.test(text)) throw usage(name, text, `missing unit, for example ${text}M (${UNIT_NAMES}).`);
  const [, number = '', unit = ''] = SIZE.exec(text) ?? [];
  if (unit === '') throw usage(name, text, `not a size. Write 500M or 1.5GiB (${UNIT_NAMES}).`);
  const bytes = Math.round(Number(number) * unitBytes(unit.toLowerCase()));
  if (!Number.isSafeInteger(bytes)) throw usage(name, text, 'more than any disk holds.');
  return bytes;
}

function unitBytes(unit: string): number {
  if (unit === 'b') return 1;
  const decimal = unit.length === 2;
  return (decimal ? 1000 : 1024) ** POWERS.indexOf(unit.charAt(0));
}

function usage(name: OptionLabel, text: string, what: string): CcsessError {
  return new CcsessError('USAGE', phrase`${name} ${text}: ${what}`);
}
