import { grouped } from './text/number.js';

const MAX_DIGITS = 8;

/**
 * Returns US dollars: `$11.30`, `$5,204.77`; below a cent with two digits (`$0.0015`); `$1.0e+300` for absurd amounts;
 * `–` if unknown.
 */
export function formatUsd(value: number | null): string {
  if (value === null) return '–';
  if (value > 0 && value < 0.01) return `$${value.toFixed(Math.min(MAX_DIGITS, 1 - Math.floor(Math.log10(value))))}`;
  if (value >= 1e15) return `$${value.toExponential(1)}`;
  const [whole = '', cents = ''] = value.toFixed(2).split('.');
  return `$${grouped(Number(whole))}.${cents}`;
}

/** Returns US dollars for a column: whole dollars from $100 on, and nothing more exact than a cent. */
export function formatRoughUsd(value: number | null): string {
  if (value === null || (value < 99.995 && (value >= 0.01 || value === 0))) return formatUsd(value);
  if (value >= 1e15) return formatUsd(value);
  return value < 0.01 ? '<$0.01' : `$${grouped(Math.round(value))}`;
}

/** Returns US dollars as a number for a pipe or spreadsheet, rounded to a millionth. */
export function plainUsd(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1e6) / 1e6;
}
