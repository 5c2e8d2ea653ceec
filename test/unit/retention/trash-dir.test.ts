import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { makeRunFolder, runFoldersIn } from '../../../src/retention/trash/trash-dir.js';
import type * as System from '../../../src/system/system.js';
import type { Problem } from '../../../src/system/problem.js';
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

test('runs of another user are left out and reported, other folders and files left out', () => {
  const run = '2026-11-23T06-46-02Z-7f3a';
  const trash = disk({ [`${run}/manifest.jsonl`]: '', 'notes/x': '', '2026-11-23T06-46-02Z-7f3b': 'a file' });
  const problems: Problem[] = [];
  expect(runFoldersIn(trash, problems)).toEqual([]);
  expect(problems).toMatchObject([{ code: 'not-ours', file: join(trash, run) }]);
  expect(runFoldersIn(join(trash, 'gone'), problems)).toEqual([]);
  expect(runFoldersIn(join(trash, run, 'manifest.jsonl'), problems)).toEqual([]);
  expect(problems).toHaveLength(1);
});

test('a run that was renamed is left out and reported, whoever owns it', () => {
  const trash = disk({ 'backup of 7f3a/manifest.copy.jsonl': '', 'other/manifest.jsonl': '' });
  const problems: Problem[] = [];
  expect(runFoldersIn(trash, problems)).toEqual([]);
  expect(problems).toMatchObject([{ code: 'unsafe-trash', file: join(trash, 'backup of 7f3a') }]);
  expect(problems[0]?.message).toContain('rename it');
});
