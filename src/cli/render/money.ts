import { grouped } from './text/number.js';

const MAX_DIGITS = 8;

/**
 * US dollars: `$11.30`, `$5,204.77`; below a cent with two figures, `$0.0015`; `$1.0e+300` where nobody would read it;
 * `–` where it is not known.
 */
export function formatUsd(value: number | null): string {
  if (value === null) return '–';
  if (value > 0 && value < 0.01) return `$${value.toFixed(Math.min(MAX_DIGITS, 1 - Math.floor(Math.log10(value))))}`;
  if (value >= 1e15) return `$${value.toExponential(1)}`;
  const [whole = '', cents = ''] = value.toFixed(2).split('.');
  return `$${grouped(Number(whole))}.${cents}`;
}

/** US dollars in a column of sums: whole from $100 on, nothing below a cent. */
export function formatRoughUsd(value: number | null): string {
  if (value === null || (value < 99.995 && (value >= 0.01 || value === 0))) return formatUsd(value);
  if (value >= 1e15) return formatUsd(value);
  return value < 0.01 ? '<$0.01' : `$${grouped(Math.round(value))}`;
}

/** US dollars for a pipe or a spreadsheet: to a millionth, without the noise of added fractions. */
export function plainUsd(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1e6) / 1e6;
}
