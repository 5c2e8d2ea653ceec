import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { keepReserve, withReserve } from '../../../src/retention/reserve.js';
import { temporaryFolder } from '../../support/temporary.js';

const SIZE = 64 * 1024;
const folder = (): string => temporaryFolder('reserve');

describe('the reserve', () => {
  test('takes 64 KiB that no file system can compress, and is private', () => {
    const own = folder();
    keepReserve(own);
    expect(statSync(join(own, 'reserve'))).toMatchObject({ size: SIZE, mode: 0o100600 });
    expect(new Set(readFileSync(join(own, 'reserve'))).size).toBe(256);
  });

  test('is filled up if it was cut short, and not written again if it is whole', () => {
    const own = folder();
    writeFileSync(join(own, 'reserve'), 'begun');
    keepReserve(own);
    expect([statSync(join(own, 'reserve')).size, readFileSync(join(own, 'reserve'), 'latin1').slice(0, 5)]).toEqual([
      SIZE,
      'begun',
    ]);
    utimesSync(join(own, 'reserve'), 1000, 1000);
    keepReserve(own);
    expect(statSync(join(own, 'reserve'))).toMatchObject({ size: SIZE, mtimeMs: 1_000_000 });
  });

  test('is not written into anything else that has its name', () => {
    const [linked, link, pipe] = [folder(), folder(), folder()];
    writeFileSync(join(linked, 'other'), 'mine');
    linkSync(join(linked, 'other'), join(linked, 'reserve'));
    writeFileSync(join(link, 'other'), 'mine');
    symlinkSync('other', join(link, 'reserve'));
    execFileSync('mkfifo', [join(pipe, 'reserve')]);
    const reader = openSync(join(pipe, 'reserve'), constants.O_RDWR | constants.O_NONBLOCK);
    for (const own of [linked, link, pipe, join(pipe, 'none')]) expect(() => keepReserve(own)).not.toThrow();
    expect([linked, link].map((own) => readFileSync(join(own, 'other'), 'utf8'))).toEqual(['mine', 'mine']);
    expect(() => readSync(reader, Buffer.alloc(1))).toThrow('EAGAIN');
    closeSync(reader);
  });
});

describe('a step that needs space', () => {
  const failing =
    (times: number, code: string, calls: number[] = []): (() => number) =>
    () => {
      calls.push(0);
      if (calls.length <= times) throw Object.assign(new Error(code), { code });
      return calls.length;
    };

  test.each(['ENOSPC', 'EDQUOT'])('is done again without the reserves if it fails with %s', (code) => {
    const owns = [folder(), folder(), folder()];
    for (const own of owns.slice(1)) keepReserve(own);
    expect(withReserve(owns, failing(1, code))).toBe(2);
    expect(owns.map((own) => existsSync(join(own, 'reserve')))).toEqual([false, false, false]);
    expect(() => withReserve(owns, failing(2, code))).toThrow(code);
  });

  test('that fails again gets its reserves back, for a command that needs less space', () => {
    const [own, without] = [folder(), folder()];
    keepReserve(own);
    expect(() => withReserve([own, without], failing(2, 'ENOSPC'))).toThrow('ENOSPC');
    expect(statSync(join(own, 'reserve')).size).toBe(SIZE);
    expect(existsSync(join(without, 'reserve'))).toBe(false);
  });

  test('that fails again may do something smaller before the reserves are made anew', () => {
    const own = folder();
    keepReserve(own);
    expect(withReserve([own], failing(2, 'ENOSPC'), () => 7)).toBe(7);
    expect(existsSync(join(own, 'reserve'))).toBe(false);
    expect(withReserve([own], failing(1, 'ENOSPC'), () => 7)).toBe(2);
    expect(() => withReserve([own], failing(1, 'EROFS'), () => 7)).toThrow('EROFS');
  });

  test('keeps the reserves if it works, or fails with another error', () => {
    const own = folder();
    keepReserve(own);
    expect(withReserve([own], failing(0, ''))).toBe(1);
    expect(() => withReserve([own], failing(1, 'EROFS'))).toThrow('EROFS');
    expect(readdirSync(own)).toEqual(['reserve']);
  });

  test('is done again even if a reserve cannot be removed', () => {
    const own = folder();
    mkdirSync(join(own, 'reserve'));
    expect(withReserve([own], failing(1, 'ENOSPC'))).toBe(2);
  });
});
