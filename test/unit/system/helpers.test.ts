import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exists, isFolder, mayExist } from '../../../src/system/stat.js';
import { absolutePath } from '../../../src/system/real-path.js';
import { isoTime } from '../../../src/system/time.js';
import { temporaryFolder } from '../../support/temporary.js';

test.each([
  [0, '1970-01-01T00:00:00.000Z'],
  [1_795_868_400_123, '2026-11-28T12:20:00.123Z'],
  [8.64e15, '+275760-09-13T00:00:00.000Z'],
  [8.64e15 + 1, null],
  [-Infinity, null],
  [Number.NaN, null],
  [null, null],
  [undefined, null],
])('the ISO time of %d is %s', (ms, text) => {
  expect(isoTime(ms)).toBe(text);
});

test.each([
  ['a', '/src/a'],
  ['../b', '/b'],
  ['/c/', '/c'],
  ['~', '/home/me'],
  ['~/d', '/home/me/d'],
  ['~other', '/src/~other'],
])('the absolute path of %s is %s', (typed, path) => {
  expect(absolutePath(typed, { cwd: '/src', home: '/home/me' })).toBe(path);
});

describe('a path', () => {
  test('may be a file, a folder, a link to either or to nothing, or missing', () => {
    const root = temporaryFolder('look');
    mkdirSync(join(root, 'folder'));
    writeFileSync(join(root, 'file'), '');
    symlinkSync('folder', join(root, 'link'));
    symlinkSync('nothing', join(root, 'dangling'));
    const names = ['folder', 'file', 'link', 'dangling', 'nothing', 'file/below'];
    const found = names.filter((name) => exists(join(root, name)));
    expect(found).toEqual(['folder', 'file', 'link', 'dangling']);
    expect(names.filter((name) => mayExist(join(root, name)))).toEqual(found);
    expect(names.filter((name) => isFolder(join(root, name)))).toEqual(['folder', 'link']);
  });

  test('may exist if its name cannot be looked up', () => {
    const path = join('/', 'x'.repeat(300));
    expect(() => exists(path)).toThrow('ENAMETOOLONG');
    expect(mayExist(path)).toBe(true);
    expect(isFolder(path)).toBe(false);
  });
});
