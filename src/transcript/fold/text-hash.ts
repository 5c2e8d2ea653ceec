/**
 * Returns a 53-bit hash that distinguishes the texts of one transcript. It takes a third of the memory of a uuid, and
 * spares decoding the bytes.
 */
export function hashOfBytes(bytes: Uint8Array, start: number, end: number): number {
  let low = 0xdeadbeef ^ (end - start);
  let high = 0x41c6ce57;
  for (let at = start; at < end; at += 4) {
    let word = 0;
    for (let next = Math.min(at + 4, end) - 1; next >= at; next--) word = (word << 8) | (bytes[next] ?? 0);
    low = Math.imul(low ^ word, 2654435761);
    high = Math.imul(high ^ word, 1597334677);
    low ^= low >>> 15;
    high ^= high >>> 13;
  }
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  return 4294967296 * (2097151 & high) + (low >>> 0);
}
