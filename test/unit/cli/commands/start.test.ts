import { describe, expect, test } from 'vitest';
import * as create from '../../../../src/cli/commands/create.js';
import * as fork from '../../../../src/cli/commands/fork.js';
import * as reopen from '../../../../src/cli/commands/reopen.js';
import * as resume from '../../../../src/cli/commands/resume.js';
import { optionsOf } from '../../../support/options-of.js';

const ID = '3f2a91c0-1111-4222-8333-444455556666';
const NOT_OURS = '--resume and --json cannot be combined: Claude Code writes the output.';

describe('create reads', () => {
  const read = (...argv: string[]) => optionsOf(create, create.readCreateOptions, argv, { home: '/home/me' });

  test('no flags as a new session with a random id', async () => {
    expect(await read()).toEqual({
      session: {},
      ifMissing: false,
      resume: false,
      prompt: null,
      claudeBin: undefined,
      dryRun: false,
    });
  });

  test('every flag', async () => {
    const session = ['--id', ID, '--title', 'Fix it', '--tag', 'now', '--cwd', '/repo', '--sandbox', '/boxes'];
    const run = ['--if-missing', '--prompt', 'Hello', '--claude-bin', '/bin/claude', '-n'];
    expect(await read(...session, ...run)).toEqual({
      session: { id: ID, title: 'Fix it', tag: 'now', cwd: '/repo', sandboxes: '/boxes' },
      ifMissing: true,
      resume: false,
      prompt: 'Hello',
      claudeBin: '/bin/claude',
      dryRun: true,
    });
  });

  test('--sandbox without a folder as that of the data home', async () => {
    const sandboxes = async (env: Record<string, string>) =>
      (await optionsOf(create, create.readCreateOptions, ['--sandbox'], { home: '/home/me', env })).session.sandboxes;
    expect(await sandboxes({})).toBe('/home/me/.local/share/ccsess/sandboxes');
    expect(await sandboxes({ XDG_DATA_HOME: '/data' })).toBe('/data/ccsess/sandboxes');
    expect(await sandboxes({ XDG_DATA_HOME: 'data' })).toBe('/home/me/.local/share/ccsess/sandboxes');
  });

  test.each([
    [['--if-missing'], '--if-missing needs --id.'],
    [
      ['--resume', '--prompt', 'x'],
      '--resume and --prompt cannot be combined: ccsess create --resume -- <prompt> does both.',
    ],
    [['--resume', '--json'], NOT_OURS],
    [['--prompt', ' '], 'the prompt is empty.'],
    [['--', '-x'], 'arguments after -- are for claude: they need --resume or --prompt.'],
  ])('%j as a usage error', async (argv, message) => {
    await expect(read(...argv)).rejects.toMatchObject({ code: 'USAGE', message });
  });
});

describe('fork reads', () => {
  const read = (...argv: string[]) => optionsOf(fork, fork.readForkOptions, argv);

  test('no flags as the options of a plain fork', async () => {
    expect(await read('3f2a91c0')).toEqual(fork.forkOptions('3f2a91c0', {}));
  });

  test('every flag', async () => {
    const forked = ['--at', '3', '--title', 'Fix it', '--id', ID, '--cwd', '/repo', '--tag', 'now', '-n'];
    expect(await read('--last', '-p', '/repo', '--resume', '--claude-bin', 'c', ...forked, '--', '-x')).toEqual({
      name: undefined,
      last: true,
      project: '/repo',
      resume: true,
      claudeBin: 'c',
      fork: { at: '3', title: 'Fix it', id: ID, cwd: '/repo', tag: 'now', dryRun: true },
    });
  });

  test.each([
    [['a', '--last'], "--last and 'a' each name a session: leave one out."],
    [['a', '--resume', '--json'], NOT_OURS],
    [['a', '--', '-x'], 'arguments after -- are for claude: pass --resume as well.'],
  ])('%j as a usage error', async (argv, message) => {
    await expect(read(...argv)).rejects.toMatchObject({ code: 'USAGE', message });
  });
});

describe('resume reads', () => {
  const read = (...argv: string[]) => optionsOf(resume, resume.readResumeOptions, argv);

  test('no flags as the options of a plain resume', async () => {
    expect(await read('3f2a91c0')).toEqual(resume.resumeOptions('3f2a91c0'));
  });

  test('every flag', async () => {
    const flags = ['-p', '/repo', '--fork', '--force', '--print-command', '--claude-bin', 'c'];
    expect(await read('--last', ...flags, '--json')).toEqual({
      name: undefined,
      last: true,
      project: '/repo',
      fork: true,
      force: true,
      printCommand: true,
      claudeBin: 'c',
    });
  });

  const AFTER_DASHES = "put claude's flags after --, as in ccsess resume @ -- -p 'hello'.";
  test.each([
    [['a', '--last'], "--last and 'a' each name a session: leave one out."],
    [['a', '--json'], '--json needs --print-command: without it, Claude Code writes the output.'],
    [['a', '-p'], `-p is for a folder here: ${AFTER_DASHES}`],
  ])('%j as a usage error', async (argv, message) => {
    await expect(read(...argv)).rejects.toMatchObject({ code: 'USAGE', message });
  });
});

test('reopen reads its flags', async () => {
  const read = (...argv: string[]) => optionsOf(reopen, reopen.readReopenOptions, argv);
  expect(await read()).toEqual({ printCommand: false, claudeBin: undefined });
  expect(await read('--print-command', '--claude-bin', 'c')).toEqual({ printCommand: true, claudeBin: 'c' });
});
