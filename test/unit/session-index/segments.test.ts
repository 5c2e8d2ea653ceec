import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { Segments } from '../../../src/session-index/format/segments/segments.js';
import type { BlobRef } from '../../../src/session-index/format/table/column-layout.js';
import { temporaryFolder } from '../../support/temporary.js';
import { damages, expectRejected } from '../../support/index-parts.js';

let folder: string;
let rejections: string[];

beforeEach(() => {
  folder = temporaryFolder('segments');
  rejections = [];
});

function report(file: string, reason: string): void {
  rejections.push(`${file}: ${reason}`);
}

/** Writes blobs to a segment and returns references to them. */
function write(segments: Segments, path: string | null, blobs: readonly Buffer[]): BlobRef[] {
  const writer = segments.writer(path);
  return blobs.map((bytes) => ({ ...writer.append(bytes), length: bytes.length, crc: crc32(bytes) }));
}

function opened(name: string, bytes: number): Segments {
  return Segments.open(folder, [{ name, bytes }], report);
}

const texts = (refs: readonly BlobRef[], segments: Segments): (string | undefined)[] =>
  segments.copies(refs).map((bytes) => bytes?.toString());

describe('segments', () => {
  it('give back blobs that were appended, by this run and the next', () => {
    const segments = new Segments(report);
    const refs = write(
      segments,
      join(folder, 'a.segment'),
      ['{"a":1}', '[2]', ''].map((text) => Buffer.from(text)),
    );
    expect(refs.map(({ segment, offset }) => [segment, offset])).toEqual([
      [0, 0],
      [0, 7],
      [0, 10],
    ]);
    const { files } = segments;
    expect([files, segments.isInMemory]).toEqual([[{ name: 'a.segment', bytes: 10 }], false]);
    for (const each of [segments, opened('a.segment', 10)]) {
      expect(each.readJson(refs[0] as BlobRef)).toEqual({ a: 1 });
      expect(texts([...refs].reverse(), each)).toEqual(['', '[2]', '{"a":1}']);
      each.close();
    }
    expect(rejections).toEqual([]);
  });

  it('keep blobs in memory if the disk refuses them, and report that', () => {
    const segments = new Segments(report);
    const refs = write(segments, join(folder, 'missing', 'a.segment'), [Buffer.from('"x"'), Buffer.from('"y"')]);
    expect([segments.isInMemory, segments.files, refs.map((ref) => segments.readJson(ref))]).toEqual([
      true,
      [],
      ['x', 'y'],
    ]);
    segments.close();
  });

  it('are rejected if a file is missing or too short', () => {
    writeFileSync(join(folder, 'a.segment'), '1234');
    expectRejected('segment', () => opened('a.segment', 5));
    expectRejected('segment', () => opened('b.segment', 1));
    opened('a.segment', 4).close();
  });

  it('report blobs that are not what was written, and those that are not JSON', () => {
    const segments = new Segments(report);
    const [bad, good, text] = write(
      segments,
      join(folder, 'a.segment'),
      ['[1]', '[2]', '[3'].map((s) => Buffer.from(s)),
    ) as [BlobRef, BlobRef, BlobRef];
    writeFileSync(join(folder, 'a.segment'), '[9][2][3');
    expect([bad, good, text].map((ref) => segments.readJson(ref))).toEqual([null, [2], null]);
    expect(rejections).toEqual(['a.segment: blob', 'a.segment: blob']);
    truncateSync(join(folder, 'a.segment'), 4);
    expect(texts([bad, good], segments)).toEqual([undefined, undefined]);
    segments.close();
  });

  it('read blobs that are close together at once, and each as if it were read alone', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 6 }),
        fc.context(),
        (sizes, context) => {
          const segments = new Segments(report);
          const path = join(folder, `${context.size()}${Math.random()}.segment`);
          const refs = write(
            segments,
            path,
            sizes.map((size, at) => Buffer.alloc(8 * size, at + 1)),
          );
          const copies = segments.copies(refs.map((ref, at) => (at % 3 === 2 ? null : ref)));
          sizes.forEach((size, at) => {
            if (at % 3 === 2) return void expect(copies[at]).toBeNull();
            expect([copies[at]?.length, copies[at]?.every((byte) => byte === at + 1)]).toEqual([8 * size, true]);
            expect((copies[at]?.byteOffset ?? 1) % 8).toBe(0);
          });
          const seen: number[] = [];
          segments.forEach(0, refs, (offset, words, start) => {
            seen.push(offset);
            const at = seen.length - 1;
            expect(words[start]).toBe(0x01010101 * (at + 1));
          });
          expect(seen).toEqual(refs.filter(({ length }) => length > 0).map(({ offset }) => offset));
          segments.close();
        },
      ),
      { numRuns: 30 },
    );
  });

  it('return each blob as written or null, after any damage to the file', () => {
    const blobs = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(blobs, damages, (list, damage) => {
        const segments = new Segments(report);
        const path = join(folder, `${Math.random()}.segment`);
        const refs = write(
          segments,
          path,
          list.map((bytes) => Buffer.from(bytes)),
        );
        writeFileSync(path, damage(readFileSync(path)));
        segments.copies(refs).forEach((copy, at) => {
          if (copy !== null) expect(new Uint8Array(copy)).toEqual(list[at]);
        });
        refs.forEach((ref) => segments.readJson(ref));
        segments.close();
      }),
      { numRuns: 100 },
    );
  });
});
