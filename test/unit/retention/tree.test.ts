import type * as Fs from 'node:fs';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { copyTree } from '../../../src/retention/trash/copy-tree.js';
import { bytesBelow, removeTree, treeOf } from '../../../src/retention/trash/tree.js';
import { temporaryFolder } from '../../support/temporary.js';

/** A file system that may ignore modes, and the code with which listing or emptying a folder fails. */
const disk = vi.hoisted(() => ({ hasModes: true, listing: null as string | null, removing: 'EACCES' }));

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof Fs>();
  const refuse = (code: string): never => {
    throw Object.assign(new Error(code), { code });
  };
  const chmod: typeof fs.chmodSync = (path, mode) => {
    if (disk.hasModes) fs.chmodSync(path, mode);
  };
  const copyFile: typeof fs.copyFileSync = (from, to, mode) => {
    fs.copyFileSync(from, to, mode);
    if (!disk.hasModes) fs.chmodSync(to, 0o777);
  };
  const readdir = (...args: Parameters<typeof fs.readdirSync>): unknown =>
    disk.listing !== null && String(args[0]).endsWith('/refused') ? refuse(disk.listing) : fs.readdirSync(...args);
  /** As for users who are not root: names in a read-only folder cannot be removed. */
  const isReadOnly = (path: string): boolean =>
    fs.lstatSync(path).isDirectory() &&
    ((fs.lstatSync(path).mode & 0o200) === 0 || fs.readdirSync(path).some((name) => isReadOnly(join(path, name))));
  const rm: typeof fs.rmSync = (path, options) => {
    if (fs.existsSync(path) && isReadOnly(String(path))) refuse(disk.removing);
    fs.rmSync(path, options);
  };
  const mocked = { ...fs, chmodSync: chmod, copyFileSync: copyFile, readdirSync: readdir, rmSync: rm };
  return { ...mocked, default: mocked };
});

beforeEach(() => void Object.assign(disk, { hasModes: true, listing: null, removing: 'EACCES' }));

describe('a tree is removed', () => {
  /** A folder with a read-only one, which has a file and another one. */
  function readOnly(): string {
    const root = temporaryFolder('tree');
    mkdirSync(join(root, 'all/folder/in it'), { recursive: true });
    writeFileSync(join(root, 'all/folder/a'), '');
    writeFileSync(join(root, 'outside'), 'text');
    symlinkSync('../outside', join(root, 'all/link'));
    for (const name of ['all/folder/in it', 'all/folder', 'all']) chmodSync(join(root, name), 0o500);
    chmodSync(join(root, 'outside'), 0o400);
    return root;
  }

  test('even if folders are read-only, and links are not followed', () => {
    const root = readOnly();
    removeTree(join(root, 'all'));
    expect(readdirSync(root)).toEqual(['outside']);
    removeTree(join(root, 'all'));
    expect([readdirSync(root), lstatSync(join(root, 'outside')).mode & 0o777]).toEqual([['outside'], 0o400]);
  });

  test('or the error is reported, and no mode changed', () => {
    const root = readOnly();
    disk.removing = 'EIO';
    expect(() => removeTree(join(root, 'all'))).toThrow('EIO');
    expect(lstatSync(join(root, 'all')).mode & 0o777).toBe(0o500);
    chmodSync(join(root, 'all'), 0o700);
    chmodSync(join(root, 'all/folder'), 0o700);
    chmodSync(join(root, 'all/folder/in it'), 0o700);
  });
});

describe('a copy', () => {
  test('has the times of last access too', () => {
    const root = temporaryFolder('tree');
    // A time of access in the future is not changed when the copy is read.
    const [accessed, changed] = [new Date(Math.floor(Date.now() / 1000 + 3600) * 1000), new Date(2_000_000)];
    writeFileSync(join(root, 'a'), 'text');
    utimesSync(join(root, 'a'), accessed, changed);
    copyTree(join(root, 'a'), join(root, 'b'));
    expect(lstatSync(join(root, 'b'))).toMatchObject({ atime: accessed, mtime: changed });
  });

  test('without the modes of its source is refused', () => {
    const root = temporaryFolder('tree');
    writeFileSync(join(root, 'a'), 'text', { mode: 0o640 });
    disk.hasModes = false;
    expect(() => copyTree(join(root, 'a'), join(root, 'b'))).toThrow(expect.objectContaining({ code: 'EIO' }) as Error);
    expect(readFileSync(join(root, 'a'), 'utf8')).toBe('text');
  });
});

describe('what cannot be read', () => {
  test.each(['EACCES', 'EPERM', 'EIO'])('takes no bytes if its folder fails with %s', (code) => {
    const root = temporaryFolder('tree');
    mkdirSync(join(root, 'refused'));
    writeFileSync(join(root, 'refused/a'), 'unseen');
    writeFileSync(join(root, 'b'), 'text');
    disk.listing = code;
    expect(bytesBelow(root)).toBe(4);
  });

  test('is an error if no file can be opened at all', () => {
    const root = temporaryFolder('tree');
    mkdirSync(join(root, 'refused'));
    disk.listing = 'EMFILE';
    expect(() => bytesBelow(root)).toThrow('EMFILE');
  });

  test('has the kind `other`, as a file whose name is not UTF-8', () => {
    const root = temporaryFolder('tree');
    writeFileSync(Buffer.concat([Buffer.from(join(root, '/')), Buffer.from([0xff])]), 'text');
    expect(treeOf(root)[1]).toEqual({ path: '\uFFFD', kind: 'other', bytes: 0, mode: 0, mtimeMs: 0 });
  });
});
