/**
 * The search for the last position of a pattern, in AssemblyScript (compiled to WebAssembly by `npm run
 * build:scanner`).
 *
 * Memory: the pattern at 0, the text from 64 on. 64 bytes before and after the text may be read.
 */

const PATTERN: usize = 0;

/** True if the pattern is at a position. */
function isPattern(at: usize, length: usize): bool {
  for (let i: usize = 0; i < length; i++) if (load<u8>(at + i) != load<u8>(PATTERN + i)) return false;
  return true;
}

/**
 * The last position between `start` and `end` where the pattern is whole; 0 if there is none. Thirty-two positions are
 * compared at a time with two bytes of the pattern, those from its position `pair` on.
 */
export function findLast(start: usize, end: usize, length: usize, pair: usize): usize {
  const first = v128.load8_splat(PATTERN + pair);
  const second = v128.load8_splat(PATTERN + pair + 1);
  // Positions of the pair from here on.
  const from = start + pair;
  for (let at: isize = <isize>end; at > <isize>from; ) {
    at -= 32;
    const found = v128.and(i8x16.eq(v128.load(at), first), i8x16.eq(v128.load(at, 1), second));
    const later = v128.and(i8x16.eq(v128.load(at, 16), first), i8x16.eq(v128.load(at, 17), second));
    if (!v128.any_true(v128.or(found, later))) continue;
    let bits = <u32>i8x16.bitmask(found) | (<u32>i8x16.bitmask(later) << 16);
    while (bits != 0) {
      const bit = 31 - clz(bits);
      bits ^= 1 << bit;
      const position = <usize>at + bit - pair;
      if (position >= start && position + length <= end && isPattern(position, length)) return position;
    }
  }
  return 0;
}
