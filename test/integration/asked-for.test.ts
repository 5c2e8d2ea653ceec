import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { resolveConfigDirs } from '../../src/claude/config-dir.js';
import { run, type Outcome, type World } from '../support/context.js';
import { fullId, writeSession } from '../support/sessions.js';
import { answerLine, promptLine } from '../support/transcripts.js';
import { validator } from '../unit/schema/schemas.js';
import { temporaryFolder } from '../support/temporary.js';

let home: string;
let root: string;

beforeEach(() => {
  home = temporaryFolder('asked-for');
  root = join(home, '.claude');
  mkdirSync(join(root, 'projects'), { recursive: true });
});

const ccsess = (words: readonly string[], world: World = {}): Promise<Outcome> =>
  run(words, { home, cwd: home, ...world });

describe('a given flag applies to every output', () => {
  test('forecast -L also limits records and JSON', async () => {
    for (const id of ['a1', 'b2', 'c3']) writeSession(root, { id, days: 25 });
    const within = ['forecast', '--within', '30d'];
    expect((await ccsess(within)).stdout.split('\n')).toHaveLength(4);
    expect((await ccsess([...within, '-L', '2'])).stdout.split('\n')).toHaveLength(3);
    expect((await ccsess([...within, '-L', '0'])).stdout.split('\n')).toHaveLength(4);
    const json = (await ccsess([...within, '-L', '1', '--json'])).stdout;
    expect((JSON.parse(json) as { sessions: unknown[] }).sessions).toHaveLength(1);
  });

  test('list --group-by project puts the folder with the newest session first', async () => {
    writeSession(root, { id: 'a1', days: 3, cwd: '/home/dev/a' });
    writeSession(root, { id: 'b2', days: 1, cwd: '/home/dev/z' });
    writeSession(root, { id: 'c3', days: 2, cwd: '/home/dev/a' });
    const { stdout } = await ccsess(['list', '--group-by', 'project']);
    expect(stdout.split('\n').map((line) => line.slice(0, 2))).toEqual(['b2', 'c3', 'a1', '']);
  });
});

describe('a command mentions its consequences', () => {
  test('a second session with the same title, in a pipe too', async () => {
    const [id, other] = [fullId('a1'), fullId('b2')];
    expect(await ccsess(['create', '--title', 'X', '--id', id])).toEqual({
      stdout: `${id}\n`,
      stderr: '',
      exitCode: 0,
    });
    expect(await ccsess(['create', '--title', 'x', '--id', other])).toEqual({
      stdout: `${other}\n`,
      stderr: 'ccsess: a1000000 of this project has the same title: use ids to name them.\n',
      exitCode: 0,
    });
  });

  test('a fork named after a prompt: its title is short', async () => {
    const prompt = 'Please look at the login page, which sends people round in circles when their session has expired';
    writeSession(root, { id: 'a1', days: 1, prompt });
    const { stdout } = await ccsess(['fork', 'a1000000', '--id', fullId('b2')], { terminal: 100 });
    const title = 'Please look at the login page, which sends people round in… (fork)';
    const text = stdout.replace(/\s+/g, ' ');
    expect(text).toMatch(`Forked "Please look at the login page, which sends people round in …" as "${title}"`);
    expect(text.split(title)).toHaveLength(3);
  });

  test('a created session stays in the list after a turn of claude -p', async () => {
    const { stdout } = await ccsess(['create', '--json', '--id', fullId('a1')]);
    const { transcript } = JSON.parse(stdout) as { transcript: string };
    const common = { cwd: home, sessionId: fullId('a1'), entrypoint: 'sdk-cli', timestamp: '2026-11-01T10:00:00.000Z' };
    appendFileSync(transcript, promptLine('Say hello', common) + answerLine('msg_1', 'hello', common));
    const [record] = JSON.parse((await ccsess(['list', '--json'])).stdout) as { kind: string; prompts: number }[];
    expect(record).toMatchObject({ kind: 'interactive', prompts: 1 });
    expect((await ccsess(['list'], { terminal: 100 })).stdout).toContain('a1000000');
  });
});

describe('without a terminal', () => {
  const ASK = 'ccsess: cannot ask for confirmation without a terminal: pass --yes, or -n for a dry run.\n';

  test('no confirmation is needed if there is nothing to do', async () => {
    writeSession(root, { id: 'a1', days: 1 });
    expect(await ccsess(['trash', 'empty'])).toEqual({
      stdout: 'Permanently deleted: 0 sessions, 0 B.\n',
      stderr: '',
      exitCode: 0,
    });
    expect(await ccsess(['prune', '--max-total', '5GiB'])).toMatchObject({ stderr: '', exitCode: 0 });
    expect(await ccsess(['prune', '--older-than', '30d', '--json'])).toMatchObject({ stderr: '', exitCode: 0 });
    writeSession(root, { id: 'b2', days: 40 });
    expect(await ccsess(['prune', '--older-than', '30d'])).toEqual({ stdout: '', stderr: ASK, exitCode: 2 });
    await ccsess(['rm', '--yes', fullId('b2')]);
    expect(await ccsess(['trash', 'empty'])).toEqual({ stdout: '', stderr: ASK, exitCode: 2 });
  });

  test('other errors are reported before a missing confirmation', async () => {
    writeSession(root, { id: 'a1', days: 1, title: 'Login' });
    const noPlan = await ccsess(['prune', '--apply', 'plan.json']);
    expect(noPlan).toEqual({
      stdout: '',
      stderr: 'ccsess: the plan plan.json cannot be read (ENOENT).\n',
      exitCode: 1,
    });
    for (const name of ['@1', 'Login']) {
      const stderr = [
        `ccsess: without a terminal rm accepts only ids: ${name} may refer to a different session by now.`,
        '  by id:',
        `  ccsess rm --yes ${fullId('a1')}      # Login\n`,
      ].join('\n');
      expect(await ccsess(['rm', name])).toEqual({ stdout: '', stderr, exitCode: 2 });
      expect(await ccsess(['rm', name, '--yes'])).toEqual({ stdout: '', stderr, exitCode: 2 });
    }
  });
});

describe('an implausible config dir', () => {
  test('is refused by commands that remove sessions', async () => {
    writeSession(root, { id: 'a1', days: 40 });
    const inside = resolveConfigDirs({ explicit: [join(root, 'projects')], env: {}, home, cwd: home });
    const world: World = { configDirs: inside };
    expect(await ccsess(['prune', '--older-than', '30d', '--yes'], world)).toEqual({
      stdout: '',
      stderr: `ccsess: ${root}/projects is not a config dir: did you mean --config-dir ${root}?\n`,
      exitCode: 2,
    });
  });

  test.each(['.claude', 'claude', 'config'])('is a folder that contains one named %s', async (name) => {
    const around = join(home, `around-${name}`);
    writeSession(join(around, name), { id: 'a1', days: 40 });
    const world: World = { configDirs: resolveConfigDirs({ explicit: [around], env: {}, home, cwd: home }) };
    expect(await ccsess(['prune', '--older-than', '30d', '--yes'], world)).toEqual({
      stdout: '',
      stderr: `ccsess: ${around} is not a config dir: did you mean --config-dir ${around}/${name}?\n`,
      exitCode: 2,
    });
    expect(await ccsess(['list'], world)).toEqual({
      stdout: '',
      stderr: `No sessions: ${around} is not a config dir. Did you mean --config-dir ${around}/${name}?\n`,
      exitCode: 0,
    });
  });

  test('is not suggested for projects of another program', async () => {
    const around = join(home, 'around');
    mkdirSync(join(around, 'config/projects/website'), { recursive: true });
    const world: World = { configDirs: resolveConfigDirs({ explicit: [around], env: {}, home, cwd: home }) };
    expect((await ccsess(['list'], world)).stderr).toContain('has no projects folder yet');
  });
});

describe('the trash', () => {
  test('is printed as one document for a session, and as an array for a run', async () => {
    for (const id of ['a1', 'b2']) writeSession(root, { id, days: 1 });
    await ccsess(['rm', '--yes', fullId('a1'), fullId('b2')]);
    const run = JSON.parse((await ccsess(['trash', 'show', '@last-prune', '--json'])).stdout) as { id: string }[];
    expect(validator('trash')(run)).toBe('');
    expect(run.map(({ id }) => id).sort()).toEqual([fullId('a1'), fullId('b2')]);
    const one: unknown = JSON.parse((await ccsess(['trash', 'show', 'a1000000', '--json'])).stdout);
    expect(validator('trashed')(one)).toBe('');
    expect((await ccsess(['trash', 'ls'])).stdout).toBe((await ccsess(['trash', 'list'])).stdout);
  });

  test('returns the sessions of the last run with restore --last', async () => {
    writeSession(root, { id: 'a1', days: 1 });
    await ccsess(['rm', '--yes', fullId('a1')]);
    expect(await ccsess(['restore'])).toEqual({
      stdout: '',
      stderr: 'ccsess: no session given: pass an id, an id prefix or a title (see ccsess trash), or --last.\n',
      exitCode: 2,
    });
    expect(await ccsess(['restore', '--last'])).toEqual({ stdout: `${fullId('a1')}\n`, stderr: '', exitCode: 0 });
  });
});
