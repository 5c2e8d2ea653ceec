import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodePaths,
  PathsFile,
  STATE_WIDTH,
  type TouchedEntry,
} from '../../../src/session-index/touched/paths-file.js';
import { saveFile } from '../../../src/session-index/format/save-file.js';
import { alignedCopy, damages, expectRejected, readOrReason } from '../../support/index-parts.js';
import { temporaryFolder } from '../../support/temporary.js';

/** Positions of the checksum and of the first byte that it covers. */
const [CHECKSUM_AT, CHECKED_FROM] = [16, 20];

const name = fc.constantFrom('a', 'ab', 'b', 'é', '\n', '/');
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => `/${names.join('/')}`);
const entry: fc.Arbitrary<TouchedEntry> = fc.record({
  state: fc
    .array(fc.double({ noNaN: true }), { minLength: STATE_WIDTH, maxLength: STATE_WIDTH })
    .map((numbers) => Float64Array.from(numbers)),
  paths: fc.uniqueArray(path, { maxLength: 4 }),
});
const sessions = fc.array(entry, { maxLength: 5 });

function encoded(entries: readonly TouchedEntry[]): Buffer {
  return alignedCopy(Buffer.concat(encodePaths(entries)));
}

function checked(bytes: Buffer): Buffer {
  if (bytes.length >= CHECKED_FROM) bytes.writeUInt32LE(crc32(bytes.subarray(CHECKED_FROM)), CHECKSUM_AT);
  return bytes;
}

/** Returns everything in a file, in an order that does not depend on the file. */
function contents(file: PathsFile): unknown {
  return { states: [...file.positions().keys()], paths: file.paths().map((paths) => paths.toSorted()) };
}

const ONE: TouchedEntry = { state: new Float64Array(STATE_WIDTH), paths: ['/home/dev/a.ts'] };

describe('the paths of sessions', () => {
  it('are read from their file as they were written', () => {
    fc.assert(
      fc.property(sessions, (entries) => {
        const file = PathsFile.decode(encoded(entries));
        expect(file.paths().map((paths) => paths.toSorted())).toEqual(entries.map(({ paths }) => paths.toSorted()));
        entries.forEach(({ state }, at) => {
          expect(file.isState(at, state)).toBe(true);
          expect(
            file.isState(
              at,
              state.map((number, part) => (part !== at % STATE_WIDTH ? number : number === 0 ? 1 : -number)),
            ),
          ).toBe(false);
        });
        expect(file.isState(entries.length, new Float64Array(STATE_WIDTH))).toBe(false);
      }),
    );
  });

  it('are found by file, by folder and by pattern', () => {
    fc.assert(
      fc.property(sessions, path, (entries, wanted) => {
        const file = PathsFile.decode(encoded(entries));
        const having = (isMeant: (one: string) => boolean): Set<number> =>
          new Set(entries.flatMap(({ paths }, at) => (paths.some(isMeant) ? [at] : [])));
        const below = wanted.endsWith('/') ? wanted : `${wanted}/`;
        expect(file.matching({ paths: [wanted], globs: [] })).toEqual(
          having((one) => one === wanted || one.startsWith(below)),
        );
        const isMatch = (one: string): boolean => one.length % 2 === 0;
        expect(file.matching({ paths: [], globs: [{ start: wanted, isMatch }] })).toEqual(
          having((one) => one.startsWith(wanted) && isMatch(one)),
        );
      }),
    );
  });

  it('replace the older file, or are not saved at all if the disk refuses', () => {
    const folder = temporaryFolder('paths');
    const target = join(folder, 'a.paths');
    writeFileSync(target, 'old');
    saveFile(target, encodePaths([ONE]));
    expect(PathsFile.load(target, () => {})?.paths()).toEqual([ONE.paths]);
    expect(readdirSync(folder)).toEqual(['a.paths']);
    saveFile(join(target, 'below-a-file'), encodePaths([ONE]));
    expect(readdirSync(folder)).toEqual(['a.paths']);
  });

  it('are rejected by name', () => {
    const target = join(temporaryFolder('paths'), 'a.paths');
    const whole = encoded([ONE]);
    const changed = (at: number): Buffer => {
      const copy = alignedCopy(whole);
      copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
      return copy;
    };
    const reasons: string[] = [];
    for (const bytes of [changed(0), changed(12), changed(30), whole.subarray(0, 10)]) {
      writeFileSync(target, bytes);
      expect(PathsFile.load(target, (_, reason) => reasons.push(reason))).toBeNull();
    }
    expect(reasons).toEqual(['foreign', 'version', 'checksum', 'truncated']);
    expectRejected('paths', () => PathsFile.decode(checked(alignedCopy(Buffer.concat([whole, Buffer.from('x')])))));
    expect(PathsFile.load(`${target}.none`, (_, reason) => reasons.push(reason))).toBeNull();
    expect([reasons.length, readFileSync(target).length]).toEqual([4, 10]);
  });

  it('are rejected or unchanged after any damage; under a valid checksum damage never makes reading fail', () => {
    fc.assert(
      fc.property(sessions, path, damages, fc.boolean(), (entries, wanted, damage, isChecked) => {
        const whole = encoded(entries);
        const damaged = damage(whole);
        const found = readOrReason(() => {
          const file = PathsFile.decode(isChecked ? checked(damaged) : damaged);
          file.matching({ paths: [wanted], globs: [{ start: '/', isMatch: () => true }] });
          return contents(file);
        });
        if (typeof found !== 'string' && !isChecked)
          expect(found).toEqual(contents(PathsFile.decode(encoded(entries))));
      }),
      { numRuns: 300 },
    );
  });
});
