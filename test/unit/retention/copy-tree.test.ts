import { execFileSync } from 'node:child_process';
import type * as Fs from 'node:fs';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { copyTree, hasSameBytes } from '../../../src/retention/trash/copy-tree.js';
import { bytesBelow, isSameTree, removeTree, treeOf, type TreeNode } from '../../../src/retention/trash/tree.js';
import { temporaryFolder } from '../../support/temporary.js';

/** A function called with the new path after a file was copied or linked; the code with which links fail. */
const hooks = vi.hoisted(() => ({ copied: (_to: string): void => {}, link: null as string | null }));

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof Fs>();
  const copyFileSync: typeof fs.copyFileSync = (from, to, mode) => {
    fs.copyFileSync(from, to, mode);
    hooks.copied(String(to));
  };
  const link: typeof fs.linkSync = (from, to) => {
    if (hooks.link !== null) throw Object.assign(new Error(hooks.link), { code: hooks.link });
    fs.linkSync(from, to);
  };
  return { ...fs, copyFileSync, linkSync: link, default: { ...fs, copyFileSync, linkSync: link } };
});

beforeEach(() => void Object.assign(hooks, { copied: () => {}, link: null }));

/** A folder with all that a session may have, and the path that it is copied to. */
function tree(): { from: string; to: string } {
  const root = temporaryFolder('copy');
  const [from, to] = [join(root, 'projects/from'), join(root, 'to')];
  mkdirSync(join(from, 'folder'), { recursive: true });
  writeFileSync(join(from, 'folder', 'a'), 'content');
  linkSync(join(from, 'folder', 'a'), join(from, 'b'));
  writeFileSync(join(from, 'large'), Buffer.alloc(3 * 1024 * 1024, 'x'));
  writeFileSync(join(from, 'empty'), '');
  symlinkSync('nowhere', join(from, 'link'));
  lutimesSync(join(from, 'link'), 1000, 2000);
  chmodSync(join(from, 'large'), 0o400);
  utimesSync(join(from, 'folder', 'a'), 1000, 2000.25);
  utimesSync(join(from, 'large'), 1000, 3000);
  utimesSync(join(from, 'empty'), 1000, 3500);
  chmodSync(join(from, 'folder'), 0o750);
  utimesSync(join(from, 'folder'), 1000, 4000);
  utimesSync(from, 1000, 5000);
  return { from, to };
}

describe('a copy', () => {
  test('has the bytes, modes, times and links of the original, and its hard links', () => {
    const { from, to } = tree();
    copyTree(from, to);
    expect(treeOf(to).map((node) => (node.path === '' ? { ...node, mtimeMs: 0 } : node))).toEqual(
      treeOf(from).map((node) => (node.path === '' ? { ...node, mtimeMs: 0 } : node)),
    );
    expect(lstatSync(join(to, 'b')).ino).toBe(lstatSync(join(to, 'folder', 'a')).ino);
    expect(lstatSync(join(to, 'b')).ino).not.toBe(lstatSync(join(from, 'b')).ino);
    expect([readFileSync(join(to, 'b'), 'utf8'), readlinkSync(join(to, 'link'))]).toEqual(['content', 'nowhere']);
    expect([lstatSync(join(to, 'link')).mtimeMs, lstatSync(join(to, 'folder')).mtimeMs]).toEqual([2e6, 4e6]);
    expect(lstatSync(join(to, 'large')).mode & 0o7777).toBe(0o400);
  });

  test.each(['EPERM', 'ENOTSUP'])('has a file twice where the file system refuses links with %s', (code) => {
    const { from, to } = tree();
    hooks.link = code;
    copyTree(from, to);
    expect(lstatSync(join(to, 'b')).ino).not.toBe(lstatSync(join(to, 'folder', 'a')).ino);
    expect(readFileSync(join(to, 'b'), 'utf8')).toBe('content');
  });

  test('fails with any other error of a link, and does not replace what has its name', () => {
    const { from, to } = tree();
    hooks.link = 'EIO';
    expect(() => copyTree(from, to)).toThrow('EIO');
    expect(() => copyTree(join(from, 'b'), join(from, 'empty'))).toThrow('EEXIST');
    expect(readFileSync(join(from, 'empty'), 'utf8')).toBe('');
  });

  test.each<[string, (to: string) => void]>([
    ['another byte', (to) => writeFileSync(to, 'Content')],
    ['one more byte', (to) => writeFileSync(to, 'content.')],
    ['another file', (to) => writeFileSync(`${to}.more`, '')],
  ])('that reads otherwise is an error: %s', (_what, change) => {
    const { from, to } = tree();
    hooks.copied = (path) => {
      if (path.endsWith('/a') || path.endsWith('/b')) change(path);
    };
    expect(() => copyTree(from, to)).toThrow(expect.objectContaining({ code: 'EIO' }) as Error);
    expect(existsSync(join(from, 'folder', 'a'))).toBe(true);
  });

  test('of a pipe is refused', () => {
    const { from, to } = tree();
    execFileSync('mkfifo', [join(from, 'pipe')]);
    expect(() => copyTree(from, to)).toThrow(expect.objectContaining({ code: 'EINVAL' }) as Error);
  });

  test('is compared to its last byte', () => {
    const root = temporaryFolder('copy');
    const [a, b] = [join(root, 'a'), join(root, 'b')];
    const bytes = Buffer.alloc(2 * 1024 * 1024 + 5, 'x');
    writeFileSync(a, bytes);
    writeFileSync(b, bytes);
    expect(hasSameBytes(a, b)).toBe(true);
    for (const at of [0, 1024 * 1024, bytes.length - 1]) {
      const other = Buffer.from(bytes);
      other[at] = 0;
      writeFileSync(b, other);
      expect(hasSameBytes(a, b)).toBe(false);
    }
    writeFileSync(b, bytes.subarray(0, -1));
    expect(hasSameBytes(a, b)).toBe(false);
  });
});

describe('a tree', () => {
  test('lists everything, parents first, by name', () => {
    const { from } = tree();
    expect(treeOf(from).map(({ path, kind, bytes }) => `${path}: ${kind} ${bytes}`)).toEqual([
      ': folder 0',
      'b: file 7',
      'empty: file 0',
      'folder: folder 0',
      'folder/a: file 7',
      'large: file 3145728',
      'link: link 0',
    ]);
    expect(treeOf(join(from, 'link'))).toMatchObject([{ path: '', kind: 'link', mode: 0o777 }]);
    expect(() => treeOf(join(from, 'nothing'))).toThrow('ENOENT');
    execFileSync('mkfifo', [join(from, 'pipe')]);
    expect(treeOf(join(from, 'pipe'))[0]?.kind).toBe('other');
  });

  test('equals another one if names, kinds, and sizes and times of files are equal', () => {
    const node: TreeNode = { path: '', kind: 'file', bytes: 1, mode: 0o600, mtimeMs: 1 };
    const folder: TreeNode = { ...node, kind: 'folder' };
    const a = { ...node, path: 'a' } as TreeNode;
    expect(isSameTree([node], [{ ...node, mode: 0o644 }])).toBe(true);
    expect(isSameTree([folder], [{ ...folder, mtimeMs: 2, bytes: 5 }])).toBe(true);
    expect(isSameTree([], [])).toBe(true);
    for (const [before, after] of [
      [[node], []],
      [[], [node]],
      [[node], [{ ...node, bytes: 2 }]],
      [[node], [{ ...node, mtimeMs: 2 }]],
      [[node], [folder]],
      [[node], [a]],
    ] as TreeNode[][][])
      expect(isSameTree(before ?? [], after ?? [])).toBe(false);
  });

  test('counts bytes of files, those with two names once, and nothing of links and missing files', () => {
    const { from } = tree();
    expect([bytesBelow(from), bytesBelow(join(from, 'link')), bytesBelow(join(from, 'nothing'))]).toEqual([
      7 + 3 * 1024 * 1024,
      0,
      0,
    ]);
  });

  test('is removed with read-only folders, and links in it are not followed', () => {
    const { from } = tree();
    const root = join(from, '..');
    mkdirSync(join(root, 'other'));
    writeFileSync(join(root, 'other', 'keep'), '');
    symlinkSync('../other', join(from, 'to other'));
    chmodSync(join(from, 'folder'), 0o500);
    removeTree(from);
    removeTree(from);
    expect([readdirSync(root), readdirSync(join(root, 'other'))]).toEqual([['other'], ['keep']]);
  });
});
