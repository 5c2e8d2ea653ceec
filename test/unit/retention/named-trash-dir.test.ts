import { join } from 'node:path';
import { expect, test } from 'vitest';
import { namedTrashDir, trashDirsOf } from '../../../src/retention/trash/trash-dir.js';
import { configDirs, disk } from '../claude/disk.js';

test('a trash is named by the option, else by the environment, else not at all', () => {
  const root = disk({ 'projects/-a/x': '', 'a file': '', 'bin/x': '' });
  const named = (flag?: string, env?: string): string | null =>
    namedTrashDir(flag, {
      configDirs: configDirs(root),
      env: env === undefined ? {} : { CCSESS_TRASH_DIR: env },
      home: '/home/me',
      cwd: root,
    });
  expect([named(), named(undefined, ''), named('bin', '/other'), named(undefined, '/other'), named('~/t')]).toEqual([
    null,
    null,
    join(root, 'bin'),
    '/other',
    '/home/me/t',
  ]);
  expect([named('new'), named('projects-of-old')]).toEqual([join(root, 'new'), join(root, 'projects-of-old')]);
  for (const [flag, message] of [
    ['', /name a folder/],
    ['projects', /the trash cannot be inside projects/],
    ['projects/-a', /the trash cannot be inside projects/],
    ['a file', /the trash is not a folder/],
  ] as const)
    expect(() => named(flag)).toThrow(
      expect.objectContaining({ code: 'USAGE', message: expect.stringMatching(message) as string }) as Error,
    );
  expect(trashDirsOf(configDirs(root), null)).toEqual([join(root, '.ccsess/trash')]);
  expect(trashDirsOf([...configDirs(root), ...configDirs(root)], '/t')).toEqual(['/t']);
});
