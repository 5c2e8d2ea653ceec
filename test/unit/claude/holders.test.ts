import { appendFileSync, chownSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readHolders } from '../../../src/claude/live/holders.js';
import type { Live } from '../../../src/claude/model.js';
import type { RunningProcess } from '../../../src/system/process/process-table.js';
import { readLiveRegistry } from '../../../src/claude/live/live-registry.js';
import { ownUid, type System } from '../../../src/system/system.js';
import { IDLE } from '../../support/context.js';
import { configDirs, disk, id, put } from './disk.js';

const NOW = Date.UTC(2026, 10, 23, 12);
const HOUR = 60 * 60 * 1000;
/** Start time of the process in all tests. */
const START = NOW - 2 * HOUR;
const APP = '/home/dev/app';

const claude = (command: string, more: Partial<RunningProcess> = {}): RunningProcess => ({
  pid: 4242,
  uid: ownUid(),
  args: command.split(' '),
  name: '',
  program: null,
  folder: APP,
  startedMs: START,
  ...more,
});

const system = (...processes: RunningProcess[]): System => ({
  ...IDLE,
  pidExists: (pid) => processes.some((one) => one.pid === pid),
  startTime: () => '9000',
  processes: () => processes,
  transcriptsBeingWritten: () => new Set(),
});

/** A config dir with transcripts in one project dir, each last changed some hours ago. */
function home(hours: Record<string, number>, projectDir = '-home-dev-app'): string {
  const root = disk(
    Object.fromEntries(Object.keys(hours).map((session) => [`projects/${projectDir}/${session}.jsonl`, '{}\n'])),
  );
  for (const [session, ago] of Object.entries(hours)) age(root, session, ago, projectDir);
  return root;
}

function transcript(root: string, session: string, projectDir = '-home-dev-app'): string {
  return join(root, 'projects', projectDir, `${session}.jsonl`);
}

function age(root: string, session: string, hours: number, projectDir?: string): void {
  utimesSync(transcript(root, session, projectDir), (NOW - hours * HOUR) / 1000, (NOW - hours * HOUR) / 1000);
}

/** The live ones among sessions whose last activity was some hours ago. */
function held(root: string, running: System, hours: Record<string, number | null>): string[] {
  const { liveOf } = readHolders(configDirs(root), running);
  return Object.entries(hours).flatMap(([session, ago]) =>
    liveOf(session, ago === null ? null : NOW - ago * HOUR, NOW) === null ? [] : [session],
  );
}

const HELD: Live = { pid: 4242, status: 'unknown' };

describe('a running claude without a registry file', () => {
  test('holds the session in its arguments, in any folder', () => {
    const { liveOf } = readHolders(configDirs(home({})), system(claude(`claude --resume ${id(1)}`)));
    expect(liveOf(id(1), null, NOW)).toEqual(HELD);
    expect(liveOf(id(2), null, NOW)).toBeNull();
  });

  test('that names one also holds sessions of its folder changed since it started (/clear, /resume)', () => {
    const hours = { [id(1)]: 72, [id(2)]: 1, [id(3)]: 3 };
    expect(held(home(hours), system(claude(`claude --resume ${id(1)}`)), hours)).toEqual([id(1), id(2)]);
  });

  test('that names none holds the newest session of its folder, and those with activity since it started', () => {
    const hours = { [id(1)]: 72, [id(2)]: 48 };
    expect(held(home(hours), system(claude('claude')), hours)).toEqual([id(2)]);
    const later = { [id(1)]: 1, [id(2)]: 0.5, [id(3)]: 3 };
    expect(held(home(later), system(claude('claude')), later)).toEqual([id(1), id(2)]);
  });

  test('compares activity, or the time of the file if no entry has a time', () => {
    const files = { [id(1)]: 1, [id(2)]: 1, [id(3)]: 0.5 };
    expect(held(home(files), system(claude('claude')), { [id(1)]: 48, [id(2)]: null, [id(3)]: 48 })).toEqual([
      id(2),
      id(3),
    ]);
  });

  test('ignores files with only titles and transcripts of subagents when it looks for the newest session', () => {
    const hours = { [id(1)]: 72, [id(2)]: 48, [id(3)]: 3, 'agent-a1b2c3': 2.5 };
    const root = home(hours);
    for (const session of [id(1), id(2), 'agent-a1b2c3'])
      appendFileSync(transcript(root, session), '{"type":"user","parentUuid":null}\n');
    for (const [session, ago] of Object.entries(hours)) age(root, session, ago);
    expect(held(root, system(claude('claude')), hours)).toEqual([id(2)]);
  });

  test('that resumed a session by its title holds it, and the newest one in case of doubt', () => {
    const hours = { [id(1)]: 72, [id(2)]: 60, [id(3)]: 50, [id(4)]: 48 };
    const root = home(hours);
    const named = JSON.stringify({ type: 'custom-title', customTitle: 'My Title' });
    appendFileSync(transcript(root, id(1)), `${named}\n${'{}\n'.repeat(50_000)}`);
    put(root, { [`projects/-home-dev-app/${id(2)}/custom-title.json`]: '{"customTitle":"My Title"}' });
    appendFileSync(transcript(root, id(3)), `${named.replace('My', 'Another')}\n`);
    for (const [session, ago] of Object.entries(hours)) age(root, session, ago);
    const running = { args: ['claude', '--resume', 'my title', '--verbose'] };
    expect(held(root, system(claude('', running)), hours)).toEqual([id(1), id(2), id(4)]);
  });

  test('with -c holds the session that was newest when it started, even if others changed since', () => {
    const hours = { [id(1)]: 72, [id(2)]: 48, [id(3)]: 1 };
    expect(held(home(hours), system(claude('claude -c')), hours)).toEqual([id(2), id(3)]);
  });

  test('that started with a fork does not hold the parent', () => {
    const hours = { [id(1)]: 72, [id(2)]: 1 };
    expect(held(home(hours), system(claude(`claude --resume ${id(1)} --fork-session`)), hours)).toEqual([id(2)]);
  });

  test('in another or an unknown folder holds only the session that it names', () => {
    const hours = { [id(1)]: 1 };
    expect(held(home(hours), system(claude('claude', { folder: '/home/dev/other' })), hours)).toEqual([]);
    expect(held(home(hours), system(claude('claude', { folder: null })), hours)).toEqual([]);
  });

  test('with an unknown start time holds all sessions of its folder', () => {
    const hours = { [id(1)]: 72, [id(2)]: 48 };
    expect(held(home(hours), system(claude('claude', { startedMs: null })), hours)).toEqual([id(1), id(2)]);
  });

  test('of another user holds nothing', () => {
    expect(held(home({}), system(claude(`claude --resume ${id(1)}`, { uid: 1234 })), { [id(1)]: 72 })).toEqual([]);
  });

  test.runIf(ownUid() === 0)('of the owner of the config dir counts for root', () => {
    const root = home({});
    chownSync(root, 1234, 1234);
    expect(held(root, system(claude(`claude --resume ${id(1)}`, { uid: 1234 })), { [id(1)]: 72 })).toEqual([id(1)]);
  });

  test('is not a holder for callers that read only the registries', () => {
    expect(
      readLiveRegistry(configDirs(home({})), system(claude(`claude --resume ${id(1)}`))).liveOf(id(1), null, NOW),
    ).toBeNull();
  });

  test('may use any of the config dirs', () => {
    const [one, two] = [home({ [id(1)]: 48 }), home({ [id(2)]: 48 })];
    const { liveOf } = readHolders(configDirs(one, two), system(claude('claude')));
    expect([liveOf(id(1), null, NOW), liveOf(id(2), null, NOW)]).toEqual([HELD, HELD]);
  });

  test('is found through a project dir that is a link', () => {
    const root = home({ [id(1)]: 48 }, 'real');
    symlinkSync('real', join(root, 'projects/-home-dev-app'));
    expect(held(root, system(claude('claude')), { [id(1)]: 48 })).toEqual([id(1)]);
  });
});

describe('a registry file', () => {
  const entry = (more: object = {}): string =>
    JSON.stringify({ pid: 4242, sessionId: id(1), procStart: '9000', startedAt: START, status: 'busy', ...more });
  const registered = (text: string): string => {
    const root = home({ [id(1)]: 48, [id(2)]: 24 });
    put(root, { 'sessions/4242.json': text });
    return root;
  };

  test('determines the session of its process, whatever the arguments', () => {
    const hours = { [id(1)]: 48, [id(2)]: 24 };
    expect(held(registered(entry()), system(claude(`claude --resume ${id(2)}`)), hours)).toEqual([id(1)]);
  });

  test('of an earlier process with the same pid is ignored', () => {
    const hours = { [id(1)]: 48, [id(2)]: 24 };
    expect(held(registered(entry({ procStart: '1' })), system(claude(`claude --resume ${id(2)}`)), hours)).toEqual([
      id(2),
    ]);
  });

  test('of another pid domain is of another process', () => {
    const hours = { [id(2)]: 24 };
    expect(
      held(registered(entry({ pidDomain: 'linux:other:pid:[1]' })), system(claude(`claude --resume ${id(2)}`)), hours),
    ).toEqual([id(2)]);
  });
});
