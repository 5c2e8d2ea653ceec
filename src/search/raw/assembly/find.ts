/**
 * The search in raw bytes, in AssemblyScript (compiled to WebAssembly by `npm run build:scanner`).
 *
 * It looks for pairs of bytes that every text with a term must contain, thirty-two positions at a time, and for escapes
 * (`\u0041`) that hide them. What it passes over cannot hold the term; what it stops at must be looked at closely.
 *
 * Memory: the first page holds what `../finder.ts`, which has the same offsets, writes there; the text follows. 256
 * bytes before and after the text may be read.
 */

const COUNT: usize = 0; // number of pairs
const PATTERN_LENGTH: usize = 4; // 0: every pair is a hit
const PATTERN_AT: usize = 8; // position of the first pair in the pattern
const IS_EXACT: usize = 12; // 0: letters of the pattern are lower-case, those of the text may be either
const PAIRS: usize = 64; // 8 × (first byte, its mask, second byte, its mask); the mask is OR-ed to the text
const PATTERN: usize = 128; // at most 64 bytes
const BITS: usize = 8192; // a packed sketch, at most 4 KiB
const SKETCH: usize = 12288; // a byte for each value of the hash
const SKETCH_VALUES: usize = 32768;
const LISTED: usize = 45056; // words: positions that `sketch` lists, up to the text
const HASH_FIRST: i16 = 0x3d4d;
const HASH_SECOND: i16 = 0x6b2b;

const BACKSLASH: u8 = 92;
/** Several of them at an end of a piece count as one: pieces are joined by a blank after they are trimmed. */
const BLANK: u8 = 32;
/** `u000`, and `u001` but for the lowest bit of its last byte. */
const CONTROL_ESCAPE: u32 = 0x30303075;

/** Value of a hexadecimal digit; -1 for any other byte. */
// @ts-ignore: decorator
@inline
function hex(c: u8): i32 {
  if (c >= 48 && c <= 57) return c - 48;
  const lower: u8 = c | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

/**
 * True for an escape that stands for a character which is usually written as it is. Escapes of control characters are
 * common (colours in the output of tools) and hide no pair.
 */
function isHiding(at: usize): bool {
  // Colours, `\\u001b[`: whatever is before them.
  if ((load<u32>(at + 1) & 0xfeffffff) == CONTROL_ESCAPE && hex(load<u8>(at + 5)) >= 0) return false;
  let backslashes = 0;
  for (let before = at - 1; backslashes < 200 && load<u8>(before) == BACKSLASH; before--) backslashes++;
  if ((backslashes & 1) == 1) return false;
  const high = (hex(load<u8>(at + 2)) << 4) | hex(load<u8>(at + 3));
  const low = (hex(load<u8>(at + 4)) << 4) | hex(load<u8>(at + 5));
  return high > 0 || low >= 32 || (high | low) < 0;
}

/**
 * True for a byte that may end one of the pieces that a text is joined from: the end of a tag, as around the arguments
 * of a command, or of an escape.
 */
// @ts-ignore: decorator
@inline
function isJoint(at: usize): bool {
  const c = load<u8>(at);
  return c == 60 || c == 62 || load<u8>(at - 1) == BACKSLASH;
}

/** True unless the bytes around a pair are surely not those of the pattern. */
function mayBePattern(pair: usize): bool {
  const length = load<u32>(PATTERN_LENGTH);
  if (length == 0) return true;
  const at = load<u32>(PATTERN_AT);
  const isExact = load<u32>(IS_EXACT) != 0;
  for (let i = at + 1; i < length; i++) {
    const wanted = load<u8>(PATTERN + i);
    const found = load<u8>(pair + i - at);
    // Escapes and characters beyond ASCII have several forms: only decoding shows.
    if (found == BACKSLASH || found >= 128 || wanted < 32 || wanted >= 128) break;
    if (found != wanted && (isExact || lower(found) != wanted)) {
      if (isJoint(pair + i - at) || (found == BLANK && load<u8>(PATTERN + i - 1) == BLANK)) break;
      return false;
    }
  }
  for (let i: i32 = <i32>at - 1; i >= 0; i--) {
    const wanted = load<u8>(PATTERN + i);
    const found = load<u8>(pair - at + i);
    if (found == BACKSLASH || found >= 128 || wanted < 32 || wanted >= 128) break;
    if (found != wanted && (isExact || lower(found) != wanted)) {
      if (isJoint(pair - at + i) || (found == BLANK && load<u8>(PATTERN + i + 1) == BLANK)) break;
      return false;
    }
  }
  return true;
}

// @ts-ignore: decorator
@inline
function lower(c: u8): u8 {
  return c >= 65 && c <= 90 ? c | 32 : c;
}

// @ts-ignore: decorator
@inline
function splat(offset: usize): v128 {
  return v128.load8_splat(PAIRS + offset);
}

/** The positions of sixteen where a pair begins. */
// @ts-ignore: decorator
@inline
function isPair(x: v128, y: v128, pair: u32): v128 {
  const at = <usize>pair * 4;
  return v128.and(
    i8x16.eq(v128.or(x, splat(at + 1)), splat(at)),
    i8x16.eq(v128.or(y, splat(at + 3)), splat(at + 2)),
  );
}

/** The first of the marked positions behind `at` that is not surely another text; `end` if there is none before it. */
function firstOf(at: usize, pairBits: u32, escapeBits: u32, end: usize): usize {
  for (let bits = pairBits | escapeBits; bits != 0; bits &= bits - 1) {
    const bit = ctz(bits);
    const place = at + bit;
    if (place >= end) break;
    if ((pairBits >> bit) & 1 ? mayBePattern(place) : isHiding(place)) return place;
    // A pair of these two bytes may be an escape, too.
    if ((pairBits >> bit) & 1 && load<u8>(place) == BACKSLASH && isHiding(place)) return place;
  }
  return end;
}

/** The first position from `at` on, before `end`, where a term may be; `end` if there is none. */
export function find(at: usize, end: usize): usize {
  const count = load<u32>(COUNT);
  const first = splat(0);
  const firstMask = splat(1);
  const second = splat(2);
  const secondMask = splat(3);
  const backslash = v128.load8_splat(ESCAPE);
  const letterU = v128.load8_splat(ESCAPE, 1);
  for (; at < end; at += 32) {
    const x = v128.load(at);
    const y = v128.load(at, 1);
    const u = v128.load(at, 16);
    const v = v128.load(at, 17);
    let pairs = v128.and(i8x16.eq(v128.or(x, firstMask), first), i8x16.eq(v128.or(y, secondMask), second));
    let later = v128.and(i8x16.eq(v128.or(u, firstMask), first), i8x16.eq(v128.or(v, secondMask), second));
    for (let i: u32 = 1; i < count; i++) {
      pairs = v128.or(pairs, isPair(x, y, i));
      later = v128.or(later, isPair(u, v, i));
    }
    const escapes = v128.and(i8x16.eq(x, backslash), i8x16.eq(y, letterU));
    const laterEscapes = v128.and(i8x16.eq(u, backslash), i8x16.eq(v, letterU));
    if (!v128.any_true(v128.or(v128.or(pairs, escapes), v128.or(later, laterEscapes)))) continue;
    const place = firstOf(
      at,
      <u32>i8x16.bitmask(pairs) | (<u32>i8x16.bitmask(later) << 16),
      <u32>i8x16.bitmask(escapes) | (<u32>i8x16.bitmask(laterEscapes) << 16),
      end,
    );
    if (place < end) return place;
  }
  return end;
}

/**
 * Hiding pairs: `\u`, and the last two bytes of U+017F, U+037E, U+212A and U+1FEF, which case folding or composition
 * turns into ASCII characters that trigrams do not show. Two tables, of their first and of their second bytes; each
 * pair is at the position given by the low four bits of its first byte.
 */
const HIDING_FIRST = memory.data<u8>([1, 0, 0, 0, 0x84, 0xc5, 0, 0, 0, 0, 0, 0, 0x5c, 0xcd, 0, 0xbf]);
const HIDING_SECOND = memory.data<u8>([0, 0, 0, 0, 0xaa, 0xbf, 0, 0, 0, 0, 0, 0, 0x75, 0xbe, 0, 0xaf]);
/**
 * Operands of instructions on sixteen bytes at once. They are read from memory, since engines would make constants
 * anew in each round.
 */
const ESCAPE = memory.data<u8>([92, 117]);
const SMALL = memory.data<u8>([15, 32, 0x4d, 0x3d, 0x2b, 0x6b, 0xff, 0x00]);

/** True if such a pair is an escape of an ordinary character, the end of a character that is meant, or a whole one. */
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
 * pairs have the same.
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
  // Pairs are taken apart faster than lanes.
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

/** The positions of sixteen where a hiding pair begins. */
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

/** Joins the upper half of the values to the lower one. */
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
