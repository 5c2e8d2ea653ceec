/**
 * The line scanner, in AssemblyScript (compiled to WebAssembly by `npm run build:scanner`).
 *
 * It checks that a line is one complete JSON object, exactly as JSON.parse would, and notes on the way where the
 * members are that the fold needs. What it calls valid, JSON.parse accepts with the same members; whatever it is
 * unsure of it hands back (`REFUSED`) to be parsed. That makes skipping 200 KB of tool output safe.
 *
 * Memory: every line ends in a newline the caller guarantees, with 64 readable bytes behind it, so no read needs a
 * bounds check: a newline is never legal inside a JSON line.
 */

// Layout of the fixed part of memory; ../memory.ts holds the same numbers.
const OUT: usize = 0;
const PRESENT: usize = OUT + 0;
const ESCAPED: usize = OUT + 4;
const CHANGED: usize = OUT + 8;
const NEXT: usize = OUT + 12;
const TYPE: usize = OUT + 16;
const CONTENT_KIND: usize = OUT + 20;
const BLOCKS: usize = OUT + 24; // text, tool_use, tool_result, other
const USAGE_STATE: usize = OUT + 40;
const MESSAGE_PRESENT: usize = OUT + 44;
const MESSAGE_ESCAPED: usize = OUT + 48;
const MESSAGE_CHANGED: usize = OUT + 52;
const TIME: usize = OUT + 56; // f64
const USAGE: usize = OUT + 64; // 6 × i32
const SPANS: usize = OUT + 128; // 32 × (start, end)
const MESSAGE_SPANS: usize = OUT + 384; // 8 × (start, end)
const TOOL_SPANS: usize = OUT + 512; // 32 × (start, end)
const MAX_TOOLS: u32 = 32;

const TABLES: usize = 1024; // five tables of names, written by the caller
const TABLE_SIZE: usize = 2048;
const STICKY: usize = 12288; // 32 + 8 copies of the last value seen, 512 bytes each: u32 length, bytes
const STICKY_SIZE: usize = 512;

const ENTRY_KEYS: usize = TABLES;
const MESSAGE_KEYS: usize = TABLES + TABLE_SIZE;
const USAGE_KEYS: usize = TABLES + 2 * TABLE_SIZE;
const TYPES: usize = TABLES + 3 * TABLE_SIZE;
const BLOCK_TYPES: usize = TABLES + 4 * TABLE_SIZE;

const VALID: i32 = 1;
const REFUSED: i32 = 0;
const MAX_DEPTH: i32 = 200;

const TOOL_USE: i32 = 1; // number of the block type
const NAME: u32 = 0x656d616e; // "name"
const KEY_TYPE: i32 = 0;
const KEY_TIMESTAMP: i32 = 4;
const KEY_MESSAGE: i32 = 8;
const MESSAGE_USAGE: i32 = 2;
const MESSAGE_CONTENT: i32 = 3;
const USAGE_COUNTS: i32 = 4; // keys below this are counts, the next two objects that hold one
const USAGE_WORDS: i32 = 6; // these and the next are words
const USAGE_INNER: i32 = 8; // the names within the two objects
const USAGE_GEO: i32 = 10;
const USAGE_ITERATIONS: i32 = 11;
/** Longer counts may not be what they seem: no response has a billion tokens. */
const LONGEST_COUNT: usize = 9;

let unsure: bool = false;
/** Strings with escapes, so far in the line. */
let escapes: i32 = 0;
let depth: i32 = 0;

// @ts-ignore: decorator
@inline
function skipSpace(at: usize): usize {
  let c = load<u8>(at);
  while (c == 32 || c == 9 || c == 13) c = load<u8>(++at);
  return at;
}

// @ts-ignore: decorator
@inline
function isHex(c: u8): bool {
  return (c >= 48 && c <= 57) || ((c | 32) >= 97 && (c | 32) <= 102);
}

// @ts-ignore: decorator
@inline
function isUnicodeEscape(letter: usize): bool {
  if (load<u8>(letter) != 117) return false;
  return isHex(load<u8>(letter + 1)) && isHex(load<u8>(letter + 2)) && isHex(load<u8>(letter + 3)) && isHex(load<u8>(letter + 4));
}

/** Bytes that an unusual escape has behind its backslash: "b", "r" or "u" with four digits; 0 if it is not legal. */
function unusualEscape(letter: usize): usize {
  const c = load<u8>(letter);
  return c == 98 || c == 114 ? 1 : isUnicodeEscape(letter) ? 5 : 0;
}

// @ts-ignore: decorator
@inline
function areBackslashes(bytes: v128): v128 {
  return i8x16.eq(bytes, i8x16.splat(92));
}

/** Quotes, which end a string, and control characters, which spoil it. */
// @ts-ignore: decorator
@inline
function areEnds(bytes: v128): v128 {
  // With this bit turned over the quote comes right behind the control characters, which stay among themselves.
  return i8x16.le_u(v128.xor(bytes, i8x16.splat(2)), i8x16.splat(32));
}

/** Characters that a backslash usually escapes. */
// @ts-ignore: decorator
@inline
function areEscapable(bytes: v128): v128 {
  // Each at the index of its low four bits: (none), the quote, t, f, \, n, /. That of the quote would be the one of "b" and "r" too.
  const table = i8x16(1, 0, 34, 0, 116, 0, 102, 0, 0, 0, 0, 0, 92, 0, 110, 47);
  return i8x16.eq(i8x16.swizzle(table, v128.and(bytes, i8x16.splat(15))), bytes);
}

/** One bit a byte. */
// @ts-ignore: decorator
@inline
function bits(a: v128, b: v128, c: v128, d: v128): u64 {
  const low = <u32>i8x16.bitmask(a) | (<u32>i8x16.bitmask(b) << 16);
  const high = <u32>i8x16.bitmask(c) | (<u32>i8x16.bitmask(d) << 16);
  return <u64>low | (<u64>high << 32);
}

/** `at` is behind the opening quote; returns the address behind the closing one, 0 if the string is not legal. */
function skipString(at: usize): usize {
  const bytes = v128.load(at);
  const stops = i8x16.bitmask(v128.or(areEnds(bytes), areBackslashes(bytes)));
  const stop = at + ctz(stops);
  if (stops != 0 && load<u8>(stop) != 92) return load<u8>(stop) == 34 ? stop + 1 : 0;
  return skipLongString(stops == 0 ? at + 16 : at);
}

/** As skipString, 64 bytes at a time and without a branch for each escape: tool output is full of them. */
function skipLongString(at: usize): usize {
  let allBackslashes: u64 = 0;
  /** True if the last backslash before `at` escapes the byte there. */
  let escaping: u64 = 0;
  while (true) {
    const a = v128.load(at);
    const b = v128.load(at, 16);
    const c = v128.load(at, 32);
    const d = v128.load(at, 48);
    const backslashes = bits(areBackslashes(a), areBackslashes(b), areBackslashes(c), areBackslashes(d));
    // In a run of backslashes every other one escapes the next: taking its first one from the odd places above carries
    // through the run and returns the kind of byte it ends on.
    const firsts = backslashes & ~escaping;
    const pairs = (((firsts << 1) | ODD_PLACES) - firsts) ^ ODD_PLACES;
    const escaped = pairs ^ (backslashes | escaping);
    const ends = bits(areEnds(a), areEnds(b), areEnds(c), areEnds(d)) & ~escaped;
    const stops = ends | (escaped & ~bits(areEscapable(a), areEscapable(b), areEscapable(c), areEscapable(d)));
    if (stops == 0) {
      allBackslashes |= backslashes;
      escaping = (pairs & backslashes) >> 63;
      at += 64;
      continue;
    }
    const place = ctz(stops);
    const stop = at + <usize>place;
    if ((escaped >> place) & 1) {
      const length = unusualEscape(stop);
      if (length == 0) return 0;
      allBackslashes = 1;
      escaping = 0;
      at = stop + length;
      continue;
    }
    if ((allBackslashes | (backslashes & (stops ^ (stops - 1)))) != 0) escapes++;
    return load<u8>(stop) == 34 ? stop + 1 : 0;
  }
}
const ODD_PLACES: u64 = 0xaaaaaaaaaaaaaaaa;

// @ts-ignore: decorator
@inline
function isDigit(c: u8): bool {
  return c >= 48 && c <= 57;
}

function skipNumber(at: usize): usize {
  if (load<u8>(at) == 45) at++;
  if (load<u8>(at) == 48) at++;
  else {
    if (!isDigit(load<u8>(at))) return 0;
    while (isDigit(load<u8>(at))) at++;
  }
  if (load<u8>(at) == 46) {
    if (!isDigit(load<u8>(++at))) return 0;
    while (isDigit(load<u8>(at))) at++;
  }
  if ((load<u8>(at) | 32) == 101) {
    at++;
    if (load<u8>(at) == 43 || load<u8>(at) == 45) at++;
    if (!isDigit(load<u8>(at))) return 0;
    while (isDigit(load<u8>(at))) at++;
  }
  return at;
}

/** Returns the address behind the value that starts at `at` (no space before it), 0 if it is not legal. */
function skipValue(at: usize): usize {
  const c = load<u8>(at);
  switch (c) {
    case 34: return skipString(at + 1);
    case 123: return skipContainer(at + 1, 125);
    case 91: return skipContainer(at + 1, 93);
    case 116: return load<u32>(at) == 0x65757274 ? at + 4 : 0; // true
    case 110: return load<u32>(at) == 0x6c6c756e ? at + 4 : 0; // null
    case 102: return load<u32>(at + 1) == 0x65736c61 ? at + 5 : 0; // false
    default: return skipNumber(at);
  }
}

function skipContainer(at: usize, close: u8): usize {
  if (++depth > MAX_DEPTH) {
    unsure = true;
    return 0;
  }
  at = skipSpace(at);
  if (load<u8>(at) == close) {
    depth--;
    return at + 1;
  }
  while (true) {
    if (close == 125) {
      if (load<u8>(at) != 34) return 0;
      at = skipColon(skipString(at + 1));
      if (at == 0) return 0;
    }
    at = skipValue(at);
    if (at == 0) return 0;
    at = skipSpace(at);
    const c = load<u8>(at++);
    if (c == close) {
      depth--;
      return at;
    }
    if (c != 44) return 0;
    at = skipSpace(at);
  }
}

// @ts-ignore: decorator
@inline
function skipColon(at: usize): usize {
  if (at == 0) return 0;
  at = skipSpace(at);
  return load<u8>(at) == 58 ? skipSpace(at + 1) : 0;
}

/** Compares eight bytes at a time; what is read behind the texts does not matter. */
// @ts-ignore: decorator
@inline
function isSame(a: usize, b: usize, length: usize): bool {
  for (; length >= 8; length -= 8) {
    if (load<u64>(a) != load<u64>(b)) return false;
    a += 8;
    b += 8;
  }
  return length == 0 || (load<u64>(a) ^ load<u64>(b)) << (64 - (<u64>length << 3)) == 0;
}

/**
 * Number of the name in a table, -1 if it is none of them. A table is 32 bytes of bucket offsets by length (0 = none),
 * then buckets: u8 count, then per name u8 number and its bytes.
 */
function lookUp(table: usize, start: usize, length: usize): i32 {
  if (length == 0 || length > 31) return -1;
  const bucket = <usize>load<u16>(table + (length << 1));
  if (bucket == 0) return -1;
  let at = table + bucket;
  let count = <i32>load<u8>(at++);
  while (count-- > 0) {
    const number = <i32>load<u8>(at++);
    if (isSame(at, start, length)) return number;
    at += length;
  }
  return -1;
}

/** Like lookUp, for the key with this text between its quotes; a key written with escapes makes the line unsure. */
function lookUpKey(table: usize, start: usize, end: usize, escapesBefore: i32): i32 {
  if (escapes != escapesBefore) {
    unsure = true;
    return -1;
  }
  return lookUp(table, start, end - start);
}

// @ts-ignore: decorator
@inline
function note(present: usize, escaped: usize, spans: usize, key: i32, start: usize, end: usize, hasEscapes: bool): void {
  const bit: u32 = 1 << key;
  // JSON.parse takes the last of two equal keys; let it.
  if (load<u32>(present) & bit) unsure = true;
  store<u32>(present, load<u32>(present) | bit);
  if (hasEscapes) store<u32>(escaped, load<u32>(escaped) | bit);
  store<u32>(spans + (<usize>key << 3), <u32>start);
  store<u32>(spans + (<usize>key << 3) + 4, <u32>end);
}

/** A string value's number in a table; -1 if the value is not a string, or not one of the names. */
function lookUpValue(table: usize, start: usize, end: usize): i32 {
  return load<u8>(start) == 34 ? lookUp(table, start + 1, end - start - 2) : -1;
}

/** One block of `message.content`: counts it by its `type`. */
function scanBlock(at: usize): usize {
  at = skipSpace(at + 1);
  let kind: i32 = 3;
  let typed = false;
  let nameStart: usize = 0;
  let nameEnd: usize = 0;
  if (load<u8>(at) == 125) at++;
  else
    while (true) {
      if (load<u8>(at) != 34) return 0;
      const before = escapes;
      const keyEnd = skipString(at + 1);
      if (keyEnd == 0) return 0;
      const key = lookUpKey(ENTRY_KEYS, at + 1, keyEnd - 1, before);
      const isName = keyEnd - at == 6 && load<u32>(at + 1) == NAME;
      at = skipColon(keyEnd);
      if (at == 0) return 0;
      const start = at;
      const beforeValue = escapes;
      at = skipValue(at);
      if (at == 0) return 0;
      if (isName) {
        if (nameStart != 0 || escapes != beforeValue) unsure = true;
        nameStart = start;
        nameEnd = at;
      }
      if (key == KEY_TYPE) {
        if (typed || escapes != beforeValue) unsure = true;
        typed = true;
        kind = lookUpValue(BLOCK_TYPES, start, at);
        if (kind < 0) kind = 3;
      }
      at = skipSpace(at);
      const c = load<u8>(at++);
      if (c == 125) break;
      if (c != 44) return 0;
      at = skipSpace(at);
    }
  const slot = BLOCKS + (<usize>kind << 2);
  const count = load<u32>(slot);
  store<u32>(slot, count + 1);
  if (kind == TOOL_USE && count < MAX_TOOLS) {
    const span = TOOL_SPANS + (<usize>count << 3);
    store<u32>(span, <u32>nameStart);
    store<u32>(span + 4, <u32>nameEnd);
  }
  return at;
}

function scanContent(at: usize): usize {
  const c = load<u8>(at);
  if (c == 34) {
    store<u32>(CONTENT_KIND, 1);
    return skipString(at + 1);
  }
  if (c != 91) {
    store<u32>(CONTENT_KIND, 3);
    return skipValue(at);
  }
  store<u32>(CONTENT_KIND, 2);
  at = skipSpace(at + 1);
  if (load<u8>(at) == 93) return at + 1;
  while (true) {
    at = load<u8>(at) == 123 ? scanBlock(at) : skipValue(at);
    if (at == 0) return 0;
    at = skipSpace(at);
    const next = load<u8>(at++);
    if (next == 93) return at;
    if (next != 44) return 0;
    at = skipSpace(at);
  }
}

/** Notes a plain whole number; anything else about a count is left to the caller's parser. */
function noteCount(slot: i32, start: usize, end: usize): void {
  let value: i32 = 0;
  let digit = start;
  while (digit < end && isDigit(load<u8>(digit))) value = value * 10 + <i32>(load<u8>(digit++) - 48);
  if (digit != end || end - start > LONGEST_COUNT) store<u32>(USAGE_STATE, 2);
  store<i32>(USAGE + (<usize>slot << 2), value);
}

/** True for `null` and `"standard"`. */
function isUsualWord(start: usize, end: usize): bool {
  if (end - start == 4) return load<u32>(start) == 0x6c6c756e;
  return end - start == 10 && load<u64>(start) == 0x7261646e61747322 && load<u16>(start + 8) == 0x2264;
}

/** True if a text may name an advisor: no other word of a response's parts has "dv" in it. */
function mayNameAdvisor(start: usize, end: usize): bool {
  for (let at = start; at < end; at += 16) {
    const isD = i8x16.eq(v128.load(at), i8x16.splat(100));
    const isV = i8x16.eq(v128.load(at, 1), i8x16.splat(118));
    if (i8x16.bitmask(v128.and(isD, isV)) != 0) return true;
  }
  return false;
}

/** True for the one place of inference that has a price of its own, `"us"`. */
function isPricedPlace(start: usize, end: usize): bool {
  return end - start == 4 && load<u32>(start) == 0x22737522;
}

/** An object within `message.usage`, of which the one count that has the name `inner` goes to `slot`. */
function scanInner(at: usize, inner: i32, slot: i32): usize {
  at = skipSpace(at + 1);
  if (load<u8>(at) == 125) return at + 1;
  let seen = false;
  while (true) {
    if (load<u8>(at) != 34) return 0;
    const before = escapes;
    const keyEnd = skipString(at + 1);
    if (keyEnd == 0) return 0;
    const key = lookUpKey(USAGE_KEYS, at + 1, keyEnd - 1, before);
    at = skipColon(keyEnd);
    if (at == 0) return 0;
    const start = at;
    at = skipValue(at);
    if (at == 0) return 0;
    if (key == inner) {
      if (seen) unsure = true;
      seen = true;
      noteCount(slot, start, at);
    }
    at = skipSpace(at);
    const c = load<u8>(at++);
    if (c == 125) return at;
    if (c != 44) return 0;
    at = skipSpace(at);
  }
}

/** `message.usage`: what is as usual goes to USAGE; anything else about it is left to the caller's parser. */
function scanUsage(at: usize): usize {
  store<u32>(USAGE_STATE, 1);
  at = skipSpace(at + 1);
  if (load<u8>(at) == 125) return at + 1;
  let seen: u32 = 0;
  while (true) {
    if (load<u8>(at) != 34) return 0;
    const before = escapes;
    const keyEnd = skipString(at + 1);
    if (keyEnd == 0) return 0;
    const key = lookUpKey(USAGE_KEYS, at + 1, keyEnd - 1, before);
    at = skipColon(keyEnd);
    if (at == 0) return 0;
    const start = at;
    const beforeValue = escapes;
    const isOuter = key >= USAGE_COUNTS && key < USAGE_WORDS && load<u8>(at) == 123;
    at = isOuter ? scanInner(at, key - USAGE_COUNTS + USAGE_INNER, key) : skipValue(at);
    if (at == 0) return 0;
    if (key >= 0) {
      if (seen & (1 << key)) unsure = true;
      seen |= 1 << key;
      if (key < USAGE_COUNTS) noteCount(key, start, at);
      else if (key >= USAGE_WORDS && key < USAGE_INNER && !isUsualWord(start, at)) store<u32>(USAGE_STATE, 2);
      else if (key == USAGE_GEO && (escapes != beforeValue || isPricedPlace(start, at))) store<u32>(USAGE_STATE, 2);
      else if (key == USAGE_ITERATIONS && (escapes != beforeValue || mayNameAdvisor(start, at))) store<u32>(USAGE_STATE, 2);
    }
    at = skipSpace(at);
    const c = load<u8>(at++);
    if (c == 125) return at;
    if (c != 44) return 0;
    at = skipSpace(at);
  }
}

function scanMessage(at: usize): usize {
  at = skipSpace(at + 1);
  if (load<u8>(at) == 125) return at + 1;
  while (true) {
    if (load<u8>(at) != 34) return 0;
    let before = escapes;
    const keyEnd = skipString(at + 1);
    if (keyEnd == 0) return 0;
    const key = lookUpKey(MESSAGE_KEYS, at + 1, keyEnd - 1, before);
    at = skipColon(keyEnd);
    if (at == 0) return 0;
    const start = at;
    before = escapes;
    if (key == MESSAGE_CONTENT) at = scanContent(at);
    else if (key == MESSAGE_USAGE && load<u8>(at) == 123) at = scanUsage(at);
    else at = skipValue(at);
    if (at == 0) return 0;
    if (key >= 0) note(MESSAGE_PRESENT, MESSAGE_ESCAPED, MESSAGE_SPANS, key, start, at, escapes != before);
    at = skipSpace(at);
    const c = load<u8>(at++);
    if (c == 125) return at;
    if (c != 44) return 0;
    at = skipSpace(at);
  }
}

// @ts-ignore: decorator
@inline
function twoDigits(at: usize): i32 {
  const high = load<u8>(at) - 48;
  const low = load<u8>(at + 1) - 48;
  return high <= 9 && low <= 9 ? <i32>high * 10 + <i32>low : -1;
}

/**
 * Milliseconds of a time in the one form Claude Code writes ("2026-11-23T06:44:51.208Z", quotes included), NaN for
 * any other: the caller reads those. Days past the 28th of February are left to it as well where they may not exist.
 */
function readTime(start: usize, end: usize): f64 {
  if (end - start != 26 || load<u8>(start) != 34 || load<u8>(start + 24) != 90) return NaN;
  const at = start + 1;
  if (load<u8>(at + 4) != 45 || load<u8>(at + 7) != 45 || load<u8>(at + 10) != 84) return NaN;
  if (load<u8>(at + 13) != 58 || load<u8>(at + 16) != 58 || load<u8>(at + 19) != 46) return NaN;
  const century = twoDigits(at);
  const decade = twoDigits(at + 2);
  const month = twoDigits(at + 5);
  const day = twoDigits(at + 8);
  const hour = twoDigits(at + 11);
  const minute = twoDigits(at + 14);
  const second = twoDigits(at + 17);
  const centis = twoDigits(at + 20);
  const milli = load<u8>(at + 22) - 48;
  if ((century | decade | month | day | hour | minute | second | centis) < 0 || milli > 9) return NaN;
  if (century < 19 || month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) return NaN;
  if (day > 30 || (month == 2 && day > 28)) {
    const long = month == 1 || month == 3 || month == 5 || month == 7 || month == 8 || month == 10 || month == 12;
    if (!long || day > 31) return NaN;
  }
  // Days since 1970-01-01, counting years from March so that the leap day comes last.
  const year = century * 100 + decade - (month <= 2 ? 1 : 0);
  const era = year / 400;
  const yearOfEra = year - era * 400;
  const dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const days = era * 146097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719468;
  return <f64>days * 86400000 + <f64>(hour * 3600 + minute * 60 + second) * 1000 + <f64>(centis * 10 + <i32>milli);
}

/** Sets the bit of every present string value that differs from the last one seen under the same key. */
function compareSticky(mask: u32, spans: usize, copies: usize): u32 {
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

function scanEntry(at: usize): usize {
  if (load<u8>(at) != 123) return 0;
  at = skipSpace(at + 1);
  if (load<u8>(at) == 125) return at + 1;
  while (true) {
    if (load<u8>(at) != 34) return 0;
    let before = escapes;
    const keyEnd = skipString(at + 1);
    if (keyEnd == 0) return 0;
    const key = lookUpKey(ENTRY_KEYS, at + 1, keyEnd - 1, before);
    at = skipColon(keyEnd);
    if (at == 0) return 0;
    const start = at;
    before = escapes;
    at = key == KEY_MESSAGE && load<u8>(at) == 123 ? scanMessage(at) : skipValue(at);
    if (at == 0) return 0;
    if (key >= 0) note(PRESENT, ESCAPED, SPANS, key, start, at, escapes != before);
    if (key == KEY_TYPE) store<i32>(TYPE, lookUpValue(TYPES, start, at));
    else if (key == KEY_TIMESTAMP) store<f64>(TIME, readTime(start, at));
    at = skipSpace(at);
    const c = load<u8>(at++);
    if (c == 125) return at;
    if (c != 44) return 0;
    at = skipSpace(at);
  }
}

function findNewline(at: usize): usize {
  const newline = i8x16.splat(10);
  while (true) {
    const found = i8x16.bitmask(i8x16.eq(v128.load(at), newline));
    if (found != 0) return at + ctz(found);
    at += 16;
  }
}

/**
 * Scans the line at `start`. Results are in the fixed part of memory; NEXT is the address behind its newline.
 * `sticky` and `messageSticky` name the keys whose values are compared with the last ones seen.
 */
export function scanLine(start: usize, sticky: u32, messageSticky: u32): i32 {
  for (let at = OUT; at < SPANS; at += 16) v128.store(at, i64x2.splat(0));
  store<i32>(TYPE, -1);
  store<f64>(TIME, NaN);
  unsure = false;
  escapes = 0;
  depth = 0;
  let at = scanEntry(skipSpace(start));
  if (at != 0) at = skipSpace(at);
  if (at == 0 || load<u8>(at) != 10) {
    store<u32>(NEXT, <u32>(findNewline(at == 0 ? start : at) + 1));
    return REFUSED;
  }
  store<u32>(NEXT, <u32>at + 1);
  if (unsure) return REFUSED;
  store<u32>(CHANGED, compareSticky(load<u32>(PRESENT) & sticky, SPANS, STICKY));
  store<u32>(MESSAGE_CHANGED, compareSticky(load<u32>(MESSAGE_PRESENT) & messageSticky, MESSAGE_SPANS, STICKY + 32 * STICKY_SIZE));
  return VALID;
}

/** Forgets the last values seen, so that the next line's count as changed. */
export function forget(): void {
  memory.fill(STICKY, 0, 40 * STICKY_SIZE);
}
