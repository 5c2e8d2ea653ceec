/** Tables of names that the caller wrote (`nameTable` in ../memory.ts). */
import { QUOTE } from './characters';

/** Compares eight bytes at a time; what is read behind the texts does not matter. */
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
 * Number of the name in a table, -1 if it is none of them. A table begins with 32 offsets of 16 bits, by the length of
 * a name (0: none has it); at each is a bucket: a byte for the number of names in it, then for each the byte of its
 * number and its text.
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

/** A string value's number in a table; -1 if the value is not a string, or not one of the names. */
export function lookUpValue(table: usize, start: usize, end: usize): i32 {
  return load<u8>(start) == QUOTE ? lookUp(table, start + 1, end - start - 2) : -1;
}
