import { execFileSync } from 'node:child_process';
import { chmodSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Live } from '../../../src/claude/model.js';
import { type LiveRegistry, readLiveRegistry, type System } from '../../../src/claude/live/live-registry.js';
import { configDirs, disk, id } from './disk.js';

const NOW = Date.UTC(2026, 10, 23, 12);
const DAY = 24 * 60 * 60 * 1000;
const DOMAIN = 'linux:0123456789abcdef:pid:[4026531836]';

/** A Linux where process 4242 runs, started at tick 9000. */
const linux: System = {
  platform: 'linux',
  pidExists: (pid) => pid === 4242,
  startTime: (pid) => (pid === 4242 ? '9000' : null),
  startedAtMs: () => null,
  bootedAtMs: () => null,
  pidDomain: () => DOMAIN,
  processes: () => [],
  transcriptsBeingWritten: () => new Set(),
};
/** A system without /proc, where process 4242 started an hour ago. */
const mac: System = {
  platform: 'darwin',
  pidExists: (pid) => pid === 4242,
  startTime: () => null,
  startedAtMs: (pid) => (pid === 4242 ? NOW - 3_600_000 : null),
  bootedAtMs: () => null,
  pidDomain: () => null,
  processes: () => [],
  transcriptsBeingWritten: () => new Set(),
};

const entry = (more: object = {}): string =>
  JSON.stringify({
    pid: 4242,
    sessionId: id(1),
    startedAt: NOW - 3_600_000,
    procStart: '9000',
    kind: 'interactive',
    bootedAtMs: () => null,
    pidDomain: DOMAIN,
    updatedAt: NOW,
    status: 'busy',
    ...more,
  });

function registry(files: Record<string, string>, system: System = linux): LiveRegistry {
  return readLiveRegistry(configDirs(disk(files)), system);
}

function live(
  files: Record<string, string>,
  system: System = linux,
  { activity = null as number | null, now = NOW } = {},
): Live | null {
  return registry(files, system).liveOf(id(1), activity, now);
}

describe('a process of this system', () => {
  test('holds its session while it runs', () => {
    expect(live({ 'sessions/4242.json': entry() })).toEqual({ pid: 4242, status: 'busy' });
    expect(registry({ 'sessions/4242.json': entry() }).liveOf(id(2), null, NOW)).toBeNull();
  });

  test('without a domain is local; without a status its status is unknown', () => {
    expect(live({ 'sessions/4242.json': entry({ pidDomain: undefined, status: undefined }) })).toEqual({
      pid: 4242,
      status: 'unknown',
    });
  });

  test('holds nothing if it has ended, or another program has its pid', () => {
    expect(live({ 'sessions/4243.json': entry({ pid: 4243 }) })).toBeNull();
    expect(live({ 'sessions/4242.json': entry({ procStart: '8999' }) })).toBeNull();
  });

  test('holds its session, however long ago it was last written to', () => {
    expect(live({ 'sessions/4242.json': entry({ updatedAt: NOW - 90 * DAY }) })).toEqual({ pid: 4242, status: 'busy' });
  });
});

describe('where start times cannot be compared', () => {
  test('a pid whose process started at most 5 s after the time in its entry holds the session', () => {
    expect(live({ 'sessions/4242.json': entry({ pidDomain: undefined }) }, mac)).toEqual({ pid: 4242, status: 'busy' });
    expect(
      live({ 'sessions/4242.json': entry({ pidDomain: undefined, startedAt: NOW - 3_605_000 }) }, mac),
    ).not.toBeNull();
    expect(live({ 'sessions/4242.json': entry({ pidDomain: undefined, startedAt: NOW - 3_605_001 }) }, mac)).toBeNull();
  });

  test('an entry of a Linux container cannot be checked from outside, but one of the same kind can', () => {
    expect(live({ 'sessions/4242.json': entry() }, mac)).toEqual({ pid: null, status: 'unknown' });
    expect(live({ 'sessions/4242.json': entry({ pidDomain: 'darwin:x' }) }, mac)).toEqual({
      pid: 4242,
      status: 'busy',
    });
  });

  test('Linux compares times too if the entry or /proc lacks the start time', () => {
    const withPs: System = { ...linux, startTime: () => null, startedAtMs: mac.startedAtMs };
    expect(live({ 'sessions/4242.json': entry() }, withPs)).toEqual({ pid: 4242, status: 'busy' });
    expect(
      live({ 'sessions/4242.json': entry({ procStart: undefined }) }, { ...linux, startedAtMs: () => NOW }),
    ).toBeNull();
  });
});

describe('a holder that cannot be checked', () => {
  const foreign = (updatedAt: number): Record<string, string> => ({
    'sessions/77.json': entry({ pid: 77, pidDomain: 'linux:other:pid:[1]', updatedAt }),
  });

  test('counts until 7 days after its last sign of life', () => {
    expect(live(foreign(NOW - 7 * DAY))).toEqual({ pid: null, status: 'unknown' });
    expect(live(foreign(NOW - 7 * DAY - 1))).toBeNull();
  });

  test('or after the last activity of its session', () => {
    expect(live(foreign(NOW - 90 * DAY), linux, { activity: NOW - 7 * DAY })).toEqual({ pid: null, status: 'unknown' });
    expect(live(foreign(NOW - 90 * DAY), linux, { activity: NOW - 8 * DAY })).toBeNull();
  });

  test('may also be a running process without any start time', () => {
    const blind: System = { ...linux, startTime: () => null };
    expect(live({ 'sessions/4242.json': entry() }, blind)).toEqual({ pid: null, status: 'unknown' });
  });

  test('yields to a holder that was checked', () => {
    expect(live({ ...foreign(NOW), 'sessions/4242.json': entry() })).toEqual({ pid: 4242, status: 'busy' });
  });
});

describe('a registry file that is not JSON', () => {
  test('holds the session whose id is recognised in it while its process runs', () => {
    expect(live({ 'sessions/4242.json': entry().slice(0, 80) })).toEqual({ pid: 4242, status: 'unknown' });
    expect(live({ 'sessions/4243.json': entry().slice(0, 80) })).toBeNull();
  });

  test('that names no session leaves an unnamed holder and a problem', () => {
    const root = disk({ 'sessions/4242.json': '', 'sessions/4243.json': '' });
    const file = join(root, 'sessions/4242.json');

    const { unnamedHolders, problems } = readLiveRegistry(configDirs(root), linux);

    expect(unnamedHolders).toEqual([{ pid: 4242, file }]);
    expect(problems).toEqual([
      {
        code: 'unreadable-registry',
        message: 'Process 4242 runs, but the file does not say which session it holds.',
        file,
        line: null,
        byteOffset: null,
      },
    ]);
  });
});

describe('a registry file that cannot be read, as here a link', () => {
  test('may hold any session while its process runs', () => {
    const root = disk({ 'elsewhere.json': entry(), 'sessions/readme.txt': '' });
    for (const pid of [4242, 4243]) symlinkSync('../elsewhere.json', join(root, `sessions/${pid}.json`));
    expect(readLiveRegistry(configDirs(root), linux).unnamedHolders).toEqual([
      { pid: 4242, file: join(root, 'sessions/4242.json') },
    ]);
  });

  test('of a background job counts as a job that has not ended', () => {
    const root = disk({ 'jobs/00000000/log.txt': '' });
    symlinkSync('elsewhere.json', join(root, 'jobs/00000000/state.json'));
    expect(readLiveRegistry(configDirs(root), linux).liveOf(id(1), null, NOW)).toEqual({
      pid: null,
      status: 'unknown',
    });
  });
});

describe('a background job', () => {
  const job = (state: unknown): Record<string, string> => ({
    'jobs/00000000/state.json': JSON.stringify({ sessionId: id(1), state }),
  });

  test.each(['working', 'blocked', 'some-future-state'])('in state %s holds its session without a process', (state) => {
    expect(live(job(state))).toEqual({ pid: null, status: state });
    expect(live(job(state), linux, { now: NOW + 365 * DAY })).not.toBeNull();
  });

  test.each(['stopped', 'finished', 'failed'])('in state %s has ended, but its state is still known', (state) => {
    expect(live(job(state))).toBeNull();
    expect(registry(job(state)).jobStateOf(id(1))).toBe(state);
  });

  test('with a process shows the process', () => {
    expect(live({ ...job('working'), 'sessions/4242.json': entry({ kind: 'bg', status: 'idle' }) })).toEqual({
      pid: 4242,
      status: 'idle',
    });
  });

  test('whose file cannot be parsed holds every session of its short id', () => {
    const broken = registry({ 'jobs/00000000/state.json': '{"state":"stopp', 'jobs/pins.json': '[]' });
    expect(broken.liveOf(id(1), null, NOW)).toEqual({ pid: null, status: 'unknown' });
    expect(broken.liveOf('11111111-0000-4000-8000-000000000001', null, NOW)).toBeNull();
    expect(broken.problems.map(({ code }) => code)).toEqual(['unreadable-job']);
  });
});

test('the registries of all config dirs count, even of those that share their transcripts', () => {
  const root = disk({ [`a/projects/p/${id(1)}.jsonl`]: '', 'b/sessions/4242.json': entry() });
  symlinkSync(join(root, 'a/projects'), join(root, 'b/projects'));
  const found = readLiveRegistry(configDirs(join(root, 'a'), join(root, 'b')), linux);
  expect(found.liveOf(id(1), null, NOW)).toEqual({ pid: 4242, status: 'busy' });
});

test('keys, pipes, folders and unexpected names are not opened, and a missing registry is not a problem', () => {
  const root = disk({
    'sessions/4242.abc.key': 'secret',
    'sessions/x.json': entry(),
    'sessions/4242.json.tmp': entry(),
    'sessions/5.json/x': '',
  });
  chmodSync(join(root, 'sessions/4242.abc.key'), 0);
  execFileSync('mkfifo', [join(root, 'sessions/6.json')]);

  const { problems, liveOf } = readLiveRegistry(configDirs(root, '/no/such/folder'), linux);

  expect(problems).toEqual([]);
  expect(liveOf(id(1), null, NOW)).toBeNull();
});
