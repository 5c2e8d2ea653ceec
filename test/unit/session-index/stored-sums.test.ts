import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { decodeSums, encodeSums, StoredSums } from '../../../src/session-index/sums/stored-sums.js';
import { alignedCopy, damages, expectRejected, readOrReason } from '../../support/index-parts.js';
import { temporaryFolder } from '../../support/temporary.js';

const NOW = 1_000_000;
const STAMP = { ino: 7, mtimeMs: 1000, ctimeMs: 2000 };
const SUM = { files: 3, bytes: 400 };
/** Positions of the checksum and of the first byte that it covers. */
const [CHECKSUM_AT, CHECKED_FROM] = [16, 20];

const number = fc.double({ noNaN: true });
const path = fc.string({ unit: 'grapheme', minLength: 1 }).map((text) => text.replaceAll('\0', '0'));
const list = fc.uniqueArray(
  fc.record({
    path,
    numbers: fc.array(number, { minLength: 5, maxLength: 5 }).map((numbers) => Float64Array.from(numbers)),
  }),
  { maxLength: 6, selector: (sum) => sum.path },
);

function checked(bytes: Buffer): Buffer {
  if (bytes.length >= CHECKED_FROM) bytes.writeUInt32LE(crc32(bytes.subarray(CHECKED_FROM)), CHECKSUM_AT);
  return bytes;
}

const plain = (sums: ReturnType<typeof decodeSums>): unknown =>
  sums.map((sum) => ({ path: sum.path, numbers: Float64Array.from(sum.numbers) }));

describe('sums of folders', () => {
  let file: string;
  let rejections: string[];

  beforeEach(() => {
    file = join(temporaryFolder('sums'), 'a.sums');
    rejections = [];
  });

  const open = (isReadOnly = false): StoredSums =>
    new StoredSums(file, NOW, (_, reason) => rejections.push(reason), isReadOnly);

  const storedPaths = (): string[] =>
    decodeSums(readFileSync(file))
      .map((sum) => sum.path)
      .sort();

  it('are found by path and stamp, in the same run and the next', () => {
    const sums = open();
    expect(sums.find('/a', STAMP)).toBeUndefined();
    sums.keep('/a', STAMP, SUM);
    sums.save();
    for (const each of [sums, open(), open(true)]) {
      expect(each.find('/a', STAMP)).toEqual(SUM);
      expect(each.find('/b', STAMP)).toBeUndefined();
    }
    expect(rejections).toEqual([]);
  });

  it.each(['ino', 'mtimeMs', 'ctimeMs'] as const)('are not found once the folder has another %s', (part) => {
    const sums = open();
    sums.keep('/a', STAMP, SUM);
    expect(sums.find('/a', { ...STAMP, [part]: STAMP[part] + 1 })).toBeUndefined();
  });

  it('are not stored for a folder that changed within the last seconds', () => {
    const sums = open();
    for (const part of ['mtimeMs', 'ctimeMs'] as const) sums.keep('/a', { ...STAMP, [part]: NOW - 1000 }, SUM);
    sums.save();
    expect([sums.find('/a', STAMP), readdirSync(join(file, '..'))]).toEqual([undefined, []]);
  });

  it('are not written if the index is read-only, or if nothing is new', () => {
    const readOnly = open(true);
    readOnly.keep('/a', STAMP, SUM);
    readOnly.save();
    expect(readdirSync(join(file, '..'))).toEqual([]);
    const sums = open();
    sums.keep('/a', STAMP, SUM);
    sums.save();
    writeFileSync(file, 'other');
    sums.save();
    expect(readFileSync(file, 'utf8')).toBe('other');
  });

  it('that no run uses are dropped once there are many', () => {
    const first = open();
    for (let at = 0; at < 1500; at++) first.keep(`/old/${at}`, { ...STAMP, ino: at }, SUM);
    first.save();
    const second = open();
    second.keep('/new', { ...STAMP, ino: 2000 }, SUM);
    expect(second.find('/old/3', { ...STAMP, ino: 3 })).toEqual(SUM);
    second.save();
    expect(storedPaths()).toEqual(['/new', '/old/3']);
  });

  it('are replaced by those of a new folder at the same path', () => {
    for (const ino of [1, 2]) {
      const sums = open();
      sums.keep('/a', { ...STAMP, ino }, { ...SUM, bytes: ino });
      sums.save();
    }
    expect([storedPaths(), open().find('/a', { ...STAMP, ino: 2 })]).toEqual([['/a'], { ...SUM, bytes: 2 }]);
    expect(open().find('/a', { ...STAMP, ino: 1 })).toBeUndefined();
  });

  it('are read from their file as they were written', () => {
    fc.assert(
      fc.property(list, (sums) => {
        expect(plain(decodeSums(alignedCopy(encodeSums(sums))))).toEqual(sums);
      }),
    );
  });

  it('are rejected for a named reason if the file is damaged', () => {
    const whole = encodeSums([{ path: '/a', numbers: new Float64Array(5) }]);
    const changed = (at: number): Buffer => {
      const copy = alignedCopy(whole);
      copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
      return copy;
    };
    for (const bytes of [changed(0), changed(12), changed(30), whole.subarray(0, 10)]) {
      writeFileSync(file, bytes);
      expect(open().find('/a', STAMP)).toBeUndefined();
    }
    expect(rejections).toEqual(['foreign', 'version', 'checksum', 'truncated']);
    const more = checked(alignedCopy(Buffer.concat([whole, Buffer.from('\0/b')])));
    expectRejected('sums', () => decodeSums(more));
  });

  it('are rejected or read unchanged after any damage; with a valid checksum, reading never fails', () => {
    fc.assert(
      fc.property(list, damages, fc.boolean(), (sums, damage, isChecked) => {
        const damaged = damage(encodeSums(sums));
        const found = readOrReason(() => decodeSums(isChecked ? checked(damaged) : damaged));
        if (typeof found !== 'string' && !isChecked) expect(plain(found)).toEqual(sums);
      }),
      { numRuns: 400 },
    );
  });
});
