/** The members of an object: the one loop that entries, messages, blocks and usage share. */
import { CLOSE_BRACE, COMMA, QUOTE } from './characters';
import { lookUp } from './names';
import { refuseLine, escapesSoFar } from './state';
import { skipString } from './strings';
import { skipColon, skipSpace } from './values';

/** Number of the current member's key; -1 if the table does not have it. */
let key: i32 = -1;
/** Address of the key's opening quote, and the address after its closing quote. */
let keyStart: usize = 0;
let keyEnd: usize = 0;
let closed: bool = false;

// @ts-ignore: decorator
@inline
export function memberKey(): i32 {
  return key;
}

/** True if the key entered last is this word of four letters. */
// @ts-ignore: decorator
@inline
export function isMemberNamed(word: u32): bool {
  return keyEnd - keyStart == 6 && load<u32>(keyStart + 1) == word;
}

/** True if the address that openObject or leaveMember returned is after the object's end. */
// @ts-ignore: decorator
@inline
export function isClosed(): bool {
  return closed;
}

/** `at` is the opening brace. Returns the first member's address, or the one after the closing brace. */
// @ts-ignore: decorator
@inline
export function openObject(at: usize): usize {
  at = skipSpace(at + 1);
  closed = load<u8>(at) == CLOSE_BRACE;
  return closed ? at + 1 : at;
}

/** Returns the address of the value of the member at `at`, 0 if its key is not legal; notes the key's number. */
// @ts-ignore: decorator
@inline
export function enterMember(at: usize, table: usize): usize {
  if (load<u8>(at) != QUOTE) return 0;
  const before = escapesSoFar();
  const end = skipString(at + 1);
  if (end == 0) return 0;
  keyStart = at;
  keyEnd = end;
  if (escapesSoFar() == before) key = lookUp(table, at + 1, end - 1 - (at + 1));
  else {
    // A key written with escapes may be any of the keys.
    refuseLine();
    key = -1;
  }
  return skipColon(end);
}

/**
 * `at` is the address after a member's value, 0 if the value was not legal. Returns the next member's address, or the
 * one after the object's end.
 */
// @ts-ignore: decorator
@inline
export function leaveMember(at: usize): usize {
  if (at == 0) return 0;
  at = skipSpace(at);
  const c = load<u8>(at);
  closed = c == CLOSE_BRACE;
  if (closed) return at + 1;
  return c == COMMA ? skipSpace(at + 1) : 0;
}
