import { expect, test } from 'vitest';
import { expireUndoCopies } from '../../../src/retention/undo/expire.js';
import { NOW } from '../../support/builders.js';
import { configDirs, disk } from '../claude/disk.js';

test('a trash without undo copies frees no bytes, and an invalid time to keep them is a problem', async () => {
  const trash = { configDirs: configDirs(disk({})), trashDir: null, now: NOW };
  const nothing = { ids: [], freedBytes: 0, problems: [] };
  expect(await expireUndoCopies('never', trash)).toEqual(nothing);
  expect(await expireUndoCopies('30d', trash)).toEqual(nothing);
  expect(await expireUndoCopies('soon', { ...trash, trashDir: '/trash' })).toMatchObject({
    ids: [],
    freedBytes: 0,
    problems: [{ code: 'not-deleted', file: '/trash', message: expect.stringContaining('Not deleted: ') as string }],
  });
});
