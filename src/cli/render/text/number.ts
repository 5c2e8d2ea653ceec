/** Returns a whole number with thousands separators: `1,612`. */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** Returns a number and its noun: `1 session`, `2 sessions`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${grouped(value)} ${value === 1 ? one : many}`;
}

/** Returns a count with about two digits: `412`, `88k`, `1.9M`, `41.2M`. */
export function shortCount(count: number): string {
  const [divisor, unit] = count >= 999_950_000 ? [1e9, 'B'] : count >= 999_500 ? [1e6, 'M'] : [1e3, 'k'];
  if (count < 1000) return String(count);
  const value = count / divisor;
  return `${unit !== 'k' && value < 99.95 ? value.toFixed(1) : Math.round(value)}${unit}`;
}

const UNITS = ['', 'k', 'M', 'B', 'T', 'Q'];

/** Returns a count with three digits, so that a column of them can be compared: `412`, `88.2k`, `1.06B`. */
export function threeFigures(count: number): string {
  if (count < 1000) return String(count);
  let value = count;
  let unit = 0;
  for (; value >= 999.5 && unit < UNITS.length - 1; value /= 1000) unit++;
  const digits = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return value.toFixed(digits) + (UNITS[unit] ?? '');
}
