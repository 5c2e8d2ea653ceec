/** Tables of names that the caller wrote (`nameTable` in ../memory.ts). */
import { QUOTE } from './characters';

/** Compares eight bytes at a time. Bytes after the texts are read but do not matter. */
// @ts-ignore: decorator
@inline
export function isSame(a: usize, b: usize, length: usize): bool {
  for (; length >= 8; length -= 8) {
    if (load<u64>(a) != load<u64>(b)) return false;
    a += 8;
    b += 8;
  }
  return length == 0 || (load<u64>(a) ^ load<u64>(b)) << (64 - (<u64>length << 3)) == 0;
}

/**
 * Returns the number of a name in a table; -1 if it is not there. A table begins with 32 offsets of 16 bits, one per
 * length of name (0: no name); each leads to a bucket: a byte for the number of names, then for each name a byte for
 * its number, and its text.
 */
export function lookUp(table: usize, start: usize, length: usize): i32 {
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

/** Returns the number of a string value in a table; -1 if the value is not a string or not in the table. */
export function lookUpValue(table: usize, start: usize, end: usize): i32 {
  return load<u8>(start) == QUOTE ? lookUp(table, start + 1, end - start - 2) : -1;
}
