import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSize } from '../../../src/grammar/size.js';

describe('a size', () => {
  test.each([
    ['0B', 0],
    ['512B', 512],
    ['500K', 512_000],
    ['500M', 524_288_000],
    ['1.5G', 1_610_612_736],
    ['2T', 2_199_023_255_552],
    ['1KiB', 1024],
    ['1GiB', 1_073_741_824],
    ['1kB', 1000],
    ['200MB', 200_000_000],
    ['1tb', 1_000_000_000_000],
    ['1gib', 1_073_741_824],
  ])('%s is %i bytes', (text, bytes) => {
    expect(parseSize(text, '--larger-than')).toBe(bytes);
  });

  test('counts every unit by its power', () => {
    const units = fc.constantFrom(
      ['B', 1],
      ['K', 1024],
      ['M', 1024 ** 2],
      ['G', 1024 ** 3],
      ['KiB', 1024],
      ['MiB', 1024 ** 2],
      ['GiB', 1024 ** 3],
      ['kB', 1000],
      ['MB', 1e6],
      ['GB', 1e9],
    ) as fc.Arbitrary<[string, number]>;
    fc.assert(
      fc.property(fc.nat(100_000), units, (number, [unit, bytes]) => {
        expect(parseSize(`${number}${unit}`, '--larger-than')).toBe(number * bytes);
      }),
    );
  });

  test.each([
    ['30', '--larger-than 30: missing unit, for example 30M (units: B K M G T, KiB MiB GiB TiB, kB MB GB TB).'],
    ['', '--larger-than : not a size. Write 500M or 1.5GiB (units: B K M G T, KiB MiB GiB TiB, kB MB GB TB).'],
    ['-1M', '--larger-than -1M: not a size. Write 500M or 1.5GiB (units: B K M G T, KiB MiB GiB TiB, kB MB GB TB).'],
    ['1P', '--larger-than 1P: not a size. Write 500M or 1.5GiB (units: B K M G T, KiB MiB GiB TiB, kB MB GB TB).'],
    ['1Bi', '--larger-than 1Bi: not a size. Write 500M or 1.5GiB (units: B K M G T, KiB MiB GiB TiB, kB MB GB TB).'],
    ['1 M', '--larger-than 1 M: not a size. Write 500M or 1.5GiB (units: B K M G T, KiB MiB GiB TiB, kB MB GB TB).'],
    ['99999999T', '--larger-than 99999999T: more than any disk holds.'],
  ])('%j is refused', (text, message) => {
    expect(() => parseSize(text, '--larger-than')).toThrow(expect.objectContaining({ code: 'USAGE', message }));
  });

  test('is a whole number of bytes or a usage error, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9.kKmMgGtTiIbB]{0,8}$/)), (text) => {
        try {
          expect(Number.isSafeInteger(parseSize(text, '--larger-than'))).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: 'USAGE' });
        }
      }),
    );
  });
});
