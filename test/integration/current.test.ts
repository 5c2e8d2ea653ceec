import { describe, expect, test } from 'vitest';
import { run, type Outcome, type World } from '../support/context.js';
import { aResponse, fakeIndex, NOW, type Sketch } from '../support/builders.js';
import { validator } from '../unit/schema/schemas.js';

const HOUR = 60 * 60 * 1000;
const [ONE, TWO] = ['3f2a91c0-7d1e-4f6a-9b57-2c4e8a1d0f33', 'c8e4d1f0-52ab-4c7e-8f0e-6a1b9d3c7e21'];
const live = { pid: 48213, status: 'idle' };
const SKETCHES: Sketch[] = [
  { id: ONE, cwd: '/home/me/code/app', live, active: NOW - HOUR, prompts: 31, title: 'Fix prune' },
  { id: TWO, cwd: '/home/me/code/api' },
];

function current(world: World, args: string[] = []): Promise<Outcome> {
  return run(['current', ...args], { index: fakeIndex(SKETCHES), ...world });
}

test('the current session is the one that runs this shell', async () => {
  expect(await current({ env: { CLAUDE_CODE_SESSION_ID: TWO } })).toEqual({
    stdout: `${TWO}\n`,
    stderr: '',
    exitCode: 0,
  });
});

test('otherwise it is the live session of this folder', async () => {
  expect(await current({ cwd: '/home/me/code/app' })).toEqual({ stdout: `${ONE}\n`, stderr: '', exitCode: 0 });
  const record = JSON.parse((await current({ cwd: '/home/me/code/app' }, ['--json'])).stdout) as unknown;
  expect(record).toMatchObject({ schemaVersion: 1, id: ONE, live });
});

test('without either there is no current session', async () => {
  expect(await current({ cwd: '/home/me/code/api' })).toEqual({
    stdout: '',
    stderr:
      'ccsess: no session: this shell is not run by Claude Code, and no live session works in this folder.\n' +
      '  ccsess list --live\n',
    exitCode: 4,
  });
});

describe('a session of this shell without a transcript', () => {
  const id = 'dddddddd-0000-4000-8000-000000000000';
  const world = { cwd: '/home/me/code/app', env: { CLAUDE_CODE_SESSION_ID: id } };

  test('is identified by its id', async () => {
    expect(await current(world)).toEqual({ stdout: `${id}\n`, stderr: '', exitCode: 0 });
  });

  test('is an object without a transcript in JSON', async () => {
    const { stdout, exitCode } = await current(world, ['--json']);
    const printed: unknown = JSON.parse(stdout);
    expect({ printed, exitCode }).toEqual({ printed: { schemaVersion: 1, id, transcript: null }, exitCode: 0 });
    expect(validator('unwritten-session')(printed)).toBe('');
  });

  test('has no path yet', async () => {
    expect(await run(['path', id], { index: fakeIndex(SKETCHES), ...world })).toMatchObject({
      stdout: '',
      exitCode: 4,
    });
  });
});

test('a value in the environment that is not an id is not printed as one', async () => {
  expect(await current({ env: { CLAUDE_CODE_SESSION_ID: '../x\n$(id)' } })).toMatchObject({
    stdout: '',
    stderr: expect.stringContaining('CLAUDE_CODE_SESSION_ID is not the id of a session') as unknown,
    exitCode: 4,
  });
});

describe('--format', () => {
  const world = { cwd: '/home/me/code/app', home: '/home/me' };

  test('prints a line with the fields of the session', async () => {
    const sketch = {
      ...{ id: ONE, cwd: '/home/me/code/app', live, prompts: 31, title: 'Fix\u001b[31m the\nprune', tag: 'nightly' },
      ...{ branch: 'main', models: ['claude-a', 'claude-opus-5-5'], responses: [aResponse('r1')], active: NOW - HOUR },
    };
    const format = '{{{id8}}} {title}|{tag}|{folder}|{branch}|{kind}|{model}|{prompts}|{cost}|{status}|{pid}';
    expect(await current({ ...world, index: fakeIndex([sketch]) }, ['--format', format])).toEqual({
      stdout:
        `{${ONE.slice(0, 8)}} Fix the ` +
        'prune|nightly|~/code/app|main|interactive|claude-opus-5-5|31|$20.00|idle|48213\n',
      stderr: '',
      exitCode: 0,
    });
  });

  test('leaves unknown fields empty', async () => {
    const id = 'dddddddd-0000-4000-8000-000000000000';
    const pending = await current({ env: { CLAUDE_CODE_SESSION_ID: id } }, [
      '--format',
      '{id8}{title}{cost}{expires}.',
    ]);
    expect(pending.stdout).toBe('dddddddd.\n');
    const index = fakeIndex([{ id: TWO, cwd: null, title: null, pinned: true, live: null }]);
    const known = await current({ env: { CLAUDE_CODE_SESSION_ID: TWO }, index }, [
      '--format',
      '[{title}{pid}{expires}]',
    ]);
    expect(known.stdout).toBe('[]\n');
  });

  test.each([
    ['{titel}', '--format: no field {titel} (did you mean {title}?); fields: id, id8, title, tag, folder,'],
    ['{}', '--format: no field {}; fields: id,'],
    ['{constructor}', '--format: no field {constructor}; fields: id,'],
    ['a { b', '--format: unmatched {: write {{ for the character itself.'],
    ['{id}}', '--format: unmatched }: write }} for the character itself.'],
  ])('refuses %s', async (format, message) => {
    const { stdout, stderr, exitCode } = await current(world, ['--format', format]);
    expect([stdout, stderr.includes(message), exitCode]).toEqual(['', true, 2]);
  });

  test('and --json exclude each other', async () => {
    expect(await current(world, ['--format', '{id}', '--json'])).toMatchObject({ stdout: '', exitCode: 2 });
  });
});

test('several live sessions of the folder are listed, so that one can be named', async () => {
  const sketches = [...SKETCHES, { id: TWO, cwd: '/home/me/code/app', live, active: NOW, prompts: 1, title: null }];
  expect(await current({ cwd: '/home/me/code/app', index: fakeIndex(sketches) })).toEqual({
    stdout: '',
    stderr:
      'ccsess: 2 live sessions work in this folder. Name one:\n' +
      '  projects/-home-me-code-app/c8e4d1f0-52ab-4c7e-8f0e-6a1b9d3c7e21  live  ~/code/app  1 prompt\n' +
      '  3f2a91c0  live  ~/code/app  31 prompts  Fix prune\n',
    exitCode: 4,
  });
});
