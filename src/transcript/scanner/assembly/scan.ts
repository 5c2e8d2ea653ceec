/**
 * The line scanner, in AssemblyScript (compiled to WebAssembly by `npm run build:scanner`; docs/scanner.md).
 *
 * It checks that a line is one complete JSON object, exactly as JSON.parse would, and notes the positions of the
 * members that the fold needs. JSON.parse accepts every line it calls valid, with the same members; any other line is
 * refused (`REFUSED`), so that the caller parses it. That makes skipping 200 KB of tool output safe.
 *
 * Memory: the caller guarantees a newline after every line and 64 readable bytes after that. A newline is never legal
 * inside a JSON line, so no read needs a bounds check.
 */
import { NEWLINE, OPEN_BRACE } from './characters';
import {
  CHANGED,
  ENTRY_KEYS,
  ESCAPED,
  MESSAGE_CHANGED,
  MESSAGE_PRESENT,
  MESSAGE_SPANS,
  MESSAGE_STICKY,
  NEXT,
  PRESENT,
  SPANS,
  STICKY,
  STICKY_END,
  TIME,
  TYPE,
  TYPES,
} from './layout';
import { enterMember, isClosed, leaveMember, memberKey, openObject } from './members';
import { scanMessage } from './message';
import { lookUpValue } from './names';
import { compareSticky, note } from './notes';
import { escapesSoFar, isRefused, startLine } from './state';
import { readTime } from './time';
import { skipSpace, skipValue } from './values';

const VALID: i32 = 1;
const REFUSED: i32 = 0;

/** Numbers of keys. */
const KEY_TYPE: i32 = 0;
const KEY_TIMESTAMP: i32 = 4;
const KEY_MESSAGE: i32 = 8;

function scanEntry(at: usize): usize {
  if (load<u8>(at) != OPEN_BRACE) return 0;
  at = openObject(at);
  while (at != 0 && !isClosed()) {
    at = enterMember(at, ENTRY_KEYS);
    if (at == 0) return 0;
    const key = memberKey();
    const start = at;
    const escapesBefore = escapesSoFar();
    at = key == KEY_MESSAGE && load<u8>(at) == OPEN_BRACE ? scanMessage(at) : skipValue(at);
    if (at == 0) return 0;
    if (key >= 0) note(PRESENT, ESCAPED, SPANS, key, start, at, escapesSoFar() != escapesBefore);
    if (key == KEY_TYPE) store<i32>(TYPE, lookUpValue(TYPES, start, at));
    else if (key == KEY_TIMESTAMP) store<f64>(TIME, readTime(start, at));
    at = leaveMember(at);
  }
  return at;
}

function findNewline(at: usize): usize {
  const newline = i8x16.splat(NEWLINE);
  while (true) {
    const found = i8x16.bitmask(i8x16.eq(v128.load(at), newline));
    if (found != 0) return at + ctz(found);
    at += 16;
  }
}

/**
 * Scans the line at `start`. Results are in the fixed part of memory; NEXT is the address after the line's newline.
 * `sticky` and `messageSticky` are the keys whose values are compared with their last ones.
 */
export function scanLine(start: usize, sticky: u32, messageSticky: u32): i32 {
  for (let at: usize = 0; at < SPANS; at += 16) v128.store(at, i64x2.splat(0));
  store<i32>(TYPE, -1);
  store<f64>(TIME, NaN);
  startLine();
  let at = scanEntry(skipSpace(start));
  if (at != 0) at = skipSpace(at);
  if (at == 0 || load<u8>(at) != NEWLINE) {
    store<u32>(NEXT, <u32>(findNewline(at == 0 ? start : at) + 1));
    return REFUSED;
  }
  store<u32>(NEXT, <u32>at + 1);
  if (isRefused()) return REFUSED;
  store<u32>(CHANGED, compareSticky(load<u32>(PRESENT) & sticky, SPANS, STICKY));
  store<u32>(MESSAGE_CHANGED, compareSticky(load<u32>(MESSAGE_PRESENT) & messageSticky, MESSAGE_SPANS, MESSAGE_STICKY));
  return VALID;
}

/** Forgets the last values, so that those of the next line count as changed. */
export function forget(): void {
  memory.fill(STICKY, 0, STICKY_END - STICKY);
}
