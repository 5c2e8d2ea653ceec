/** Factors of the hash; `raw/assembly/sketch.ts` has the same. */
const FIRST_FACTOR = 0x3d4d;
const SECOND_FACTOR = 0x6b2b;
const CASE_BIT = 0x20;

/** Hash of three ASCII characters of a text, without case: 15 bits. */
export function trigramHash(text: string, at: number): number {
  const [a, b, c] = [0, 1, 2].map((i) => text.charCodeAt(at + i) | CASE_BIT);
  return ((((a ?? 0) | ((b ?? 0) << 8)) * FIRST_FACTOR + (c ?? 0) * SECOND_FACTOR) & 0xffff) >> 1;
}
