import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fnv1a32, putFnv1a64 } from '../../../src/session-index/format/hash.js';

/** The hash as it is written in the published tables. */
function fnv1a64(text: string): string {
  const words = new Uint32Array(2);
  putFnv1a64(text, words, 0);
  return [words[1], words[0]].map((word = 0) => word.toString(16).padStart(8, '0')).join('');
}

/** FNV-1a as it is defined, with numbers of any size. */
function slowFnv1a64(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(text)) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
  return hash.toString(16).padStart(16, '0');
}

describe('FNV-1a', () => {
  it.each([
    ['', 'cbf29ce484222325', 0x811c9dc5],
    ['a', 'af63dc4c8601ec8c', 0xe40c292c],
    ['foobar', '85944171f73967e8', 0xbf9cf968],
  ])('of %j is the published value', (text, long, short) => {
    expect([fnv1a64(text), fnv1a32(text)]).toEqual([long, short]);
  });

  it('is that of the UTF-8 bytes of any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(fnv1a64(text)).toBe(slowFnv1a64(text));
      }),
    );
  });

  it('distinguishes 300,000 ids as the API and Claude Code make them, and spreads them over a table', () => {
    const seen = new Set<bigint>();
    const slots = new Uint32Array(1 << 18);
    const words = new Uint32Array(2);
    let count = 0;
    const add = (id: string): void => {
      putFnv1a64(id, words, 0);
      seen.add((BigInt(words[1] ?? 0) << 32n) | BigInt(words[0] ?? 0));
      const slot = (words[0] ?? 0) & (slots.length - 1);
      slots[slot] = (slots[slot] ?? 0) + 1;
      count++;
    };
    for (let at = 0; at < 100_000; at++) {
      const digest = createHash('sha256').update(String(at)).digest();
      add(`msg_01${digest.toString('base64url').slice(0, 22)}`);
      // Ids that differ in their last characters only, and uuids.
      add(`msg_vrtx_${at}`);
      const hex = digest.toString('hex');
      add([hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-'));
    }
    expect(seen.size).toBe(count);
    // The fullest slot has about as many as with random numbers.
    expect(slots.reduce((most, one) => Math.max(most, one), 0)).toBeLessThan(16);
  });
});
