/** Values of any kind, checked exactly as JSON.parse does and skipped. */
import {
  CASE_BIT,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  LOWER_E,
  LOWER_F,
  LOWER_N,
  LOWER_T,
  MINUS,
  NINE,
  OPEN_BRACE,
  OPEN_BRACKET,
  PLUS,
  POINT,
  QUOTE,
  RETURN,
  SPACE,
  TAB,
  WORD_ALSE,
  WORD_NULL,
  WORD_TRUE,
  ZERO,
} from './characters';
import { enter, leave } from './state';
import { skipString } from './strings';

// @ts-ignore: decorator
@inline
export function skipSpace(at: usize): usize {
  let c = load<u8>(at);
  while (c == SPACE || c == TAB || c == RETURN) c = load<u8>(++at);
  return at;
}

// @ts-ignore: decorator
@inline
export function isDigit(c: u8): bool {
  return c >= ZERO && c <= NINE;
}

function skipNumber(at: usize): usize {
  if (load<u8>(at) == MINUS) at++;
  if (load<u8>(at) == ZERO) at++;
  else {
    if (!isDigit(load<u8>(at))) return 0;
    while (isDigit(load<u8>(at))) at++;
  }
  if (load<u8>(at) == POINT) {
    if (!isDigit(load<u8>(++at))) return 0;
    while (isDigit(load<u8>(at))) at++;
  }
  if ((load<u8>(at) | CASE_BIT) == LOWER_E) {
    at++;
    if (load<u8>(at) == PLUS || load<u8>(at) == MINUS) at++;
    if (!isDigit(load<u8>(at))) return 0;
    while (isDigit(load<u8>(at))) at++;
  }
  return at;
}

/** Returns the address after the value that starts at `at`, without space before it; 0 if it is not valid. */
export function skipValue(at: usize): usize {
  const c = load<u8>(at);
  switch (c) {
    case QUOTE: return skipString(at + 1);
    case OPEN_BRACE: return skipContainer(at + 1, CLOSE_BRACE);
    case OPEN_BRACKET: return skipContainer(at + 1, CLOSE_BRACKET);
    case LOWER_T: return load<u32>(at) == WORD_TRUE ? at + 4 : 0;
    case LOWER_N: return load<u32>(at) == WORD_NULL ? at + 4 : 0;
    case LOWER_F: return load<u32>(at + 1) == WORD_ALSE ? at + 5 : 0;
    default: return skipNumber(at);
  }
}

function skipContainer(at: usize, close: u8): usize {
  if (!enter()) return 0;
  at = skipSpace(at);
  if (load<u8>(at) == close) {
    leave();
    return at + 1;
  }
  while (true) {
    if (close == CLOSE_BRACE) {
      if (load<u8>(at) != QUOTE) return 0;
      at = skipColon(skipString(at + 1));
      if (at == 0) return 0;
    }
    at = skipValue(at);
    if (at == 0) return 0;
    at = skipSpace(at);
    const c = load<u8>(at++);
    if (c == close) {
      leave();
      return at;
    }
    if (c != COMMA) return 0;
    at = skipSpace(at);
  }
}

// @ts-ignore: decorator
@inline
export function skipColon(at: usize): usize {
  if (at == 0) return 0;
  at = skipSpace(at);
  return load<u8>(at) == COLON ? skipSpace(at + 1) : 0;
}
