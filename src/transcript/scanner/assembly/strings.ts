/** Strings: the bulk of every transcript, skipped 16 and then 64 bytes at a time. */
import { BACKSLASH, CASE_BIT, LOWER_A, LOWER_B, LOWER_F, LOWER_R, LOWER_U, NINE, QUOTE, ZERO } from './characters';
import { countEscapes } from './state';

const ODD_BITS: u64 = 0xaaaaaaaaaaaaaaaa;

// @ts-ignore: decorator
@inline
function isHex(c: u8): bool {
  return (c >= ZERO && c <= NINE) || ((c | CASE_BIT) >= LOWER_A && (c | CASE_BIT) <= LOWER_F);
}

// @ts-ignore: decorator
@inline
function isUnicodeEscape(letter: usize): bool {
  if (load<u8>(letter) != LOWER_U) return false;
  return (
    isHex(load<u8>(letter + 1)) &&
    isHex(load<u8>(letter + 2)) &&
    isHex(load<u8>(letter + 3)) &&
    isHex(load<u8>(letter + 4))
  );
}

/**
 * Returns the number of bytes after the backslash of an unusual escape: "b", "r" or "u" with four digits; 0 if it is
 * not valid.
 */
function unusualEscape(letter: usize): usize {
  const c = load<u8>(letter);
  return c == LOWER_B || c == LOWER_R ? 1 : isUnicodeEscape(letter) ? 5 : 0;
}

// @ts-ignore: decorator
@inline
function areBackslashes(bytes: v128): v128 {
  return i8x16.eq(bytes, i8x16.splat(BACKSLASH));
}

/** Quotes, which end a string, and control characters, which spoil it. */
// @ts-ignore: decorator
@inline
function areEnds(bytes: v128): v128 {
  // With this bit inverted, the quote directly follows the control characters, which are only permuted.
  return i8x16.le_u(v128.xor(bytes, i8x16.splat(2)), i8x16.splat(32));
}

/** Characters that a backslash usually escapes. */
// @ts-ignore: decorator
@inline
function areEscapable(bytes: v128): v128 {
  // Each at the index of its low four bits: (none), the quote, t, f, \, n, /. The quote's would be that of "b" and "r".
  const table = i8x16(1, 0, 34, 0, 116, 0, 102, 0, 0, 0, 0, 0, 92, 0, 110, 47);
  return i8x16.eq(i8x16.swizzle(table, v128.and(bytes, i8x16.splat(15))), bytes);
}

/** One bit a byte. */
// @ts-ignore: decorator
@inline
/** Returns one bit per byte. */
function bits(a: v128, b: v128, c: v128, d: v128): u64 {
  const low = <u32>i8x16.bitmask(a) | (<u32>i8x16.bitmask(b) << 16);
  const high = <u32>i8x16.bitmask(c) | (<u32>i8x16.bitmask(d) << 16);
  return <u64>low | (<u64>high << 32);
}

/**
 * Returns the address after the closing quote, 0 if the string is not valid. `at` is the address after the opening
 * quote.
 */
export function skipString(at: usize): usize {
  const bytes = v128.load(at);
  const stops = i8x16.bitmask(v128.or(areEnds(bytes), areBackslashes(bytes)));
  const stop = at + ctz(stops);
  if (stops != 0 && load<u8>(stop) != BACKSLASH) return load<u8>(stop) == QUOTE ? stop + 1 : 0;
  return skipLongString(stops == 0 ? at + 16 : at);
}

/** Skips a string as `skipString`, 64 bytes at a time and without a branch per escape, since tool output has many. */
function skipLongString(at: usize): usize {
  let allBackslashes: u64 = 0;
  /** 1 if the last backslash before `at` escapes the byte there, else 0. */
  let escaping: u64 = 0;
  while (true) {
    const a = v128.load(at);
    const b = v128.load(at, 16);
    const c = v128.load(at, 32);
    const d = v128.load(at, 48);
    const backslashes = bits(areBackslashes(a), areBackslashes(b), areBackslashes(c), areBackslashes(d));
    // In a run of backslashes, every other one escapes the next byte. Subtracting the first one from the odd bits above
    // carries through the run and gives the parity of the byte at which it ends.
    const firsts = backslashes & ~escaping;
    const pairs = (((firsts << 1) | ODD_BITS) - firsts) ^ ODD_BITS;
    const escaped = pairs ^ (backslashes | escaping);
    const ends = bits(areEnds(a), areEnds(b), areEnds(c), areEnds(d)) & ~escaped;
    const stops = ends | (escaped & ~bits(areEscapable(a), areEscapable(b), areEscapable(c), areEscapable(d)));
    if (stops == 0) {
      allBackslashes |= backslashes;
      escaping = (pairs & backslashes) >> 63;
      at += 64;
      continue;
    }
    const index = ctz(stops);
    const stop = at + <usize>index;
    if ((escaped >> index) & 1) {
      const length = unusualEscape(stop);
      if (length == 0) return 0;
      allBackslashes = 1;
      escaping = 0;
      at = stop + length;
      continue;
    }
    if ((allBackslashes | (backslashes & (stops ^ (stops - 1)))) != 0) countEscapes();
    return load<u8>(stop) == QUOTE ? stop + 1 : 0;
  }
}
