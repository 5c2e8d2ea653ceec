import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pid, platform } from 'node:process';
import { expect, test, vi } from 'vitest';
import { disk } from './disk.js';
import { currentFolder, fieldsFromThird, homeFolder, localSystem } from '../../../src/system/system.js';

const system = localSystem();
const endedPid = (): number => spawnSync('true').pid;

test('fields of a process line are counted from the end of the process name, whatever it contains', () => {
  expect(fieldsFromThird('4242 (node) S 1 4242')).toEqual(['S', '1', '4242']);
  expect(fieldsFromThird('4242 (a) b (c) R 1) S 1 4242')).toEqual(['S', '1', '4242']);
});

test('this process exists and an ended one does not', () => {
  expect(system.pidExists(pid)).toBe(true);
  expect(system.pidExists(1)).toBe(true);
  expect(system.pidExists(endedPid())).toBe(false);
});

test.each([0, -1, 1.5, NaN, 2 ** 40])('no process has the id %s, though the system has groups of that name', (id) => {
  expect(system.pidExists(id)).toBe(false);
});

test.runIf(platform === 'linux')('a process that ended and was not reaped does not exist', async () => {
  // The shell becomes a program that never waits for the child, which is a zombie once it has ended.
  const parent = spawn('sh', ['-c', 'sleep 1 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    const [text] = (await once(parent.stdout, 'data')) as [Buffer];
    await vi.waitFor(
      () => expect(readFileSync(`/proc/${text.toString().trim()}/stat`, 'latin1')).toContain(') Z '),
      10_000,
    );
    expect(system.pidExists(Number(text))).toBe(false);
  } finally {
    parent.kill();
  }
});

test.runIf(platform === 'linux')('Linux reports start time and pid domain', () => {
  expect(system.startTime(pid)).toMatch(/^\d+$/);
  expect(system.startTime(endedPid())).toBeNull();
  expect(system.pidDomain()).toMatch(/^linux:[0-9a-f]*:pid:\[\d+\]$/);
});

test('ps reports the start time of a process to the second', () => {
  const startedAt = system.startedAtMs(pid);
  if (startedAt === null) return; // no ps on this machine
  expect(Math.abs(Date.now() - performance.now() - startedAt)).toBeLessThan(5000);
});

test('the current folder is taken from the system, else from PWD, if it was deleted', () => {
  const link = join(disk({}), 'cwd');
  symlinkSync('/gone (deleted)', link);
  const gone = vi.spyOn(process, 'cwd').mockImplementation(() => {
    throw new Error('ENOENT: uv_cwd');
  });
  expect(currentFolder({ PWD: '/elsewhere' }, '/home/me', link)).toBe('/gone');
  const withoutLink = (PWD?: string): string => currentFolder({ PWD }, '/home/me', '/nowhere');
  expect([withoutLink('/gone'), withoutLink('gone'), withoutLink()]).toEqual(['/gone', '/home/me', '/home/me']);
  gone.mockRestore();
  expect(currentFolder({ PWD: '/elsewhere' }, '/home/me')).toBe(process.cwd());
});

test('the home folder is absolute, whatever the value of HOME', () => {
  vi.stubEnv('HOME', 'here');
  expect(homeFolder()).toBe(resolve('here'));
  vi.unstubAllEnvs();
});
