import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CheckpointedSession, removeFile, SESSION } from '../../support/checkpointed.js';
import { run, type Outcome, type World } from '../../support/context.js';
import { temporaryFolder } from '../../support/temporary.js';
import { snapshot } from '../../support/trees.js';
import { validator } from '../../unit/schema/schemas.js';

const NOW = Date.parse('2026-11-29T12:03:07.000Z');
const UNDO = '2026-11-29T12-03-07Z';

/** Two prompts that edit, and a third one. */
function edited(): CheckpointedSession {
  const session = new CheckpointedSession();
  session.put('src/b.ts', 'one\ntwo\n', 0o755);
  session.prompt('First thing', { 'src/a.ts': 'a1\n', 'src/b.ts': 'one\nTWO\nthree\n' });
  session.prompt('Second thing', { 'src/a.ts': 'a2\n', 'new/deep/c.txt': 'c1\n' });
  session.prompt('Third thing');
  return session;
}

function ccsess(session: CheckpointedSession, args: readonly string[], world: World = {}): Promise<Outcome> {
  return run(args, { ...session.world, now: NOW, ...world });
}

async function json(session: CheckpointedSession, args: readonly string[], exitCode = 0): Promise<object> {
  const outcome = await ccsess(session, [...args, '--json']);
  expect({ stderr: outcome.stderr, exitCode: outcome.exitCode }).toEqual({ stderr: '', exitCode });
  return JSON.parse(outcome.stdout) as object;
}

/** Everything of the project but times. */
function tree(session: CheckpointedSession): Record<string, string> {
  return Object.fromEntries(
    Object.entries(snapshot(session.project)).map(([path, text]) => [path, text.replace(/^(file \d+) \d+/, '$1')]),
  );
}

describe('rewind', () => {
  test('restores contents, modes and the existence of files, and prints how to undo it', async () => {
    const session = edited();
    chmodSync(session.path('src/b.ts'), 0o600);
    expect(await ccsess(session, ['rewind', SESSION, '--to', '1', '--yes'])).toEqual({
      stdout: [
        ['delete', session.path('new/deep/c.txt'), '0', '1', ''],
        ['delete', session.path('src/a.ts'), '0', '1', ''],
        ['write', session.path('src/b.ts'), '1', '2', ''],
      ]
        .map((fields) => `${fields.join('\t')}\n`)
        .join(''),
      stderr: `Restored 3 files. Undo: ccsess rewind --undo ${UNDO}\n`,
      exitCode: 0,
    });
    // Folders that became empty stay, as Claude Code leaves them.
    expect(tree(session)).toEqual({
      new: 'folder 755',
      'new/deep': 'folder 755',
      src: 'folder 755',
      'src/b.ts': 'file 755 one\ntwo\n',
    });
  });

  test('prints once on a terminal what it would not change', async () => {
    const session = edited();
    removeFile(session.path('src/a.ts'));
    symlinkSync('b.ts', session.path('src/a.ts'));
    const dry = await ccsess(session, ['rewind', SESSION, '--to', '1', '-n'], { terminal: 80 });
    expect(dry).toEqual({
      stdout: [
        'Would restore 2 files as they were before prompt 1:',
        '  new/deep/c.txt  delete (did not exist)',
        '  src/b.ts        +1 −2',
        'Would leave: src/a.ts, it is a symlink.',
        'Nothing was changed.',
        '',
      ].join('\n'),
      stderr: '',
      exitCode: 3,
    });
    const no = await ccsess(session, ['rewind', SESSION, '--to', '1'], { terminal: 80, answers: [false] });
    expect(no.stderr.match(/Nothing was changed/g)).toHaveLength(1);
  });

  test('shows on a terminal what it would do, and asks', async () => {
    const session = edited();
    session.put('src/a.ts', 'by hand\n');
    const before = snapshot(session.home);
    const dry = await ccsess(session, ['rewind', SESSION, '--to', '2', '-n'], { terminal: 100 });
    expect(dry).toEqual({
      stdout: [
        'Would restore 2 files as they were before prompt 2:',
        '  new/deep/c.txt  delete (did not exist)',
        '  src/a.ts        +1 −1                   changed since',
        'Changed since: written after the session; the present content is saved first.',
        'Nothing was changed.',
        '',
      ].join('\n'),
      stderr: '',
      exitCode: 0,
    });
    const no = await ccsess(session, ['rewind', SESSION, '--to', '2'], { terminal: 100, answers: [false] });
    expect(no).toMatchObject({ stdout: '', exitCode: 0 });
    expect(no.stderr).toMatch(/Restore these files in .*project\? \[y\/N\]\nNothing was changed\.\n$/);
    expect(snapshot(session.home)).toEqual(before);
    expect(session.get('src/a.ts')).toBe('by hand\n');
    const yes = await ccsess(session, ['rewind', SESSION, '--to', '2'], { terminal: 100, answers: [true] });
    expect(yes).toMatchObject({ stdout: `Restored 2 files. Undo: ccsess rewind --undo ${UNDO}\n`, exitCode: 0 });
    expect(session.get('src/a.ts')).toBe('a1\n');
  });

  test('prints JSON that the schema describes, with the names of the Agent SDK', async () => {
    const session = edited();
    const planned = await json(session, ['rewind', SESSION, '--to', '2', '-n']);
    expect(validator('rewind')(planned)).toBe('');
    expect(planned).toMatchObject({
      dryRun: true,
      canRewind: true,
      filesChanged: [session.path('new/deep/c.txt'), session.path('src/a.ts')],
      insertions: 1,
      deletions: 2,
      skippedLinks: 0,
      unchanged: 1,
      undo: null,
    });
    const done = await json(session, ['rewind', SESSION, '--to', '2', '--yes']);
    expect(validator('rewind')(done)).toBe('');
    expect(done).toMatchObject({ dryRun: false, undo: UNDO });
  });

  test('to the present state changes nothing', async () => {
    const session = edited();
    const before = snapshot(session.home);
    expect(await ccsess(session, ['rewind', SESSION, '--to', '3', '--yes'])).toEqual({
      stdout: '',
      stderr: 'Nothing to restore: 3 tracked files as before prompt 3.\n',
      exitCode: 0,
    });
    expect(Object.keys(snapshot(session.home))).toEqual(Object.keys(before));
  });

  test('--file limits it to the files named, relative to the current folder or as they are tracked', async () => {
    const session = edited();
    const args = ['rewind', SESSION, '--to', '1', '--yes', '--file', 'a.ts'];
    expect((await ccsess(session, args, { cwd: session.path('src') })).exitCode).toBe(0);
    expect([session.get('src/a.ts'), session.get('src/b.ts'), session.get('new/deep/c.txt')]).toEqual([
      null,
      'one\nTWO\nthree\n',
      'c1\n',
    ]);
  });

  test('creates folders that are gone', async () => {
    const session = edited();
    rmSync(session.path('src'), { recursive: true });
    expect((await ccsess(session, ['rewind', SESSION, '--to', '2', '--yes'])).exitCode).toBe(0);
    expect([session.get('src/a.ts'), session.get('src/b.ts')]).toEqual(['a1\n', 'one\nTWO\nthree\n']);
  });

  test.each([
    ['a symlink', 'symlink', 'it is a symlink', (path: string) => symlinkSync('nowhere', path)],
    ['a folder', 'not-a-file', 'it is not a regular file', (path: string) => mkdirSync(path)],
    [
      'a file of two names',
      'hard-link',
      'it has more than one hard link',
      (path: string) => {
        writeFileSync(path, 'linked\n');
        linkSync(path, `${path}.other`);
      },
    ],
  ])('leaves %s alone and restores the rest', async (_, reason, message, replace) => {
    const session = edited();
    removeFile(session.path('src/a.ts'));
    replace(session.path('src/a.ts'));
    const kept = lstatSync(session.path('src/a.ts'));
    const plan = await json(session, ['rewind', SESSION, '--to', '2', '-n'], 3);
    expect(plan).toMatchObject({ skippedLinks: 1, skipped: [{ path: 'src/a.ts', reason, message }] });
    const outcome = await ccsess(session, ['rewind', SESSION, '--to', '2', '--yes']);
    expect(outcome).toMatchObject({ exitCode: 3 });
    expect(outcome.stderr).toContain(`Left: src/a.ts, ${message}.\n`);
    expect(lstatSync(session.path('src/a.ts')).ino).toBe(kept.ino);
    expect(session.get('new/deep/c.txt')).toBeNull();
  });

  test('writes nothing through a folder that was replaced by a link', async () => {
    const session = edited();
    const elsewhere = temporaryFolder('elsewhere');
    rmSync(session.path('src'), { recursive: true });
    symlinkSync(elsewhere, session.path('src'));
    const plan = await json(session, ['rewind', SESSION, '--to', '1', '--yes', '--outside'], 3);
    expect(plan).toMatchObject({
      skipped: [
        { path: 'src/a.ts', reason: 'folder-changed' },
        { path: 'src/b.ts', reason: 'folder-changed' },
      ],
    });
    expect(readdirSync(elsewhere)).toEqual([]);
  });

  test('deletes nothing if the copy of a file is missing, as Claude Code does', async () => {
    const session = edited();
    session.put('src/b.ts', 'four\n');
    rmSync(session.backup('src/a.ts', 2));
    const plan = await json(session, ['rewind', SESSION, '--to', '2', '--yes'], 3);
    expect(plan).toMatchObject({
      files: [{ path: 'src/b.ts' }],
      skipped: [
        { path: 'new/deep/c.txt', reason: 'not-deleted' },
        { path: 'src/a.ts', reason: 'missing-backup' },
      ],
    });
    expect(session.get('new/deep/c.txt')).toBe('c1\n');
  });

  test('fails if no file can be restored', async () => {
    const session = edited();
    rmSync(join(session.configDir, 'file-history'), { recursive: true });
    const outcome = await ccsess(session, ['rewind', SESSION, '--to', '2', '--yes']);
    expect(outcome).toMatchObject({ stdout: '', exitCode: 1 });
    expect(outcome.stderr).toContain('ccsess: No files were restored: the copies of 2 files are missing.\n');
  });

  test('finds files that moved with the project', async () => {
    const root = temporaryFolder('moved');
    const session = new CheckpointedSession({ root });
    session.prompt('one', { 'src/a.txt': 'a1\n' });
    session.prompt('two', { 'src/a.txt': 'a2\n' });
    const moved = join(root, 'moved');
    mkdirSync(join(moved, 'src'), { recursive: true });
    writeFileSync(join(moved, 'src/a.txt'), 'a2\n');
    rmSync(session.project, { recursive: true });
    const world = { ...session.world, cwd: moved };
    expect((await run(['move', session.project, moved, '--yes'], world)).exitCode).toBe(0);
    const outcome = await run(['rewind', SESSION, '--to', '2', '--yes', '--json'], { ...world, now: NOW });
    expect({ stderr: outcome.stderr, exitCode: outcome.exitCode }).toEqual({ stderr: '', exitCode: 0 });
    expect(JSON.parse(outcome.stdout)).toMatchObject({ filesChanged: [join(moved, 'src/a.txt')] });
    expect(session.get(join(moved, 'src/a.txt'))).toBe('a1\n');
  });

  test('reports the branch that is checked out if it has changed', async () => {
    const session = edited();
    session.put('.git/HEAD', 'ref: refs/heads/feature/x\n');
    const { stderr } = await ccsess(session, ['rewind', SESSION, '--to', '2', '--yes']);
    expect(stderr).toContain("ccsess: the branch 'feature/x' is checked out; these files are from 'main'.\n");
  });

  test('--to-dir writes the state into a new folder, and touches nothing else', async () => {
    const session = edited();
    const before = snapshot(session.project);
    const folder = join(temporaryFolder('to-dir'), 'out');
    const outcome = await ccsess(session, ['rewind', SESSION, '--to', '2', '--to-dir', folder, '--json']);
    expect(outcome).toMatchObject({ stderr: '', exitCode: 0 });
    expect(validator('rewind')(JSON.parse(outcome.stdout))).toBe('');
    expect(session.get(join(folder, 'src/a.ts'))).toBe('a1\n');
    expect(lstatSync(join(folder, 'src/b.ts')).mode & 0o777).toBe(0o755);
    expect(readdirSync(folder)).toEqual(['src']);
    expect(snapshot(session.project)).toEqual(before);
    const again = await ccsess(session, ['rewind', SESSION, '--to', '2', '--to-dir', folder]);
    expect(again).toEqual({
      stdout: '',
      stderr: expect.stringContaining('is not empty: name a new folder.'),
      exitCode: 5,
    });
  });

  test.each([
    [[], 2, `missing state: pass --to <n> (a prompt listed by ccsess checkpoints ${SESSION}), or --undo.`],
    [['--to', '1', '--undo'], 2, '--undo and --to cannot be combined.'],
    [['--to', '1', '--conversation', '--file', 'x'], 2, '--conversation and --file cannot be combined.'],
    [['--to', '1', '--fork', '--to-dir', 'x', '--yes'], 2, '--to-dir and --fork cannot be combined.'],
    [['--to', '1'], 2, 'cannot ask for confirmation without a terminal: pass --yes, or -n for a dry run.'],
    [['--to', '9', '--yes'], 4, `; all: ccsess checkpoints ${SESSION.slice(0, 8)}\n`],
    [
      ['--to', '1', '--yes', '--file', 'none.ts'],
      4,
      `'none.ts'.\n  those it tracks: ccsess checkpoints ${SESSION.slice(0, 8)}\n`,
    ],
    [['--undo', '2026-01-01T00-00-00Z', '--yes'], 4, "no undo copy '2026-01-01T00-00-00Z' in the trash."],
  ])('%j is refused, and nothing is written', async (flags, exitCode, message) => {
    const session = edited();
    const before = snapshot(session.project);
    const outcome = await ccsess(session, ['rewind', SESSION, ...flags]);
    expect({ stdout: outcome.stdout, exitCode: outcome.exitCode }).toEqual({ stdout: '', exitCode });
    expect(outcome.stderr).toContain(message);
    expect(snapshot(session.project)).toEqual(before);
  });

  test('--yes needs the full id without a terminal', async () => {
    expect(await ccsess(edited(), ['rewind', '1111', '--to', '1', '--yes'])).toMatchObject({ stdout: '', exitCode: 2 });
  });
});

describe('a transcript that was planted', () => {
  /** A session that tracks one path, and has a copy with the content that a rewind would write there. */
  function planted(path: string, cwd: string, realParentDir: string): CheckpointedSession {
    const session = new CheckpointedSession();
    session.prompt('one', { 'bait.txt': 'evil\n' });
    session.prompt('two');
    session.rewrite((text) =>
      text
        .replaceAll('"bait.txt"', JSON.stringify(path))
        .replaceAll(`"realParentDir":"${session.project}"`, `"realParentDir":"${realParentDir}"`)
        .replaceAll(`"cwd":"${session.project}"`, `"cwd":"${cwd}"`),
    );
    removeFile(session.path('bait.txt'));
    return session;
  }

  function keysOf(session: CheckpointedSession): string {
    const keys = join(session.home, '.ssh');
    mkdirSync(keys);
    writeFileSync(join(keys, 'authorized_keys'), 'mine\n');
    return keys;
  }

  test.each([
    ['by an absolute path', (home: string) => [join(home, '.ssh/authorized_keys'), home] as const],
    ['as a file of a session of the home folder', (home: string) => ['.ssh/authorized_keys', home] as const],
    ['as a file of a session of that folder', (home: string) => ['authorized_keys', join(home, '.ssh')] as const],
    ['as a file of a session of the root', (home: string) => [`${home.slice(1)}/.ssh/authorized_keys`, '/'] as const],
  ])('does not write to ~/.ssh %s', async (_, choose) => {
    const probe = new CheckpointedSession();
    const [, cwdOf] = choose(probe.home);
    expect(cwdOf.startsWith('/')).toBe(true);
    const session = new CheckpointedSession();
    const [path, cwd] = choose(session.home);
    session.prompt('one', { 'bait.txt': 'evil\n' });
    session.prompt('two');
    const keys = keysOf(session);
    session.rewrite((text) =>
      text
        .replaceAll('"bait.txt"', JSON.stringify(path))
        .replaceAll(`"realParentDir":"${session.project}"`, `"realParentDir":"${keys}"`)
        .replaceAll(`"cwd":"${session.project}"`, `"cwd":"${cwd}"`),
    );
    const outcome = await ccsess(session, ['rewind', SESSION, '--to', '2', '--yes', '--json']);
    expect(outcome.exitCode).toBe(3);
    expect(JSON.parse(outcome.stdout)).toMatchObject({ files: [], skipped: [{ path, reason: 'outside' }] });
    expect(session.get(join(keys, 'authorized_keys'))).toBe('mine\n');
    // With --outside the user may allow it.
    expect((await ccsess(session, ['rewind', SESSION, '--to', '2', '--yes', '--outside'])).exitCode).toBe(0);
    expect(session.get(join(keys, 'authorized_keys'))).toBe('evil\n');
  });

  test.each(['../outside.txt', 'a/../../outside.txt', '/tmp/../etc/x', 'a\u0000b', '', './a', 'a//b', '/'])(
    'does not write to %j',
    async (path) => {
      const session = planted(path, '', '');
      session.rewrite((text) => text.replaceAll('"cwd":""', `"cwd":"${session.project}"`));
      const before = snapshot(session.project);
      const plan = await json(session, ['rewind', SESSION, '--to', '2', '--yes', '--outside'], 3);
      expect(plan).toMatchObject({ files: [], skipped: [{ path, reason: 'unsafe-path' }] });
      expect(snapshot(session.project)).toEqual(before);
    },
  );

  test.each(['../../../../etc/passwd', '/etc/passwd', 'a/b', '..'])('reads no copy named %j', async (name) => {
    const session = edited();
    session.rewrite((text) => text.replaceAll(session.backupName('src/a.ts', 2), name));
    const plan = await json(session, ['rewind', SESSION, '--to', '2', '-n'], 3);
    expect(plan).toMatchObject({ skipped: expect.arrayContaining([expect.objectContaining({ path: 'src/a.ts' })]) });
  });
});

describe('rewind --undo', () => {
  test('puts everything back, byte for byte, with modes, times and folders', async () => {
    const session = edited();
    session.put('src/a.ts', 'by hand\n', 0o640);
    utimesSync(session.path('src/a.ts'), 1_790_000_000, 1_790_000_000);
    rmSync(session.path('new'), { recursive: true });
    const before = snapshot(session.project);
    expect((await ccsess(session, ['rewind', SESSION, '--to', '3', '--yes'])).exitCode).toBe(0);
    expect(session.get('new/deep/c.txt')).toBe('c1\n');
    const dry = await json(session, ['rewind', '--undo', '-n']);
    expect(validator('undo')(dry)).toBe('');
    const undone = await json(session, ['rewind', '--undo', '--yes']);
    expect(validator('undo')(undone)).toBe('');
    expect(undone).toMatchObject({ undone: UNDO, interrupted: false, undo: `${UNDO}-2` });
    expect(snapshot(session.project)).toEqual(before);
  });

  test('can be undone as well, and is not repeated without an id', async () => {
    const session = edited();
    await ccsess(session, ['rewind', SESSION, '--to', '1', '--yes']);
    const rewound = tree(session);
    await ccsess(session, ['rewind', '--undo', '--yes']);
    expect(await ccsess(session, ['rewind', '--undo', '--yes'])).toMatchObject({
      stderr: expect.stringContaining('no rewind to undo.'),
      exitCode: 4,
    });
    expect((await ccsess(session, ['rewind', '--undo', `${UNDO}-2`, '--yes'])).exitCode).toBe(0);
    expect(tree(session)).toEqual(rewound);
  });

  test('uses no path of the undo copy that the session does not track', async () => {
    const session = edited();
    await ccsess(session, ['rewind', SESSION, '--to', '1', '--yes']);
    const manifest = join(session.configDir, '.ccsess/trash/rewinds', UNDO, 'manifest.json');
    writeFileSync(
      manifest,
      (session.get(manifest) ?? '').replace('"src/a.ts"', JSON.stringify(join(session.home, '.bashrc'))),
    );
    const plan = await json(session, ['rewind', '--undo', '--yes', '--outside'], 3);
    expect(plan).toMatchObject({ skipped: [{ path: join(session.home, '.bashrc'), reason: 'unsafe-path' }] });
    expect(session.get(join(session.home, '.bashrc'))).toBeNull();
  });

  test('refuses copies that were damaged, and changes nothing then', async () => {
    const session = edited();
    await ccsess(session, ['rewind', SESSION, '--to', '1', '--yes']);
    const rewound = tree(session);
    const folder = join(session.configDir, '.ccsess/trash/rewinds', UNDO);
    writeFileSync(join(folder, '0'), 'XX\n');
    writeFileSync(join(folder, '1'), 'XX\n');
    const outcome = await ccsess(session, ['rewind', '--undo', '--yes']);
    expect(outcome).toMatchObject({ stdout: '', exitCode: 1 });
    expect(outcome.stderr).toContain('a saved copy is damaged: nothing was changed.');
    expect(tree(session)).toEqual(rewound);
  });

  test('needs the session, whose transcript decides which files may be written', async () => {
    const session = edited();
    await ccsess(session, ['rewind', SESSION, '--to', '1', '--yes']);
    rmSync(session.transcript);
    const outcome = await ccsess(session, ['rewind', '--undo', '--yes']);
    expect(outcome).toMatchObject({ stdout: '', exitCode: 4 });
    expect(outcome.stderr).toContain(`the session of the rewind ${UNDO} is gone`);
  });
});

describe('rewind --fork', () => {
  test('restores the files and prints the id of a fork that ends before that prompt', async () => {
    const session = edited();
    const outcome = await ccsess(session, ['rewind', SESSION, '--to', '2', '--fork', '--yes']);
    expect(outcome).toMatchObject({ stderr: `Restored 2 files. Undo: ccsess rewind --undo ${UNDO}\n`, exitCode: 0 });
    const id = outcome.stdout.trim();
    const shown = JSON.parse((await ccsess(session, ['show', id, '--json'])).stdout) as {
      messages: { text: string }[];
    };
    expect(shown.messages.map(({ text }) => text)).toEqual(['First thing', 'Done.']);
    const report = await json(session, ['checkpoints', id]);
    expect(report).toMatchObject({ checkpoints: [{ prompt: 1 }] });
  });

  test('--conversation forks and leaves the files; before the first prompt the session is empty', async () => {
    const session = edited();
    const before = snapshot(session.project);
    const outcome = await ccsess(session, ['rewind', SESSION, '--to', '1', '--conversation']);
    expect(outcome).toMatchObject({ stderr: 'Forked before prompt 1.\n', exitCode: 0 });
    const id = outcome.stdout.trim();
    const path = JSON.parse((await ccsess(session, ['path', id, '--json'])).stdout) as object;
    expect(path).toMatchObject({ id, prompts: 0, cwd: session.project, title: 'First thing (fork)' });
    expect(snapshot(session.project)).toEqual(before);
  });
});
