import type * as Fs from 'node:fs';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { createLock, replaceLock } from '../../../src/retention/lock-write.js';
import { temporaryFolder } from '../../support/temporary.js';

/** The codes with which writing new files, making links and renaming fail. */
const disk = vi.hoisted(() => ({
  writing: null as string | null,
  linking: null as string | null,
  renaming: null as string | null,
}));

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof Fs>();
  const refuse = (code: string): never => {
    throw Object.assign(new Error(code), { code });
  };
  const writeSync = (fd: number, bytes: Uint8Array, offset = 0): number =>
    disk.writing !== null && fs.fstatSync(fd).size === 0 ? refuse(disk.writing) : fs.writeSync(fd, bytes, offset);
  const symlink: typeof fs.symlinkSync = (target, path) =>
    disk.linking === null ? fs.symlinkSync(target, path) : refuse(disk.linking);
  const rename: typeof fs.renameSync = (from, to) =>
    disk.renaming === null ? fs.renameSync(from, to) : refuse(disk.renaming);
  const mocked = { ...fs, writeSync, symlinkSync: symlink, renameSync: rename };
  return { ...mocked, default: mocked };
});

beforeEach(() => void Object.assign(disk, { writing: null, linking: null, renaming: null }));

/** The path of a lock in a new folder, and its text if it exists. */
function lockWith(text: string | null): string {
  const path = join(temporaryFolder('lock-write'), 'lock');
  if (text === null) return path;
  const fd = openSync(path, 'wx');
  writeFileSync(fd, text);
  // Some file systems allocate blocks only then.
  fsyncSync(fd);
  closeSync(fd);
  return path;
}

const code = (name: string): Error => expect.objectContaining({ code: name }) as Error;

describe('a new lock', () => {
  test.each(['ENOSPC', 'EDQUOT'])('is a link if a file fails with %s, and only one run can make it', (full) => {
    const path = lockWith(null);
    disk.writing = full;
    expect(createLock(path, { text: 'text\n', link: 'ccsess:1' })).toBe('ccsess:1');
    expect(readlinkSync(path)).toBe('ccsess:1');
    expect(createLock(path, { text: 'text\n', link: 'ccsess:2' })).toBeNull();
    expect([readlinkSync(path), readdirSync(join(path, '..'))]).toEqual(['ccsess:1', ['lock']]);
  });

  test('is not made if a link fails too or is not allowed, or after any other error', () => {
    const path = lockWith(null);
    Object.assign(disk, { writing: 'ENOSPC', linking: 'EIO' });
    expect(() => createLock(path, { text: 'text\n', link: 'ccsess:1' })).toThrow(code('EIO'));
    expect(() => createLock(path, { text: 'text\n', link: null })).toThrow(code('ENOSPC'));
    Object.assign(disk, { writing: 'EROFS', linking: null });
    expect(() => createLock(path, { text: 'text\n', link: 'ccsess:1' })).toThrow(code('EROFS'));
    expect(readdirSync(join(path, '..'))).toEqual([]);
  });
});

describe('a lock that replaces another on a full disk', () => {
  test('is written into the file of the old one, filled with blanks to its length', () => {
    const path = lockWith('x'.repeat(100));
    disk.writing = 'ENOSPC';
    const text = replaceLock(path, { text: 'new\n', link: null });
    expect([text, readFileSync(path, 'utf8')]).toEqual([`new${' '.repeat(96)}\n`, text]);
  });

  test('may be as long as the old one, and no byte longer', () => {
    const path = lockWith('x'.repeat(4096));
    disk.writing = 'ENOSPC';
    const full = `${'y'.repeat(4095)}\n`;
    expect(replaceLock(path, { text: full, link: null })).toBe(full);
    const longer = `${'z'.repeat(4096)}\n`;
    expect(() => replaceLock(path, { text: longer, link: null })).toThrow(code('ENOSPC'));
    expect(readFileSync(path, 'utf8')).toBe(full);
  });

  test.each<[string, (path: string) => void]>([
    ['has another name', (path) => linkSync(join(path, '../other'), path)],
    ['is a link', (path) => symlinkSync('other', path)],
  ])('is a link if the old one %s, and does not change that file', (_what, make) => {
    const path = lockWith(null);
    writeFileSync(join(path, '../other'), 'x'.repeat(100));
    make(path);
    disk.writing = 'ENOSPC';
    expect(() => replaceLock(path, { text: 'new\n', link: null })).toThrow(code('ENOSPC'));
    expect(replaceLock(path, { text: 'new\n', link: 'ccsess:1' })).toBe('ccsess:1');
    expect([readlinkSync(path), readFileSync(join(path, '../other'), 'utf8')]).toEqual(['ccsess:1', 'x'.repeat(100)]);
    expect(readdirSync(join(path, '..')).sort()).toEqual(['lock', 'other']);
  });

  test('leaves the old link and nothing else if it cannot replace it', () => {
    const path = lockWith(null);
    symlinkSync('ccsess:0', path);
    Object.assign(disk, { writing: 'ENOSPC', renaming: 'EIO' });
    expect(() => replaceLock(path, { text: 'new\n', link: 'ccsess:1' })).toThrow(code('EIO'));
    expect([readlinkSync(path), readdirSync(join(path, '..'))]).toEqual(['ccsess:0', ['lock']]);
  });

  test('is not written if the error is another, or the old one is gone', () => {
    const path = lockWith('x'.repeat(100));
    disk.writing = 'EROFS';
    expect(() => replaceLock(path, { text: 'new\n', link: 'ccsess:1' })).toThrow(code('EROFS'));
    expect(lstatSync(path)).toMatchObject({ size: 100 });
    disk.writing = 'ENOSPC';
    const gone = lockWith(null);
    expect(() => replaceLock(gone, { text: 'new\n', link: 'ccsess:1' })).toThrow(code('ENOENT'));
    expect(existsSync(gone)).toBe(false);
  });
});
