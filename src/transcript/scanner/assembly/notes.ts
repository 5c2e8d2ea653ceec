/** Notes the positions of members, and whether their values are the same as in the lines before. */
import { STICKY_SIZE } from './layout';
import { isSame } from './names';
import { refuseLine } from './state';

/** Notes the position of a member. */
// @ts-ignore: decorator
@inline
export function note(
  present: usize,
  escaped: usize,
  spans: usize,
  key: i32,
  start: usize,
  end: usize,
  hasEscapes: bool,
): void {
  const bit: u32 = 1 << key;
  // JSON.parse returns the last of two members with one name, so it must read the line.
  if (load<u32>(present) & bit) refuseLine();
  store<u32>(present, load<u32>(present) | bit);
  if (hasEscapes) store<u32>(escaped, load<u32>(escaped) | bit);
  store<u32>(spans + (<usize>key << 3), <u32>start);
  store<u32>(spans + (<usize>key << 3) + 4, <u32>end);
}

/** Returns a bit for every string value that differs from the last value of the same key. */
export function compareSticky(mask: u32, spans: usize, copies: usize): u32 {
  let changed: u32 = 0;
  while (mask != 0) {
    const key = <usize>ctz(mask);
    mask &= mask - 1;
    const start = <usize>load<u32>(spans + (key << 3));
    const length = <usize>load<u32>(spans + (key << 3) + 4) - start;
    const copy = copies + key * STICKY_SIZE;
    if (length > STICKY_SIZE - 4) {
      changed |= 1 << <u32>key;
      store<u32>(copy, 0);
      continue;
    }
    if (load<u32>(copy) == <u32>length && isSame(copy + 4, start, length)) continue;
    changed |= 1 << <u32>key;
    store<u32>(copy, <u32>length);
    memory.copy(copy + 4, start, length);
  }
  return changed;
}
