import type * as Fs from 'node:fs';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { orphanedHistory, type OrphanedHistory } from '../../../src/index.js';
import { CheckpointedSession, SESSION } from '../../support/checkpointed.js';
import { run, type Outcome, type World } from '../../support/context.js';
import { validator } from '../../unit/schema/schemas.js';

/** Paths that cannot be read, as those of another user; simulated, since the tests may run as root. */
const refused = vi.hoisted(() => new Set<string>());
vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof Fs>();
  const refusing = <T extends (...args: never[]) => unknown>(call: T): T =>
    ((...args: Parameters<T>) => {
      const path = String(args[0]);
      if (refused.has(path)) throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES', path });
      return call(...args);
    }) as T;
  const mocked = { ...fs, readdirSync: refusing(fs.readdirSync), openSync: refusing(fs.openSync) };
  return { ...mocked, default: mocked };
});
afterEach(() => refused.clear());

const OTHER = '22222222-0000-4000-8000-000000000002';

/** A session whose transcript is gone, and another one of the same folder that touched one of its files. */
function orphaned(): CheckpointedSession {
  const session = new CheckpointedSession();
  session.put('src/b.ts', 'one\n', 0o755);
  session.prompt('First', { 'src/b.ts': 'two\n', 'src/c.ts': 'c\n' });
  session.prompt('Second', { 'src/b.ts': 'three\n' });
  session.prompt('Third');
  const other = new CheckpointedSession({ id: OTHER, root: dirname(session.project) });
  other.prompt('Other', { 'src/b.ts': 'four\n' });
  const copies = [session.backup('src/b.ts', 1), session.backup('src/b.ts', 2), session.backup('src/b.ts', 3)];
  for (const [at, copy] of [...copies, session.backup('src/c.ts', 2)].entries())
    utimesSync(copy, at + 1_700_000_000, at + 1_700_000_000);
  rmSync(session.transcript);
  return session;
}

function orphans(session: CheckpointedSession, args: string[] = [], world: World = {}): Promise<Outcome> {
  return run(['checkpoints', ...args, '--orphans'], { ...session.world, ...world });
}

async function report(session: CheckpointedSession, ...args: string[]): Promise<OrphanedHistory[]> {
  const { stdout } = await orphans(session, [...args, '--json']);
  const value = JSON.parse(stdout) as { orphans: OrphanedHistory[] };
  expect(validator('orphaned-history')(value)).toBe('');
  return value.orphans;
}

describe('checkpoints --orphans', () => {
  test('lists copies of deleted transcripts, with the paths that other sessions touched', async () => {
    const session = orphaned();
    const hashes = ['src/b.ts', 'src/c.ts'].map((name) => session.backupName(name, 1).slice(0, 16));
    expect(await orphans(session)).toEqual({
      stdout: [
        `${SESSION}\t${session.path('src/b.ts')}\t${hashes[0]}\t3\t6\t2023-11-14T22:13:22.000Z\t\n`,
        `${SESSION}\t\t${hashes[1]}\t1\t2\t2023-11-14T22:13:23.000Z\t\n`,
      ].join(''),
      stderr: '',
      exitCode: 0,
    });
    expect(await report(session, SESSION.slice(0, 6))).toMatchObject([
      {
        sessionId: SESSION,
        bytes: 16,
        lastCopyAt: '2023-11-14T22:13:23.000Z',
        files: [
          { path: session.path('src/b.ts'), copies: [{ version: 3 }, { version: 2 }, { version: 1 }] },
          { path: null },
        ],
      },
    ]);
  });

  test('prints tables of sessions and of files on a terminal', async () => {
    const session = orphaned();
    const all = await orphans(session, [], { terminal: 100 });
    expect(all.stdout).toContain('  SESSION   LAST COPY');
    expect(all.stdout).toContain('2 files · 1 of unknown path');
    const one = await orphans(session, [SESSION], { terminal: 100 });
    expect(one.stdout).toContain('  FILE ');
    expect(one.stdout).toContain('(unknown)');
    expect(one.stdout).toContain(`ccsess checkpoints ${SESSION.slice(0, 8)} --orphans --to-dir <folder>`);
  });

  test('finds the copies of a file by its name', async () => {
    const session = orphaned();
    expect(
      (await report(session, '--file', 'src/c.ts')).map(({ bytes, files }) => [bytes, files.map(({ path }) => path)]),
    ).toEqual([[2, [session.path('src/c.ts')]]]);
    expect(await orphans(session, ['--file', 'src/none.ts'])).toEqual({
      stdout: '',
      stderr: 'No orphaned file history has copies of this file.\n',
      exitCode: 0,
    });
  });

  test('writes all copies into a new folder, with their permissions', async () => {
    const session = orphaned();
    const folder = session.path('found');
    const { stderr, exitCode } = await orphans(session, ['--to-dir', 'found']);
    expect({ stderr, exitCode }).toEqual({
      stderr: `Wrote 2 files (4 copies) into ${folder}; 1 of unknown path under their hashes in _unknown/.\n`,
      exitCode: 0,
    });
    const below = join(folder, SESSION);
    const b = session.path('src/b.ts').slice(1);
    const unknown = join('_unknown', session.backupName('src/c.ts', 1).slice(0, 16));
    const files = readdirSync(below, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const contents = files
      .map((file) => join(file.parentPath, file.name))
      .map((path) => [relative(below, path), readFileSync(path, 'utf8')]);
    expect(Object.fromEntries(contents)).toEqual({
      [b]: 'three\n',
      [`_older/${b}@v2`]: 'two\n',
      [`_older/${b}@v1`]: 'one\n',
      [unknown]: 'c\n',
    });
    expect((statSync(join(below, b)).mode & 0o777).toString(8)).toBe('755');
    expect(await orphans(session, ['--to-dir', 'found'])).toMatchObject({
      stderr: `ccsess: ${folder} is not empty: name a new folder.\n`,
      exitCode: 5,
    });
    const options = { configDir: session.configDir, cacheDir: null, toDir: session.path('again') };
    const [written] = await orphanedHistory({ ...options, session: SESSION, file: session.path('src/c.ts') });
    expect(written?.files.flatMap(({ copies }) => copies.map(({ writtenTo }) => writtenTo))).toEqual([
      join(session.path('again'), SESSION, session.path('src/c.ts').slice(1)),
    ]);
  });

  test('writes a file whose path became a folder, and one whose name is too long with a version', async () => {
    const long = 'x'.repeat(250);
    const session = new CheckpointedSession();
    session.prompt('First', { 'src/a': 'file\n', [`src/${long}`]: 'long\n' });
    session.prompt('Second');
    const folder = dirname(session.backup('src/a', 2));
    writeFileSync(join(folder, session.backupName('src/a/b.ts', 1)), 'below\n');
    rmSync(session.transcript);
    const files = ['src/a', 'src/a/b.ts', `src/${long}`].flatMap((name) => ['--file', name]);
    const { stdout, stderr } = await orphans(session, ['--to-dir', 'found', ...files]);
    expect(stderr).toMatch(/^Wrote 3 files/);
    const written = stdout.split('\n').flatMap((text) => text.split('\t')[6] ?? []);
    const project = session.project.slice(1);
    expect(written.map((path) => relative(join(session.path('found'), SESSION), path)).sort()).toEqual([
      `_older/${project}/src/a@v2`,
      `_unknown/${session.backupName(`src/${long}`, 1).slice(0, 16)}`,
      `${project}/src/a/b.ts`,
    ]);
  });

  test('skips links, other names, and sessions that have a transcript, a process or a job', async () => {
    const session = orphaned();
    const folder = dirname(session.backup('src/b.ts', 1));
    writeFileSync(join(folder, 'notes.txt'), 'x');
    symlinkSync('/etc/hostname', join(folder, '0123456789abcdef@v1'));
    mkdirSync(join(folder, '0123456789abcdef@v2'));
    symlinkSync(folder, join(dirname(folder), '33333333-0000-4000-8000-000000000003'));
    linkSync(session.backup('src/b.ts', 1), join(folder, 'fedcba9876543210@v1'));
    expect((await report(session)).map(({ sessionId, files }) => [sessionId, files.length])).toEqual([[SESSION, 3]]);
    const registry = join(session.configDir, 'sessions/4711.json');
    mkdirSync(dirname(registry), { recursive: true });
    writeFileSync(registry, JSON.stringify({ pid: 4711, sessionId: SESSION, cwd: session.project, startedAt: 1 }));
    expect(await orphans(session)).toEqual({ stdout: '', stderr: 'No orphaned file history.\n', exitCode: 0 });
  });

  test('reports folders that cannot be read, and lists the rest', async () => {
    const session = orphaned();
    const unread = join(session.configDir, 'file-history', '33333333-0000-4000-8000-000000000003');
    mkdirSync(unread);
    refused.add(unread);
    const note = `ccsess: Cannot be read (EACCES): ~/.claude/file-history/${basename(unread)}\n`;
    expect(await orphans(session)).toMatchObject({ stdout: expect.stringMatching(SESSION), stderr: note, exitCode: 0 });
    const { stdout } = await orphans(session, ['--json']);
    const value: unknown = JSON.parse(stdout);
    expect(validator('orphaned-history')(value)).toBe('');
    expect(value).toMatchObject({ orphans: [{}], problems: [{ code: 'unreadable', file: unread }] });
    expect(await orphans(session, ['--to-dir', 'found'])).toMatchObject({
      stderr: expect.stringMatching(/^ccsess: Cannot be read .*\nWrote 2 files/),
      exitCode: 3,
    });
    expect(readdirSync(session.path('found'))).toEqual([SESSION]);
  });

  test('does not claim that there is none if file history cannot be read', async () => {
    const session = orphaned();
    const folder = join(session.configDir, 'file-history');
    refused.add(folder);
    const stderr = 'ccsess: Cannot be read (EACCES): ~/.claude/file-history\n';
    expect(await orphans(session)).toEqual({ stdout: '', stderr, exitCode: 0 });
    expect(await orphans(session, ['--to-dir', 'found'])).toEqual({ stdout: '', stderr, exitCode: 1 });
    expect(existsSync(session.path('found'))).toBe(false);
  });

  test('reports a copy that cannot be read, and writes nothing then', async () => {
    const session = orphaned();
    const copy = session.backup('src/c.ts', 2);
    refused.add(copy);
    expect(await orphans(session, ['--to-dir', 'found'])).toEqual({
      stdout: '',
      stderr: `ccsess: ${copy} cannot be read (EACCES): nothing was written.\n`,
      exitCode: 1,
    });
    expect(readdirSync(session.project)).toEqual(['src']);
  });

  test.each(['abcd', '111'])('reports that there is none of %s', async (name) => {
    expect(await orphans(orphaned(), [name])).toEqual({
      stdout: '',
      stderr: `ccsess: no file history of a deleted session '${name}'.\n`,
      exitCode: 4,
    });
  });
});
