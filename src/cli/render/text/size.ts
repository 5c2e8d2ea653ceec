const UNITS = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** Returns bytes in at most seven columns: `412 B`, `4.1 MiB`, `38 MiB`; powers of 1024, with one decimal below 10. */
export function formatSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  let value = bytes / 1024;
  let unit = 0;
  // 1000 to 1023 of a unit would need a fourth digit, so they are shown in the next unit.
  while (Math.round(value) >= 1000 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = value < 9.95 ? value.toFixed(1) : String(Math.round(value));
  return `${digits} ${UNITS[unit] ?? ''}`;
}
