/**
 * The sketch of a text: a byte for each value of a hash that one of its trigrams has. `find.ts` describes the memory.
 */

import { BACKSLASH, isHiding } from './escapes';

const BITS: usize = 8192; // a packed sketch, at most 4 KiB
const SKETCH: usize = 12288; // a byte for each value of the hash
const SKETCH_VALUES: usize = 32768;
const LISTED: usize = 45056; // words: positions that `sketch` lists, up to the text

/**
 * Hiding pairs: `\u`, and the last two bytes of U+017F, U+037E, U+212A and U+1FEF, which case folding or composition
 * turns into ASCII characters that trigrams do not show. Two tables, of their first and of their second bytes; each
 * pair is at the position given by the low four bits of its first byte.
 */
const HIDING_FIRST = memory.data<u8>([1, 0, 0, 0, 0x84, 0xc5, 0, 0, 0, 0, 0, 0, 0x5c, 0xcd, 0, 0xbf]);
const HIDING_SECOND = memory.data<u8>([0, 0, 0, 0, 0xaa, 0xbf, 0, 0, 0, 0, 0, 0, 0x75, 0xbe, 0, 0xaf]);
/**
 * Operands of instructions on sixteen bytes at once: mask of the low four bits, the bit that makes a letter lower-case,
 * the two factors of the hash, mask of a low byte. Read from memory, since engines would build constants anew in each
 * iteration.
 */
const SMALL = memory.data<u8>([15, 32, 0x4d, 0x3d, 0x2b, 0x6b, 0xff, 0x00]);

/**
 * True if the hiding pair at `at` does hide a character: `\u` as an escape of an ordinary character, or the last two
 * bytes of U+212A or U+1FEF after their first. U+017F and U+037E have two bytes, and always hide one.
 */
function hides(at: usize): bool {
  const c = load<u8>(at);
  if (c == BACKSLASH) return isHiding(at);
  if (c == 0x84) return load<u8>(at - 1) == 0xe2;
  if (c == 0xbf) return load<u8>(at - 1) == 0xe1;
  return true;
}

function anyHides(at: usize, pairs: u32): bool {
  for (let bits = pairs; bits != 0; bits &= bits - 1) {
    if (hides(at + ctz(bits))) return true;
  }
  return false;
}

/**
 * XOR of the two bytes of each hiding pair, at the position given by the low four bits of its first byte. Few other
 * pairs have the same XOR.
 */
const HIDING_XOR = memory.data<u8>([
  0xff, 0xff, 0xff, 0xff, 0x2e, 0x7a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x29, 0x73, 0xff, 0x10,
]);

// @ts-ignore: decorator
@inline
function mark(value: u32): void {
  store<u8>(value, 1, SKETCH);
}

/** Marks eight values. */
// @ts-ignore: decorator
@inline
function markAll(values: v128): void {
  // Extracting pairs of values and dividing them is faster than extracting each value.
  const a = <u32>i32x4.extract_lane(values, 0);
  const b = <u32>i32x4.extract_lane(values, 1);
  const c = <u32>i32x4.extract_lane(values, 2);
  const d = <u32>i32x4.extract_lane(values, 3);
  mark(a & 0xffff);
  mark(a >> 16);
  mark(b & 0xffff);
  mark(b >> 16);
  mark(c & 0xffff);
  mark(c >> 16);
  mark(d & 0xffff);
  mark(d >> 16);
}

/**
 * Marks the trigrams at every second position from `at` on in the sketch, with letters as if they were lower-case;
 * `end - at` is a multiple of 32. Lists each range of thirty-two positions that may have hiding pairs, and returns the
 * end of the list. `isOpaque` checks them: a call in this loop would make engines keep all its values in memory.
 */
export function sketch(at: usize, end: usize): usize {
  let listed: usize = LISTED;
  const lowBits = v128.load8_splat(SMALL);
  const caseBit = v128.load8_splat(SMALL, 1);
  const firstFactor = v128.load16_splat(SMALL, 2);
  const secondFactor = v128.load16_splat(SMALL, 4);
  const lowByte = v128.load16_splat(SMALL, 6);
  const hidingXor = v128.load(HIDING_XOR);
  for (; at < end; at += 32) {
    const x = v128.load(at);
    const y = v128.load(at, 16);
    const mayHide = v128.or(
      i8x16.eq(v128.xor(x, v128.load(at, 1)), i8x16.swizzle(hidingXor, v128.and(x, lowBits))),
      i8x16.eq(v128.xor(y, v128.load(at, 17)), i8x16.swizzle(hidingXor, v128.and(y, lowBits))),
    );
    store<u32>(listed, <u32>at);
    listed += <usize>v128.any_true(mayHide) << 2;
    markAll(hashes(x, v128.load(at, 2), caseBit, lowByte, firstFactor, secondFactor));
    markAll(hashes(y, v128.load(at, 18), caseBit, lowByte, firstFactor, secondFactor));
  }
  return listed;
}

/** The hashes of eight trigrams; `thirds` begins with the third byte of the first one. */
// @ts-ignore: decorator
@inline
function hashes(x: v128, thirds: v128, caseBit: v128, lowByte: v128, firstFactor: v128, secondFactor: v128): v128 {
  const third = v128.and(v128.or(thirds, caseBit), lowByte);
  const firstTwo = v128.or(x, caseBit);
  return i16x8.shr_u(i16x8.add(i16x8.mul(firstTwo, firstFactor), i16x8.mul(third, secondFactor)), 1);
}

/** Returns 1 if one of the ranges listed up to `listed` has characters in forms that trigrams do not show. */
export function isOpaque(listed: usize): i32 {
  for (let entry = LISTED; entry < listed; entry += 4) {
    const at: usize = load<u32>(entry);
    if (anyHides(at, hidingPairs(at)) || anyHides(at + 16, hidingPairs(at + 16))) return 1;
  }
  return 0;
}

/** Returns a bit for each of the sixteen positions from `at` on: 1 where a hiding pair begins. */
function hidingPairs(at: usize): u32 {
  const x = v128.load(at);
  const low = v128.and(x, v128.load8_splat(SMALL));
  return i8x16.bitmask(
    v128.and(
      i8x16.eq(x, i8x16.swizzle(v128.load(HIDING_FIRST), low)),
      i8x16.eq(v128.load(at, 1), i8x16.swizzle(v128.load(HIDING_SECOND), low)),
    ),
  );
}

/** Number of values that are in the sketch, or will be after `fold`. */
export function countFolded(half: usize): i32 {
  let count = 0;
  for (let at: usize = SKETCH; at < SKETCH + half; at += 16) {
    const both = v128.or(v128.load(at), v128.load(at + half));
    count += popcnt(i8x16.bitmask(i8x16.neg(both)));
  }
  return count;
}

/** Combines the upper half of the values with the lower one: a value is set if it was in either half. */
export function fold(half: usize): void {
  for (let at: usize = SKETCH; at < SKETCH + half; at += 16) {
    v128.store(at, v128.or(v128.load(at), v128.load(at + half)));
  }
}

/** Writes the first `values` of the sketch as bits to the memory after the parameters, and empties the sketch. */
export function pack(values: usize): void {
  for (let at: usize = 0; at < values; at += 16) {
    store<u16>(BITS + (at >> 3), <u16>i8x16.bitmask(i8x16.neg(v128.load(SKETCH + at))));
  }
  memory.fill(SKETCH, 0, SKETCH_VALUES);
}
