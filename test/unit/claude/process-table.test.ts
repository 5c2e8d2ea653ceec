import { spawn, spawnSync, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { realpathSync, rmSync } from 'node:fs';
import { cwd, execPath, getuid, pid, platform } from 'node:process';
import { expect, onTestFinished, test, vi } from 'vitest';
import { parsePsLine, ProcessTable, type RunningProcess } from '../../../src/system/process/process-table.js';
import { localSystem } from '../../../src/system/system.js';
import { temporaryFolder } from '../../support/temporary.js';

/** The machine may be busy. */
const PATIENT = { timeout: 300_000 };
const isLinux = platform === 'linux';
const fresh = (): readonly RunningProcess[] => localSystem().processes();
const withPid = (wanted: number | undefined): RunningProcess | undefined => fresh().find((one) => one.pid === wanted);

function start(args: readonly string[], options: SpawnOptions = {}): ChildProcess {
  const child = spawn(execPath, args, { stdio: 'ignore', ...options });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

test.runIf(isLinux)('Linux shows a process with its arguments, folder, program, user and start', async () => {
  const folder = temporaryFolder('cwd');
  const before = Date.now();
  const child = start(['-e', 'setTimeout(() => {}, 60_000)', 'a b', '', 'ü'], { argv0: 'claude', cwd: folder });
  await vi.waitUntil(() => withPid(child.pid)?.args[0] === 'claude', PATIENT);
  const found = withPid(child.pid);
  expect(found).toMatchObject({
    args: ['claude', '-e', 'setTimeout(() => {}, 60_000)', 'a b', '', 'ü'],
    folder,
    program: realpathSync(execPath),
    uid: getuid?.(),
  });
  expect(found?.startedMs).toBeGreaterThan(before - 1000);
  rmSync(folder, { recursive: true });
  expect(withPid(child.pid)?.folder).toBe(folder);
});

test.runIf(isLinux)('arguments that Node overwrote are shown as they are now', async () => {
  const child = start(['-e', 'process.title = "claude"; setTimeout(() => {}, 60_000)', '--', '--resume', 'x']);
  await vi.waitUntil(() => withPid(child.pid)?.args[0] === 'claude', PATIENT);
  expect(withPid(child.pid)).toMatchObject({ args: ['claude'], name: 'claude' });
});

test.runIf(isLinux)('arguments longer than a page are whole', async () => {
  const long = 'x'.repeat(100_000);
  const child = start(['-e', 'setTimeout(() => {}, 60_000)', long, 'end']);
  await vi.waitUntil(() => withPid(child.pid)?.args.at(-1) === 'end', PATIENT);
  expect(withPid(child.pid)?.args).toHaveLength(5);
});

test('a process that has ended, and one of which nothing is known, is not shown or has no start', () => {
  expect(withPid(0)).toBeUndefined();
  expect(localSystem().startedAtMs(2 ** 22 + 1)).toBeNull();
});

test.runIf(isLinux)('the list is reused for 50 ms and then read again', () => {
  const clock = vi.spyOn(performance, 'now').mockReturnValue(1000);
  onTestFinished(() => clock.mockRestore());
  const table = new ProcessTable({ platform, uid: getuid?.() ?? 0, startedAtMs: () => 7 });
  const first = table.read();
  expect(first.find((one) => one.pid === pid)?.startedMs).toBe(7);
  clock.mockReturnValue(1050);
  expect(table.read()).toBe(first);
  clock.mockReturnValue(1051);
  expect(table.read()).not.toBe(first);
});

test.skipIf(spawnSync('ps', ['-p', String(pid)]).status !== 0 || spawnSync('lsof', ['-v']).status !== 0)(
  'ps and lsof show the same where there is no /proc',
  () => {
    const table = new ProcessTable({ platform: 'darwin', uid: getuid?.() ?? 0, startedAtMs: () => null });
    const own = table.read().find((one) => one.pid === pid);
    expect(own).toMatchObject({ uid: getuid?.(), folder: cwd() });
    expect(own?.startedMs).toBeGreaterThan(0);
  },
);

test('a system without a list of processes shows none', () => {
  expect(new ProcessTable({ platform: 'win32', uid: -1, startedAtMs: () => null }).read()).toEqual([]);
});

test('a line of ps is read: pid, user, start in UTC, name, and the arguments apart at their spaces', () => {
  expect(parsePsLine('  4242   501 Mon Nov 23 06:46:02 2026     claude           claude --resume x  y ')).toMatchObject(
    {
      pid: 4242,
      uid: 501,
      startedMs: Date.UTC(2026, 10, 23, 6, 46, 2),
      name: 'claude',
      args: ['claude', '--resume', 'x', 'y'],
      program: null,
    },
  );
  expect(parsePsLine('1 0 Sun Nov  1 00:00:00 2026 launchd /sbin/launchd')).toMatchObject({
    pid: 1,
    startedMs: Date.UTC(2026, 10, 1),
    args: ['/sbin/launchd'],
  });
  expect(parsePsLine('')).toBeNull();
});
