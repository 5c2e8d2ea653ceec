import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ClaudeLaunch } from '../../src/claude/launch.js';
import { projectKey } from '../../src/claude/project-key.js';
import { NOW } from '../support/builders.js';
import { run, type Outcome, type World } from '../support/context.js';
import { createSession } from '../../src/index.js';
import { registryOf } from '../support/processes.js';
import { validator } from '../unit/schema/schemas.js';
import { temporaryFolder } from '../support/temporary.js';
import { withoutPrivileges } from '../support/other-user.js';

const ID = '3f2a91c0-7d1e-4f6a-9b57-2c4e8a1d0f33';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Creates a home with the folder `app` and a fake `claude`, but without the config dir. */
function machine(): { home: string; app: string; claude: string; world: World } {
  const home = temporaryFolder('create');
  const app = join(home, 'app');
  mkdirSync(app);
  const claude = join(home, 'claude');
  writeFileSync(claude, '');
  chmodSync(claude, 0o755);
  return { home, app, claude, world: { home, cwd: app, env: { CCSESS_CLAUDE_BIN: claude } } };
}

const entriesOf = (path: string): Record<string, unknown>[] =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const transcriptOf = (home: string, folder: string, id = ID): string =>
  join(home, '.claude/projects', projectKey(folder), `${id}.jsonl`);
const usage = (message: string): Outcome => ({ stdout: '', stderr: `ccsess: ${message}\n`, exitCode: 2 });

describe('create', () => {
  test('makes a session and prints its id', async () => {
    const { home, app, world } = machine();
    const { stdout, stderr, exitCode } = await run(['create'], world);
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    const id = stdout.trimEnd();
    expect(id).toMatch(UUID);
    const path = transcriptOf(home, app, id);
    expect(entriesOf(path)).toEqual([
      {
        parentUuid: null,
        isSidechain: false,
        type: 'system',
        subtype: 'informational',
        content: 'Session created by ccsess',
        isMeta: false,
        timestamp: new Date(NOW).toISOString(),
        uuid: expect.stringMatching(UUID) as string,
        level: 'info',
        userType: 'external',
        entrypoint: 'cli',
        cwd: app,
        sessionId: id,
        version: '2.1.330',
      },
    ]);
    expect([path, join(path, '..'), join(home, '.claude')].map((made) => statSync(made).mode & 0o777)).toEqual([
      0o600, 0o700, 0o700,
    ]);
    expect(readdirSync(join(path, '..'))).toEqual([`${id}.jsonl`]);
  });

  test('writes a title, at the start of the transcript and in the side folder, and a tag', async () => {
    const { home, app, world } = machine();
    await run(['create', '--id', ID, '--title', ' Rate limiter ', '--tag', 'nightly'], world);
    const path = transcriptOf(home, app);
    expect(
      entriesOf(path).map(({ type, customTitle, agentName, tag }) => [type, customTitle ?? agentName ?? tag]),
    ).toEqual([
      ['custom-title', 'Rate limiter'],
      ['agent-name', 'Rate limiter'],
      ['system', undefined],
      ['tag', 'nightly'],
    ]);
    expect(readFileSync(path.replace('.jsonl', '/custom-title.json'), 'utf8')).toBe(
      `{"customTitle":"Rate limiter","by":"user","at":"${new Date(NOW).toISOString()}"}`,
    );
  });

  test('prints on a terminal how to resume the session', async () => {
    const { world } = machine();
    expect(await run(['create', '--id', ID, '--title', "What's left"], { ...world, terminal: 250 })).toEqual({
      stdout: [
        `Created "What's left" in ~/app`,
        `  id    ${ID}`,
        `  file  ~/.claude/projects/${projectKey(world.cwd ?? '')}/${ID}.jsonl`,
        `Next: ccsess resume 3f2a91c0      or, in that folder: claude --resume 'What'\\''s left'`,
        '',
      ].join('\n'),
      stderr: '',
      exitCode: 0,
    });
  });

  test('prints a command with the folder even without a title, and with the id if the title is taken', async () => {
    const { world } = machine();
    const lastLine = async (args: readonly string[]): Promise<[string | undefined, string]> => {
      const { stdout, stderr } = await run(['create', ...args], { ...world, terminal: 120 });
      return [stdout.trimEnd().split('\n').at(-1), stderr];
    };
    const second = ID.replace('3', '4');
    expect(await lastLine(['--id', ID])).toEqual([
      `Next: ccsess resume 3f2a91c0      or, in that folder: claude --resume ${ID}`,
      '',
    ]);
    await run(['create', '--title', 'Rate limiter', '--id', ID.replace('3', '5')], world);
    expect(await lastLine(['--id', second, '--title', 'rate LIMITER'])).toEqual([
      `Next: ccsess resume 4f2a91c0      or, in that folder: claude --resume ${second}`,
      'ccsess: 5f2a91c0 of this project has the same title: use ids to name them.\n',
    ]);
  });

  test('--json prints the same record as list', async () => {
    const { app, world } = machine();
    const { stdout } = await run(['create', '--json', '--title', 'T', '--tag', 'x'], world);
    expect(JSON.parse(stdout)).toMatchObject({
      title: 'T',
      titleSource: 'custom',
      tag: 'x',
      cwd: app,
      kind: 'interactive',
      prompts: 0,
      createdAt: new Date(NOW).toISOString(),
      problems: [],
    });
    expect([JSON.parse(stdout)]).toEqual(JSON.parse((await run(['list', '--json'], world)).stdout));
  });

  test('records another working directory by its real path', async () => {
    const { home, app, world } = machine();
    symlinkSync(app, join(home, 'link'));
    expect((await run(['create', '--id', ID, '--cwd', '../link'], world)).exitCode).toBe(0);
    expect(existsSync(transcriptOf(home, app))).toBe(true);
  });

  test.each(['projects', 'the project dir'])('returns the session it created where %s is a link', async (linked) => {
    const { home, app, world } = machine();
    const [link, target] =
      linked === 'projects'
        ? [join(home, '.claude/projects'), join(home, 'shared')]
        : [join(transcriptOf(home, app), '..'), join(home, '.claude/projects/other')];
    for (const folder of [join(link, '..'), target]) mkdirSync(folder, { recursive: true });
    symlinkSync(target, link);
    const created = await run(['create', '--id', ID, '--json'], world);
    expect(created).toMatchObject({ stderr: '', exitCode: 0 });
    expect(JSON.parse(created.stdout)).toMatchObject({
      id: ID,
      transcript: (await run(['path', ID], world)).stdout.trimEnd(),
    });
    const forked = await run(['fork', ID, '--cwd', app, '--json'], { ...world, cwd: home });
    expect(forked).toMatchObject({ stderr: '', exitCode: 0 });
    expect(await createSession({ configDir: join(home, '.claude'), cacheDir: null, cwd: app })).toMatchObject({
      exists: true,
    });
    expect((await run(['create', '--id', ID, '--if-missing', '--json'], world)).stdout).toBe(created.stdout);
  });

  test('uses the project dir that CLAUDE_CODE_PROJECT_DIR_NAME names', async () => {
    const { home, world } = machine();
    const env = { CLAUDE_CONFIG_DIR: join(home, 'config'), CLAUDE_CODE_PROJECT_DIR_NAME: 'pinned' };
    expect((await run(['create', '--id', ID], { ...world, env })).exitCode).toBe(0);
    expect(existsSync(join(home, 'config/projects/pinned', `${ID}.jsonl`))).toBe(true);
  });

  test('makes a sandbox that shares the settings of the project', async () => {
    const { home, app, world } = machine();
    mkdirSync(join(app, '.claude'));
    await run(['create', '--id', ID, '--sandbox'], world);
    const sandbox = join(home, '.local/share/ccsess/sandboxes', ID, 'sandbox');
    expect(readlinkSync(join(sandbox, '.claude'))).toBe(join(app, '.claude'));
    expect(entriesOf(transcriptOf(home, sandbox))[0]).toMatchObject({ cwd: sandbox });
    await run(['create', '--id', ID.replace('3', '4'), '--sandbox', 'boxes', '--cwd', home], world);
    expect(readdirSync(join(app, 'boxes', ID.replace('3', '4'), 'sandbox'))).toEqual(['.claude']);
  });

  test('-n changes nothing', async () => {
    const { home, app, world } = machine();
    expect(await run(['create', '-n', '--title', 'T', '--sandbox'], world)).toEqual({
      stdout: 'Would create "T" in ~/.local/share/ccsess/sandboxes/<id>/sandbox\n',
      stderr: '',
      exitCode: 0,
    });
    const { stdout } = await run(['create', '-n', '--json', '--id', ID, '--prompt', 'not run'], world);
    expect(JSON.parse(stdout)).toEqual({
      schemaVersion: 1,
      configDir: join(home, '.claude'),
      dryRun: true,
      id: ID,
      title: null,
      tag: null,
      cwd: app,
      projectDir: projectKey(app),
      transcript: transcriptOf(home, app),
    });
    expect(readdirSync(home).sort()).toEqual(['app', 'claude']);
  });
});

describe('an existing id', () => {
  test('is refused in any project, and returned with --if-missing', async () => {
    const { home, app, world } = machine();
    await run(['create', '--id', ID, '--title', 'First'], world);
    const before = readFileSync(transcriptOf(home, app));
    const elsewhere = { ...world, cwd: home };
    expect(await run(['create', '--id', ID], elsewhere)).toEqual({
      stdout: '',
      stderr: `ccsess: session ${ID} exists in ~/app (get it: --if-missing).\n`,
      exitCode: 5,
    });
    expect(await run(['create', '--id', ID, '--if-missing', '--title', 'Second'], elsewhere)).toEqual({
      stdout: `${ID}\n`,
      stderr: '',
      exitCode: 0,
    });
    expect(await run(['create', '--id', ID, '--if-missing', '--cwd', 'app'], elsewhere)).toMatchObject({ exitCode: 0 });
    expect(await run(['create', '--id', ID, '--if-missing', '--cwd', '.'], elsewhere)).toEqual({
      stdout: '',
      stderr: `ccsess: session ${ID} exists in ~/app, not in ~.\n`,
      exitCode: 5,
    });
    expect(JSON.parse((await run(['create', '--id', ID, '--if-missing', '--json'], elsewhere)).stdout)).toMatchObject({
      id: ID,
      title: 'First',
    });
    expect(readFileSync(transcriptOf(home, app))).toEqual(before);
  });

  test('gets the same sandbox again', async () => {
    const { world } = machine();
    const args = ['create', '--id', ID, '--if-missing', '--sandbox', 'boxes'];
    expect([await run(args, world), await run(args, world)].map(({ stdout }) => stdout)).toEqual([
      `${ID}\n`,
      `${ID}\n`,
    ]);
  });

  test('is not passed to Claude Code while the session is live', async () => {
    const { home, world } = machine();
    await run(['create', '--id', ID], world);
    const system = registryOf(join(home, '.claude'), ID, 4711);
    expect(await run(['create', '--id', ID, '--if-missing', '--prompt', 'hello'], { ...world, system })).toEqual({
      stdout: '',
      stderr:
        'ccsess: 3f2a91c0 is open in pid 4711 (~/app). A second process would hide its turns.\n' +
        '  ccsess resume 3f2a91c0 --fork      resume a fork instead        --force   resume anyway\n',
      exitCode: 5,
    });
  });
});

describe('create refuses', () => {
  test.each([
    [
      ['--id', 'nightly'],
      "'nightly' is not a session id: expected a uuid such as 3f2a91c0-7d1e-4f6a-9b57-2c4e8a1d0f33.",
    ],
    [['--id', ID.toUpperCase()], `session ids are in lower case: ${ID}.`],
    [['--cwd', 'nowhere'], '--cwd nowhere: no such folder.'],
    [['--cwd', ''], '--cwd needs a value.'],
    [['--sandbox', ''], '--sandbox needs a value.'],
    [['--cwd', '../claude'], '--cwd ../claude: not a folder.'],
    [['--sandbox', '../claude'], '--sandbox ../claude: not a folder.'],
    [['--title', ' \t'], 'a title needs at least one visible character.'],
    [['--tag', 'a\nb'], 'a tag must be one line without control characters.'],
    [['--if-missing'], '--if-missing needs --id.'],
    [['--prompt', ' '], 'the prompt is empty.'],
    [
      ['--prompt', 'x', '--resume'],
      '--resume and --prompt cannot be combined: ccsess create --resume -- <prompt> does both.',
    ],
    [['--', '-p', 'x'], 'arguments after -- are for claude: they need --resume or --prompt.'],
    [['--config-dir', '.', '--config-dir', '..'], 'a session is created in one config dir: pass --config-dir once.'],
  ])('%j', async (args, message) => {
    const { home, world } = machine();
    expect(await run(['create', ...args], world)).toEqual(usage(message));
    expect(readdirSync(home).sort()).toEqual(['app', 'claude']);
  });

  test('--json for the output of Claude Code', async () => {
    expect(await run(['create', '--resume', '--json'], machine().world)).toMatchObject({ stdout: '', exitCode: 2 });
  });

  test('a current folder that is gone', async () => {
    const { home, world } = machine();
    expect(await run(['create'], { ...world, cwd: join(home, 'gone') })).toEqual(
      usage(`the current folder ${home}/gone: no such folder.`),
    );
  });

  test('a config dir that cannot be written, leaving nothing', async () => {
    const { home, world } = machine();
    mkdirSync(join(home, '.claude/projects'), { recursive: true });
    chmodSync(join(home, '.claude/projects'), 0o500);
    const outcome = await withoutPrivileges(home, () => run(['create', '--sandbox', 'boxes'], world));
    expect(outcome).toMatchObject({ stdout: '', exitCode: 1 });
    expect(existsSync(join(home, 'app/boxes'))).toBe(false);
  });

  test('to leave a partial session: its files are removed if a step fails', async () => {
    const { home, app, world } = machine();
    const path = transcriptOf(home, app);
    mkdirSync(join(path, '..'), { recursive: true });
    // A file with the name of the sidecar's folder prevents its creation.
    writeFileSync(path.replace('.jsonl', ''), '');
    expect(await run(['create', '--id', ID, '--title', 'T'], world)).toMatchObject({ stdout: '', exitCode: 1 });
    expect(existsSync(path)).toBe(false);
    expect(await run(['create', '--id', ID, '--title', 'T', '--sandbox', 'boxes'], world)).toMatchObject({
      exitCode: 0,
    });
  });

  test('to create any file if Claude Code is needed and missing', async () => {
    const { home, world } = machine();
    const outcome = await run(['create', '--prompt', 'hello', '--claude-bin', './nothing'], world);
    expect(outcome).toEqual({
      stdout: '',
      stderr: `ccsess: ${home}/app/nothing: no such program.\n  name it with --claude-bin or in CCSESS_CLAUDE_BIN\n`,
      exitCode: 127,
    });
    expect(existsSync(join(home, '.claude'))).toBe(false);
  });
});

describe('create and Claude Code', () => {
  const answer = (members: object): string =>
    `${JSON.stringify({
      type: 'result',
      subtype: 'success',
      is_error: false,
      result: 'Three:\n\t1. it\u001b[2J',
      num_turns: 1,
      total_cost_usd: 0.25,
      ...members,
    })}\n`;
  const asking = async (
    args: readonly string[],
    stdout: string,
    exitCode = 0,
    terminal?: number,
  ): Promise<{
    outcome: Outcome;
    launch: ClaudeLaunch | undefined;
    input: string | null | undefined;
    app: string;
    claude: string;
  }> => {
    const { app, claude, world } = machine();
    const started: [ClaudeLaunch, string | null][] = [];
    const outcome = await run(['create', '--id', ID, ...args], {
      ...world,
      ...(terminal === undefined ? {} : { terminal }),
      claude: (...call) => (started.push(call), { exitCode, stdout }),
    });
    return { outcome, launch: started[0]?.[0], input: started[0]?.[1], app, claude };
  };

  test('--prompt is passed on stdin, the answer is printed, the id is on stderr', async () => {
    const { outcome, launch, input, app, claude } = await asking(
      ['--prompt', '--name three risks', '--', '--model', 'opus'],
      answer({}),
    );
    expect(outcome).toEqual({ stdout: 'Three:\n\t1. it\u001b[2J\n', stderr: `${ID}\n`, exitCode: 0 });
    expect(launch).toEqual({
      program: claude,
      args: [`--resume=${ID}`, '-p', '--model', 'opus', '--output-format', 'json'],
      cwd: app,
      configDir: null,
    });
    expect(input).toBe('--name three risks');
  });

  test('control sequences in the answer are removed on a terminal', async () => {
    expect((await asking(['--prompt', 'x'], answer({}), 0, 80)).outcome.stdout).toBe('Three:\n 1. it\n');
  });

  test('--json adds the result to the record', async () => {
    const { outcome } = await asking(['--prompt', 'x', '--json'], `[{"type":"system"},${answer({}).trim()}]`);
    const value = JSON.parse(outcome.stdout) as Record<string, unknown>;
    expect(value).toMatchObject({
      id: ID,
      result: { text: 'Three:\n\t1. it\u001b[2J', isError: false, turns: 1, costUsd: 0.25 },
    });
    const { result, ...record } = value;
    expect([validator('result')(result), validator('session')(record)]).toEqual(['', '']);
    expect(outcome).toMatchObject({ stderr: '', exitCode: 0 });
  });

  test('an error is recognized by its result, not by its exit code', async () => {
    const aborted = answer({ is_error: true, subtype: 'error_during_execution', result: undefined });
    expect((await asking(['--prompt', 'x'], aborted)).outcome).toEqual({
      stdout: '',
      stderr: `${ID}\nccsess: Claude Code ended with an error: it was interrupted.\n  ccsess resume ${ID}\n`,
      exitCode: 1,
    });
    expect(
      (await asking(['--prompt', 'x', '--json'], answer({ is_error: true, result: 'API Error: 400' }), 1)).outcome,
    ).toMatchObject({ stderr: '', exitCode: 1 });
  });

  test('an end without a result has its own exit code', async () => {
    expect((await asking(['--prompt', 'x'], '', 143)).outcome).toEqual({
      stdout: '',
      stderr: `${ID}\nccsess: Claude Code ended without a result (exit code 143).\n  ccsess resume ${ID}\n`,
      exitCode: 143,
    });
    expect((await asking(['--prompt', 'x'], 'not JSON')).outcome.exitCode).toBe(1);
  });

  test('--resume gives Claude Code the terminal and passes on its exit code', async () => {
    const { outcome, launch, input } = await asking(['--resume', '--', 'a prompt'], '', 7);
    expect(outcome).toEqual({ stdout: '', stderr: `${ID}\n`, exitCode: 7 });
    expect([launch?.args, input]).toEqual([[`--resume=${ID}`, 'a prompt'], null]);
  });
});
