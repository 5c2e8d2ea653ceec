import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ClaudeLaunch } from '../../src/claude/launch.js';
import { projectKey } from '../../src/claude/project-key.js';
import { run, type Outcome, type World } from '../support/context.js';
import { registryOf } from '../support/processes.js';
import { addFile, answerLine, line, promptLine, type Members } from '../support/transcripts.js';
import { validator } from '../unit/schema/schemas.js';
import { KEYS, TestTerminal } from '../support/terminal.js';
import { temporaryFolder } from '../support/temporary.js';
import { rounds } from '../support/rounds.js';

const ID = '3f2a91c0-7d1e-4f6a-9b57-2c4e8a1d0f33';
const OTHER = 'c8e4d1f0-52ab-4c7e-8f0e-6a1b9d3c7e21';

/** A home with a config dir, a stand-in for `claude` and what it was started with. */
class Machine {
  readonly home = temporaryFolder('resume');
  readonly claude = addFile(this.home, 'bin/claude', '');
  readonly launches: ClaudeLaunch[] = [];
  exitCode = 0;

  constructor() {
    chmodSync(this.claude, 0o755);
  }

  /** Path of a folder below the home, which is created unless `isThere` is false. */
  folder(name: string, isThere = true): string {
    const path = join(this.home, name);
    if (isThere) mkdirSync(path, { recursive: true });
    return path;
  }

  session(
    id: string,
    cwd: string,
    { title, cwds = [cwd], config = '.claude' }: { title?: string; cwds?: string[]; config?: string } = {},
  ): void {
    const titled = title === undefined ? '' : line({ type: 'custom-title', customTitle: title, sessionId: id });
    const prompts = cwds.map(
      (folder, at) =>
        promptLine('Hello', {
          cwd: folder,
          sessionId: id,
          timestamp: `2026-11-2${at}T10:00:00.000Z`,
        } satisfies Members) + answerLine(`m${at}`, 'Hi', { cwd: folder }),
    );
    addFile(this.home, `${config}/projects/${projectKey(cwd)}/${id}.jsonl`, titled + prompts.join(''));
  }

  /** Path of a session's transcript. */
  transcript(id: string, cwd: string): string {
    return join(this.home, '.claude/projects', projectKey(cwd), `${id}.jsonl`);
  }

  async resume(args: readonly string[], world: World = {}): Promise<Outcome> {
    const claude = (launch: ClaudeLaunch): { exitCode: number } => (
      this.launches.push(launch), { exitCode: this.exitCode }
    );
    return run(['resume', ...args], { home: this.home, env: { PATH: join(this.home, 'bin') }, claude, ...world });
  }
}

const DONE: Outcome = { stdout: '', stderr: '', exitCode: 0 };

describe('resume', () => {
  test('starts Claude Code in the folder of the session, from anywhere', async () => {
    const machine = new Machine();
    const app = machine.folder("it's an app");
    machine.session(ID, app, { title: 'Rate limiter' });
    machine.exitCode = 7;
    for (const name of [ID, '3f2a', 'rate LIMITER', '@1'])
      expect(await machine.resume([name, '--', '--model', 'opus', '-x'])).toEqual({ ...DONE, exitCode: 7 });
    const launch = {
      program: machine.claude,
      args: [`--resume=${ID}`, '--model', 'opus', '-x'],
      cwd: app,
      configDir: null,
    };
    expect(machine.launches).toEqual([launch, launch, launch, launch]);
  });

  test('--last is the newest of this folder', async () => {
    const machine = new Machine();
    const [app, lib] = [machine.folder('app'), machine.folder('lib')];
    machine.session(ID, app);
    machine.session(OTHER, lib, { cwds: [lib, lib] });
    expect(await machine.resume(['--last'], { cwd: app })).toEqual(DONE);
    expect(machine.launches[0]?.args).toEqual([`--resume=${ID}`]);
  });

  test('names a config dir to Claude Code only if it is not the default one', async () => {
    const machine = new Machine();
    const app = machine.folder('app');
    machine.session(ID, app);
    machine.session(OTHER, app, { config: 'work' });
    const env = { PATH: join(machine.home, 'bin'), CLAUDE_CONFIG_DIR: join(machine.home, '.claude') };
    await machine.resume([ID], { env });
    await machine.resume([OTHER], { env: { ...env, CLAUDE_CONFIG_DIR: 'work' }, cwd: machine.home });
    expect(machine.launches.map(({ configDir }) => configDir)).toEqual([null, join(machine.home, 'work')]);
  });

  test('uses another recorded folder if its own is gone, or else this one, and reports it', async () => {
    const machine = new Machine();
    const [gone, here, second] = [machine.folder('gone', false), machine.folder('here'), machine.folder('second')];
    machine.session(ID, gone, { cwds: [gone, second] });
    machine.session(OTHER, gone);
    expect(await machine.resume([ID], { cwd: here })).toEqual({
      ...DONE,
      stderr: 'ccsess: ~/gone is gone: starting in ~/second.\n',
    });
    expect(await machine.resume([OTHER], { cwd: here })).toEqual({
      ...DONE,
      stderr: 'ccsess: ~/gone is gone: starting here.\n',
    });
    expect(machine.launches.map(({ cwd }) => cwd)).toEqual([second, here]);
  });

  test('an empty copy of a session does not prevent a start in another folder', async () => {
    const machine = new Machine();
    const [one, two] = [machine.folder('one'), machine.folder('two')];
    machine.session(ID, one, { cwds: [one, two] });
    rmSync(one, { recursive: true });
    addFile(machine.home, `.claude/projects/-empty/${ID}.jsonl`, '');
    expect(await machine.resume([ID, '-p', 'one'], { cwd: machine.home })).toEqual({
      ...DONE,
      stderr: 'ccsess: ~/one is gone: starting in ~/two.\n',
    });
    expect(machine.launches[0]).toMatchObject({ args: [`--resume=${ID}`], cwd: two });
  });

  test('a created session starts in its own folder, from anywhere', async () => {
    const machine = new Machine();
    const app = machine.folder('app');
    await run(['create', '--id', ID, '--cwd', app], { home: machine.home });
    expect(await machine.resume([ID], { cwd: machine.folder('other') })).toEqual(DONE);
    expect(machine.launches[0]).toMatchObject({ args: [`--resume=${ID}`], cwd: app });
  });

  test('a session with the mark of a compaction alone starts in its own folder, as a created one', async () => {
    const machine = new Machine();
    const app = machine.folder('app');
    const boundary = { type: 'system', subtype: 'compact_boundary', uuid: OTHER, parentUuid: null, cwd: app };
    const path = `.claude/projects/${projectKey(app)}/${ID}.jsonl`;
    addFile(machine.home, path, line({ ...boundary, sessionId: ID, compactMetadata: { trigger: 'auto' } }));
    expect(await machine.resume([ID], { cwd: machine.folder('other') })).toEqual(DONE);
    expect(machine.launches[0]).toMatchObject({ args: [`--resume=${ID}`], cwd: app });
    const forked = await run(['fork', ID], { home: machine.home });
    expect(forked).toEqual({ stdout: '', stderr: `ccsess: session ${ID} has no messages to fork.\n`, exitCode: 4 });
  });

  test('a created session whose folder is gone is refused until it is moved', async () => {
    const machine = new Machine();
    const [app, other] = [machine.folder('app'), machine.folder('other')];
    await run(['create', '--id', ID, '--cwd', app, '--title', 'Later'], { home: machine.home });
    rmSync(app, { recursive: true });
    const refused = {
      stdout: '',
      stderr:
        `ccsess: session ${ID} has no messages yet and belongs to ${app}, which is gone: Claude Code cannot find ` +
        `it.\n  ccsess move --session ${ID} <folder>\n`,
      exitCode: 1,
    };
    for (const flags of [[], ['--force'], ['--fork'], ['--print-command']])
      expect(await machine.resume([ID, ...flags], { cwd: other })).toEqual(refused);
    const missing = ['create', '--id', ID, '--if-missing', '--resume', '--claude-bin', machine.claude];
    expect(await run(missing, { home: machine.home, cwd: other })).toEqual(refused);
    expect((await run(['move', '--session', ID, '--yes', other], { home: machine.home })).exitCode).toBe(0);
    expect(await machine.resume([ID], { cwd: machine.home })).toEqual(DONE);
    expect(machine.launches).toMatchObject([{ args: [`--resume=${ID}`], cwd: other }]);
  });

  test('a created session with a first message starts anywhere', async () => {
    const machine = new Machine();
    const [app, other] = [machine.folder('app'), machine.folder('other')];
    await run(['create', '--id', ID, '--cwd', app], { home: machine.home });
    appendFileSync(
      machine.transcript(ID, app),
      promptLine('<command-name>/cost</command-name>', { cwd: app, sessionId: ID }),
    );
    rmSync(app, { recursive: true });
    expect(await machine.resume([ID], { cwd: other })).toEqual({
      ...DONE,
      stderr: 'ccsess: ~/app is gone: starting here.\n',
    });
  });

  test('refuses a session that is open, unless forced or forked', async () => {
    const machine = new Machine();
    const app = machine.folder('app');
    machine.session(ID, app, { title: 'Rate limiter' });
    machine.session(OTHER, app, { title: 'rate limiter (fork)' });
    const system = registryOf(join(machine.home, '.claude'), ID, 48213);
    expect(await machine.resume([ID], { system })).toEqual({
      stdout: '',
      stderr:
        'ccsess: 3f2a91c0 is open in pid 48213 (~/app). A second process would hide its turns.\n' +
        '  ccsess resume 3f2a91c0 --fork      resume a fork instead        --force   resume anyway\n',
      exitCode: 5,
    });
    expect(machine.launches).toEqual([]);
    await machine.resume([ID, '--force'], { system });
    await machine.resume([ID, '--fork'], { system });
    await machine.resume([ID, '--fork', '--', '-n', 'Mine'], { system });
    expect(machine.launches.map(({ args }) => args.slice(1))).toEqual([
      [],
      ['--fork-session', '--name=Rate limiter (fork 2)'],
      ['--fork-session', '-n', 'Mine'],
    ]);
  });

  test.each([
    ['an empty file', '', 'its transcript is empty'],
    [
      'a name alone',
      line({ type: 'custom-title', customTitle: 'stale', sessionId: ID }),
      'its transcript has no message',
    ],
    [
      'lines of a session in the cloud',
      line({ type: 'bridge-session', sessionId: ID, bridgeSessionId: 'session_abc', lastSequenceNum: 9 }),
      'its transcript has no message',
    ],
    ['bytes that are not JSON', 'garbage\n', 'its transcript has no message'],
    ['a sidechain alone', promptLine('do it', { isSidechain: true, sessionId: ID }), 'its transcript has no message'],
  ])('refuses a session that Claude Code does not find a conversation in: %s', async (_, text, why) => {
    const machine = new Machine();
    addFile(machine.home, `.claude/projects/-app/${ID}.jsonl`, text);
    const refused = {
      stdout: '',
      stderr: `ccsess: session ${ID} cannot be resumed: ${why}.\n  start a new one: ccsess create --resume\n`,
      exitCode: 1,
    };
    for (const flags of [[], ['--print-command'], ['--fork'], ['--force']])
      expect(await machine.resume([ID, ...flags])).toEqual(refused);
    const forked = await run(['fork', ID], { home: machine.home });
    expect(forked).toEqual({ stdout: '', stderr: `ccsess: session ${ID} has no messages to fork.\n`, exitCode: 4 });
    expect(machine.launches).toEqual([]);
  });

  test('resumes a compacted conversation that has only its summary left', async () => {
    const machine = new Machine();
    const mark = line({
      type: 'system',
      subtype: 'compact_boundary',
      uuid: OTHER,
      parentUuid: null,
      compactMetadata: { trigger: 'auto' },
      isSidechain: false,
      cwd: machine.home,
    });
    addFile(
      machine.home,
      `.claude/projects/-app/${ID}.jsonl`,
      mark + promptLine('summary', { isCompactSummary: true, parentUuid: OTHER, cwd: machine.home }),
    );
    expect(await machine.resume([ID])).toEqual(DONE);
  });

  test("refuses flags other than its own, and says where claude's go", async () => {
    const machine = new Machine();
    machine.session(ID, machine.folder('app'));
    const refusal = async (...args: string[]): Promise<string> => {
      const { stderr, exitCode } = await machine.resume(args);
      expect({ exitCode, launches: machine.launches }).toEqual({ exitCode: 2, launches: [] });
      return stderr;
    };
    const where = "put claude's flags after --, as in ccsess resume @ -- -p 'hello'";
    expect(await refusal(ID, '-p')).toBe(`ccsess: -p is for a folder here: ${where}.\n`);
    expect(await refusal(ID, '-p', 'fix it')).toBe(`ccsess: -p 'fix it': no such folder (${where}).\n`);
    expect(await refusal(ID, '--model', 'opus')).toBe(`ccsess: '--model' is not an argument of resume: ${where}.\n`);
    expect(await refusal('--model', 'opus', ID)).toBe(`ccsess: '--model' is not an argument of resume: ${where}.\n`);
    expect(await refusal(ID, ID)).toBe(`ccsess: '${ID}' is not an argument of resume: ${where}.\n`);
    expect(await refusal(ID, '--froce')).toBe(
      `ccsess: '--froce' is not an argument of resume (did you mean --force?): ${where}.\n`,
    );
    expect(await refusal(ID, '--last')).toBe(`ccsess: --last and '${ID}' each name a session: leave one out.\n`);
    expect(await refusal()).toBe('ccsess: name a session, or pass --last for the newest one of this folder.\n');
    expect(await refusal(ID, '--json')).toContain('--json needs --print-command');
  });

  test('needs a claude that can be executed', async () => {
    const machine = new Machine();
    machine.session(ID, machine.folder('app'));
    const env = { PATH: '/nowhere' };
    expect(await machine.resume([ID], { env })).toMatchObject({
      stderr: expect.stringContaining("'claude' is not on PATH") as string,
      exitCode: 127,
    });
    chmodSync(machine.claude, 0o644);
    expect(await machine.resume([ID])).toMatchObject({
      stderr: expect.stringContaining(`${machine.claude} cannot be executed.`) as string,
      exitCode: 126,
    });
    expect(await machine.resume([ID, '--claude-bin', machine.home])).toMatchObject({ exitCode: 126 });
  });
});

describe('of several sessions', () => {
  const twins = (): Machine => {
    const machine = new Machine();
    const app = machine.folder('app');
    machine.session(ID, app, { title: 'Twins' });
    machine.session(OTHER, app, { title: 'Twins', cwds: [app, app] });
    return machine;
  };

  test('with one title one is chosen on a terminal, newest first', async () => {
    const machine = twins();
    expect(await machine.resume(['twins'], { answers: [1] })).toEqual({
      ...DONE,
      stderr:
        '2 sessions have this title (/clear passes it on). Which one?\n' +
        '  c8e4d1f0  1d    ~/app  2 prompts  Twins\n  3f2a91c0  2d    ~/app  1 prompt  Twins\n',
    });
    expect(machine.launches[0]?.args).toEqual([`--resume=${ID}`]);
  });

  test('every command asks the same', async () => {
    const machine = twins();
    const outcome = await run(['path', 'twins', '--cwd'], { home: machine.home, answers: [0] });
    expect([outcome.stdout, outcome.exitCode]).toEqual([`${join(machine.home, 'app')}\n`, 0]);
  });

  test('none is chosen if the question is cancelled', async () => {
    const machine = twins();
    expect(await machine.resume(['twins'], { answers: [-1] })).toMatchObject({ stdout: '', exitCode: 130 });
    expect(machine.launches).toEqual([]);
  });

  test('without a terminal that is an error', async () => {
    expect(await twins().resume(['twins'])).toMatchObject({
      stderr: expect.stringContaining('2 sessions have this title') as string,
      exitCode: 4,
    });
  });

  test('asks which one to resume if none is named', async () => {
    const machine = twins();
    const screen = new TestTerminal({ columns: 80, rows: 20 });
    const resumed = machine.resume([], { screen });
    await expect.poll(() => screen.picture).toContain('Twins');
    await screen.type(KEYS.enter);
    expect(await resumed).toEqual(DONE);
    expect(machine.launches[0]?.args).toEqual([`--resume=${OTHER}`]);
    expect(screen.isTakenOver).toBe(false);
    expect(await new Machine().resume([], { screen })).toMatchObject({ exitCode: 4 });
  });

  test('that have the same id, the chosen one is resumed from its own folder', async () => {
    const machine = new Machine();
    const [one, two, gone] = [machine.folder('one'), machine.folder('two'), machine.folder('gone', false)];
    machine.session(ID, one, { cwds: [one, two] });
    machine.session(ID, two);
    machine.session(ID, gone, { cwds: [one, gone] });
    expect(await machine.resume([ID])).toMatchObject({ exitCode: 4 });
    expect(await machine.resume([ID, '-p', 'two'], { cwd: machine.home })).toEqual(DONE);
    expect(await machine.resume([ID], { cwd: one })).toEqual(DONE);
    expect(machine.launches.map(({ cwd }) => cwd)).toEqual([two, one]);
    // A copy whose folder is gone is named by its transcript: by the id Claude Code would open the other copy.
    expect(await machine.resume([ID, '-p', 'gone'], { cwd: machine.home })).toEqual({
      ...DONE,
      stderr: 'ccsess: ~/gone is gone: starting in ~/one.\n',
    });
    expect(machine.launches[2]).toMatchObject({ args: [`--resume=${machine.transcript(ID, gone)}`], cwd: one });
    expect(await machine.resume([OTHER, '-p', 'two'], { cwd: machine.home })).toMatchObject({ exitCode: 4 });
  });
});

describe('--print-command', () => {
  test('prints the command without checking that it exists', async () => {
    const machine = new Machine();
    const app = machine.folder("it's an app");
    machine.session(ID, app);
    const print = async (args: readonly string[], env: Record<string, string>): Promise<string> =>
      (await machine.resume([ID, '--print-command', ...args], { env, cwd: machine.home })).stdout;
    const folder = `'${machine.home}/it'\\''s an app'`;
    expect(await print([], {})).toBe(`cd ${folder} && claude --resume=${ID}\n`);
    expect(await print(['--fork', '--', 'a b'], { CCSESS_CLAUDE_BIN: './my claude' })).toBe(
      `cd ${folder} && '${machine.home}/my claude' --resume=${ID} --fork-session 'a b'\n`,
    );
    expect(await print([], { CLAUDE_CONFIG_DIR: '.claude' })).toBe(
      `cd ${folder} && env -u CLAUDE_CONFIG_DIR claude --resume=${ID}\n`,
    );
    symlinkSync('.claude', join(machine.home, 'other'));
    expect(await print([], { CLAUDE_CONFIG_DIR: 'other' })).toBe(
      `cd ${folder} && CLAUDE_CONFIG_DIR=${machine.home}/other claude --resume=${ID}\n`,
    );
    expect(machine.launches).toEqual([]);
  });

  test('--json has its parts', async () => {
    const machine = new Machine();
    const app = machine.folder('app');
    machine.session(ID, app);
    const value: unknown = JSON.parse((await machine.resume([ID, '--print-command', '--json', '--', 'x'])).stdout);
    expect(value).toEqual({
      schemaVersion: 1,
      command: `cd ${app} && claude --resume=${ID} x`,
      program: 'claude',
      args: [`--resume=${ID}`, 'x'],
      cwd: app,
      env: { CLAUDE_CONFIG_DIR: null },
    });
    expect(validator('command')(value)).toBe('');
  });

  test('is parsed by a shell into the original words', async () => {
    const machine = new Machine();
    const word = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => !/[\0\p{Surrogate}]/u.test(text));
    const name = word.filter((text) => text.trim() !== '' && !/^\.{1,2}$/.test(text) && !text.includes('/'));
    await fc.assert(
      fc.asyncProperty(name, fc.array(word, { maxLength: 4 }), async (folder, args) => {
        const cwd = machine.folder(`in/${folder}`);
        machine.session(ID, cwd);
        const { stdout } = await machine.resume([ID, '--print-command', '--', ...args], {
          env: { CCSESS_CLAUDE_BIN: '/usr/bin/printf' },
        });
        rmSync(join(machine.home, '.claude'), { recursive: true });
        const script = `printf() { pwd; command printf '%s\\0' "$@"; }; eval "$1"`;
        const told = execFileSync('sh', ['-c', script, 'sh', stdout.trimEnd().replace('/usr/bin/printf', 'printf')], {
          encoding: 'utf8',
        });
        expect(told).toBe([`${cwd}\n--resume=${ID}`, ...args, ''].join('\0'));
      }),
      { numRuns: rounds(20) },
    );
  });
});
