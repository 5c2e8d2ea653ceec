import { readdirSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { makeRunFolder } from '../../../src/retention/trash/trash-dir.js';
import type * as System from '../../../src/system/system.js';
import { disk } from '../claude/disk.js';

vi.mock('../../../src/system/system.js', async (importOriginal) => ({
  ...(await importOriginal<typeof System>()),
  ownUid: () => 424242,
}));

test('nothing is moved to a file system that gives its files to another user', () => {
  const trash = disk();
  expect(() => makeRunFolder(trash, '2026-11-23T06-46-02Z-7f3a')).toThrow(
    expect.objectContaining({ code: 'IO', message: expect.stringContaining(trash) as string }) as Error,
  );
  expect(readdirSync(trash)).toEqual([]);
});
