import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CheckpointedSession, SESSION } from '../../support/checkpointed.js';
import { run, type Outcome, type World } from '../../support/context.js';
import { fixtureHome } from '../../support/fixtures.js';
import { resolveConfigDirs } from '../../../src/claude/config-dir.js';
import { validator } from '../../unit/schema/schemas.js';

/** A session of two prompts with edits and one without, and a file that was then changed by hand. */
function edited(): CheckpointedSession {
  const session = new CheckpointedSession();
  session.put('src/b.ts', 'one\ntwo\n');
  session.prompt('First thing', { 'src/a.ts': 'a\n', 'src/b.ts': 'one\nTWO\nthree\n' });
  session.prompt('Second thing', { 'image.png': Buffer.from([1, 0, 2]) });
  session.prompt('Third thing');
  session.put('src/a.ts', 'a\nby hand\n');
  return session;
}

function fixture(name: string): World {
  return { configDirs: resolveConfigDirs({ explicit: [fixtureHome(name)], env: {}, home: '/nowhere', cwd: '/' }) };
}

async function printed(args: readonly string[], world: World): Promise<unknown> {
  const { stdout, stderr, exitCode } = await run([...args, '--json'], world);
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
  return JSON.parse(stdout);
}

describe('checkpoints', () => {
  test('prints a row per prompt, with the changes up to the next prompt', async () => {
    const { world } = edited();
    const expected = [
      '  PROMPT  WHEN              FILES  CHANGE    FIRST WORDS',
      '       1  Fri 20 Nov 10:00      2  +3 −1     First thing',
      '       2  Fri 20 Nov 10:04      1  1 binary  Second thing',
      '       3  Fri 20 Nov 10:09      1  +1 −0     Third thing',
    ];
    const { stdout, stderr, exitCode } = await run(['checkpoints', SESSION], { ...world, terminal: 100 });
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    expect(
      stdout
        .split('\n')
        .slice(0, 4)
        .map((line) => line.replace(/\d\d:\d\d/, '10:00')),
    ).toEqual(expected.map((line) => line.replace(/\d\d:\d\d/, '10:00')));
    expect(stdout).toContain('restore: ccsess rewind 1111');
  });

  test('prints a line per prompt in a pipe', async () => {
    const { world, prompts } = edited();
    const outcome = await run(['checkpoints', SESSION], world);
    expect(outcome).toMatchObject({ stderr: '', exitCode: 0 });
    expect(outcome.stdout.split('\n').map((line) => line.split('\t'))).toEqual([
      ['1', prompts[0], expect.any(String), '2', '3', '1', '0', 'First thing'],
      ['2', prompts[1], expect.any(String), '1', '0', '0', '0', 'Second thing'],
      ['3', prompts[2], expect.any(String), '1', '1', '0', '0', 'Third thing'],
      [''],
    ]);
  });

  test('prints JSON that the schemas describe', async () => {
    const { world, prompts } = edited();
    const report = await printed(['checkpoints', SESSION], world);
    expect(validator('checkpoints')(report)).toBe('');
    expect(report).toMatchObject({
      sessionId: SESSION,
      reason: null,
      checkpoints: [
        {
          messageUuid: prompts[0],
          prompt: 1,
          active: true,
          files: [
            { path: 'src/a.ts', change: 'created', insertions: 1, deletions: 0, kind: 'text' },
            { path: 'src/b.ts', change: 'edited', insertions: 2, deletions: 1, kind: 'text' },
          ],
          insertions: 3,
          deletions: 1,
        },
        { prompt: 2, files: [{ path: 'image.png', change: 'created', insertions: null, kind: 'binary' }] },
        { prompt: 3, files: [{ path: 'src/a.ts', change: 'edited', insertions: 1, deletions: 0 }] },
      ],
    });
    const state = await printed(['checkpoints', SESSION, '--at', '1', '--diff'], world);
    expect(validator('checkpoint-files')(state)).toBe('');
    expect(state).toMatchObject({
      checkpoint: { prompt: 1 },
      against: null,
      files: [
        { path: 'image.png', status: 'absent', change: 'created', kind: 'binary', diff: null },
        { path: 'src/a.ts', status: 'absent', change: 'created', insertions: 2 },
        {
          path: 'src/b.ts',
          status: 'file',
          bytes: 8,
          mode: 0o644,
          change: 'edited',
          diff: expect.stringContaining('-two'),
        },
      ],
    });
  });

  test('--diff prints the differences to the files as they are now, or between two prompts', async () => {
    const session = edited();
    expect(await run(['checkpoints', SESSION, '--at', '3', '--diff'], session.world)).toEqual({
      stdout: ['--- a/src/a.ts', '+++ b/src/a.ts', '@@ -1,1 +1,2 @@', ' a', '+by hand', ''].join('\n'),
      stderr: '',
      exitCode: 0,
    });
    expect(await run(['checkpoints', SESSION, '--diff', '2..3'], session.world)).toEqual({
      stdout: 'Binary file image.png differs\n',
      stderr: '',
      exitCode: 0,
    });
    const args = ['checkpoints', SESSION, '--diff', '1..2', '--file', 'src/b.ts'];
    expect((await run(args, session.world)).stdout).toBe(
      ['--- a/src/b.ts', '+++ b/src/b.ts', '@@ -1,2 +1,3 @@', ' one', '-two', '+TWO', '+three', ''].join('\n'),
    );
  });

  test('--at lists the files of a state, and marks those it cannot determine', async () => {
    const session = edited();
    rmSync(session.backup('src/b.ts', 1));
    rmSync(session.path('image.png'));
    symlinkSync('elsewhere', session.path('image.png'));
    const { stdout } = await run(['checkpoints', SESSION, '--at', '1'], session.world);
    expect(stdout).toBe(
      [
        'image.png\tabsent\tunknown\t\t\t\t',
        'src/a.ts\tabsent\tcreated\t\t2\t0\t',
        'src/b.ts\tunknown\tunknown\t\t\t\t',
        '',
      ].join('\n'),
    );
  });

  test('--file leaves out prompts that did not change that file', async () => {
    const { world } = edited();
    const { stdout } = await run(['checkpoints', SESSION, '--file', 'image.png'], world);
    expect(stdout.split('\n').map((line) => line.split('\t')[0])).toEqual(['2', '']);
  });

  test.each([
    [['--diff'], 'USAGE', '--diff: name the states: --at <n> --diff, or --diff <n>..<m>.', 2],
    [['--diff', '1-2'], 'USAGE', '--diff 1-2: give two prompts as <n>..<m>.', 2],
    [['--at', '1', '--diff', '1..2'], 'USAGE', '--at and --diff <n>..<m> cannot be combined.', 2],
    [['--at', '9'], 'NOT_FOUND', 'prompt 9 has no checkpoint.', 4],
    [['--file', 'nope.ts'], 'NOT_FOUND', "the session tracks no file 'nope.ts'.", 4],
  ])('%j is refused in a sentence', async (flags, code, message, exitCode) => {
    const outcome = await run(['checkpoints', SESSION, ...flags, '--json'], edited().world);
    expect({ stdout: outcome.stdout, exitCode: outcome.exitCode }).toEqual({ stdout: '', exitCode });
    expect(JSON.parse(outcome.stderr)).toMatchObject({ error: { code, message } });
  });

  test('keeps control sequences of names and prompts from the terminal', async () => {
    const session = new CheckpointedSession();
    session.prompt('\u001b]0;title\u0007red \u001b[31m', { 'a\u001b[2J.txt': 'x\u001b[31m\n' });
    for (const flags of [[], ['--at', '1'], ['--at', '1', '--diff']]) {
      const { stdout } = await run(['checkpoints', SESSION, ...flags], { ...session.world, terminal: 80 });
      expect(stdout).not.toContain('\u001b');
    }
  });
});

describe('checkpoints says why there are none:', () => {
  async function reasonFor(session: CheckpointedSession, ...flags: string[]): Promise<Outcome> {
    return run(['checkpoints', SESSION, ...flags], session.world);
  }

  test('the file history was cleaned up', async () => {
    const session = edited();
    rmSync(join(session.configDir, 'file-history'), { recursive: true });
    const { stderr, exitCode } = await reasonFor(session);
    expect({ stderr, exitCode }).toEqual({
      stderr:
        `ccsess: session ${SESSION} has no checkpoints: its file history is gone: Claude Code's cleanup deletes it ` +
        'by age.\n',
      exitCode: 0,
    });
  });

  test('a headless session', async () => {
    const session = new CheckpointedSession();
    session.prompt('one');
    session.rewrite((text) =>
      text
        .split('\n')
        .filter((line) => !line.includes('file-history'))
        .join('\n')
        .replaceAll('"entrypoint":"cli"', '"entrypoint":"sdk-cli"'),
    );
    const { stdout, stderr, exitCode } = await reasonFor(session);
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 0 });
    expect(stderr).toContain('claude -p and the Agent SDK make them only with enableFileCheckpointing');
  });

  test('a copy that --fork-session made', async () => {
    const session = edited();
    const other = new CheckpointedSession({
      root: join(session.home, '..'),
      id: '22222222-0000-4000-8000-000000000002',
    });
    const copy = session.get(session.transcript) ?? '';
    other.rewrite(() =>
      copy
        .split('\n')
        .filter((line) => !line.includes('file-history-'))
        .join('\n')
        .replaceAll(SESSION, other.id),
    );
    const { stderr } = await run(['checkpoints', other.id], session.world);
    expect(stderr).toContain(`Claude Code forked it from session ${SESSION}, whose file history has the backups.`);
  });

  test('they are all on abandoned branches', async () => {
    const session = new CheckpointedSession();
    session.prompt('one', { 'a.txt': 'a\n' });
    session.entry({ type: 'user', uuid: 'root', parentUuid: null, message: { role: 'user', content: 'new root' } });
    const { stdout, stderr } = await reasonFor(session);
    expect({ stdout, stderr }).toEqual({
      stdout: '',
      stderr:
        `ccsess: session ${SESSION} has no checkpoints: none on the active branch, only on abandoned ones. Show ` +
        'them with --all.\n',
    });
    expect((await reasonFor(session, '--all')).stdout).toMatch(/^\t/);
  });
});

test('the checkpoints of recorded sessions of Claude Code', async () => {
  const world = fixture('recorded/ui2');
  const report = await printed(['checkpoints', '0000000d-0000-4000-8000-000000000001', '--all'], world);
  expect(validator('checkpoints')(report)).toBe('');
  expect(report).toMatchObject({
    checkpoints: [
      { prompt: 1, active: true, files: [{ path: 'f.txt', change: 'created', insertions: 1, deletions: 0 }] },
      { prompt: 2, active: true, files: [{ path: 'f.txt', change: 'edited', insertions: 1, deletions: 1 }] },
      { prompt: null, active: false, files: [], text: expect.stringContaining('turn number 3') },
      { prompt: 3, active: true, text: 'turn 3b after rewind' },
    ],
  });
});
