/** `message`, and the blocks of its content. */
import { CLOSE_BRACKET, COMMA, OPEN_BRACE, OPEN_BRACKET, WORD_NAME } from './characters';
import {
  BLOCK_TYPES,
  BLOCKS,
  ENTRY_KEYS,
  MAX_TOOLS,
  MESSAGE_ESCAPED,
  MESSAGE_KEYS,
  MESSAGE_PRESENT,
  MESSAGE_SPANS,
  TOOL_SPANS,
} from './layout';
import { enterMember, isClosed, isMemberNamed, leaveMember, memberKey, openObject } from './members';
import { lookUpValue } from './names';
import { note } from './notes';
import { refuseLine, escapesSoFar } from './state';
import { scanUsage } from './usage';
import { skipSpace, skipValue } from './values';

/** Numbers of keys. */
const KEY_TYPE: i32 = 0;
const MESSAGE_USAGE: i32 = 2;
const MESSAGE_CONTENT: i32 = 3;
/** Numbers of block types. */
const TOOL_USE: i32 = 1;
const OTHER_BLOCK: i32 = 3;

export function scanMessage(at: usize): usize {
  at = openObject(at);
  while (at != 0 && !isClosed()) {
    at = enterMember(at, MESSAGE_KEYS);
    if (at == 0) return 0;
    const key = memberKey();
    const start = at;
    const escapesBefore = escapesSoFar();
    if (key == MESSAGE_CONTENT && load<u8>(at) == OPEN_BRACKET) at = scanBlocks(at);
    else if (key == MESSAGE_USAGE && load<u8>(at) == OPEN_BRACE) at = scanUsage(at);
    else at = skipValue(at);
    if (at == 0) return 0;
    if (key >= 0) {
      const hasEscapes = escapesSoFar() != escapesBefore;
      note(MESSAGE_PRESENT, MESSAGE_ESCAPED, MESSAGE_SPANS, key, start, at, hasEscapes);
    }
    at = leaveMember(at);
  }
  return at;
}

function scanBlocks(at: usize): usize {
  at = skipSpace(at + 1);
  if (load<u8>(at) == CLOSE_BRACKET) return at + 1;
  while (true) {
    at = load<u8>(at) == OPEN_BRACE ? scanBlock(at) : skipValue(at);
    if (at == 0) return 0;
    at = skipSpace(at);
    const next = load<u8>(at++);
    if (next == CLOSE_BRACKET) return at;
    if (next != COMMA) return 0;
    at = skipSpace(at);
  }
}

/** Scans one block of `message.content` and counts it by its `type`. */
function scanBlock(at: usize): usize {
  let kind: i32 = OTHER_BLOCK;
  let isTyped = false;
  let nameStart: usize = 0;
  let nameEnd: usize = 0;
  at = openObject(at);
  while (at != 0 && !isClosed()) {
    at = enterMember(at, ENTRY_KEYS);
    if (at == 0) return 0;
    const isType = memberKey() == KEY_TYPE;
    const isName = isMemberNamed(WORD_NAME);
    const start = at;
    const escapesBefore = escapesSoFar();
    at = skipValue(at);
    if (at == 0) return 0;
    if (isName) {
      if (nameStart != 0 || escapesSoFar() != escapesBefore) refuseLine();
      nameStart = start;
      nameEnd = at;
    }
    if (isType) {
      if (isTyped || escapesSoFar() != escapesBefore) refuseLine();
      isTyped = true;
      kind = lookUpValue(BLOCK_TYPES, start, at);
      if (kind < 0) kind = OTHER_BLOCK;
    }
    at = leaveMember(at);
  }
  if (at == 0) return 0;
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
