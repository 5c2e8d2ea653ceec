/** Escapes (`\u0041`) in JSON, which hide a character from a search in raw bytes. */

export const BACKSLASH: u8 = 92;
/** `u000`; `u001` differs only in the lowest bit of its last byte, which the comparison ignores. */
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
export function isHiding(at: usize): bool {
  // A control character (colours: `\\u001b[`) hides nothing, whether or not its backslash is escaped.
  if ((load<u32>(at + 1) & 0xfeffffff) == CONTROL_ESCAPE && hex(load<u8>(at + 5)) >= 0) return false;
  let backslashes = 0;
  for (let before = at - 1; backslashes < 200 && load<u8>(before) == BACKSLASH; before--) backslashes++;
  if ((backslashes & 1) == 1) return false;
  const high = (hex(load<u8>(at + 2)) << 4) | hex(load<u8>(at + 3));
  const low = (hex(load<u8>(at + 4)) << 4) | hex(load<u8>(at + 5));
  return high > 0 || low >= 32 || (high | low) < 0;
}
