import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fileKey } from '../../src/system/process/written-files.js';
import type { System } from '../../src/system/system.js';
import { IDLE, run, type Outcome, type World } from '../support/context.js';
import { movingHome, relocated, sessionId, spilled, type MovingHome } from '../support/moving.js';
import { addFile, line } from '../support/transcripts.js';
import { projectKey } from '../../src/claude/project-key.js';
import { validator } from '../unit/schema/schemas.js';

interface Printed {
  dryRun: boolean;
  moves: {
    id: string;
    toCwd: string;
    toCwdExists: boolean;
    toProjectDir: string;
    status: string;
    error: { code: string } | null;
  }[];
  memory: { status: string }[];
  unplaced: { id: string }[];
  readers: { id: string }[];
  sessions: { id: string; cwd: string; projectDir: string }[];
}

const moving = ({ home }: MovingHome, args: readonly string[], world: World = {}): Promise<Outcome> =>
  run(['move', ...args], { home, ...world });
const moved = async (at: MovingHome, args: readonly string[], world: World = {}): Promise<Printed> => {
  const { stdout, stderr, exitCode } = await moving(at, [...args, '--yes', '--json'], world);
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
  const printed = JSON.parse(stdout) as Printed;
  expect(validator('move')(printed)).toBe('');
  return printed;
};
const folders = async ({ home }: MovingHome): Promise<Record<string, string>> => {
  const { stdout } = await run(['list', '--json'], { home });
  return Object.fromEntries((JSON.parse(stdout) as { id: string; cwd: string }[]).map(({ id, cwd }) => [id, cwd]));
};

/** A project with two sessions, one of a folder below it, and a neighbour whose name begins alike. */
function project(): MovingHome {
  const at = movingHome();
  at.session(1, 'app');
  at.session(2, 'app');
  at.session(3, 'app/web');
  at.session(4, 'app-old');
  for (const name of ['new', 'new/web', 'app-old']) at.make(name);
  addFile('/', at.at('app', `${sessionId(1)}/subagents/agent-a1.jsonl`), line({ type: 'user', isSidechain: true }));
  addFile('/', at.at('app', `${sessionId(1)}/custom-title.json`), '{"customTitle":"One"}');
  addFile('/', at.at('app', 'memory/MEMORY.md'), 'remember');
  return at;
}

describe('move', () => {
  test('moves the sessions of the folder and of those below it, with all their files and no others', async () => {
    const at = project();
    const times = at.times();
    const printed = await moved(at, [at.folder('app'), 'new']);
    expect(printed.moves.map(({ id, toCwd, status }) => [id, toCwd, status])).toEqual([
      [sessionId(1), at.folder('new'), 'moved'],
      [sessionId(2), at.folder('new'), 'moved'],
      [sessionId(3), at.folder('new/web'), 'moved'],
    ]);
    expect(printed.sessions.map(({ id, cwd, projectDir }) => [id, cwd, projectDir]).sort()).toEqual(
      printed.moves.map(({ id, toCwd, toProjectDir }) => [id, toCwd, toProjectDir]),
    );
    expect(printed).toMatchObject({ dryRun: false, memory: [{ status: 'moved' }], unplaced: [], readers: [] });
    expect(await folders(at)).toEqual({
      [sessionId(1)]: at.folder('new'),
      [sessionId(2)]: at.folder('new'),
      [sessionId(3)]: at.folder('new/web'),
      [sessionId(4)]: at.folder('app-old'),
    });
    expect(at.times()).toEqual(times);
    expect(
      readFileSync(at.at('new', `${sessionId(1)}.jsonl`), 'utf8')
        .split('\n')
        .at(-2),
    ).toBe(relocated(1, at.folder('new')).trimEnd());
    expect(readdirSync(at.at('new', sessionId(1)))).toEqual(['custom-title.json', 'subagents']);
    expect(readFileSync(at.at('new', 'memory/MEMORY.md'), 'utf8')).toBe('remember');
    expect([at.at('app', ''), at.at('app/web', '')].map((path) => existsSync(path))).toEqual([false, false]);
    expect(readdirSync(join(at.home, '.claude/.ccsess'))).toEqual(['reserve']);
  });

  test('back restores the previous state, except for the relocation lines', async () => {
    const at = project();
    const [before, times] = [at.tree(), at.times()];
    at.make('app/web');
    await moved(at, [at.folder('app'), 'new']);
    await moved(at, ['new', 'app']);
    expect(at.tree({ relocations: false })).toEqual(before);
    expect(at.times()).toEqual(times);
    expect(Object.values(await folders(at)).sort()).toEqual(
      ['app', 'app', 'app-old', 'app/web'].map((name) => at.folder(name)),
    );
  });

  test('adds to the sessions that the new folder already has', async () => {
    const at = project();
    at.session(9, 'new');
    addFile('/', at.at('new', 'memory/MEMORY.md'), 'mine');
    const { memory } = await moved(at, [at.folder('app'), 'new']);
    expect(memory).toMatchObject([{ status: 'stays' }]);
    expect(readdirSync(at.at('new', '')).filter((name) => name.endsWith('.jsonl'))).toHaveLength(3);
    expect([
      readFileSync(at.at('new', 'memory/MEMORY.md'), 'utf8'),
      readFileSync(at.at('app', 'memory/MEMORY.md'), 'utf8'),
    ]).toEqual(['mine', 'remember']);
  });

  test('moves the memory if that of the new folder is empty', async () => {
    const at = project();
    at.session(9, 'new');
    mkdirSync(at.at('new', 'memory'));
    expect((await moved(at, [at.folder('app'), 'new'])).memory).toMatchObject([{ status: 'moved' }]);
    expect(readFileSync(at.at('new', 'memory/MEMORY.md'), 'utf8')).toBe('remember');
  });

  test('moves one session to another folder, and nothing else of its project', async () => {
    const at = project();
    const { moves, memory } = await moved(at, ['--session', sessionId(1), 'app-old']);
    expect(moves.map(({ id, toCwd }) => [id, toCwd])).toEqual([[sessionId(1), at.folder('app-old')]]);
    expect(memory).toEqual([]);
    expect(readdirSync(at.at('app', '')).sort()).toEqual([`${sessionId(2)}.jsonl`, 'memory']);
  });

  test('between folders with one project dir changes only the recorded folder', async () => {
    const at = movingHome();
    const path = at.session(1, 'a-b');
    at.session(2, 'a.b');
    at.make('a_b');
    await moved(at, [at.folder('a-b'), 'a_b']);
    expect(readFileSync(path, 'utf8')).toContain(relocated(1, at.folder('a_b')));
    expect(await folders(at)).toEqual({ [sessionId(1)]: at.folder('a_b'), [sessionId(2)]: at.folder('a.b') });
  });

  test('keeps each session in its config dir', async () => {
    const [at, other] = [project(), project()];
    other.session(5, 'app');
    const dirs = [at, other].flatMap(({ home }) => ['--config-dir', join(home, '.claude')]);
    const { moves } = await moved(at, [at.folder('app'), 'new', ...dirs]);
    expect(moves.map(({ id }) => id)).toEqual([1, 2, 3].map(sessionId));
    expect((await moved(at, [other.folder('app'), 'new', ...dirs])).moves.map(({ id }) => id)).toEqual(
      [1, 2, 3, 5].map(sessionId),
    );
    const target = basename(dirname(at.at('new', 'x')));
    expect(
      [at, other].map(
        ({ home }) =>
          readdirSync(join(home, '.claude/projects', target)).filter((name) => name.endsWith('.jsonl')).length,
      ),
    ).toEqual([2, 3]);
  });

  test('moves legacy agent files with their session', async () => {
    const at = project();
    addFile('/', at.at('app', 'agent-old1.jsonl'), line({ type: 'user', isSidechain: true, sessionId: sessionId(2) }));
    await moved(at, ['--session', sessionId(2), 'new']);
    expect(readdirSync(at.at('new', '')).sort()).toEqual([`${sessionId(2)}.jsonl`, 'agent-old1.jsonl']);
  });

  test('accepts a link to the new folder at the old path', async () => {
    const at = project();
    symlinkSync(at.folder('new'), at.folder('app'));
    expect((await moved(at, ['app', 'new'])).moves).toHaveLength(3);
  });

  test('of a folder into itself leaves sessions that are already at the new path', async () => {
    const at = movingHome();
    at.session(1, 'app');
    at.session(2, 'app/in');
    at.make('app/in');
    expect((await moved(at, ['app', 'app/in'])).moves.map(({ id }) => id)).toEqual([sessionId(1)]);
  });

  test('moves sessions that record no folder with all others of their project dir, or not at all', async () => {
    const at = project();
    const title = line({ type: 'custom-title', customTitle: 'Only a title', sessionId: sessionId(7) });
    addFile('/', at.at('app', `${sessionId(7)}.jsonl`), title);
    addFile('/', at.at('app', `${sessionId(8)}.jsonl`), '');
    expect((await moved(at, [at.folder('app'), 'new'])).moves.map(({ id }) => id)).toEqual(
      [1, 2, 3, 7, 8].map(sessionId),
    );
    expect(readFileSync(at.at('new', `${sessionId(8)}.jsonl`), 'utf8')).toBe('');

    const shared = movingHome();
    shared.session(1, 'a-b');
    shared.session(2, 'a.b');
    shared.make('new');
    addFile('/', shared.at('a-b', `${sessionId(7)}.jsonl`), title);
    const { moves, unplaced } = await moved(shared, [shared.folder('a-b'), 'new']);
    expect([moves.map(({ id }) => id), unplaced.map(({ id }) => id)]).toEqual([[sessionId(1)], [sessionId(7)]]);

    // Two folders of one project dir that both move.
    const apart = movingHome();
    apart.session(1, 'app/a-b');
    apart.session(2, 'app/a.b');
    apart.make('new');
    addFile('/', apart.at('app/a-b', `${sessionId(7)}.jsonl`), title);
    const both = await moved(apart, [apart.folder('app'), 'new']);
    expect([both.moves.map(({ id, toCwd }) => [id, toCwd]), both.unplaced.map(({ id }) => id)]).toEqual([
      [
        [sessionId(1), apart.folder('new/a-b')],
        [sessionId(2), apart.folder('new/a.b')],
      ],
      [sessionId(7)],
    ]);
  });

  test('updates the paths of large tool results, even in a fork that stays', async () => {
    const at = movingHome();
    const result = at.at('app', `${sessionId(1)}/tool-results/b1.txt`);
    addFile('/', result, 'aaa');
    const lines = [spilled(result), `{"torn": \xff`, '\n', line({ type: 'user', text: result })];
    at.session(1, 'app', lines);
    at.session(2, 'app', [
      spilled(result),
      line({ type: 'user', uuid: 'u', forkedFrom: { sessionId: sessionId(1), messageUuid: 'm' } }),
    ]);
    at.make('new');
    at.make('app');
    const [before, times] = [at.tree(), at.times()];
    const target = at.at('new', `${sessionId(1)}/tool-results/b1.txt`);
    const { readers } = await moved(at, ['--session', sessionId(1), 'new']);
    expect(readers.map(({ id }) => id)).toEqual([sessionId(2)]);
    const [own, fork] = [at.at('new', `${sessionId(1)}.jsonl`), at.at('app', `${sessionId(2)}.jsonl`)].map((path) =>
      readFileSync(path, 'utf8'),
    );
    expect(own).toContain(`"persistedOutputPath":"${target}"`);
    expect(own).toContain(`saved to: ${target}\\n`);
    expect(own).toContain(line({ type: 'user', text: result }));
    expect(fork).toContain(`"persistedOutputPath":"${target}"`);
    expect(at.times()).toEqual(times);
    await moved(at, ['--session', sessionId(1), 'app']);
    expect(at.tree({ relocations: false })).toEqual(before);
  });

  test('updates the paths of tool results in transcripts of subagents at any depth, and in no other file', async () => {
    const at = movingHome();
    const result = at.at('app', `${sessionId(1)}/tool-results/b1.txt`);
    addFile('/', result, 'aaa');
    at.session(1, 'app');
    const names = ['agent-a.jsonl', 'workflows/wf_1/agent-b.jsonl', 'workflows/wf_1/journal.txt'];
    const text = spilled(result);
    for (const name of names) addFile('/', at.at('app', `${sessionId(1)}/subagents/${name}`), text);
    at.make('new');
    await moved(at, ['--session', sessionId(1), 'new']);
    const renewed = text.replaceAll(result, at.at('new', `${sessionId(1)}/tool-results/b1.txt`));
    expect(names.map((name) => readFileSync(at.at('new', `${sessionId(1)}/subagents/${name}`), 'utf8'))).toEqual([
      renewed,
      renewed,
      text,
    ]);
  });

  test('updates the path of a tool result between megabytes of other lines', async () => {
    const at = movingHome();
    const result = at.at('app', `${sessionId(1)}/tool-results/b1.txt`);
    addFile('/', result, 'aaa');
    const other = line({ type: 'note', text: 'x'.repeat(400_000) });
    const path = at.session(1, 'app', [other, other, other, spilled(result), other]);
    const before = readFileSync(path, 'utf8');
    at.make('new');
    await moved(at, ['--session', sessionId(1), 'new']);
    const after = readFileSync(at.at('new', `${sessionId(1)}.jsonl`), 'utf8');
    const target = at.at('new', `${sessionId(1)}/tool-results/b1.txt`);
    expect(after === before.replaceAll(result, target) + relocated(1, at.folder('new'))).toBe(true);
  });

  test('keeps a line whole that a program finishes after paths were updated', async () => {
    const at = movingHome();
    const result = at.at('app', `${sessionId(1)}/tool-results/b1.txt`);
    addFile('/', result, 'aaa');
    at.session(1, 'app', [spilled(result)]);
    const fork = line({ type: 'user', uuid: 'u', forkedFrom: { sessionId: sessionId(1), messageUuid: 'm' } });
    const path = at.session(2, 'app', [spilled(result), fork, '{"half']);
    at.make('new');
    const program = openSync(path, 'a');
    const written = new Set([fileKey(fstatSync(program))]);
    const world = { system: { ...IDLE, transcriptsBeingWritten: () => written } };
    await moved(at, ['--session', sessionId(1), 'new'], world);
    writeSync(program, '":1}\n');
    closeSync(program);
    await run(['tag', sessionId(2), 'x'], { home: at.home, cwd: at.home, system: IDLE });
    const lines = readFileSync(path, 'utf8').split('\n');
    expect(lines.filter((one) => !one.startsWith('{"type"'))).toEqual(['{"half', '{"half":1}', '']);
  });

  test('leaves a transcript as the same file if it names no tool result that has moved', async () => {
    const at = movingHome();
    addFile('/', at.at('app', `${sessionId(1)}/tool-results/b1.txt`), 'aaa');
    const { ino } = statSync(at.session(1, 'app', [spilled(at.at('web', `${sessionId(2)}/tool-results/b1.txt`))]));
    at.make('new');
    await moved(at, ['--session', sessionId(1), 'new']);
    expect(statSync(at.at('new', `${sessionId(1)}.jsonl`)).ino).toBe(ino);
  });
});

describe('before a move', () => {
  test('the plan is printed at 80 columns, and nothing is written', async () => {
    const at = project();
    rmSync(at.folder('new/web'), { recursive: true });
    const before = at.tree();
    const { stdout, stderr, exitCode } = await moving(at, [at.folder('app'), 'new', '-n'], { terminal: 80 });
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    // Sizes depend on the length of the folder's name; test/unit/cli/render/move.test.ts checks how they are aligned.
    expect(stdout.replace(/ *\d\S* (?:Ki)?B/g, '  1 B')).toBe(
      [
        `  FROM       SESSIONS ${' '.repeat(stdout.indexOf('SIZE') - 22)}SIZE  TO`,
        '  ~/app             2  1 B  ~/new',
        '  ~/app/web         1  1 B  ~/new/web (gone)',
        '',
        'memory/ goes along.',
        '(gone): not found below the new folder; its sessions are moved all the same.',
        'Only the sessions are moved, not the folders.',
        'Would move 3 sessions,  1 B. Nothing was changed.',
        '',
      ].join('\n'),
    );
    expect(at.tree()).toEqual(before);
    expect(existsSync(join(at.home, '.claude/.ccsess'))).toBe(false);
  });

  test('a confirmation is required, and no cancels the move', async () => {
    const at = project();
    const before = at.tree();
    const no = await moving(at, [at.folder('app'), 'new'], { terminal: 80, answers: [false] });
    expect(no.stderr).toMatch(/^ {2}FROM [^]*\nMove 3 sessions to ~\/new\? \[y\/N\]\nNothing was moved\.\n$/);
    expect([no.stdout, no.exitCode, at.tree()]).toEqual(['', 0, before]);
    const yes = await moving(at, [at.folder('app'), 'new'], { terminal: 80, answers: [true] });
    expect(yes.stdout).toMatch(
      /^Moved 3 sessions, \S+ KiB, to ~\/new\.\nClaude Code will ask whether you trust the new folder\.\n$/,
    );
  });

  test('the session with the given name is shown', async () => {
    const at = project();
    const { stderr } = await moving(at, ['--session', 'One', 'app-old'], { terminal: 80, answers: [false] });
    expect(stderr.split('\n')[0]).toBe('0e0e0000  One');
  });

  test('a pipe gets a line per session', async () => {
    const at = project();
    const { stdout } = await moving(at, ['--session', sessionId(1), 'app-old', '--yes']);
    expect(stdout).toBe(`${sessionId(1)}\t${at.folder('app')}\t${at.folder('app-old')}\tmoved\n`);
  });
});

describe('is refused, and nothing changes,', () => {
  const refused = async (at: MovingHome, args: readonly string[], world: World = {}): Promise<[string, number]> => {
    const before = at.tree();
    const { stdout, stderr, exitCode } = await moving(at, args, world);
    expect(stdout).toBe('');
    expect(at.tree()).toEqual(before);
    expect(existsSync(join(at.home, '.claude/.ccsess/move.journal'))).toBe(false);
    return [stderr.replaceAll(at.home, '~'), exitCode];
  };

  test.each<[string, string[], string, number]>([
    [
      'without a terminal',
      ['app', 'new'],
      'cannot ask for confirmation without a terminal: pass --yes, or -n for a dry run.',
      2,
    ],
    [
      'to a folder that does not exist',
      ['app', 'nowhere', '--yes'],
      '~/nowhere is not there: ccsess moves sessions, not the folder: move the folder first.',
      2,
    ],
    [
      'to a file',
      ['app', 'file', '--yes'],
      '~/file is not a folder: ccsess moves sessions, not the folder: move the folder first.',
      2,
    ],
    ['to the folder in which they are', ['new', 'new', '--yes'], '~/new is the new folder already.', 2],
    [
      'without a new folder',
      ['app', '--yes'],
      'pass the old folder and the new one: ccsess move <old folder> <new folder>',
      2,
    ],
    [
      'with three folders',
      ['app', 'new', 'more', '--yes'],
      'pass the old folder and the new one: ccsess move <old folder> <new folder>',
      2,
    ],
    [
      'with two folders for a session',
      ['app', 'new', '--session', sessionId(1), '--yes'],
      'with --session pass only the new folder: ccsess move --session <session> <new folder>',
      2,
    ],
    [
      'unattended, for a session by another name than its id',
      ['new', '--session', '@1', '--yes'],
      '--session @1: without a terminal pass the full id: other names may refer to a different session by now.',
      2,
    ],
    [
      'for a session that is in the new folder already',
      ['app-old', '--session', sessionId(4), '--yes'],
      `session ${sessionId(4)} is of ~/app-old already.`,
      2,
    ],
    [
      'for a folder without sessions',
      ['ap', 'new', '--yes'],
      'no session of ~/ap or a folder below it.\n  ccsess projects',
      4,
    ],
    [
      'for a session that does not exist',
      ['new', '--session', sessionId(99), '--yes'],
      `no session '${sessionId(99)}'`,
      4,
    ],
  ])('%s', async (_why, args, message, code) => {
    const at = project();
    writeFileSync(at.folder('file'), '');
    const [stderr, exitCode] = await refused(at, args, { cwd: at.home });
    expect(stderr.startsWith(`ccsess: ${message}\n`), stderr).toBe(true);
    expect(exitCode).toBe(code);
  });

  const RUNNING: System = { ...IDLE, pidExists: (pid) => pid === 4242, startTime: () => '9000' };
  const hold = ({ home }: MovingHome, n: number): string =>
    addFile(
      home,
      '.claude/sessions/4242.json',
      JSON.stringify({
        pid: 4242,
        sessionId: sessionId(n),
        procStart: '9000',
        startedAt: 1,
        updatedAt: 1,
        status: 'idle',
      }),
    );

  test('while one of the sessions is live', async () => {
    const at = project();
    hold(at, 3);
    const [stderr, exitCode] = await refused(at, [at.folder('app'), 'new', '--yes'], { system: RUNNING });
    expect(stderr).toBe(
      'ccsess: 1 session is live, so nothing is moved. Leave Claude Code there first:\n' +
        `  ${sessionId(3)}  pid 4242  ~/app/web\n`,
    );
    expect(exitCode).toBe(5);
  });

  test('if a transcript or leftovers with the same id exist at the new path', async () => {
    const at = project();
    at.session(2, 'new');
    at.session(5, 'new');
    rmSync(at.at('new', `${sessionId(5)}.jsonl`));
    mkdirSync(at.at('new', sessionId(1)));
    const [stderr, exitCode] = await refused(at, [at.folder('app'), 'new', '--yes']);
    expect(stderr.split('\n').slice(0, 1)).toEqual([
      'ccsess: 2 sessions are there already under the same id, so nothing is moved:',
    ]);
    expect(stderr).toContain(`/${sessionId(2)}.jsonl`);
    expect(exitCode).toBe(5);
  });

  test('with the names of five sessions and the number of the others', async () => {
    const at = movingHome();
    for (const n of [1, 2, 3, 4, 5, 6]) {
      at.session(n, 'app');
      mkdirSync(at.at('new', sessionId(n)), { recursive: true });
    }
    at.make('new');
    const [stderr] = await refused(at, [at.folder('app'), 'new', '--yes']);
    const lines = stderr.trimEnd().split('\n');
    expect([lines.length, lines[5]?.includes(sessionId(5)), lines[6]]).toEqual([7, true, '  and 1 more']);
  });

  test('when two sessions have one id and one new path', async () => {
    const at = movingHome();
    at.session(1, 'app');
    mkdirSync(dirname(at.at('app/other', 'x')), { recursive: true });
    writeFileSync(at.at('app/other', `${sessionId(1)}.jsonl`), readFileSync(at.at('app', `${sessionId(1)}.jsonl`)));
    at.make('new');
    const [stderr, exitCode] = await refused(at, [at.folder('app'), 'new', '--yes']);
    expect(stderr).toContain('1 session is there already under the same id');
    expect(exitCode).toBe(5);
  });

  test('when a project dir or a transcript is a link', async () => {
    const at = project();
    renameSync(at.at('app', `${sessionId(2)}.jsonl`), at.folder('elsewhere.jsonl'));
    symlinkSync(at.folder('elsewhere.jsonl'), at.at('app', `${sessionId(2)}.jsonl`));
    const [stderr, exitCode] = await refused(at, [at.folder('app'), 'new', '--yes']);
    expect(stderr).toContain('only plain files and folders are moved; these are links or something else:');
    expect(exitCode).toBe(1);
    rmSync(at.at('app', `${sessionId(2)}.jsonl`));
    renameSync(at.at('app', '.'), at.folder('kept'));
    symlinkSync(at.folder('kept'), at.at('app', '.'));
    expect((await refused(at, [at.folder('app'), 'new', '--yes']))[1]).toBe(1);
  });

  test('when a folder name is empty, as of a variable that is not set', async () => {
    const at = project();
    for (const folders of [
      ['', 'new'],
      [at.folder('app'), ''],
      ['', '--session', sessionId(1)],
    ]) {
      expect(await refused(at, [...folders, '--yes'])).toEqual(['ccsess: a folder name cannot be empty.\n', 2]);
    }
  });

  test('when the new project dir is not a folder', async () => {
    const at = project();
    writeFileSync(dirname(at.at('new', 'x')), '');
    expect((await refused(at, [at.folder('app'), 'new', '--yes']))[1]).toBe(1);
  });

  test('on Windows', async () => {
    const at = project();
    expect(await refused(at, [at.folder('app'), 'new', '--yes'], { system: { ...IDLE, platform: 'win32' } })).toEqual([
      'ccsess: moving sessions is not supported on Windows.\n',
      1,
    ]);
  });

  test('while another ccsess moves, but not because of the lock of a process that has ended', async () => {
    const at = project();
    addFile(
      at.home,
      '.claude/.ccsess/lock',
      '{"pid":4242,"startTime":"9000","pidDomain":null,"at":"2026-11-23T06:00:00.000Z","trashDirs":[],"ended":false}\n',
    );
    const [stderr, exitCode] = await refused(at, [at.folder('app'), 'new', '--yes'], { system: RUNNING });
    expect(stderr).toMatch(/^ccsess: another ccsess \(pid 4242, .*\) is making changes here: .*\.ccsess\/lock\.\n/);
    expect(exitCode).toBe(5);
    expect((await moving(at, [at.folder('app'), 'new', '--yes'])).exitCode).toBe(0);
    expect(readdirSync(join(at.home, '.claude/.ccsess'))).toEqual(['reserve']);
  });
});

test('sessions that the file system refuses to move stay, and the reason is printed', async () => {
  const at = project();
  addFile(at.home, '.claude/sessions/4242.json', JSON.stringify({ pid: 4242, sessionId: sessionId(99) }));
  // Right before the first rename a file takes the name of the new project dir.
  let looks = 0;
  const pidExists = (): boolean => {
    if (++looks === 4) writeFileSync(dirname(at.at('new', 'x')), '');
    return false;
  };
  const { stdout, stderr, exitCode } = await moving(at, [at.folder('app'), 'new', '--yes'], {
    system: { ...IDLE, pidExists },
  });
  expect(stdout.split('\n').map((text) => text.split('\t').at(-1))).toEqual(['failed', 'failed', 'moved', '']);
  expect(stderr).toMatch(/^0e0e0000 stays: cannot create .*: file already exists \(EEXIST\)\.$/m);
  expect(exitCode).toBe(3);
  expect(readdirSync(at.at('app', '.')).sort()).toEqual([
    sessionId(1),
    `${sessionId(1)}.jsonl`,
    `${sessionId(2)}.jsonl`,
    'memory',
  ]);
});

test('a session that is opened meanwhile stays, and the others are moved', async () => {
  const at = project();
  // The process is looked up once for the plan and once before the first rename; after that it runs.
  let looks = 0;
  addFile(
    at.home,
    '.claude/sessions/4242.json',
    JSON.stringify({
      pid: 4242,
      sessionId: sessionId(2),
      procStart: '9000',
      startedAt: 1,
      updatedAt: 1,
      status: 'idle',
    }),
  );
  const system: System = { ...IDLE, pidExists: () => ++looks > 3, startTime: () => '9000' };
  const { stdout, exitCode } = await moving(at, [at.folder('app'), 'new', '--yes', '--json'], { system });
  const printed = JSON.parse(stdout) as Printed;
  expect(printed.moves.map(({ status, error }) => [status, error?.code ?? null])).toEqual([
    ['moved', null],
    ['live', 'LIVE'],
    ['moved', null],
  ]);
  expect(validator('move')(printed)).toBe('');
  expect(exitCode).toBe(3);
  expect(existsSync(at.at('app', `${sessionId(2)}.jsonl`))).toBe(true);
});

describe('a damaged journal', () => {
  const damaged = (): MovingHome => {
    const at = project();
    at.make('app');
    addFile(at.home, '.claude/.ccsess/move.journal', `{"version":1,"sessions":[{"id":"${sessionId(1)}","from":"a`);
    return at;
  };
  const journal = '~/.claude/.ccsess/move.journal.damaged';

  test('blocks no command that changes something, and is reported once', async () => {
    const at = damaged();
    const { stderr, exitCode } = await moving(at, ['--session', sessionId(2), 'app-old', '--yes']);
    expect([stderr, exitCode]).toEqual([
      'ccsess: the journal of an interrupted move is damaged, so none of its sessions was touched. ' +
        `It is now ${journal}; which sessions it names: ccsess recover.\n`,
      0,
    ]);
    expect((await moving(at, ['--session', sessionId(2), 'app', '--yes'])).stderr).toBe('');
  });

  test('is explained by recover until it is deleted, with the folders of its sessions', async () => {
    const at = damaged();
    const recover = (): Promise<Outcome> => run(['recover'], { home: at.home });
    const explained =
      `A damaged journal of a move is kept as ${journal}.\nIt names 1 session:\n` +
      `  ${sessionId(1)}  in ~/.claude/projects/${projectKey(at.folder('app'))}\n` +
      'Delete it once each session is in one folder, with what belongs to it.\n';
    const first = await recover();
    const setAside =
      'ccsess: the journal of an interrupted move is damaged, so none of its sessions was touched. ' +
      `It is now ${journal}.\n`;
    expect(first).toMatchObject({ stdout: '', stderr: setAside + explained, exitCode: 3 });
    expect(await recover()).toMatchObject({ stdout: '', stderr: explained, exitCode: 3 });
    rmSync(join(at.home, '.claude/.ccsess/move.journal.damaged'));
    expect(await recover()).toMatchObject({
      stdout: expect.stringContaining('Nothing to recover') as string,
      stderr: '',
      exitCode: 0,
    });
  });
});
