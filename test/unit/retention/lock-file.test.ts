import { execFileSync } from 'node:child_process';
import type * as Fs from 'node:fs';
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Environment } from '../../../src/claude/environment.js';
import { lockState, lockTarget, lockText, type LockState } from '../../../src/retention/lock-file.js';
import type { System } from '../../../src/system/system.js';
import { IDLE } from '../../support/context.js';
import { temporaryFolder } from '../../support/temporary.js';

/** By the end of a path: its owner, and the codes with which examining and opening it fail. */
const disk = vi.hoisted(() => ({
  owners: {} as Record<string, number>,
  looking: {} as Record<string, string>,
  opening: {} as Record<string, string>,
  own: 0,
}));

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof Fs>();
  const of = <T>(values: Record<string, T>, path: unknown): T | undefined =>
    Object.entries(values).find(([end]) => String(path).endsWith(end))?.[1];
  const check = (codes: Record<string, string>, path: unknown): void => {
    const code = of(codes, path);
    if (code !== undefined) throw Object.assign(new Error(code), { code });
  };
  const lstat = (...args: Parameters<typeof fs.lstatSync>): unknown => {
    check(disk.looking, args[0]);
    const stats = fs.lstatSync(...args);
    const uid = of(disk.owners, args[0]);
    return stats === undefined || uid === undefined ? stats : Object.assign(stats, { uid });
  };
  const open: typeof fs.openSync = (path, flags, mode) => {
    check(disk.opening, path);
    return fs.openSync(path, flags, mode);
  };
  const mocked = { ...fs, lstatSync: lstat, openSync: open };
  return { ...mocked, default: mocked };
});

vi.mock('../../../src/system/system.js', async (importOriginal) => ({
  ...(await importOriginal<object>()),
  ownUid: () => disk.own,
}));

beforeEach(() => void Object.assign(disk, { owners: {}, looking: {}, opening: {}, own: process.getuid?.() ?? 0 }));

const NOW = Date.parse('2026-11-23T06:46:02.000Z');
const AT = '2026-11-23T06:00:00.000Z';
const DAY = 24 * 60 * 60 * 1000;
/** A machine on which the process with pid 7 runs, which started at tick 70. */
const SYSTEM: System = {
  ...IDLE,
  pidExists: (pid) => pid === 7,
  startTime: (pid) => (pid === 7 ? '70' : null),
  pidDomain: () => 'here',
};
const HOLDER = { pid: 7, startTime: '70', pidDomain: 'here', at: AT, trashDirs: ['/trash'], ended: false };

/** The state of a lock, made by `make` at its path or with a text; paths and errors as they are shown. */
function stateOf(
  lock: object | string | ((path: string) => void),
  system: Partial<System> = {},
): Record<string, unknown> {
  const root = temporaryFolder('lock-file');
  const path = join(root, '.ccsess', 'lock');
  mkdirSync(join(root, '.ccsess'));
  if (typeof lock === 'function') lock(path);
  else writeFileSync(path, typeof lock === 'string' ? lock : JSON.stringify(lock));
  const state = lockState(path, { system: { ...SYSTEM, ...system }, now: () => NOW }) as LockState & { error?: Error };
  const { error, ...rest } = state;
  if (error === undefined) return rest;
  return {
    ...rest,
    code: (error as unknown as { code: string }).code,
    message: error.message.replaceAll(path, 'LOCK'),
  };
}

const kindOf = (...args: Parameters<typeof stateOf>): unknown => stateOf(...args)['kind'];

describe('a lock file', () => {
  test('is held by a process that runs, named by its pid and time', () => {
    expect(stateOf(HOLDER)).toEqual({
      ...{ kind: 'held', text: JSON.stringify(HOLDER), isNew: false, code: 'LOCKED' },
      message: `another ccsess (pid 7, since ${AT}) is making changes here: LOCK.`,
    });
  });

  test('is stale if its process is gone, and then says which trash dirs and staged files may be left', () => {
    const gone = { ...HOLDER, pid: 8 };
    expect(stateOf(gone)).toEqual({
      kind: 'stale',
      text: JSON.stringify(gone),
      trashDirs: ['/trash'],
      mayHaveStaged: false,
    });
    expect(stateOf({ ...gone, inPlace: true })).toMatchObject({ kind: 'stale', mayHaveStaged: true });
    expect(stateOf({ ...gone, trashDirs: ['/a', 'b', 7, '/c\0', null, ''] })).toMatchObject({ trashDirs: ['/a'] });
    expect(stateOf({ ...gone, trashDirs: '/a' })).toMatchObject({ trashDirs: [] });
    expect(stateOf('no JSON')).toEqual({ kind: 'stale', text: 'no JSON', trashDirs: [], mayHaveStaged: false });
  });

  test('is free if it is missing, vanishes before it is opened, or if its folder is a file', () => {
    expect(kindOf(() => {})).toBe('free');
    disk.looking = { '/lock': 'ENOTDIR' };
    expect(kindOf(HOLDER)).toBe('free');
    disk.looking = {};
    disk.opening = { '/lock': 'ENOENT' };
    expect(kindOf(HOLDER)).toBe('free');
  });

  test.each<[string, (path: string) => void]>([
    ['a directory', (path) => mkdirSync(path)],
    ['a named pipe', (path) => execFileSync('mkfifo', [path])],
    ['a symbolic link', (path) => symlinkSync('elsewhere', path)],
    ['a symbolic link', (path) => symlinkSync('xccsess:8::0:00000000', path)],
  ])('cannot be used if it is %s', (what, make) => {
    expect(stateOf(make)).toEqual({
      ...{ kind: 'unusable', code: 'IO' },
      message: `LOCK is ${what}, not a lock file, so nothing was changed.`,
    });
  });

  test('cannot be used if it is a socket', async () => {
    const path = join(temporaryFolder('lock-file'), 'lock');
    const server = createServer();
    await new Promise<void>((done) => void server.listen(path, done));
    const state = lockState(path, { system: SYSTEM, now: () => NOW });
    await new Promise((done) => void server.close(done));
    expect(state).toMatchObject({
      kind: 'unusable',
      error: { message: expect.stringContaining('is a socket, ') as string },
    });
  });

  test('cannot be used if it is a device', () => {
    expect(lockState('/dev/null', { system: SYSTEM, now: () => NOW })).toMatchObject({
      error: { message: '/dev/null is a device, not a lock file, so nothing was changed.' },
    });
  });

  test.each(['looking', 'opening'] as const)('cannot be used if it cannot be examined or opened (%s)', (step) => {
    disk[step] = { '/lock': 'EIO' };
    const message = 'LOCK cannot be read (EIO), so nothing was changed.';
    expect(stateOf(HOLDER)).toEqual({ kind: 'unusable', code: 'IO', message });
  });

  test('of another user that is stale, or cannot be read, blocks as well', () => {
    const message = 'LOCK belongs to another user (uid 12345), so nothing was changed.';
    const blocked = { kind: 'blocked', code: 'LOCKED', message };
    disk.owners = { '/lock': 12_345 };
    expect(stateOf({ ...HOLDER, pid: 8 })).toEqual(blocked);
    expect(kindOf(HOLDER)).toBe('held');
    disk.opening = { '/lock': 'EACCES' };
    expect(stateOf(HOLDER)).toEqual(blocked);
  });

  test("of the config dir's owner, or where there are no users, counts as this user's", () => {
    const stale = { ...HOLDER, pid: 8 };
    const root = temporaryFolder('lock-file');
    mkdirSync(join(root, '.ccsess'));
    writeFileSync(join(root, '.ccsess/lock'), JSON.stringify(stale));
    const kind = (): string => lockState(join(root, '.ccsess/lock'), { system: SYSTEM, now: () => NOW }).kind;
    disk.owners = { '/lock': 12_345, [root]: 12_345 };
    expect(kind()).toBe('stale');
    disk.owners = { '/lock': 12_345, [root]: 54_321 };
    expect(kind()).toBe('blocked');
    disk.own = -1;
    expect(kind()).toBe('stale');
    disk.own = 5;
    disk.looking = { [root]: 'EACCES' };
    expect(kind()).toBe('blocked');
    disk.looking = { [root]: 'ENOENT' };
    expect(kind()).toBe('blocked');
    disk.owners = { '/lock': 5 };
    expect(kind()).toBe('stale');
  });
});

describe('the holder of a lock', () => {
  test('counts as running: by its pid, its start, or for a day if it cannot be checked', () => {
    const ago = (ms: number): string => new Date(NOW - ms).toISOString();
    const elsewhere = (ms: number): object => ({ ...HOLDER, pidDomain: 'there', at: ago(ms) });
    expect([
      ...[kindOf(elsewhere(DAY - 1)), kindOf(elsewhere(DAY)), kindOf({ ...HOLDER, pidDomain: 7, at: ago(DAY) })],
      ...[
        kindOf({ ...HOLDER, startTime: '71' }),
        kindOf({ ...HOLDER, startTime: 70 }),
        kindOf({ ...HOLDER, ended: true }),
      ],
      ...[kindOf({ ...HOLDER, ended: 'true' }), kindOf({ ...HOLDER, pid: '7' }), kindOf({ ...HOLDER, at: 7 })],
    ]).toEqual(['held', 'stale', 'stale', 'stale', 'held', 'stale', 'held', 'stale', 'stale']);
    // The clock of another machine may be ahead, but not by years.
    expect([kindOf(elsewhere(1 - DAY)), kindOf(elsewhere(-DAY)), kindOf(elsewhere(-365 * DAY))]).toEqual([
      ...['held', 'stale', 'stale'],
    ]);
    const started = (ms: number | null): unknown =>
      kindOf(HOLDER, { startTime: () => null, startedAtMs: () => (ms === null ? null : Date.parse(AT) + ms) });
    expect([started(null), started(-1), started(0), started(1)]).toEqual(['held', 'held', 'held', 'stale']);
    expect(kindOf({ ...HOLDER, pidDomain: null }, { pidDomain: () => null })).toBe('held');
  });

  test('is about to write an empty file for two seconds', () => {
    const empty = (ms: number, text = ''): unknown =>
      kindOf((path) => {
        writeFileSync(path, text);
        utimesSync(path, NOW / 1000, (NOW + ms) / 1000);
      });
    expect([-2000, -1999, 0, 1999, 2000].map((ms) => empty(ms))).toEqual(['stale', 'held', 'held', 'held', 'stale']);
    expect(empty(0, '\n')).toBe('stale');
    expect(stateOf((path) => (writeFileSync(path, ''), utimesSync(path, NOW / 1000, NOW / 1000)))).toMatchObject({
      ...{ isNew: true, text: '', message: 'another ccsess is making changes here: LOCK.' },
    });
  });
});

describe('a lock of this process', () => {
  const environment: Environment = {
    ...{ configDirs: [], env: {}, home: '/nowhere', cwd: '/' },
    system: { ...SYSTEM, startTime: () => '5' },
    now: () => NOW,
  };
  const own = { pidExists: (pid: number) => pid === process.pid, startTime: () => '5' };
  const state = (target: string, system: Partial<System> = own): Record<string, unknown> =>
    stateOf((path) => symlinkSync(target, path), system);

  test('as a file is read as it was written', () => {
    const text = lockText(environment, { trashDirs: ['/a'], ended: false, inPlace: true });
    expect(text.endsWith('}\n')).toBe(true);
    expect(stateOf(text, own)).toMatchObject({ kind: 'held', text });
    expect(stateOf(text)).toEqual({ kind: 'stale', text, trashDirs: ['/a'], mayHaveStaged: true });
  });

  test('as a link names pid, start, time and domain, and may have set sessions aside', () => {
    const target = lockTarget(environment);
    expect(target).toMatch(new RegExp(`^ccsess:${process.pid}:5:${NOW.toString(36)}:[0-9a-f]{8}$`));
    const message = `another ccsess (pid ${process.pid}, since 2026-11-23T06:46:02.000Z) is making changes here: LOCK.`;
    expect(state(target)).toEqual({ kind: 'held', text: target, isNew: false, code: 'LOCKED', message });
    expect(state(target, {})).toEqual({ kind: 'stale', text: target, trashDirs: [], mayHaveStaged: true });
    expect(state(target, { ...own, startTime: () => '6' })['kind']).toBe('stale');
    expect(state(target, { pidDomain: () => 'there' })['kind']).toBe('held');
    const old = { ...environment, now: () => NOW - DAY };
    expect(state(lockTarget(old), { pidDomain: () => 'there' })['kind']).toBe('stale');
    const unknown = { ...environment, system: { ...SYSTEM, startTime: () => null } };
    expect(lockTarget(unknown)).toContain(`:${process.pid}::`);
    expect(state(lockTarget(unknown), { ...own, startTime: () => '6', startedAtMs: () => NOW })['kind']).toBe('held');
  });

  test('as a link has a time that a date can have', () => {
    const at = (ms: number): unknown => state(`ccsess:8::${ms.toString(36)}:00000000`)['kind'];
    expect([at(8.64e15 - 36), at(8.64e15), at(8.64e15 + 2)]).toEqual(['stale', 'stale', 'unusable']);
  });
});
