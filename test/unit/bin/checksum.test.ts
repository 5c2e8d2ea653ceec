import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const { checksum } = createRequire(import.meta.url)('../../../bin/code-cache.js') as {
  checksum(bytes: Uint8Array): bigint;
};

const FACTOR = 0x9fb21c651e98df25n;
const WINDOW = 4 * 64 * 1024;

/** Computes the checksum as it is defined. */
function checksumByDefinition(bytes: Uint8Array): bigint {
  const blocks = Buffer.alloc(Math.ceil(bytes.length / 16) * 16 + 16);
  blocks.set(bytes);
  blocks.writeDoubleLE(bytes.length, blocks.length - 16);
  let [a, b] = [0x243f6a8885a308d3n, 0x13198a2e03707344n];
  for (let at = 0; at < blocks.length; at += 16) {
    a = BigInt.asUintN(64, (a ^ blocks.readBigUInt64LE(at)) * FACTOR);
    b = BigInt.asUintN(64, (b ^ blocks.readBigUInt64LE(at + 8)) * FACTOR);
    a ^= a >> 29n;
    b ^= b >> 31n;
  }
  return a ^ BigInt.asUintN(64, b * 0x2545f4914f6cdd1dn);
}

describe('the checksum of compiled code', () => {
  it('equals its definition', () => {
    const around = [-17, -16, -1, 0, 1, 16].map((more) => Buffer.alloc(WINDOW + more, 'some text'));
    for (const bytes of [...around, Buffer.alloc(3 * WINDOW + 5, 'x')])
      expect(checksum(bytes)).toBe(checksumByDefinition(bytes));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => checksum(bytes) === checksumByDefinition(bytes)),
    );
  });

  it('changes with every byte, the length, and zeros at the end', () => {
    const bytes = Buffer.alloc(100, 'some text');
    const changed = Array.from(bytes, (byte, at) => Buffer.from(bytes.with(at, byte ^ 0x10)));
    const others = [bytes.subarray(1), bytes.subarray(0, 99), Buffer.concat([bytes, Buffer.alloc(1)]), Buffer.alloc(0)];
    expect(new Set([bytes, ...changed, ...others].map((each) => checksum(each))).size).toBe(105);
  });
});
