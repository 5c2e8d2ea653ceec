import { expect, it } from 'vitest';
import { sharesOf } from '../../../src/retention/plan/shares.js';
import type { Found } from '../../../src/retention/plan/candidates.js';
import type { Removal } from '../../../src/retention/model.js';
import type { SessionRecord } from '../../../src/session-index/record.js';
import type { SessionIndex, SessionRow } from '../../../src/session-index/session-index.js';

it('sums up removed and kept sessions by project dir, and reads a folder only when it is asked for', () => {
  const configDir = { path: '/c', projectsRoot: '/c/projects', explicit: false, isDefault: true };
  const folders = new Map<SessionRow, string | null>();
  const found = (projectDir: string, bytes: number, cwd: string | null): Found => {
    const row = {} as SessionRow;
    folders.set(row, cwd);
    return { configDir, projectDir, row, copies: [] as Found[], ownBytes: bytes, sharedBytes: 0 } as unknown as Found;
  };
  const all = [found('-a', 1, null), found('-b', 20, '/b'), found('-a', 2, '/a'), found('-a', 4, '/other')];
  const going = new Map(all.slice(0, 3).map((each) => [each, { footprintBytes: each.ownBytes } as Removal]));
  let read = 0;
  const index = {
    records: (rows: readonly SessionRow[]) => {
      read += rows.length;
      return rows.map((row) => ({ cwd: folders.get(row) }) as SessionRecord);
    },
  } as unknown as SessionIndex;
  const shares = sharesOf({ found: all, going }, index);
  expect(shares).toMatchObject([
    { projectDir: '-b', removed: 1, removedBytes: 20, kept: 0, keptBytes: 0 },
    { projectDir: '-a', removed: 2, removedBytes: 3, kept: 1, keptBytes: 4 },
  ]);
  expect(read).toBe(0);
  expect([shares[1]?.cwd, read]).toEqual(['/a', 2]);
});
