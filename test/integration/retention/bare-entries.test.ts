import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { resolveConfigDirs } from '../../../src/claude/config-dir.js';
import { restoredReasons, restoredSessions } from '../../../src/retention/keep/restored.js';
import { parseEntryName, staleDestinations } from '../../../src/retention/trash/trash-entry.js';
import type { RunningProcess } from '../../../src/system/process/process-table.js';
import { ownUid, type System } from '../../../src/system/system.js';
import { NOW } from '../../support/builders.js';
import { IDLE, run, type Outcome } from '../../support/context.js';
import { emptyConfigDir, PROJECT, snapshot } from '../../support/trees.js';
import { promptLine } from '../../support/transcripts.js';
import { put } from '../../unit/claude/disk.js';

const id = (n: number): string => `aaaaaaaa-0000-4000-8000-${String(n).padStart(12, '0')}`;
const OLD = Date.parse('2026-09-01T10:00:00.000Z');

/** A config dir with sessions that are transcripts and nothing else. */
class Home {
  readonly path = emptyConfigDir();

  write(n: number, words = 3): void {
    const text = promptLine('word '.repeat(words), { sessionId: id(n), timestamp: new Date(OLD).toISOString() });
    put(this.path, { [`projects/${PROJECT}/${id(n)}.jsonl`]: text });
    utimesSync(this.transcript(n), OLD / 1000, OLD / 1000);
  }

  transcript(n: number): string {
    return join(this.path, 'projects', PROJECT, `${id(n)}.jsonl`);
  }

  run(argv: readonly string[], system: System = IDLE): Promise<Outcome> {
    const configDirs = resolveConfigDirs({ explicit: [this.path], env: {}, home: '/nowhere', cwd: '/' });
    return run(argv, { configDirs, home: '/nowhere', cwd: '/', now: NOW, system });
  }

  /** The folder of the only run in the trash. */
  get folder(): string {
    const trash = join(this.path, '.ccsess/trash');
    return join(trash, readdirSync(trash)[0] ?? '');
  }

  get entries(): string[] {
    return readdirSync(this.folder).filter((name) => !name.startsWith('manifest'));
  }
}

describe('a session that is one file', () => {
  test('is in the trash without a folder, unless it is compressed', async () => {
    const home = new Home();
    home.write(1);
    home.write(2, 2000);
    const before = snapshot(home.path);
    await home.run(['rm', id(1), id(2), '--yes']);
    expect(home.entries.sort()).toEqual(['1-0', '2']);
    expect(readdirSync(join(home.folder, '2'))).toEqual(['packed-0-0.gz']);
    expect(statSync(join(home.folder, '1-0')).mtimeMs).toBe(OLD);
    await home.run(['restore', id(1), id(2), '--keep-times']);
    expect(snapshot(home.path)).toEqual(before);

    await home.run(['rm', id(2), '--yes', '--no-compress']);
    expect(home.entries).toEqual(['1-0']);
    await home.run(['restore', id(2), '--keep-times']);
    expect(snapshot(home.path)).toEqual(before);
  });

  test('has a folder if there are other files', async () => {
    const home = new Home();
    home.write(1);
    put(home.path, { [`tasks/${id(1)}/1.json`]: '{}' });
    await home.run(['rm', id(1), '--yes']);
    expect(home.entries).toEqual(['1']);
  });

  test('is listed, shown and deleted like others', async () => {
    const home = new Home();
    for (const n of [1, 2]) home.write(n);
    const bytes = statSync(home.transcript(1)).size;
    await home.run(['rm', id(1), id(2), '--yes']);
    const listed = JSON.parse((await home.run(['trash', '--json'])).stdout) as { key: string }[];
    expect(listed).toMatchObject([
      { id: id(1), heldBytes: bytes, damage: null },
      { id: id(2), heldBytes: bytes, damage: null },
    ]);
    expect((await home.run(['trash', 'show', id(1)])).stdout).toContain(`${home.folder}/1-0`);
    expect((await home.run(['trash', 'empty', '--yes'])).stdout).toMatch(/^Permanently deleted: 2 sessions, /);
    expect(readdirSync(join(home.path, '.ccsess/trash'))).toEqual([]);
  });

  test.each(['', '.moving', '.restoring'])(
    'is rebuilt from its file where the manifest is lost (%j)',
    async (state) => {
      const home = new Home();
      home.write(1);
      const text = readFileSync(home.transcript(1), 'utf8');
      await home.run(['rm', id(1), '--yes']);
      for (const name of ['manifest.jsonl', 'manifest.copy.jsonl']) rmSync(join(home.folder, name));
      if (state !== '') {
        renameSync(join(home.folder, '1-0'), join(home.folder, `1-0${state}`));
        put(home.path, { '.ccsess/lock': '{"pid":9,"at":"2026-01-01T00:00:00.000Z","ended":true}' });
        expect((await home.run(['recover'])).stdout).toContain('is in the trash');
      }
      expect(await home.run(['restore', id(1), '--keep-times'])).toMatchObject({ stdout: `${id(1)}\n`, exitCode: 0 });
      // The name of the project dir is inferred from the folder that the entries name.
      const found = readdirSync(join(home.path, 'projects'), { recursive: true, encoding: 'utf8' });
      const path = found.find((name) => name.endsWith(`${id(1)}.jsonl`)) ?? '';
      expect(readFileSync(join(home.path, 'projects', path), 'utf8')).toBe(text);
    },
  );

  test('is restored from the trash if the copy that was made of it is lost', async () => {
    const home = new Home();
    home.write(1);
    const before = snapshot(home.path);
    await home.run(['rm', id(1), '--yes']);
    renameSync(join(home.folder, '1-0'), join(home.folder, '1-0.copied'));
    put(home.path, { '.ccsess/lock': '{"pid":9,"at":"2026-01-01T00:00:00.000Z","ended":true}' });
    expect((await home.run(['recover'])).stdout).toContain('restored');
    utimesSync(home.transcript(1), OLD / 1000, OLD / 1000);
    expect(snapshot(home.path)).toEqual(before);
  });

  test('can be restored into another config dir, and the file with its destination is removed', async () => {
    const home = new Home();
    for (const n of [1, 2]) home.write(n);
    const text = readFileSync(home.transcript(1), 'utf8');
    await home.run(['rm', id(1), id(2), '--yes']);
    const to = emptyConfigDir();
    await home.run(['restore', id(1), '--to', to, '--keep-times']);
    expect(readFileSync(join(to, 'projects', PROJECT, `${id(1)}.jsonl`), 'utf8')).toBe(text);
    expect(home.entries).toEqual(['2-0']);
  });
});

test('names in the folder of a run are parsed as entries, or rejected', () => {
  const NAMES: [string, ReturnType<typeof parseEntryName>][] = [
    ['12', { number: 12, isBare: false, state: 'kept' }],
    ['12.moved', { number: 12, isBare: false, state: 'moved' }],
    ['12-0', { number: 12, isBare: true, state: 'kept' }],
    ['12-0.copied', { number: 12, isBare: true, state: 'copied' }],
    ['12-0.moving.ccsess-rest-1', { number: 12, isBare: true, state: 'moving' }],
    ...[
      '0',
      '12-1',
      '12.kept',
      '12.copied',
      '12.moving.ccsess-rest-1',
      '12-0.destination',
      '12-0.moving.x',
      'manifest.jsonl',
    ].map((name): [string, null] => [name, null]),
  ];
  for (const [name, expected] of NAMES) expect([name, parseEntryName(name)]).toEqual([name, expected]);
  expect(staleDestinations(['1-0.destination', '2-0.destination', '2-0.restoring', '11-0'])).toEqual([
    '1-0.destination',
  ]);
});

describe('the restore mark', () => {
  test('is one file for all restored sessions, without those that could not be restored', async () => {
    const home = new Home();
    for (const n of [1, 2, 3]) home.write(n);
    await home.run(['rm', id(1), id(2), id(3), '--yes']);
    writeFileSync(home.transcript(2), 'another\n');
    expect(await home.run(['restore', '@last-prune'])).toMatchObject({ exitCode: 3 });
    expect(readdirSync(join(home.path, '.ccsess/restored'))).toEqual([expect.stringMatching(/^batch-2026-.*\.json$/)]);
    const [configDir] = resolveConfigDirs({ explicit: [home.path], env: {}, home: '/nowhere', cwd: '/' });
    if (configDir === undefined) throw new Error('a path is always a config dir');
    const restored = restoredSessions(configDir);
    expect([1, 2, 3].map((n) => restored.mayHold(id(n)))).toEqual([true, false, true]);
    expect(restored.problem).toBeNull();
    expect(restoredReasons(configDir, id(3), NOW)).toEqual([{ code: 'restored', detail: new Date(NOW).toISOString() }]);
    expect(restoredReasons(configDir, id(2), NOW)).toEqual([]);
    // A mark of one session, as earlier versions wrote it.
    put(home.path, { [`.ccsess/restored/${id(2)}.json`]: JSON.stringify({ at: new Date(NOW - 1000).toISOString() }) });
    expect(restoredReasons(configDir, id(2), NOW)).toEqual([
      { code: 'restored', detail: new Date(NOW - 1000).toISOString() },
    ]);
  });

  test('protects the sessions that it names even if it is damaged', async () => {
    const home = new Home();
    for (const n of [1, 2]) home.write(n);
    await home.run(['rm', id(1), id(2), '--yes']);
    await home.run(['restore', '@last-prune']);
    const folder = join(home.path, '.ccsess/restored');
    const mark = join(folder, readdirSync(folder)[0] ?? '');
    writeFileSync(join(folder, 'batch-1.json'), readFileSync(mark).subarray(0, -4));
    rmSync(mark);
    const { stdout } = await home.run(['prune', '--older-than', '1d', '-n', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      remove: [],
      keep: [{ reasons: [{ code: 'restored', detail: null }] }, { reasons: [{ code: 'restored', detail: null }] }],
    });
  });

  test.each<[string, string, (path: string) => void]>([
    ['a file instead of the folder', '', (path) => writeFileSync(path, 'x')],
    ['a pipe instead of the folder', '', (path) => execFileSync('mkfifo', [path])],
    ['a link to nothing instead of the folder', '', (path) => symlinkSync('/nowhere/at/all', path)],
    ['a link to itself instead of the folder', '', (path) => symlinkSync(path, path)],
    ['a batch that is a folder', 'batch-1.json', (path) => mkdirSync(path)],
    ['a batch that is a pipe', 'batch-1.json', (path) => execFileSync('mkfifo', [path])],
    ['a batch that is a link', 'batch-1.json', (path) => symlinkSync('/dev/zero', path)],
    ['a batch that is too large', 'batch-1.json', (path) => writeFileSync(path, Buffer.alloc(64 * 1024 * 1024 + 1))],
  ])('protects all sessions, and is reported, while it cannot be read: %s', async (_what, name, make) => {
    const home = new Home();
    for (const n of [1, 2]) home.write(n);
    const folder = join(home.path, '.ccsess/restored');
    mkdirSync(name === '' ? join(home.path, '.ccsess') : folder, { recursive: true });
    make(join(folder, name));
    const problem = {
      code: 'unreadable',
      message: 'Cannot be read: every session here counts as recently restored.',
      file: join(folder, name),
    };
    const restored = { code: 'restored', detail: null };
    for (const flags of [['-n'], ['--yes']]) {
      const { stdout, exitCode } = await home.run(['prune', '--older-than', '1d', '--json', ...flags]);
      expect(exitCode).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({
        remove: [],
        keep: [{ reasons: [restored] }, { reasons: [restored] }],
        problems: [problem],
      });
    }
    const { stderr } = await home.run(['prune', '--older-than', '1d', '-n']);
    expect(stderr).toBe(`ccsess: ${problem.message.slice(0, -1)}: ${problem.file}\n`);
    const others = await home.run(['prune', '--older-than', '1d', '--include-restored', '--yes', '--json']);
    expect(JSON.parse(others.stdout)).toMatchObject({ totals: { removed: 2 }, problems: [] });
  });

  test.each<[string, (path: string) => void]>([
    ['a folder', (path) => mkdirSync(path)],
    ['a pipe', (path) => execFileSync('mkfifo', [path])],
    ['a link', (path) => symlinkSync('/dev/zero', path)],
  ])('of one session protects it even if the mark is %s', async (_what, make) => {
    const home = new Home();
    for (const n of [1, 2]) home.write(n);
    mkdirSync(join(home.path, '.ccsess/restored'), { recursive: true });
    make(join(home.path, '.ccsess/restored', `${id(1)}.json`));
    const { stdout } = await home.run(['prune', '--older-than', '1d', '--yes', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      remove: [{ id: id(2), status: 'removed' }],
      keep: [{ id: id(1), reasons: [{ code: 'restored', detail: null }] }],
      problems: [],
    });
  });

  test('is removed if nothing was restored', async () => {
    const home = new Home();
    home.write(1);
    await home.run(['rm', id(1), '--yes']);
    writeFileSync(home.transcript(1), 'another\n');
    expect(await home.run(['restore', id(1)])).toMatchObject({ exitCode: 5 });
    expect(readdirSync(join(home.path, '.ccsess/restored'))).toEqual([]);
    expect(existsSync(join(home.folder, '1-0'))).toBe(true);
  });
});

describe('running processes', () => {
  /** Removes sessions, of which the third is live from the given listing on; returns the number of listings. */
  async function removeSessions(count: number, liveFrom = Infinity): Promise<{ used: number; left: boolean[] }> {
    const home = new Home();
    const numbers = Array.from({ length: count }, (_, n) => n + 1);
    for (const n of numbers) home.write(n);
    let used = 0;
    const late: RunningProcess = {
      pid: 4242,
      uid: ownUid(),
      args: ['claude', '--resume', id(3)],
      name: '',
      program: null,
      folder: '/elsewhere',
      startedMs: NOW,
    };
    const system: System = { ...IDLE, processes: () => (++used < liveFrom ? [] : [late]) };
    await home.run(['rm', ...numbers.map(id), '--yes'], system);
    return { used, left: numbers.map((n) => existsSync(home.transcript(n))) };
  }

  test('are listed once for 32 sessions that are moved one after the other', async () => {
    const counts = await Promise.all([1, 32, 33].map((count) => removeSessions(count)));
    expect(counts.map(({ left }) => left.includes(true))).toEqual([false, false, false]);
    const [one, many, more] = counts.map(({ used }) => used);
    expect([many! - one!, more! - one!]).toEqual([0, 1]);
  });

  test('keep a session that becomes live before any of the checks at its path', async () => {
    const { used } = await removeSessions(3);
    for (let from = 1; from <= used; from++)
      expect((await removeSessions(3, from)).left, `listing ${from}`).toEqual([false, false, true]);
  });
});
