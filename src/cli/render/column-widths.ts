/** Minimum and maximum width of a column, and its weight when columns share a limited width. */
export interface WidthRange {
  min: number;
  max: number;
  share: number;
}

/**
 * Returns the width of each column in a table of at most `width` columns with `gap` between them. If not all can have
 * their maximum, the width is shared by weight, and none gets less than its minimum.
 */
export function columnWidths(ranges: readonly WidthRange[], width: number, gap: number): number[] {
  const widths = ranges.map(({ max }) => max);
  let room = width - gap * Math.max(0, ranges.length - 1);
  if (sum(widths) <= room) return widths;
  // As in flexbox: columns whose share is outside their range get the nearest width inside it, and the others share the
  // rest.
  let open = ranges.map((range, at) => ({ ...range, at }));
  while (open.length > 0) {
    const unit = room / sum(open.map(({ share }) => share));
    const clamped = open.map(({ share, min, max }) => Math.min(max, Math.max(min, share * unit)));
    const excess = sum(clamped) - room;
    const isFixed = open.map(({ share }, i) => {
      const more = (clamped[i] ?? 0) - share * unit;
      return excess > 0 ? more > 0 : more < 0;
    });
    if (!isFixed.includes(true)) return withWholeColumns(widths, open, clamped, room);
    open.forEach(({ at }, i) => {
      if (isFixed[i] !== true) return;
      widths[at] = clamped[i] ?? 0;
      room -= clamped[i] ?? 0;
    });
    open = open.filter((_, i) => isFixed[i] !== true);
  }
  return widths;
}

/** Rounds shares down, and gives the remaining columns to the first ones that can use them. */
function withWholeColumns(
  widths: readonly number[],
  open: readonly (WidthRange & { at: number })[],
  shares: readonly number[],
  room: number,
): number[] {
  const whole = [...widths];
  let left = Math.floor(room) - sum(shares.map(Math.floor));
  open.forEach(({ at, max }, i) => {
    const share = Math.floor(shares[i] ?? 0);
    const more = Math.min(left, max - share, 1);
    whole[at] = share + Math.max(0, more);
    left -= Math.max(0, more);
  });
  return whole;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
