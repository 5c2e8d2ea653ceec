import { spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, existsSync, mkdirSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ccsess } from '../support/built.js';
import { makeHome, manySamples, writeSessions } from './sample-home.js';
import { temporaryFolder } from '../support/temporary.js';
import { giveTo, isRoot, OTHER_UID, programForAnyone } from '../support/other-user.js';

const ID = '11111111-2222-4333-8444-555555555555';
const one = { id: ID, prompt: 'Why is the sky blue?', at: '2026-11-20T10:00:00.000Z' };
const ids = (stdout: string): string[] =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t')[0]!);

/** Options that start a program as a user without an account. */
const asOther = {
  uid: OTHER_UID,
  gid: OTHER_UID,
  encoding: 'utf8',
  env: { PATH: process.env['PATH'] ?? '', TZ: 'UTC' },
} as const;

let node = '';
let program = '';
beforeAll(() => void ([node, program] = programForAnyone()));

describe('in a pipe', () => {
  it('list prints one tab-separated line a session, without header and colour', async () => {
    const home = makeHome();
    writeSessions(home, [{ ...one, title: 'Sky' }]);
    const run = await ccsess(['list'], { home });
    expect(run).toMatchObject({ code: 0, stderr: '' });
    const [id, activity, kind, pid, prompts, bytes, cwd, title, ...rest] = run.stdout.trimEnd().split('\t');
    expect([id, activity, kind, pid, prompts, cwd, title, rest]).toEqual([
      ID,
      '2026-11-20T10:00:00.000Z',
      'interactive',
      '',
      '1',
      '/home/me/app',
      'Sky',
      [],
    ]);
    expect(Number(bytes)).toBeGreaterThan(0);
  });

  it('list prints every session, whatever a terminal would show', async () => {
    const home = makeHome();
    writeSessions(home, manySamples(100));
    expect(ids((await ccsess(['list'], { home })).stdout)).toEqual(manySamples(100).map(({ id }) => id));
  });

  it.each([
    ['a pipe that closes', `printf '{"session_id":"%s","session_name":"Sky"}' ${ID} |`, '', '11111111 Sky\n'],
    ['no input', '', '</dev/null', ''],
    ['a closed descriptor', '', '<&-', ''],
    ['input without an end', 'yes |', '', ''],
    ['a folder', '', '</', ''],
  ])('statusline reads %s, and makes no config dir', (_, before, redirection, stdout) => {
    const home = makeHome();
    const words = [node, program, 'statusline'].map((word) => `'${word}'`).join(' ');
    const env = { PATH: process.env['PATH'] ?? '', HOME: home };
    const run = spawnSync('bash', ['-c', `${before} ${words} ${redirection}`], { env, encoding: 'utf8' });
    expect([run.stdout, run.stderr, run.status]).toEqual([stdout, '', 0]);
    expect(readdirSync(home).filter((name) => name !== '.cache')).toEqual([]);
  });

  it.each([['list'], ['list', '--debug'], ['index'], ['search', 'sky']])('%s makes no home folder', (...words) => {
    const home = join(temporaryFolder('no-home'), 'gone');
    const configDir = writeSessions(makeHome(), [one]);
    const env = { PATH: process.env['PATH'] ?? '', HOME: home, CLAUDE_CONFIG_DIR: configDir };
    const run = spawnSync(node, [program, ...words], { env, encoding: 'utf8' });
    expect([run.stderr.replace(/^No match.*\n/, ''), run.status]).toEqual(['', 0]);
    expect(existsSync(home)).toBe(false);
  });

  it('search --engine re2 finds the engine, which is a file of its own', async () => {
    const home = makeHome();
    writeSessions(home, [one]);
    const run = await ccsess(['search', '--engine', 're2', '/(?i)SK[x-z]/', '-l'], { home });
    expect(run).toMatchObject({ code: 0, stdout: `${ID}\n`, stderr: '' });
  });

  it('--debug says on stderr which file of the index was not used, and why', async () => {
    const home = makeHome();
    writeSessions(home, [one]);
    const cache = join(home, '.cache/ccsess');
    const run = (...flags: string[]): ReturnType<typeof ccsess> =>
      ccsess(['list', ...flags], { home, env: { XDG_CACHE_HOME: join(home, '.cache') } });
    const first = await run('--debug');
    expect(first).toMatchObject({ code: 0, stderr: '' });
    const name = readdirSync(cache).find((file) => file.endsWith('.columns')) ?? '';
    truncateSync(join(cache, name), 100);
    const debug = `ccsess: index file ${join(cache, name)} not used (checksum): its checksum is wrong\n`;
    expect(await run('--debug')).toMatchObject({ code: 0, stdout: first.stdout, stderr: debug });
    truncateSync(join(cache, name), 100);
    expect(await run()).toMatchObject({ code: 0, stdout: first.stdout, stderr: '' });
  });

  it('a reader that stops early ends list without an error', async () => {
    const home = makeHome();
    writeSessions(home, manySamples(1500));
    for (const args of [['list'], ['list', '--json'], ['list', '--jsonl']]) {
      const run = await ccsess(args, { home, pipeInto: 'head -c 1' });
      expect(run).toMatchObject({ code: 0, stderr: '' });
      expect(run.stdout).toHaveLength(1);
    }
  });

  it('the result is complete and correct when several threads read the transcripts', async () => {
    const home = makeHome();
    const samples = manySamples(30);
    const configDir = writeSessions(home, samples);
    const result = { type: 'tool_result', tool_use_id: 'toolu_1', content: 'x'.repeat(1024 * 1024) };
    const line = `${JSON.stringify({ type: 'user', message: { role: 'user', content: [result] } })}\n`;
    for (const { id } of samples)
      appendFileSync(join(configDir, 'projects/-home-me-app', `${id}.jsonl`), line.repeat(6));
    const run = await ccsess(['list', '--json'], { home });
    expect(run).toMatchObject({ code: 0, stderr: '' });
    const told = (
      JSON.parse(run.stdout) as { id: string; prompts: number; tokens: { total: number }; problems: unknown[] }[]
    ).map(({ id, prompts, tokens, problems }) => [id, prompts, tokens.total, problems]);
    expect(told).toEqual(samples.map(({ id }) => [id, 1, 10, []]));
  });

  it('show counts the lines of a read file by their arrows, which are beyond ASCII', async () => {
    const home = makeHome();
    const configDir = writeSessions(home, [one]);
    const call = { type: 'tool_use', id: 'toolu_1', name: 'Read', input: { file_path: '/home/me/app/a.ts' } };
    const result = { type: 'tool_result', tool_use_id: 'toolu_1', content: '     1→one\n     2→two' };
    const lines = [
      { type: 'assistant', uuid: 'a', message: { id: 'm', role: 'assistant', content: [call] } },
      { type: 'user', uuid: 'b', parentUuid: 'a', message: { role: 'user', content: [result] } },
    ].map((entry) => `${JSON.stringify(entry)}\n`);
    writeFileSync(join(configDir, 'projects/-home-me-app', `${ID}.jsonl`), lines.join(''));
    expect((await ccsess(['show', ID], { home })).stdout).toContain('a.ts (2 lines)\n');
  });

  it('a big JSON array arrives whole', async () => {
    const home = makeHome();
    writeSessions(home, manySamples(1500));
    const run = await ccsess(['list', '--json'], { home, pipeInto: '(sleep 0.3; cat)' });
    expect((JSON.parse(run.stdout) as { id: string }[]).map(({ id }) => id)).toEqual(
      manySamples(1500).map(({ id }) => id),
    );
  });

  it('control sequences of a transcript do not get through', async () => {
    const home = makeHome();
    writeSessions(home, [
      {
        ...one,
        prompt: 'a\u001B[31mred\u0007\u202Eb',
        title: '\u001B]0;owned\u0007x\ty',
        cwd: '/home/me/e\u001B[2Jvil',
      },
    ]);
    for (const args of [['list'], ['show', ID], ['list', '--json']]) {
      // oxlint-disable-next-line no-control-regex
      expect((await ccsess(args, { home })).stdout).not.toMatch(
        /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E]/,
      );
    }
  });

  it.runIf(isRoot)('a user without an account on the system is asked to set HOME', () => {
    const run = spawnSync(node, [program, 'list'], { encoding: 'utf8', env: {}, uid: 54_321, gid: 54_321 });
    expect(run).toMatchObject({ stdout: '', stderr: 'ccsess: no home folder: set HOME.\n', status: 1 });
  });

  it.each([
    ['NO_COLOR', '1'],
    ['TERM', 'dumb'],
    ['CI', 'true'],
  ])('%s=%s: no colour', async (name, value) => {
    const home = makeHome();
    writeSessions(home, [one]);
    expect((await ccsess(['list'], { home, env: { [name]: value } })).stdout).not.toContain('\u001B[');
  });
});

describe('exit codes', () => {
  it.each([
    [['--version'], 0],
    [['--help'], 0],
    [['list', '--help'], 0],
    [['list', '--no-such-flag'], 2],
    [['no-such-command'], 2],
    [['list', '--limit', 'many'], 2],
    [['list', '--older-than', '30'], 2],
    [['show', 'ffffffff-0000-4000-8000-000000000000'], 4],
    [['path', 'no such title'], 4],
    [['list', '--title', 'no such title'], 0],
    [['list', '--config-dir', '/no/such/folder'], 2],
  ])('ccsess %j → %i', async (args, code) => {
    const home = makeHome();
    writeSessions(home, [one]);
    const run = await ccsess(args, { home });
    const answers = code === 0 && !args.includes('no such title');
    expect({ code: run.code, stdout: run.stdout !== '', stderr: run.stderr !== '' }).toEqual({
      code,
      stdout: answers,
      stderr: !answers,
    });
  });

  it('an unknown command names the nearest one', async () => {
    const run = await ccsess(['lst'], { home: makeHome() });
    expect(run.code).toBe(2);
    expect(run.stderr).toContain('list');
  });

  it('with --json an error is one line of JSON on stderr', async () => {
    const home = makeHome();
    writeSessions(home, [one]);
    const run = await ccsess(['show', 'ffffffff', '--json'], { home });
    expect(run).toMatchObject({ code: 4, stdout: '' });
    expect(run.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(JSON.parse(run.stderr)).toMatchObject({ error: { code: 'NOT_FOUND', exitCode: 4 } });
  });
});

describe('missing and damaged input', () => {
  it('a home without Claude Code gives a message and an empty array', async () => {
    const home = makeHome();
    const text = await ccsess(['list'], { home });
    expect(text).toMatchObject({ code: 0, stdout: '' });
    expect(text.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(text.stderr).toMatch(/^No sessions/);
    expect(JSON.parse((await ccsess(['list', '--json'], { home })).stdout)).toEqual([]);
  });

  it('a FIFO, a folder, a link to itself and a device named like a transcript do not stop list', async () => {
    const home = makeHome();
    const project = join(writeSessions(home, [one]), 'projects/-home-me-app');
    const named = (n: number): string => join(project, `aaaaaaaa-0000-4000-8000-00000000000${n}.jsonl`);
    spawnSync('mkfifo', [named(1)]);
    mkdirSync(named(2));
    spawnSync('ln', ['-s', named(3), named(3)]);
    spawnSync('ln', ['-s', '/dev/zero', named(4)]);
    const run = await ccsess(['list', '--json'], { home });
    expect(run.code).toBe(0);
    expect((JSON.parse(run.stdout) as { id: string }[]).map(({ id }) => id)).toContain(ID);
    expect((await ccsess(['show', ID], { home })).code).toBe(0);
  });

  it('a file where a project folder belongs', async () => {
    const home = makeHome();
    writeFileSync(join(writeSessions(home, [one]), 'projects/-home-me-other'), 'not a folder');
    const run = await ccsess(['list'], { home });
    expect(run.code).toBe(0);
    expect(ids(run.stdout)).toEqual([ID]);
  });

  it('a folder without read permission is reported on stderr, and the rest is listed', () => {
    const home = makeHome();
    const configDir = writeSessions(home, [one, { ...one, id: ID.replace('1', '2'), cwd: '/home/me/locked' }]);
    chmodSync(join(configDir, 'projects/-home-me-locked'), 0o000);
    if (isRoot) giveTo(OTHER_UID, home);
    const as = isRoot ? asOther : { encoding: asOther.encoding };
    const run = spawnSync(node, [program, 'list'], { ...as, cwd: home, env: { ...asOther.env, HOME: home } });
    expect(run.status).toBe(0);
    expect(ids(run.stdout)).toEqual([ID]);
    expect(run.stderr).toContain('-home-me-locked');
  });

  it('a cache folder that cannot be written only costs time', async () => {
    const home = makeHome();
    writeSessions(home, [one]);
    writeFileSync(join(home, '.cache'), 'a file, so no folder can be made below it');
    const run = await ccsess(['list'], { home });
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(ids(run.stdout)).toEqual([ID]);
  });
});

describe.runIf(isRoot)('a user without a name on the system', () => {
  it('lists and prunes like any other', () => {
    const home = temporaryFolder('nobody');
    writeSessions(home, [one]);
    giveTo(OTHER_UID, home);
    const run = (...args: string[]) =>
      spawnSync(node, [program, ...args], { ...asOther, cwd: home, env: { ...asOther.env, HOME: home } });
    expect(run('list')).toMatchObject({ status: 0, stderr: '', stdout: expect.stringContaining(ID) as string });
    expect(run('rm', '-n', '--json', ID)).toMatchObject({ status: 0, stderr: '' });
    expect(run('rm', '--yes', ID)).toMatchObject({ status: 0, stderr: '' });
    expect(ids(run('list').stdout)).toEqual([]);
  });
});
