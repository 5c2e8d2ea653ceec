import { execFileSync } from 'node:child_process';
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import type * as Fs from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { System } from '../../../src/system/system.js';
import type { Environment } from '../../../src/claude/environment.js';
import { isLocked, takeLock, trashDirsLeftIn, wasInterrupted } from '../../../src/retention/lock.js';
import { configDirs } from '../claude/disk.js';
import { IDLE } from '../../support/context.js';
import { temporaryFolder } from '../../support/temporary.js';

/**
 * Faults of the system: the process is killed after `left` changes; locks belong to another user (`foreign`); reading a
 * lock (`unreadable`) or making a hard link (`noLinks`) fails with this code; the disk is full.
 */
const faults = vi.hoisted(() => ({
  left: Infinity,
  foreign: false,
  unreadable: null as string | null,
  noLinks: null as string | null,
  isFull: false,
  /** True if the lock has the last free inode. */
  hasLastInode: false,
  /** True if there is no inode for a symlink. */
  noSymlinks: false,
  /** Called right before this process opens the lock, to act as another process. */
  beforeOpening: (): void => {},
  /** Called right before this run may take a lock over, to act as another run. */
  beforeTakeover: (): void => {},
  /** Called right before this run replaces the lock, to act as another run. */
  beforeRenaming: (): void => {},
}));

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof Fs>();
  type Any = (...args: unknown[]) => unknown;
  const refuse = (code: string): never => {
    throw Object.assign(new Error(code), { code });
  };
  const changing =
    (real: Any, isChange: (args: unknown[]) => boolean = () => true): Any =>
    (...args) => {
      if (isChange(args) && faults.left-- <= 0) refuse('EKILLED');
      return real(...args);
    };
  const isLock = (path: unknown): boolean => String(path).endsWith('/lock');
  const lstat: Any = (...args) => {
    const stats = fs.lstatSync(...(args as Parameters<typeof fs.lstatSync>));
    return stats !== undefined && faults.foreign && isLock(args[0]) ? Object.assign(stats, { uid: 12345 }) : stats;
  };
  const open: Any = (...args) => {
    if (faults.unreadable !== null && isLock(args[0])) refuse(faults.unreadable);
    if (isLock(args[0])) faults.beforeOpening();
    const path = String(args[0]);
    if (faults.hasLastInode && path.endsWith('/reserve') && fs.existsSync(join(path, '../lock'))) refuse('ENOSPC');
    return fs.openSync(...(args as Parameters<typeof fs.openSync>));
  };
  const link: Any = (...args) => {
    if (String(args[1]).endsWith('.takeover')) faults.beforeTakeover();
    return linkOrRefuse(...args);
  };
  const linkOrRefuse: Any = (...args) =>
    faults.noLinks === null ? fs.linkSync(...(args as Parameters<typeof fs.linkSync>)) : refuse(faults.noLinks);
  const write = (fd: number, bytes: Uint8Array, offset = 0): number => {
    if (faults.isFull && fs.fstatSync(fd).size === 0) refuse('ENOSPC');
    return fs.writeSync(fd, bytes, offset);
  };
  const rename: Any = (from, to) => {
    if (isLock(to)) faults.beforeRenaming();
    fs.renameSync(from as string, to as string);
  };
  const mocked = {
    ...fs,
    lstatSync: lstat,
    openSync: changing(open, ([, flags]) => flags === 'wx'),
    linkSync: changing(link),
    writeSync: changing(write as Any),
    ...Object.fromEntries((['rmSync', 'mkdirSync'] as const).map((name) => [name, changing(fs[name] as Any)])),
    symlinkSync: changing((...args) =>
      faults.noSymlinks ? refuse('ENOSPC') : fs.symlinkSync(...(args as Parameters<typeof fs.symlinkSync>)),
    ),
    renameSync: changing(rename),
  };
  return { ...mocked, default: mocked };
});

const disk = (): string => temporaryFolder('lock');

beforeEach(
  () =>
    void Object.assign(faults, {
      left: Infinity,
      foreign: false,
      unreadable: null,
      noLinks: null,
      isFull: false,
      hasLastInode: false,
      noSymlinks: false,
      beforeOpening: () => {},
      beforeTakeover: () => {},
      beforeRenaming: () => {},
    }),
);

const AT = '2026-11-23T06:00:00.000Z';
const NOW = Date.parse('2026-11-23T06:46:02.000Z');
/** A machine on which our process and the one with pid 7 run; that one started at tick 70. */
const SYSTEM: System = {
  platform: 'linux',
  pidExists: (pid) => pid === 7 || pid === process.pid,
  startTime: (pid) => (pid === 7 ? '70' : '1'),
  startedAtMs: () => null,
  bootedAtMs: () => null,
  pidDomain: () => 'here',
  processes: () => [],
  transcriptsBeingWritten: () => null,
};
const HOLDER = { pid: 7, startTime: '70', pidDomain: 'here', at: AT, trashDirs: ['/elsewhere'], ended: false };

const environment = (root: string, system = SYSTEM): Environment => ({
  configDirs: configDirs(root),
  now: () => NOW,
  system,
  env: {},
  home: '/nowhere',
  cwd: '/',
});
const file = (root: string): string => join(root, '.ccsess', 'lock');

function held(holder: object | string): string {
  const root = disk();
  mkdirSync(join(root, '.ccsess'));
  writeFileSync(file(root), typeof holder === 'string' ? holder : JSON.stringify(holder));
  return root;
}

const take = (root: string, waitMs = 0, system = SYSTEM) =>
  takeLock(configDirs(root), ['/trash'], waitMs, environment(root, system));

describe('the lock', () => {
  test('is held by one run at a time, and free once released', async () => {
    const root = disk();
    const lock = await take(root);
    expect(JSON.parse(readFileSync(file(root), 'utf8'))).toMatchObject({
      pid: process.pid,
      startTime: '1',
      trashDirs: ['/trash'],
    });
    await expect(take(root)).rejects.toMatchObject({ code: 'LOCKED', exitCode: 5 });
    lock.release({ unfinished: false });
    expect(existsSync(file(root))).toBe(false);
    (await take(root)).release({ unfinished: false });
  });

  test('is waited for up to the given time', async () => {
    const root = disk();
    const lock = await take(root);
    setTimeout(() => lock.release({ unfinished: false }), 150);
    const second = await take(root, 5000);
    expect(second.leftBehind).toEqual([]);
  });

  test.each([
    ['its process is gone', { ...HOLDER, pid: 8 }],
    ['its pid belongs to another process by now', { ...HOLDER, startTime: '69' }],
    ['it is marked as ended', { ...HOLDER, ended: true }],
    [
      'it was killed in another container more than a day ago',
      { ...HOLDER, pidDomain: 'there', at: '2026-11-22T06:00:00.000Z' },
    ],
    ['its file is damaged', '{"pid":'],
    ['its file has no time', JSON.stringify({ ...HOLDER, at: undefined })],
    ['its file has no valid pid', JSON.stringify({ ...HOLDER, pid: '7' })],
  ])('is taken over when %s, with the trash dirs it lists', async (_why, holder) => {
    const root = held(holder);
    expect(wasInterrupted(configDirs(root), environment(root))).toBe(true);
    const lock = await take(root);
    const expected = typeof holder === 'string' ? [] : ['/elsewhere'];
    expect(lock.leftBehind).toEqual(expected);
    expect(JSON.parse(readFileSync(file(root), 'utf8'))).toMatchObject({ trashDirs: ['/trash', ...expected] });
  });

  test('is not released after another run took it over', async () => {
    const root = held({ ...HOLDER, pid: 8 });
    faults.beforeTakeover = () => writeFileSync(file(root), JSON.stringify(HOLDER));
    await expect(take(root)).rejects.toMatchObject({ code: 'LOCKED' });
    expect(JSON.parse(readFileSync(file(root), 'utf8'))).toEqual(HOLDER);
  });

  test('is taken over from a killed run that had just taken it over, with the trash dirs of that run', async () => {
    const root = held({ ...HOLDER, pid: 8 });
    faults.beforeTakeover = () => {
      faults.beforeTakeover = () => {};
      writeFileSync(file(root), JSON.stringify({ ...HOLDER, pid: 9, trashDirs: ['/third'] }));
    };
    expect((await take(root, 0)).leftBehind).toEqual(['/third']);
  });

  test('is not taken over by two runs at once: the second one waits for the first', async () => {
    const root = held({ ...HOLDER, pid: 8 });
    let second: Promise<unknown> | undefined;
    faults.beforeRenaming = () => {
      faults.beforeRenaming = () => {};
      expect(JSON.parse(readFileSync(`${file(root)}.takeover`, 'utf8'))).toMatchObject({ ended: false, trashDirs: [] });
      second = take(root).catch((error: unknown) => error);
    };
    const lock = await take(root);
    expect(lock.leftBehind).toEqual(['/elsewhere']);
    expect(await second).toMatchObject({ code: 'LOCKED' });
    expect(readdirSync(join(root, '.ccsess'))).toEqual(['lock']);
  });

  test.each([
    ['its process runs', HOLDER],
    ['its start time is unknown', { ...HOLDER, startTime: null }],
    ['it is in another container', { ...HOLDER, pid: 8, pidDomain: 'there' }],
  ])('is held when %s', async (_why, holder) => {
    const root = held(holder);
    expect(wasInterrupted(configDirs(root), environment(root))).toBe(false);
    await expect(take(root)).rejects.toMatchObject({ code: 'LOCKED' });
  });

  test('released as unfinished is recovered as after a kill, even by the same process', async () => {
    const root = disk();
    (await take(root)).release({ unfinished: true });
    expect((await take(root)).leftBehind).toEqual(['/trash']);
  });

  test('creates nothing where there is no config dir', async () => {
    const root = join(disk(), 'none');
    (await take(root, 0, IDLE)).release({ unfinished: false });
    expect(existsSync(root)).toBe(false);
  });

  test('lists the same trash dirs after a takeover, whenever the new holder is killed', async () => {
    let kills = 0;
    for (let left = 0; ; left++) {
      const root = held({ ...HOLDER, pid: 8 });
      faults.left = left;
      const lock = await take(root).catch(() => null);
      const isDone = faults.left >= 0 && lock !== null;
      faults.left = Infinity;
      expect(JSON.parse(readFileSync(file(root), 'utf8'))).toMatchObject({
        trashDirs: expect.arrayContaining(['/elsewhere']),
      });
      const dead = { ...SYSTEM, pidExists: () => false };
      expect((await take(root, 0, dead)).leftBehind).toContain('/elsewhere');
      if (isDone) break;
      kills++;
    }
    expect(kills).toBeGreaterThan(5);
  });

  test('that cannot be taken keeps the record of a killed run in the other config dirs', async () => {
    const [first = '', second = ''] = [held({ ...HOLDER, pid: 8 }), held(HOLDER)].toSorted();
    writeFileSync(file(first), JSON.stringify({ ...HOLDER, pid: 8 }));
    writeFileSync(file(second), JSON.stringify(HOLDER));
    await expect(takeLock(configDirs(first, second), ['/trash'], 0, environment(first))).rejects.toMatchObject({
      code: 'LOCKED',
    });
    expect(wasInterrupted(configDirs(first), environment(first))).toBe(true);
    expect((await take(first)).leftBehind).toContain('/elsewhere');
  });

  test('that cannot be taken is released in the other config dirs', async () => {
    const [first = '', second = ''] = [disk(), disk()].toSorted();
    mkdirSync(join(second, '.ccsess'));
    writeFileSync(file(second), JSON.stringify(HOLDER));
    await expect(takeLock(configDirs(first, second), [], 0, environment(first))).rejects.toMatchObject({
      code: 'LOCKED',
    });
    expect(readdirSync(join(first, '.ccsess'))).toEqual([]);
  });

  test('is left to another run that took it over', async () => {
    const root = disk();
    const lock = await take(root);
    writeFileSync(file(root), JSON.stringify(HOLDER));
    for (const unfinished of [false, true]) lock.release({ unfinished });
    expect(JSON.parse(readFileSync(file(root), 'utf8'))).toEqual(HOLDER);
  });

  test.each(['EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])(
    'is held by one run at a time even where hard links fail with %s',
    async (code) => {
      faults.noLinks = code;
      for (const root of [disk(), held({ ...HOLDER, pid: 8 })]) {
        const lock = await take(root);
        await expect(take(root)).rejects.toMatchObject({ code: 'LOCKED' });
        lock.release({ unfinished: false });
        expect(readdirSync(join(root, '.ccsess'))).toEqual(['reserve']);
      }
    },
  );

  test('that becomes a pipe after it was checked is not read', async () => {
    const root = held({ ...HOLDER, pid: 8 });
    faults.beforeOpening = () => {
      faults.beforeOpening = () => {};
      rmSync(file(root));
      execFileSync('mkfifo', [file(root)]);
    };
    await expect(take(root)).rejects.toMatchObject({ code: 'IO', message: expect.stringContaining('(EINVAL)') });
    expect(lstatSync(file(root)).isFIFO()).toBe(true);
  });

  test('is taken over if a killed run left a takeover file, even if another run removes that meanwhile', async () => {
    const root = held({ ...HOLDER, pid: 8 });
    const guard = `${file(root)}.takeover`;
    writeFileSync(guard, JSON.stringify({ ...HOLDER, pid: 9 }));
    const pidExists = (pid: number): boolean => {
      if (pid === 9) rmSync(guard, { force: true });
      return SYSTEM.pidExists(pid);
    };
    expect((await take(root, 0, { ...SYSTEM, pidExists })).leftBehind).toEqual(['/elsewhere']);
    expect(readdirSync(join(root, '.ccsess'))).toEqual(['lock']);
  });

  test('that is empty counts as being written if it is new, and as left by a power failure if not', async () => {
    const root = held('');
    utimesSync(file(root), NOW / 1000, NOW / 1000);
    expect(wasInterrupted(configDirs(root), environment(root))).toBe(false);
    setTimeout(() => writeFileSync(file(root), JSON.stringify(HOLDER)), 150);
    await expect(take(root)).rejects.toThrow('pid 7');
    writeFileSync(file(root), '');
    utimesSync(file(root), NOW / 1000 - 60, NOW / 1000 - 60);
    expect(wasInterrupted(configDirs(root), environment(root))).toBe(true);
    await take(root);
  });
});

test('the trash dirs of a killed holder are known without taking its lock, and those of a running one are not', () => {
  const dirsOf = (root: string): string[] => trashDirsLeftIn(configDirs(root), environment(root));
  expect([{ ...HOLDER, pid: 8 }, HOLDER].map((holder) => dirsOf(held(holder)))).toEqual([['/elsewhere'], []]);
  expect(dirsOf(disk())).toEqual([]);
});

describe('a holder counts as killed', () => {
  const isStale = (holder: object | string, system: Partial<System> = {}, mtimeMs = NOW): boolean => {
    const root = held(holder);
    utimesSync(file(root), mtimeMs / 1000, mtimeMs / 1000);
    return wasInterrupted(configDirs(root), environment(root, { ...SYSTEM, ...system }));
  };
  const ago = (ms: number): string => new Date(NOW - ms).toISOString();

  test('after a day if it cannot be checked', () => {
    const elsewhere = (ms: number): object => ({ ...HOLDER, pidDomain: 'there', at: ago(ms) });
    expect([isStale(elsewhere(86_399_999)), isStale(elsewhere(86_400_000))]).toEqual([false, true]);
  });

  test('if its file is empty, with a time that is two seconds in the past or in the future', () => {
    const empty = [-2000, -1999, 1999, 2000].map((ms) => isStale('', {}, NOW + ms));
    expect(empty).toEqual([true, false, false, true]);
  });

  test('if another process has its pid by now', () => {
    const startTimes = ['70', '71', null].map((startTime) => ({ ...HOLDER, startTime }));
    expect(startTimes.map((holder) => isStale(holder))).toEqual([false, true, false]);
  });

  test('if its process started after it took the lock, where the system does not report ticks', () => {
    const startedAt = (ms: number): boolean =>
      isStale(HOLDER, { startTime: () => null, startedAtMs: () => Date.parse(AT) + ms });
    expect([startedAt(0), startedAt(1)]).toEqual([false, true]);
  });

  test('if its record says that it ended, or cannot be read', () => {
    const texts = [{ ...HOLDER, ended: true }, { ...HOLDER, pid: '7' }, { ...HOLDER, at: 5 }, 'no JSON', HOLDER];
    expect(texts.map((text) => isStale(text))).toEqual([true, true, true, true, false]);
  });

  test('if it is a link with an impossible time, which ccsess never writes', async () => {
    const lockAt = (ms: number): string => {
      const root = disk();
      mkdirSync(join(root, '.ccsess'));
      symlinkSync(['ccsess', 8, '', ms.toString(36), '00000000'].join(':'), file(root));
      return root;
    };
    for (const ms of [0, 8.64e15]) expect(wasInterrupted(configDirs(lockAt(ms)), environment(lockAt(ms)))).toBe(true);
    await expect(take(lockAt(8.64e15 + 36))).rejects.toThrow('is a symbolic link, not a lock file');
  });
});

describe('a lock on a full disk', () => {
  const onlyDeletes = { onlyDeletes: true };
  const takeToDelete = (root: string) => takeLock(configDirs(root), ['/trash'], 0, environment(root), onlyDeletes);

  test('is a link, taken and released like a file, for commands that only delete', async () => {
    const root = disk();
    faults.isFull = true;
    const lock = await takeToDelete(root);
    expect(lstatSync(file(root)).isSymbolicLink()).toBe(true);
    await expect(take(root)).rejects.toThrow(`(pid ${process.pid}, since 2026-11-23T06:46:02.000Z)`);
    lock.release({ unfinished: false });
    expect(readdirSync(join(root, '.ccsess'))).toEqual(['reserve']);
    expect(lock.mayHaveStaged).toBe(false);
  });

  test('uses the space of the reserve first', async () => {
    const root = disk();
    (await take(root)).release({ unfinished: false });
    const reserve = join(root, '.ccsess', 'reserve');
    expect(lstatSync(reserve)).toMatchObject({ size: 64 * 1024 });
    faults.isFull = true;
    await expect(take(root)).rejects.toMatchObject({ code: 'IO', hint: expect.stringContaining('permanent: true') });
    // A new reserve is made, as large as the disk has room for.
    expect(lstatSync(reserve)).toMatchObject({ size: 0 });
  });

  test('gives the last free inode to the reserve once it is released', async () => {
    const root = disk();
    faults.hasLastInode = true;
    const lock = await take(root);
    lock.release({ unfinished: false });
    expect(readdirSync(join(root, '.ccsess'))).toEqual(['reserve']);
  });

  test('fails without a hint if there is no space even for the link of a command that only deletes', async () => {
    const root = disk();
    Object.assign(faults, { isFull: true, noSymlinks: true });
    await expect(takeToDelete(root)).rejects.toMatchObject({ code: 'IO', hint: null });
  });

  test('of a process that is gone says that there may be staged files', async () => {
    const root = disk();
    faults.isFull = true;
    await takeToDelete(root);
    const dead = { ...SYSTEM, pidExists: () => false };
    expect(wasInterrupted(configDirs(root), environment(root, dead))).toBe(true);
    await expect(take(root, 0, dead)).rejects.toMatchObject({ code: 'IO' });
    const lock = await takeLock(configDirs(root), [], 0, environment(root, dead), onlyDeletes);
    expect(lock.mayHaveStaged).toBe(true);
    faults.isFull = false;
    lock.release({ unfinished: true });
    expect((await take(root)).mayHaveStaged).toBe(true);
  });

  test('of a process that kept a record of its work says that there are no staged files elsewhere', async () => {
    const root = held({ ...HOLDER, pid: 8 });
    const lock = await take(root);
    expect(lock.mayHaveStaged).toBe(false);
    expect(JSON.parse(readFileSync(file(root), 'utf8'))).toMatchObject({ inPlace: false });
  });

  test('of a process in another container is held', async () => {
    const root = disk();
    faults.isFull = true;
    await takeToDelete(root);
    const elsewhere = { ...SYSTEM, pidExists: () => false, pidDomain: () => 'there' };
    await expect(take(root, 0, elsewhere)).rejects.toMatchObject({ code: 'LOCKED' });
  });

  test('is written into the file of the stale lock that it takes over, with its trash dirs', async () => {
    const root = held(
      `${JSON.stringify({ ...HOLDER, pid: 8, trashDirs: ['/elsewhere', '/trash'], more: 'x'.repeat(500) })}\n`,
    );
    faults.isFull = true;
    const lock = await take(root);
    expect(lock.leftBehind).toEqual(['/elsewhere', '/trash']);
    await expect(take(root)).rejects.toMatchObject({ code: 'LOCKED' });
    expect(JSON.parse(readFileSync(file(root), 'utf8'))).toMatchObject({
      pid: process.pid,
      trashDirs: ['/trash', '/elsewhere'],
    });
    lock.release({ unfinished: false });
    expect(existsSync(file(root))).toBe(false);
  });

  test('is not written into the file of a stale lock that has a second name', async () => {
    const text = `${JSON.stringify({ ...HOLDER, pid: 8, more: 'x'.repeat(500) })}\n`;
    const root = held(text);
    linkSync(file(root), join(root, 'other'));
    faults.isFull = true;
    await expect(take(root)).rejects.toMatchObject({ code: 'IO' });
    expect([readFileSync(file(root), 'utf8'), readFileSync(join(root, 'other'), 'utf8')]).toEqual([text, text]);
  });
});

describe('a lock that cannot be used', () => {
  const kinds: [string, (path: string) => void][] = [
    ['a directory', (path) => mkdirSync(path)],
    ['a named pipe', (path) => execFileSync('mkfifo', [path])],
    ['a symbolic link', (path) => symlinkSync('lock', path)],
    ['a symbolic link', (path) => symlinkSync('/dev/zero', path)],
  ];
  const errorOf = async (root: string, waitMs = 0): Promise<unknown> =>
    take(root, waitMs).then(
      () => null,
      (error: unknown) => error,
    );
  const sees = (root: string): boolean[] => [
    wasInterrupted(configDirs(root), environment(root)),
    isLocked(configDirs(root)[0]!, environment(root)),
  ];

  test.each(kinds)('is an error at once if it is %s, but not for commands that only read', async (what, make) => {
    const root = held('');
    rmSync(file(root));
    make(file(root));
    expect(sees(root)).toEqual([false, false]);
    expect(await errorOf(root, 60_000)).toMatchObject({
      code: 'IO',
      exitCode: 1,
      message: `${file(root)} is ${what}, not a lock file, so nothing was changed.`,
    });
  });

  test.each(['EACCES', 'EIO'])('is an error at once if reading it fails with %s', async (code) => {
    const root = held(HOLDER);
    faults.unreadable = code;
    expect(sees(root)).toEqual([false, false]);
    expect(await errorOf(root, 60_000)).toMatchObject({
      code: 'IO',
      exitCode: 1,
      message: `${file(root)} cannot be read (${code}), so nothing was changed.`,
    });
  });

  test.each([
    ['cannot be read', 'EACCES'],
    ['is stale', null],
  ])('is refused after the given wait if it belongs to another user and %s', async (_why, unreadable) => {
    const root = held({ ...HOLDER, pid: 8 });
    Object.assign(faults, { foreign: true, unreadable });
    expect(sees(root)).toEqual([false, true]);
    expect(await errorOf(root)).toMatchObject({
      code: 'LOCKED',
      exitCode: 5,
      message: `${file(root)} belongs to another user (uid 12345), so nothing was changed.`,
    });
    setTimeout(() => rmSync(file(root)), 150);
    expect(await errorOf(root, 5000)).toBeNull();
  });

  test.each(kinds)('is an error if its takeover file is %s', async (what, make) => {
    const root = held({ ...HOLDER, pid: 8 });
    make(`${file(root)}.takeover`);
    expect(await errorOf(root)).toMatchObject({ code: 'IO', message: expect.stringContaining(`takeover is ${what}`) });
    expect(readFileSync(file(root), 'utf8')).toContain('/elsewhere');
  });

  test('is an error if .ccsess is a file', async () => {
    const root = disk();
    writeFileSync(join(root, '.ccsess'), '');
    expect(sees(root)).toEqual([false, false]);
    expect(await errorOf(root)).toMatchObject({ code: 'IO', exitCode: 1 });
  });
});

test('trash folders of a stale lock that are not absolute paths are ignored', async () => {
  const trashDirs = ['/trash', '../up', '', 'a\0b', '/a\0b', 7];
  const root = held({ ...HOLDER, ended: true, trashDirs } as unknown as Parameters<typeof held>[0]);
  expect((await take(root)).leftBehind).toEqual(['/trash']);
});
