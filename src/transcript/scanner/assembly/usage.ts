/** Scans `message.usage`: stores its counts, and whether all of it has the usual form; if not, the caller parses it. */
import { LOWER_D, LOWER_V, OPEN_BRACE, WORD_D, WORD_NULL, WORD_STANDAR, WORD_US, ZERO } from './characters';
import { USAGE, USAGE_KEYS, USAGE_STATE } from './layout';
import { enterMember, isClosed, leaveMember, memberKey, openObject } from './members';
import { refuseLine, escapesSoFar } from './state';
import { isDigit, skipValue } from './values';

/** Values of USAGE_STATE. */
const USUAL: u32 = 1;
const UNUSUAL: u32 = 2;

/**
 * Numbers of keys: four counts, two objects with one count each, two words, the names of the inner counts, the region
 * of inference and the list of parts.
 */
const FIRST_OBJECT: i32 = 4;
const FIRST_WORD: i32 = 6;
const FIRST_INNER: i32 = 8;
const GEO: i32 = 10;
const ITERATIONS: i32 = 11;
/** Maximum number of digits of a count: no response has a billion tokens. */
const MAX_COUNT_DIGITS: usize = 9;

export function scanUsage(at: usize): usize {
  store<u32>(USAGE_STATE, USUAL);
  let seen: u32 = 0;
  at = openObject(at);
  while (at != 0 && !isClosed()) {
    at = enterMember(at, USAGE_KEYS);
    if (at == 0) return 0;
    const key = memberKey();
    const start = at;
    const escapesBefore = escapesSoFar();
    const isObject = key >= FIRST_OBJECT && key < FIRST_WORD && load<u8>(at) == OPEN_BRACE;
    at = isObject ? scanInner(at, key - FIRST_OBJECT + FIRST_INNER, key) : skipValue(at);
    if (at == 0) return 0;
    if (key >= 0) {
      if (seen & (1 << key)) refuseLine();
      seen |= 1 << key;
      if (key < FIRST_OBJECT) noteCount(key, start, at);
      else if (!isUsualMember(key, start, at, escapesSoFar() != escapesBefore)) store<u32>(USAGE_STATE, UNUSUAL);
    }
    at = leaveMember(at);
  }
  return at;
}

/** True if a member other than a count does not change the price. */
function isUsualMember(key: i32, start: usize, end: usize, hasEscapes: bool): bool {
  if (key >= FIRST_WORD && key < FIRST_INNER) return isUsualWord(start, end);
  if (key == GEO) return !hasEscapes && !isPricedRegion(start, end);
  return key != ITERATIONS || (!hasEscapes && !mayNameAdvisor(start, end));
}

/** Scans an object within `message.usage`, and stores its count with the name `inner` in `slot`. */
function scanInner(at: usize, inner: i32, slot: i32): usize {
  let isSeen = false;
  at = openObject(at);
  while (at != 0 && !isClosed()) {
    at = enterMember(at, USAGE_KEYS);
    if (at == 0) return 0;
    const isWanted = memberKey() == inner;
    const start = at;
    at = skipValue(at);
    if (at == 0) return 0;
    if (isWanted) {
      if (isSeen) refuseLine();
      isSeen = true;
      noteCount(slot, start, at);
    }
    at = leaveMember(at);
  }
  return at;
}

/** Stores a plain whole number. Any other count makes the usage unusual, so that the caller parses it. */
function noteCount(slot: i32, start: usize, end: usize): void {
  let value: i32 = 0;
  let digit = start;
  while (digit < end && isDigit(load<u8>(digit))) value = value * 10 + <i32>(load<u8>(digit++) - ZERO);
  if (digit != end || end - start > MAX_COUNT_DIGITS) store<u32>(USAGE_STATE, UNUSUAL);
  store<i32>(USAGE + (<usize>slot << 2), value);
}

/** True for `null` and `"standard"`. */
function isUsualWord(start: usize, end: usize): bool {
  if (end - start == 4) return load<u32>(start) == WORD_NULL;
  return end - start == 10 && load<u64>(start) == WORD_STANDAR && load<u16>(start + 8) == WORD_D;
}

/** True if a text may name an advisor: "dv" occurs in no other word of a response's parts. */
function mayNameAdvisor(start: usize, end: usize): bool {
  for (let at = start; at < end; at += 16) {
    const isD = i8x16.eq(v128.load(at), i8x16.splat(LOWER_D));
    const isV = i8x16.eq(v128.load(at, 1), i8x16.splat(LOWER_V));
    if (i8x16.bitmask(v128.and(isD, isV)) != 0) return true;
  }
  return false;
}

/** True for `"us"`, the only region of inference with its own price. */
function isPricedRegion(start: usize, end: usize): bool {
  return end - start == 4 && load<u32>(start) == WORD_US;
}
