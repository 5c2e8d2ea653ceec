import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CwdsFile, encodeCwds, type CwdsEntry } from '../../../src/session-index/cwds/cwds-file.js';
import { collectCwds, type CwdSource, type KeptCwds } from '../../../src/session-index/cwds/collect-cwds.js';
import { saveFile } from '../../../src/session-index/format/save-file.js';
import { alignedCopy, damages, expectRejected, readOrReason } from '../../support/index-parts.js';
import { temporaryFolder } from '../../support/temporary.js';

/** The checksum covers what follows it. */
const [CHECKSUM_AT, CHECKED_FROM] = [4, 8];

const entries: fc.Arbitrary<CwdsEntry[]> = fc.uniqueArray(
  fc.record({
    crc: fc.nat(0xffffffff),
    length: fc.nat(1e6),
    cwds: fc.uniqueArray(fc.constantFrom('/a', '/b', '/c d', '/é'), { maxLength: 3 }),
  }),
  { maxLength: 5, selector: ({ crc, length }) => `${crc} ${length}` },
);

function found(file: CwdsFile, { crc, length }: CwdsEntry, expected = 0): string[] | null {
  const at = file.positionOf({ crc, length }, expected);
  return at < 0 ? null : file.cwds(at);
}

describe('a file of cwds', () => {
  it('finds the cwds of each of its sessions, at any expected position, and of no other session', () => {
    fc.assert(
      fc.property(entries, fc.nat(6), (list, expected) => {
        const file = CwdsFile.decode(encodeCwds(list));
        for (const entry of list) {
          expect(found(file, entry, expected)).toEqual(entry.cwds);
          const isOther = (crc: number, length: number): boolean =>
            list.every((one) => one.crc !== crc || one.length !== length);
          const { crc, length } = entry;
          for (const [other, size] of [
            [crc ^ 1, length],
            [crc, length + 1],
          ] as const)
            if (isOther(other, size)) expect(file.positionOf({ crc: other, length: size }, expected)).toBe(-1);
        }
        const all = new Set<string>();
        file.addTo(all, list.keys());
        expect(all).toEqual(new Set(list.flatMap(({ cwds }) => cwds)));
      }),
    );
  });

  it('is rejected by name', () => {
    const whole = encodeCwds([{ crc: 1, length: 2, cwds: ['/a'] }]);
    const changed = (at: number): Buffer => {
      const copy = alignedCopy(whole);
      copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
      return copy;
    };
    const path = join(temporaryFolder('cwds'), 'a.cwds');
    const load = (bytes: Buffer | null): string[] => {
      const rejections: string[] = [];
      if (bytes !== null) writeFileSync(path, bytes);
      expect(CwdsFile.load(path, (_, reason) => rejections.push(reason))).toBeNull();
      return rejections;
    };
    expect(load(null)).toEqual([]);
    expect(load(changed(0))).toEqual(['foreign']);
    expect(load(changed(12))).toEqual(['checksum']);
    expect(load(whole.subarray(0, 10))).toEqual(['truncated']);
    saveFile(path, [whole]);
    expect(CwdsFile.load(path, () => {})?.length).toBe(1);
    expectRejected('cwds', () => CwdsFile.decode(checked(alignedCopy(Buffer.concat([whole, Buffer.from('x')])))));
    expectRejected('cwds', () => CwdsFile.decode(checked(changed(whole.length - 1))));
  });

  it('is rejected or unchanged after any damage; damage under a valid checksum never makes reading fail', () => {
    fc.assert(
      fc.property(entries, damages, fc.boolean(), (list, damage, isChecked) => {
        const whole = encodeCwds(list);
        const damaged = damage(whole);
        const file = readOrReason(() => CwdsFile.decode(isChecked ? checked(damaged) : damaged));
        if (typeof file === 'string') return;
        for (const entry of list) {
          const content = found(file, entry);
          if (!isChecked) expect(content).toEqual(entry.cwds);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('kept cwds', () => {
  const session = (at: number, ...cwds: string[]): CwdsEntry => ({ crc: at, length: 100 + at, cwds });
  const many = [session(0, '/a'), session(1), session(2, '/b', '/a'), session(3, '/c')];

  /** Cwds of sessions with a stored file, and the rows whose facts were read; those at `doubtful` were made anew. */
  function kept(
    sessions: readonly CwdsEntry[],
    file: Buffer | null,
    doubtful: readonly number[] = [],
  ): { read: number[]; update: Buffer | null; cwds: string[] } {
    const read: number[] = [];
    const facts: CwdSource['read'] = (rows, use) => {
      read.push(...rows);
      for (const row of rows.toReversed()) {
        const [relocatedCwd = null, ...cwds] = sessions[row]?.cwds ?? [];
        use(row, { relocatedCwd, cwds, lastCwd: cwds.at(-1) ?? null }, !doubtful.includes(row));
      }
    };
    const result: KeptCwds = collectCwds(
      { keys: sessions, read: facts },
      file === null ? null : CwdsFile.decode(alignedCopy(file)),
    );
    return { read, update: result.update, cwds: [...result.cwds].sort() };
  }

  it('are read once, and then only for changed and new sessions', () => {
    const first = kept(many, null);
    expect([first.read, first.cwds]).toEqual([
      [0, 1, 2, 3],
      ['/a', '/b', '/c'],
    ]);
    expect(kept(many, first.update)).toEqual({ read: [], update: null, cwds: ['/a', '/b', '/c'] });
    const now = [session(7, '/d'), ...many.slice(0, 3), session(8, '/a')];
    const second = kept(now, first.update);
    expect([second.read, second.cwds]).toEqual([
      [0, 4],
      ['/a', '/b', '/d'],
    ]);
    expect(kept(now, second.update)).toEqual({ read: [], update: null, cwds: ['/a', '/b', '/d'] });
  });

  it('are not those of a session that is gone', () => {
    const { update } = kept(many, null);
    expect(kept(many.slice(0, 3), update)).toEqual({ read: [], update: null, cwds: ['/a', '/b'] });
  });

  it('are not stored for facts that were read again', () => {
    const { update } = kept(many.slice(0, 3), null);
    for (let turn = 0; turn < 2; turn++)
      expect(kept(many, update, [3])).toEqual({ read: [3], update: null, cwds: ['/a', '/b', '/c'] });
    const mixed = kept([...many, session(9, '/x')], update, [3]);
    expect(mixed.cwds).toEqual(['/a', '/b', '/c', '/x']);
    expect(kept([...many, session(9, '/x')], mixed.update, [3]).read).toEqual([3]);
  });
});

function checked(bytes: Buffer): Buffer {
  if (bytes.length >= CHECKED_FROM) bytes.writeUInt32LE(crc32(bytes.subarray(CHECKED_FROM)), CHECKSUM_AT);
  return bytes;
}
