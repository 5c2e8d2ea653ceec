import fc from 'fast-check';
import { expect, it } from 'vitest';
import { largestPositions, sharesOf } from '../../../src/retention/plan/summary/shares.js';
import type { PruneCandidate } from '../../../src/retention/plan/candidates.js';
import type { SessionRecord } from '../../../src/session-index/record.js';
import type { SessionIndex, SessionRow } from '../../../src/session-index/session-index.js';

it('sums up removed and kept sessions by project dir, and reads a folder from the records only at the access', () => {
  const configDir = { path: '/c', projectsRoot: '/c/projects', explicit: false, isDefault: true };
  const folders = new Map<SessionRow, string | null>();
  const candidate = (projectDir: string, bytes: number, cwd: string | null): PruneCandidate => {
    const row = {} as SessionRow;
    folders.set(row, cwd);
    return {
      configDir,
      projectDir,
      row,
      copies: [] as PruneCandidate[],
      ownBytes: bytes,
      sharedBytes: 0,
    } as unknown as PruneCandidate;
  };
  const all = [
    candidate('-a', 1, null),
    candidate('-b', 20, '/b'),
    candidate('-a', 2, '/a'),
    candidate('-a', 4, '/other'),
    candidate('-kept', 8, '/kept'),
  ];
  const removals = all.slice(0, 3).map((candidate) => ({
    candidate,
    removal: { footprintBytes: candidate.ownBytes, status: 'planned' as const, reasons: [] },
  }));
  let read = 0;
  const index = {
    records: (rows: readonly SessionRow[]) => {
      read += rows.length;
      return rows.map((row) => ({ cwd: folders.get(row) }) as SessionRecord);
    },
  } as unknown as SessionIndex;
  const shares = sharesOf({ candidates: all, removals }, index);
  expect(shares).toMatchObject([
    { projectDir: '-b', removed: 1, removedBytes: 20, kept: 0, keptBytes: 0 },
    { projectDir: '-a', removed: 2, removedBytes: 3, kept: 1, keptBytes: 4 },
  ]);
  expect(read).toBe(0);
  expect([shares[1]?.cwd, read]).toEqual(['/a', 2]);
});

it('lists project dirs that lose as much by name, and those of several config dirs apart', () => {
  const [here, there] = ['/c', '/d'].map((path) => ({ path, projectsRoot: path, explicit: false, isDefault: false }));
  const removed = [
    [here, '-b', 5],
    [there, '-a', 5],
    [here, '-a', 5],
    [there, '-b', 7],
    [there, '-a', 1],
  ] as const;
  const candidates = removed.map(([configDir, projectDir, bytes]) => {
    return { configDir, projectDir, row: null, ownBytes: bytes, sharedBytes: 1 } as unknown as PruneCandidate;
  });
  const removals = candidates.map((candidate) => {
    return { candidate, removal: { footprintBytes: candidate.ownBytes, status: 'planned' as const, reasons: [] } };
  });
  const shares = sharesOf({ candidates, removals }, {} as SessionIndex);
  expect(
    shares.map(({ configDir, projectDir, removedBytes, keptBytes }) => [
      configDir,
      projectDir,
      removedBytes,
      keptBytes,
    ]),
  ).toEqual([
    ['/d', '-b', 7, 0],
    ['/d', '-a', 6, 0],
    ['/c', '-a', 5, 0],
    ['/c', '-b', 5, 0],
  ]);
});

it('names the ten largest of any numbers, in their order', () => {
  const numbers = fc.array(fc.oneof(fc.nat(6), fc.constant(NaN)), { maxLength: 40, size: 'max' });
  fc.assert(
    fc.property(numbers, fc.constantFrom(1, -1), (all, sign) => {
      const byPosition = (a: number, b: number): number => sign * (a - b);
      const expected = [...all.keys()]
        .filter((at) => !Number.isNaN(all[at]))
        .sort((a, b) => (all[b] ?? 0) - (all[a] ?? 0) || byPosition(a, b))
        .slice(0, 10);
      expect(largestPositions(all, byPosition)).toEqual(expected);
      if (sign === 1) expect(largestPositions(Float64Array.from(all))).toEqual(expected);
    }),
  );
});
