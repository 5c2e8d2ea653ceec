import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import type * as Fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { resolveConfigDirs } from '../../../src/claude/config-dir.js';
import { IDLE, run, type Outcome, type World } from '../../support/context.js';
import { emptyConfigDir, ofSession, PROJECT, snapshot, writeSession } from '../../support/trees.js';
import { promptLine } from '../../support/transcripts.js';

/** Bytes still free on the disk; whether names can be moved and made; and how many changes are left until a kill. */
const disk = vi.hoisted(() => ({ room: Infinity, left: Infinity, used: 0, noFolders: false }));

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof Fs>();
  type Any = (...args: unknown[]) => unknown;
  const refuse = (code: string): never => {
    throw Object.assign(new Error(`${code}: refused`), { code });
  };
  const spend = (): void => {
    disk.used += 1;
    if (disk.left-- <= 0) refuse('EKILLED');
  };
  const changing =
    (real: Any): Any =>
    (...args) => {
      spend();
      return real(...args);
    };
  const write = (fd: number, bytes: Uint8Array, offset = 0): number => {
    spend();
    if (disk.room <= 0) refuse('ENOSPC');
    const written = fs.writeSync(fd, bytes, offset, Math.min(disk.room, bytes.length - offset));
    disk.room -= written;
    return written;
  };
  const bytesBelow = (path: string): number => {
    const stats = fs.lstatSync(path, { throwIfNoEntry: false });
    if (stats?.isDirectory() === true)
      return fs.readdirSync(path).reduce((sum, name) => sum + bytesBelow(join(path, name)), 0);
    return stats?.isFile() === true ? stats.size : 0;
  };
  const removing =
    (real: Any): Any =>
    (...args) => {
      spend();
      const freed = bytesBelow(String(args[0]));
      const result = real(...args);
      disk.room += freed;
      return result;
    };
  const mkdir: Any = (...args) => {
    spend();
    if (disk.noFolders && disk.room <= 0) refuse('ENOSPC');
    return fs.mkdirSync(...(args as Parameters<typeof fs.mkdirSync>));
  };
  const mocked = {
    ...fs,
    writeSync: write,
    mkdirSync: mkdir,
    rmSync: removing(fs.rmSync as Any),
    unlinkSync: removing(fs.unlinkSync as Any),
    ...Object.fromEntries(
      (['renameSync', 'linkSync', 'symlinkSync', 'rmdirSync'] as const).map((name) => [
        name,
        changing(fs[name] as Any),
      ]),
    ),
  };
  return { ...mocked, default: mocked };
});

const reset = (): void => void Object.assign(disk, { room: Infinity, left: Infinity, used: 0, noFolders: false });
const [ONE, TWO] = ['aaaaaaaa-0000-4000-8000-000000000001', 'bbbbbbbb-0000-4000-8000-000000000002'] as const;
const folders: string[] = [];

beforeEach(reset);
afterEach(() => {
  reset();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function home(): string {
  const configDir = emptyConfigDir();
  folders.push(configDir);
  for (const id of [ONE, TWO]) writeSession(configDir, id);
  return configDir;
}

function ccsess(configDir: string, argv: readonly string[], more: World = {}): Promise<Outcome> {
  const configDirs = resolveConfigDirs({ explicit: [configDir], env: {}, home: '/nowhere', cwd: '/' });
  return run(argv, { configDirs, home: '/nowhere', cwd: '/', ...more });
}

const own = (configDir: string): string[] => readdirSync(join(configDir, '.ccsess')).sort();
const PRUNE = ['prune', '--older-than', '1d', '--yes', '--no-compress', '--quiet'];
const REFUSED = {
  exitCode: 1,
  stderr: expect.stringContaining(
    '(ENOSPC), so nothing was changed.\n' +
      '  without free space these still work: ccsess trash empty, ccsess rm --permanent',
  ) as string,
};

describe.each([
  ['has room for names and folders only', false],
  ['has room for names only', true],
])('a full disk that %s', (_which, noFolders) => {
  test.each([
    ['rm --permanent', ['rm', ONE, '--permanent', '--yes'], [ONE]],
    ['prune --permanent', [...PRUNE, '--permanent'], [ONE, TWO]],
  ])('does not prevent %s', async (_command, argv, gone) => {
    const configDir = home();
    await ccsess(configDir, ['recover']);
    rmSync(join(configDir, '.ccsess/reserve'));
    const before = snapshot(configDir);
    Object.assign(disk, { room: 0, noFolders });
    expect(await ccsess(configDir, argv)).toMatchObject({ stderr: '', exitCode: 0 });
    const after = snapshot(configDir);
    for (const id of [ONE, TWO]) expect(ofSession(after, id)).toEqual(gone.includes(id) ? {} : ofSession(before, id));
    expect(own(configDir).filter((name) => name !== 'trash')).toEqual(['reserve']);
  });

  test('does not prevent trash empty', async () => {
    const configDir = home();
    await ccsess(configDir, ['rm', ONE, '--yes']);
    rmSync(join(configDir, '.ccsess/reserve'));
    Object.assign(disk, { room: 0, noFolders });
    expect(await ccsess(configDir, ['trash', 'empty', '--yes'])).toMatchObject({ stderr: '', exitCode: 0 });
    expect(readdirSync(join(configDir, '.ccsess/trash'))).toEqual([]);
  });
});

test('a full disk does not prevent a prune if an earlier command left a reserve', async () => {
  const configDir = home();
  await ccsess(configDir, ['recover']);
  expect(statSync(join(configDir, '.ccsess/reserve')).size).toBe(64 * 1024);
  const before = snapshot(configDir);
  disk.room = 0;
  expect(await ccsess(configDir, PRUNE)).toMatchObject({ stderr: '', exitCode: 0 });
  expect(ofSession(snapshot(configDir), ONE)).toEqual({});
  expect(statSync(join(configDir, '.ccsess/reserve')).size).toBeGreaterThan(32 * 1024);
  for (const id of [ONE, TWO])
    expect(await ccsess(configDir, ['restore', id, '--keep-times'])).toMatchObject({ exitCode: 0 });
  expect(snapshot(configDir)).toEqual(before);
});

test('without a reserve a full disk stops commands that need space at once, and names those that do not', async () => {
  const configDir = home();
  const before = snapshot(configDir);
  disk.room = 0;
  for (const argv of [PRUNE, ['rm', ONE, '--yes']]) expect(await ccsess(configDir, argv)).toMatchObject(REFUSED);
  expect(snapshot(configDir)).toEqual(before);
});

test('a disk with space only for the lock stops a prune before it starts, and the error says what to do', async () => {
  const configDir = home();
  const before = snapshot(configDir);
  disk.room = 300;
  const { exitCode, stderr } = await ccsess(configDir, PRUNE);
  expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/ENOSPC.*\n {2}without free space these still work/s)]);
  expect(snapshot(configDir)).toEqual(before);
});

test('a session that is written to while it is deleted on a full disk comes back with all of it', async () => {
  const configDir = home();
  await ccsess(configDir, ['recover']);
  rmSync(join(configDir, '.ccsess/reserve'));
  const before = snapshot(configDir);
  const transcript = join(configDir, 'projects', PROJECT, `${ONE}.jsonl`);
  const written = promptLine('Written while it was deleted');
  // ccsess calls this after a session was moved, when it lists the processes again.
  const pidDomain = (): null => {
    if (!existsSync(transcript)) appendFileSync(transcript, written);
    return null;
  };
  disk.room = 0;
  const { exitCode } = await ccsess(configDir, ['rm', ONE, '--permanent', '--yes'], { system: { ...IDLE, pidDomain } });
  expect(exitCode).toBe(3);
  const path = join('projects', PROJECT, `${ONE}.jsonl`);
  const { [path]: old = '', ...rest } = ofSession(before, ONE);
  const { [path]: now = '', ...kept } = ofSession(snapshot(configDir), ONE);
  expect(kept).toEqual(rest);
  expect(readFileSync(transcript, 'utf8')).toBe(old.replace(/^file \d+ \d+ /, '') + written);
  expect(now).not.toBe('');
});

test('a kill of a deletion on a full disk leaves each session whole or without its transcript', async () => {
  let kills = 0;
  for (let left = 0; ; left++) {
    const configDir = home();
    const before = snapshot(configDir);
    Object.assign(disk, { room: 0, left });
    await ccsess(configDir, ['rm', ONE, '--permanent', '--yes']).catch(() => null);
    const isDone = disk.left >= 0;
    reset();
    expect((await ccsess(configDir, ['recover'])).exitCode).toBe(0);
    const after = snapshot(configDir);
    expect(ofSession(after, TWO)).toEqual(ofSession(before, TWO));
    const isThere = Object.hasOwn(after, join('projects', PROJECT, `${ONE}.jsonl`));
    if (isThere) expect(ofSession(after, ONE)).toEqual(ofSession(before, ONE));
    if (isDone) break;
    kills++;
  }
  expect(kills).toBeGreaterThan(15);
});

test('a fork without free space fails with an error and leaves no files', async () => {
  for (const noFolders of [true, false]) {
    const configDir = home();
    const before = snapshot(configDir);
    Object.assign(disk, { room: 500, noFolders });
    const { exitCode, stderr } = await ccsess(configDir, ['fork', ONE]);
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringMatching(/^ccsess: no fork was made: .*\.jsonl cannot be written \(ENOSPC\)\.\n$/),
    ]);
    reset();
    expect(snapshot(configDir)).toEqual(before);
  }
});
