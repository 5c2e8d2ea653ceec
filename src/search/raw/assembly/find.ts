/**
 * The search in raw bytes, in AssemblyScript (compiled to WebAssembly by `npm run build:scanner`).
 *
 * It looks for pairs of bytes that every text with a term must contain, thirty-two positions at a time, and for escapes
 * (`\u0041`) that hide them. Text that it skips cannot contain the term; text at which it stops may contain it.
 *
 * Memory: the first page holds the parameters that `../finder.ts` writes at the same offsets; the text follows. Up to
 * 256 bytes before and after the text are read as well.
 */

import { BACKSLASH, isHiding } from './escapes';

export { countFolded, fold, isOpaque, pack, sketch } from './sketch';

const COUNT: usize = 0; // number of pairs
const PATTERN_LENGTH: usize = 4; // 0: every pair is a hit
const PATTERN_AT: usize = 8; // position of the first pair in the pattern
const IS_EXACT: usize = 12; // 0: letters of the pattern are lower-case, those of the text may be either
const PAIRS: usize = 64; // 8 × (first byte, its mask, second byte, its mask); the mask is OR-ed to the text
const PATTERN: usize = 128; // at most 64 bytes

/** The text may have several where the pattern has one: its pieces are trimmed, and then joined by a blank. */
const BLANK: u8 = 32;
/** `\u`. Read from memory, since engines would build a constant anew in each iteration. */
const ESCAPE = memory.data<u8>([92, 117]);

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

/** False if the bytes around a pair are certainly not those of the pattern. */
function mayBePattern(pair: usize): bool {
  const length = load<u32>(PATTERN_LENGTH);
  if (length == 0) return true;
  const at = load<u32>(PATTERN_AT);
  const isExact = load<u32>(IS_EXACT) != 0;
  for (let i = at + 1; i < length; i++) {
    const wanted = load<u8>(PATTERN + i);
    const found = load<u8>(pair + i - at);
    // Escapes and characters beyond ASCII have several forms, so only decoding decides.
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

/** Returns a mask of the sixteen positions of `x` at which a pair begins; `y` has the byte after each of `x`. */
// @ts-ignore: decorator
@inline
function isPair(x: v128, y: v128, pair: u32): v128 {
  const at = <usize>pair * 4;
  return v128.and(
    i8x16.eq(v128.or(x, splat(at + 1)), splat(at)),
    i8x16.eq(v128.or(y, splat(at + 3)), splat(at + 2)),
  );
}

/**
 * The first marked position from `at` on where the term or a hiding escape may be; `end` if there is none before it.
 */
function firstOf(at: usize, pairBits: u32, escapeBits: u32, end: usize): usize {
  for (let bits = pairBits | escapeBits; bits != 0; bits &= bits - 1) {
    const bit = ctz(bits);
    const position = at + bit;
    if (position >= end) break;
    if ((pairBits >> bit) & 1 ? mayBePattern(position) : isHiding(position)) return position;
    // A pair may begin with a backslash, and then be an escape, too.
    if ((pairBits >> bit) & 1 && load<u8>(position) == BACKSLASH && isHiding(position)) return position;
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
    const position = firstOf(
      at,
      <u32>i8x16.bitmask(pairs) | (<u32>i8x16.bitmask(later) << 16),
      <u32>i8x16.bitmask(escapes) | (<u32>i8x16.bitmask(laterEscapes) << 16),
      end,
    );
    if (position < end) return position;
  }
  return end;
}
