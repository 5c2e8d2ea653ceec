import { existsSync, readdirSync, rmSync } from 'node:fs';
import type * as Fs from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { CheckpointedSession, SESSION } from '../../support/checkpointed.js';
import { run, type Outcome } from '../../support/context.js';
import { temporaryFolder } from '../../support/temporary.js';
import { snapshot, type Snapshot } from '../../support/trees.js';

interface Power {
  left: number;
  used: number;
  /** After `left` changes the disk is full, instead of the process killed. */
  isFull: boolean;
}

/**
 * Power of the process: after `left` changes to the disk it counts as killed, and none of its later calls has an
 * effect; a write it was killed in is incomplete. With `isFull` writes fail, and everything else works.
 */
const powers = await vi.hoisted(async () => {
  const { AsyncLocalStorage } = await import('node:async_hooks');
  return new AsyncLocalStorage<Power>();
});

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof Fs>();
  const fault = (code: string): Error => Object.assign(new Error(code), { code });
  /** Returns true for the change that the process is killed in. */
  const spend = (isWrite = false): boolean => {
    const power = powers.getStore() ?? { left: Infinity, used: 0, isFull: false };
    if (power.left <= 0 && !power.isFull) throw fault('EKILLED');
    if (power.left <= 0 && isWrite) throw fault('ENOSPC');
    power.left -= 1;
    power.used += 1;
    return power.left === 0 && !power.isFull;
  };
  type Any = (...args: unknown[]) => unknown;
  const mortal =
    (real: Any): Any =>
    (...args) => {
      spend();
      return real(...args);
    };
  const names = [
    'chmodSync',
    'fchmodSync',
    'fchownSync',
    'ftruncateSync',
    'futimesSync',
    'linkSync',
    'mkdirSync',
    'renameSync',
    'rmSync',
    'rmdirSync',
    'unlinkSync',
    'utimesSync',
  ] as const;
  const wrapped = Object.fromEntries(names.map((name) => [name, mortal(fs[name] as Any)]));
  const writing = (fd: number, bytes: Uint8Array, offset = 0): number => {
    if (!spend(true)) return fs.writeSync(fd, bytes, offset);
    fs.writeSync(fd, bytes, offset, Math.floor((bytes.length - offset) / 2));
    throw fault('EKILLED');
  };
  const mocked = { ...fs, ...wrapped, fsyncSync: () => {}, writeSync: writing };
  return { ...mocked, default: mocked };
});

// Hundreds of short-lived homes: on a disk, most of the time would be spent waiting for it.
const ofRun = process.env['TMPDIR'];
if (existsSync('/dev/shm')) {
  process.env['TMPDIR'] = '/dev/shm';
  process.env['TMPDIR'] = temporaryFolder('rewind-kills');
}
afterAll(() => void (process.env['TMPDIR'] = ofRun));

const NOW = Date.parse('2026-11-29T12:03:07.000Z');
let kills = 0;

/** A session whose first state differs in every way from the files: edited, deleted, new, made in new folders. */
function scene(): CheckpointedSession {
  const session = new CheckpointedSession();
  session.put('edited.txt', 'before\n', 0o755);
  session.put('gone/deep/deleted.txt', 'deleted later\n');
  session.put('mode.sh', 'same\n', 0o755);
  session.prompt('one', {
    'edited.txt': 'after\n',
    'new.txt': 'new\n',
    'new/dir/other.txt': 'other\n',
    'gone/deep/deleted.txt': 'changed\n',
    'mode.sh': 'same\n',
  });
  session.prompt('two');
  session.put('edited.txt', 'by hand\n', 0o600);
  session.put('mode.sh', 'same\n', 0o644);
  rmSync(session.path('gone'), { recursive: true });
  return session;
}

function ccsess(session: CheckpointedSession, args: readonly string[], power?: Power): Promise<Outcome> {
  const act = (): Promise<Outcome> => run(args, { ...session.world, now: NOW });
  return power === undefined ? act() : powers.run(power, act);
}

/** Marks the temporary files of the killed process, which is this one, as those of a process that is gone. */
function endProcess(session: CheckpointedSession): void {
  for (const path of Object.keys(snapshot(session.project))) {
    const gone = path.replace(/\.[0-9a-f]{6}([0-9a-f]{10}\.tmp)$/, '.ffffff$1');
    if (gone !== path) process.getBuiltinModule('node:fs').renameSync(session.path(path), session.path(gone));
  }
}

/** The files of the project without what was left half written next to them. */
function files(session: CheckpointedSession): Snapshot {
  return Object.fromEntries(Object.entries(snapshot(session.project)).filter(([path]) => !path.endsWith('.tmp')));
}

/** Contents and modes. */
function withoutTimes(tree: Snapshot): Snapshot {
  return Object.fromEntries(Object.entries(tree).map(([path, text]) => [path, text.replace(/^(file \d+) \d+/, '$1')]));
}

function copiesOf(session: CheckpointedSession): string[] {
  const folder = join(session.configDir, '.ccsess/trash/rewinds');
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

/** Each file is as it was or as it is to be, whole. */
function expectWhole(session: CheckpointedSession, before: Snapshot, after: Snapshot): void {
  for (const [path, text] of Object.entries(withoutTimes(files(session))))
    expect([withoutTimes(before)[path], after[path]], path).toContain(text);
  const needed = Object.keys(before).filter((path) => after[path] !== undefined);
  expect(Object.keys(files(session))).toEqual(expect.arrayContaining(needed));
}

const REWIND = ['rewind', SESSION, '--to', '1', '--yes'];

/** The tree after an undisturbed rewind. */
async function rewoundTree(): Promise<Snapshot> {
  const session = scene();
  expect(await ccsess(session, REWIND)).toMatchObject({ exitCode: 0 });
  return withoutTimes(files(session));
}

describe('a rewind that is killed', () => {
  test('at any step leaves each file whole, and an undo by its id puts all of them back', async () => {
    const after = await rewoundTree();
    for (let left = 1, isKilled = true; isKilled; left += 1) {
      const session = scene();
      const before = files(session);
      const power = { left, used: 0, isFull: false };
      await ccsess(session, REWIND, power);
      isKilled = power.left <= 0;
      if (!isKilled) break;
      kills += 1;
      endProcess(session);
      expectWhole(session, before, after);
      // Other commands report it and write nothing there.
      const halfway = snapshot(session.project);
      const interrupted = copiesOf(session).find((name) => name.endsWith('.applying'));
      const { stderr } = await ccsess(session, ['recover']);
      expect(stderr.includes('ccsess rewind --undo'), `step ${left}`).toBe(interrupted !== undefined);
      expect(snapshot(session.project)).toEqual(halfway);
      if (interrupted !== undefined) {
        const id = interrupted.replace('.applying', '');
        expect(await ccsess(session, ['rewind', '--undo', id, '--yes'])).toMatchObject({ exitCode: 0 });
        expect(snapshot(session.project), `step ${left}`).toEqual(before);
      }
      expect(await ccsess(session, REWIND)).toMatchObject({ exitCode: 0 });
      expect(withoutTimes(snapshot(session.project)), `step ${left}`).toEqual(after);
      expect(copiesOf(session).filter((name) => /\.(saving|applying|emptying)$/.test(name))).toEqual([]);
    }
  });

  test('at any step of its undo loses nothing: the undo by its id finishes it', async () => {
    const after = await rewoundTree();
    for (let left = 1, isKilled = true; isKilled; left += 1) {
      const session = scene();
      const before = files(session);
      await ccsess(session, REWIND);
      const [id = ''] = copiesOf(session);
      const power = { left, used: 0, isFull: false };
      await ccsess(session, ['rewind', '--undo', id, '--yes'], power);
      isKilled = power.left <= 0;
      if (!isKilled) break;
      kills += 1;
      endProcess(session);
      expectWhole(session, before, after);
      expect(await ccsess(session, ['rewind', '--undo', id, '--yes'])).toMatchObject({ exitCode: 0 });
      expect(snapshot(session.project), `step ${left}`).toEqual(before);
      expect(copiesOf(session).filter((name) => /\.(saving|applying|emptying)$/.test(name))).toEqual([]);
    }
  });

  test('while an interrupted rewind is being undone loses nothing', async () => {
    const after = await rewoundTree();
    for (const first of [16, 18, 20, 22, 24, 26, 28, 30, 34, 38, 42, 46, 50, 54]) {
      for (let left = 1, isKilled = true; isKilled; left += 1) {
        const session = scene();
        const before = files(session);
        await ccsess(session, REWIND, { left: first, used: 0, isFull: false });
        endProcess(session);
        const interrupted = copiesOf(session).find((name) => name.endsWith('.applying'));
        if (interrupted === undefined) break;
        const undo = ['rewind', '--undo', interrupted.replace('.applying', ''), '--yes'];
        const power = { left, used: 0, isFull: false };
        await ccsess(session, undo, power);
        isKilled = power.left <= 0;
        if (!isKilled) break;
        kills += 1;
        endProcess(session);
        expectWhole(session, before, after);
        expect(await ccsess(session, undo)).toMatchObject({ exitCode: 0 });
        expect(snapshot(session.project), `kills ${first} and ${left}`).toEqual(before);
      }
    }
  });

  test('the tests above have killed it often enough', () => {
    expect(kills).toBeGreaterThanOrEqual(200);
  });
});

test('a disk that fills up at any step leaves every file as it was', async () => {
  for (let left = 1, isFull = true; isFull; left += 1) {
    const session = scene();
    const before = snapshot(session.project);
    const power = { left, used: 0, isFull: true };
    const outcome = await ccsess(session, REWIND, power);
    isFull = outcome.exitCode !== 0;
    if (!isFull) break;
    expect(outcome).toMatchObject({ stdout: '', exitCode: 1 });
    expect(outcome.stderr, `step ${left}`).not.toContain('internal error');
    expect(snapshot(session.project), `step ${left}`).toEqual(before);
    expect(copiesOf(session)).toEqual([]);
  }
});
