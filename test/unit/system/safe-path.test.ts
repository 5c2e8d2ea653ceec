import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isSafeName, isSafeRelativePath, requirePlainParents, safeName } from '../../../src/system/safe-path.js';
import { readPlainFile } from '../../../src/system/small-file.js';
import { disk } from '../claude/disk.js';

test.each(['a', '..a', 'a..', '...', '-home-me', ' ', 'a\nb', 'ü', '~'])('%j is a safe name', (name) => {
  expect([isSafeName(name), isSafeRelativePath(`x/${name}`), safeName(name)]).toEqual([true, true, name]);
});

test.each(['', '.', '..', '/', 'a/', '/a', 'a/b', 'a\0', '\0', null, undefined, 7, ['a'], { length: 1 }])(
  '%j is not a safe name',
  (name) => {
    expect(isSafeName(name)).toBe(false);
  },
);

test.each(['', '/', '/a', 'a/', 'a//b', './a', 'a/./b', '..', 'a/..', 'a/../b', '../a', 'a/b\0', null, 7, ['a']])(
  '%j is not a safe relative path',
  (path) => {
    expect(isSafeRelativePath(path)).toBe(false);
  },
);

describe('requirePlainParents', () => {
  const check = (base: string, path: string) => () => {
    if (!isSafeRelativePath(path)) throw new Error('not a path');
    requirePlainParents(base, path);
  };

  test('accepts folders, missing folders, a linked base, and anything at the path itself', () => {
    const root = disk({ 'real/a/b/file': '' });
    symlinkSync(join(root, 'real'), join(root, 'link'));
    symlinkSync('/etc', join(root, 'real/a/out'));
    for (const path of ['x', 'a/x', 'a/b/file', 'a/out', 'missing/b/x']) check(join(root, 'link'), path)();
  });

  test('refuses links and files on the way, also links that lead inside', () => {
    const root = disk({ 'a/b/file': '' });
    symlinkSync(join(root, 'a'), join(root, 'link'));
    symlinkSync('/nowhere', join(root, 'a/dead'));
    expect(check(root, 'link/b/x')).toThrow(`${join(root, 'link')} is a link, and links are not followed there`);
    expect(check(root, 'a/dead/x')).toThrow('is a link');
    expect(check(root, 'a/b/file/x')).toThrow('is not a folder');
  });
});

test('readPlainFile reads regular files only, and waits for nothing', () => {
  const root = disk({ file: 'text' });
  symlinkSync(join(root, 'file'), join(root, 'link'));
  mkdirSync(join(root, 'folder'));
  writeFileSync(join(root, 'empty'), '');
  expect(['file', 'empty', 'missing', 'file/x'].map((name) => readPlainFile(join(root, name)))).toEqual([
    'text',
    '',
    null,
    null,
  ]);
  for (const path of [join(root, 'link'), join(root, 'folder'), '/dev/null']) {
    expect(() => readPlainFile(path), path).toThrow(`${path} is not a regular file`);
  }
});
