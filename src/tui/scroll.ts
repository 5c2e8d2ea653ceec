/**
 * First line of a window of `height` lines over `count` lines in which the lines from `from` to `to` (exclusive) are
 * visible, moved as little as possible from `top` and with no empty lines at the end.
 */
export function scrolledTo(
  { from, to }: { from: number; to: number },
  { top, height, count }: { top: number; height: number; count: number },
): number {
  const last = Math.max(0, count - height);
  const shown = from < top ? from : to > top + height ? Math.min(from, to - height) : top;
  return Math.max(0, Math.min(shown, last));
}
