import { expect, it } from 'vitest';
import { sharesOf } from '../../../src/retention/plan/summary/shares.js';
import type { PruneCandidate } from '../../../src/retention/plan/candidates.js';
import type { SessionRecord } from '../../../src/session-index/record.js';
import type { SessionIndex, SessionRow } from '../../../src/session-index/session-index.js';

it('sums up removed and kept sessions by project dir, and reads a folder only when it is asked for', () => {
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
