import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, readdirSync, rmSync, symlinkSync, truncateSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CheckpointedSession, removeFile, SESSION } from '../../support/checkpointed.js';
import { run, type Outcome, type World } from '../../support/context.js';
import { withoutPrivileges } from '../../support/other-user.js';
import { registryOf } from '../../support/processes.js';
import { snapshot } from '../../support/trees.js';

const NOW = Date.parse('2026-11-29T12:03:07.000Z');
const OTHER = '22222222-0000-4000-8000-000000000002';
const MANY = 100_000;

/** Creates a session with two prompts, of which the first edits a file and creates another. */
function edited(): CheckpointedSession {
  const session = new CheckpointedSession();
  session.put('src/a.ts', 'before\n');
  session.prompt('First', { 'src/a.ts': 'after\n', 'new.ts': 'new\n' });
  session.prompt('Second', { 'src/a.ts': 'last\n' });
  return session;
}

function ccsess(session: CheckpointedSession, args: readonly string[], world: World = {}): Promise<Outcome> {
  return run(args, { ...session.world, now: NOW, ...world });
}

function rewind(session: CheckpointedSession, to: number, ...flags: string[]): Promise<Outcome> {
  return ccsess(session, ['rewind', session.id, '--to', String(to), '--yes', ...flags]);
}

function undoCopies({ configDir }: CheckpointedSession): string[] {
  const folder = join(configDir, '.ccsess/trash/rewinds');
  return existsSync(folder) ? readdirSync(folder) : [];
}

describe('a rewind of', () => {
  test('a file that is now a pipe neither touches it nor waits for it', async () => {
    const session = edited();
    removeFile(session.path('src/a.ts'));
    spawnSync('mkfifo', [session.path('src/a.ts')]);
    expect(await ccsess(session, ['checkpoints', SESSION, '--at', '1', '--diff'])).toMatchObject({ exitCode: 0 });
    expect(await rewind(session, 1)).toMatchObject({
      stderr: expect.stringContaining('Left: src/a.ts, it is not a regular file.\n'),
      exitCode: 3,
    });
    expect(lstatSync(session.path('src/a.ts')).isFIFO()).toBe(true);
    expect(session.get('new.ts')).toBeNull();
  });

  test('a file that is now read-only replaces it, and an undo makes it read-only again', async () => {
    const session = edited();
    chmodSync(session.path('src/a.ts'), 0o444);
    const before = snapshot(session.project);
    expect(await rewind(session, 1)).toMatchObject({ exitCode: 0 });
    expect(session.get('src/a.ts')).toBe('before\n');
    expect(lstatSync(session.path('src/a.ts')).mode & 0o777).toBe(0o644);
    expect(await ccsess(session, ['rewind', '--undo', '--yes'])).toMatchObject({ exitCode: 0 });
    expect(snapshot(session.project)).toEqual(before);
  });

  test('a file in a folder that is not writable changes nothing at all', async () => {
    const session = edited();
    chmodSync(session.path('src'), 0o555);
    const before = snapshot(session.project);
    const outcome = await withoutPrivileges(dirname(session.project), () => rewind(session, 1));
    expect(outcome).toMatchObject({ stdout: '', exitCode: 1 });
    expect(outcome.stderr).toMatch(/^ccsess: .*\/src\/.* cannot be written \(EACCES\): nothing was changed\.\n$/);
    expect(snapshot(session.project)).toEqual(before);
    expect(undoCopies(session)).toEqual([]);
  });
});

describe('a copy in file history', () => {
  test('that is truncated is restored as it is, as by Claude Code, and an undo reverts that', async () => {
    const session = edited();
    const before = snapshot(session.project);
    truncateSync(session.backup('src/a.ts', 1), 3);
    expect(await rewind(session, 1)).toMatchObject({ exitCode: 0 });
    expect(session.get('src/a.ts')).toBe('bef');
    expect(await ccsess(session, ['rewind', '--undo', '--yes'])).toMatchObject({ exitCode: 0 });
    expect(snapshot(session.project)).toEqual(before);
  });

  test('that is a link is not followed', async () => {
    const session = edited();
    const copy = session.backup('src/a.ts', 1);
    rmSync(copy);
    session.put('secret.txt', 'secret\n');
    symlinkSync(session.path('secret.txt'), copy);
    expect(await rewind(session, 1)).toMatchObject({
      stderr: expect.stringContaining('Left: src/a.ts, its copy is not a regular file.\n'),
      exitCode: 3,
    });
    expect(session.get('src/a.ts')).toBe('last\n');
  });
});

/** As `edited`, but the snapshot of the last prompt also tracks one file by its absolute path. */
function editedUnderTwoPaths(): CheckpointedSession {
  const session = edited();
  const absolute = session.path('src/a.ts');
  const backup = { backupFileName: session.backupName('src/a.ts', 2), version: 1, realParentDir: dirname(absolute) };
  const trackedFileBackups = { [absolute]: { ...backup, backupTime: '2026-11-20T10:09:00.000Z' } };
  session.entry({
    type: 'file-history-snapshot',
    messageId: session.prompts[1],
    snapshot: { messageId: session.prompts[1], timestamp: '2026-11-20T10:09:00.000Z', trackedFileBackups },
    isSnapshotUpdate: true,
  });
  return session;
}

test("a file that is tracked under two paths is restored once, from the prompt's own snapshot", async () => {
  const session = editedUnderTwoPaths();
  const before = snapshot(session.project);
  expect(await rewind(session, 1)).toMatchObject({
    stderr: expect.stringMatching(/^Restored 2 files\./),
    exitCode: 0,
  });
  expect([session.get('src/a.ts'), session.get('new.ts')]).toEqual(['before\n', null]);
  expect(await ccsess(session, ['rewind', '--undo', '--yes'])).toMatchObject({ exitCode: 0 });
  expect(snapshot(session.project)).toEqual(before);
});

test("a file that is tracked under two paths is not changed if the prompt's own copy is missing", async () => {
  const session = editedUnderTwoPaths();
  removeFile(session.backup('src/a.ts', 1));
  const { stderr, exitCode } = await rewind(session, 1);
  expect([stderr.match(/^Left: src\/a\.ts, .*$/m)?.length, exitCode]).toEqual([1, 1]);
  expect(session.get('src/a.ts')).toBe('last\n');
});

test('a change by another session since is marked, saved and restored by the undo', async () => {
  const session = edited();
  const other = new CheckpointedSession({ id: OTHER, root: dirname(session.project) });
  other.prompt('Elsewhere', { 'src/a.ts': 'of the other\n' });
  other.prompt('More');
  const dry = await ccsess(session, ['rewind', SESSION, '--to', '1', '-n', '--json']);
  expect(JSON.parse(dry.stdout)).toMatchObject({
    files: [
      { path: 'new.ts', changedSince: false },
      { path: 'src/a.ts', changedSince: true },
    ],
  });
  expect(await rewind(session, 1)).toMatchObject({ exitCode: 0 });
  const [first = ''] = undoCopies(session);
  expect(session.get('src/a.ts')).toBe('before\n');
  expect(await rewind(other, 1)).toMatchObject({ exitCode: 0 });
  expect(session.get('src/a.ts')).toBe('last\n');
  // Each undo restores what its own rewind replaced.
  expect(await ccsess(session, ['rewind', '--undo', first, '--yes'])).toMatchObject({ exitCode: 0 });
  expect(session.get('src/a.ts')).toBe('of the other\n');
  expect(await ccsess(other, ['rewind', OTHER, '--undo', '--yes'])).toMatchObject({ exitCode: 0 });
  expect(session.get('src/a.ts')).toBe('before\n');
});

test('rewinding a live session is refused, as is its undo, unless forced', async () => {
  const session = edited();
  await rewind(session, 2);
  const before = snapshot(session.project);
  const system = registryOf(session.configDir, SESSION, 4711);
  for (const args of [
    ['rewind', SESSION, '--to', '1'],
    ['rewind', '--undo'],
  ]) {
    const outcome = await ccsess(session, [...args, '--yes'], { system });
    expect(outcome).toMatchObject({ stdout: '', exitCode: 5 });
    expect(outcome.stderr).toContain(`session ${SESSION} is open in pid 4711: its files may be written at any moment.`);
    expect(snapshot(session.project)).toEqual(before);
  }
  const forced = await ccsess(session, ['rewind', SESSION, '--to', '1', '--yes', '--force'], { system });
  expect(forced).toMatchObject({ exitCode: 0 });
  expect(session.get('src/a.ts')).toBe('before\n');
});

test('a snapshot may track a hundred thousand files', async () => {
  const session = edited();
  const backup = { backupFileName: null, version: 1, backupTime: '2026-11-20T10:00:00.000Z' };
  const names = Array.from({ length: MANY }, (_, at) => `src/missing-${at}.ts`);
  const trackedFileBackups = Object.fromEntries(
    names.map((name) => [name, { ...backup, realParentDir: session.path('src') }]),
  );
  session.entry({
    type: 'file-history-snapshot',
    messageId: session.prompts[0],
    snapshot: { messageId: session.prompts[0], timestamp: '2026-11-20T10:00:00.000Z', trackedFileBackups },
    isSnapshotUpdate: true,
  });
  session.put('src/missing-99999.ts', 'made since\n');
  expect(await rewind(session, 1)).toMatchObject({
    stderr: expect.stringMatching(/^Restored 3 files\./),
    exitCode: 0,
  });
  expect(readdirSync(session.path('src'))).toEqual(['a.ts']);
});
