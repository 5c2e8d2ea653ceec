import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { System } from '../../../src/system/system.js';
import type { Workplace } from '../../../src/claude/workplace.js';
import { takeLock, wasInterrupted } from '../../../src/retention/lock.js';
import { configDirs, disk } from '../claude/disk.js';
import { IDLE } from '../../support/context.js';

const AT = '2026-11-23T06:00:00.000Z';
const NOW = Date.parse('2026-11-23T06:46:02.000Z');
/** A machine on which our process and the one with pid 7 run; that one started at tick 70. */
const SYSTEM: System = {
  platform: 'linux',
  pidExists: (pid) => pid === 7 || pid === process.pid,
  startTime: (pid) => (pid === 7 ? '70' : '1'),
  startedAtMs: () => null,
  pidDomain: () => 'here',
  processes: () => [],
};
const HOLDER = { pid: 7, startTime: '70', pidDomain: 'here', at: AT, trashDirs: ['/elsewhere'], ended: false };

const workplace = (root: string, system = SYSTEM): Workplace => ({
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
  takeLock(configDirs(root), ['/trash'], waitMs, workplace(root, system));

describe('the lock', () => {
  test('is one of two, and free again once given back', async () => {
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

  test('is waited for as long as one is told to', async () => {
    const root = disk();
    const lock = await take(root);
    setTimeout(() => lock.release({ unfinished: false }), 150);
    const second = await take(root, 5000);
    expect(second.leftBehind).toEqual([]);
  });

  test.each([
    ['its process is gone', { ...HOLDER, pid: 8 }],
    ['its pid is another program now', { ...HOLDER, startTime: '69' }],
    ['it said that it ended', { ...HOLDER, ended: true }],
    [
      'it was killed in another container more than a day ago',
      { ...HOLDER, pidDomain: 'there', at: '2026-11-22T06:00:00.000Z' },
    ],
    ['its file is damaged', '{"pid":'],
  ])('is taken over when %s, with word of where things may lie', async (_why, holder) => {
    const root = held(holder);
    expect(wasInterrupted(configDirs(root), workplace(root))).toBe(true);
    const lock = await take(root);
    const expected = typeof holder === 'string' ? [] : ['/elsewhere'];
    expect(lock.leftBehind).toEqual(expected);
    expect(JSON.parse(readFileSync(file(root), 'utf8'))).toMatchObject({ trashDirs: ['/trash', ...expected] });
  });

  test.each([
    ['its process runs', HOLDER],
    ['its start time cannot be told', { ...HOLDER, startTime: null }],
    ['it is in another container', { ...HOLDER, pid: 8, pidDomain: 'there' }],
  ])('is held when %s', async (_why, holder) => {
    const root = held(holder);
    expect(wasInterrupted(configDirs(root), workplace(root))).toBe(false);
    await expect(take(root)).rejects.toMatchObject({ code: 'LOCKED' });
  });

  test('left unfinished is found as one left by a kill, by the same process too', async () => {
    const root = disk();
    (await take(root)).release({ unfinished: true });
    expect((await take(root)).leftBehind).toEqual(['/trash']);
  });

  test('makes nothing where there is no config dir', async () => {
    const root = join(disk(), 'none');
    (await take(root, 0, IDLE)).release({ unfinished: false });
    expect(existsSync(root)).toBe(false);
  });
});
