/** FNV-1a, 64 bits: offset basis and prime, each as its upper and lower word. */
const BASIS_HIGH = 0xcbf29ce4;
const BASIS_LOW = 0x84222325;
/** The prime is 2^40 + 0x1b3. */
const PRIME_LOW = 0x1b3;
const PRIME_SHIFT = 40 - 32;
/** FNV-1a, 32 bits. */
const BASIS_32 = 0x811c9dc5;
const PRIME_32 = 0x01000193;

const HALF = 0x10000;
const LAST_ASCII = 0x7f;

/**
 * Writes the FNV-1a hash (64 bits) of a text's UTF-8 bytes at a position of `words`, lower word first. It identifies
 * responses and prompts, and is not meant to resist deliberate collisions.
 */
export function putFnv1a64(text: string, words: Uint32Array, at: number): void {
  let low = BASIS_LOW;
  let high = BASIS_HIGH;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > LAST_ASCII) return putBytes(Buffer.from(text), words, at);
    low = (low ^ unit) >>> 0;
    // The lower word times the prime's, in halves that stay exact.
    const bottom = (low & (HALF - 1)) * PRIME_LOW;
    const top = (low >>> 16) * PRIME_LOW + (bottom >>> 16);
    high = (Math.imul(high, PRIME_LOW) + (top >>> 16) + (low << PRIME_SHIFT)) >>> 0;
    low = ((top << 16) | (bottom & (HALF - 1))) >>> 0;
  }
  words[at] = low;
  words[at + 1] = high;
}

/** Returns the hash that `putFnv1a64` writes. */
export function fnv1a64(text: string): [low: number, high: number] {
  const words = new Uint32Array(2);
  putFnv1a64(text, words, 0);
  return [words[0] ?? 0, words[1] ?? 0];
}

/** As `putFnv1a64`, of bytes: for the rare id that is not plain ASCII. */
function putBytes(bytes: Buffer, words: Uint32Array, at: number): void {
  const mask = (1n << 64n) - 1n;
  let hash = (BigInt(BASIS_HIGH) << 32n) | BigInt(BASIS_LOW);
  for (const byte of bytes) hash = ((hash ^ BigInt(byte)) * ((1n << 40n) | BigInt(PRIME_LOW))) & mask;
  words[at] = Number(hash & 0xffffffffn);
  words[at + 1] = Number(hash >> 32n);
}

/** Returns the FNV-1a hash (32 bits) of a text's UTF-8 bytes. */
export function fnv1a32(text: string): number {
  let hash = BASIS_32;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > LAST_ASCII)
      return Buffer.from(text).reduce((value, byte) => Math.imul(value ^ byte, PRIME_32), BASIS_32) >>> 0;
    hash = Math.imul(hash ^ unit, PRIME_32);
  }
  return hash >>> 0;
}
