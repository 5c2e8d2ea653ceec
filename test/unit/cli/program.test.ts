import { describe, expect, test } from 'vitest';
import { fakeIndex } from '../../support/builders.js';
import { run, type World } from '../../support/context.js';

const WORLD: World = { index: fakeIndex([]), terminal: 100 };

describe('ccsess', () => {
  test.each([[[]], [['--help']], [['-h']], [['help']]])('%j prints help', async (argv) => {
    const { stdout, stderr, exitCode } = await run(argv, WORLD);
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    expect(stdout).toBe(`\
Usage: ccsess <command> [options]

Manage the sessions of Claude Code on this machine.

Look:
  list|ls             list sessions, newest activity first
  show                show a session: what it is, and its conversation
  path                print the path of a session's transcript
  current             print the session this shell or folder is in
  projects            list projects: sessions, activity, size

Count:
  stats               count tokens, cost and disk use, each response once

Begin and go on:
  create              make a session that is there before its first message
  resume              go on with a session in Claude Code, from anywhere
  fork                make a new session that begins as another one

Change:
  rename              give a session a title, or take it away
  tag                 tag a session, or print its tag
  archive             leave sessions out of the plain list
  unarchive           put archived sessions back into the list
  move                move the sessions of a folder that was moved or renamed

Forget:
  prune               move old, large or empty sessions to the trash
  rm                  move sessions to the trash, by name
  restore             bring sessions back from the trash
  trash               list, show or empty the trash
  forecast            list what Claude Code's own cleanup will delete
  protect             keep sessions from Claude Code's cleanup for a while
  pin                 keep sessions from prune and from Claude Code's cleanup
  unpin               keep sessions no longer

Look after ccsess:
  recover             put right what a killed run left half moved
  index               show or clear the index, a cache

Options:
  -V, --version       print the version
  -h, --help          show this help

Options of every command:
  --config-dir <dir>  config dir to read, repeatable (else $CLAUDE_CONFIG_DIR, ~/.claude)
  --json              print JSON, errors too
  --no-cache          read every transcript again, keep nothing
  --color <when>      colour: auto, always, never
  --debug             print the stack of an error

More of a command: ccsess help <command>
`);
  });

  test.each(['--version', '-V'])('%s prints the version alone', async (flag) => {
    expect(await run([flag], WORLD)).toEqual({ stdout: '0.0.0\n', stderr: '', exitCode: 0 });
  });

  test.each([[['list', '--help']], [['ls', '-h']], [['help', 'list']], [['--json', 'list', '--help']]])(
    "%j prints the command's help",
    async (argv) => {
      const { stdout, stderr, exitCode } = await run(argv, WORLD);
      expect({ first: stdout.split('\n')[0], stderr, exitCode }).toEqual({
        first: 'Usage: ccsess list|ls [options]',
        stderr: '',
        exitCode: 0,
      });
      expect(stdout).toContain('--config-dir <dir>');
    },
  );

  test.each(['list', 'fork', 'current', 'index'])("help %s tells the command's own options first", async (name) => {
    const { stdout } = await run(['help', name], WORLD);
    expect(stdout.split('\n').filter((line) => line.startsWith('Options'))).toEqual([
      'Options:',
      'Options of every command:',
    ]);
  });

  test.each([
    [['lst'], "ccsess: unknown command 'lst' (did you mean list?)."],
    [['frobnicate'], "ccsess: unknown command 'frobnicate'."],
    [['constructor'], "ccsess: unknown command 'constructor'."],
    [['--tag', 'x'], "ccsess: unknown option --tag before a command: a command's own options come after it."],
    [['list', '--titel', 'x'], "ccsess: unknown option '--titel' (did you mean --title?)."],
    [['list', '--titel=x'], "ccsess: unknown option '--titel=x' (did you mean --title?)."],
    [['list', '--jsno'], "ccsess: unknown option '--jsno' (did you mean --json?)."],
    [['list', 'x'], "ccsess: unexpected argument 'x'."],
    [['list', '--title'], "ccsess: option '--title <text>' argument missing."],
    [
      ['list', '--sort', 'sise'],
      'ccsess: --sort sise: not one of activity, created, size, turns, tokens, cost, title (did you mean size?).',
    ],
    [['list', '--kind', 'robot'], 'ccsess: --kind robot: not one of interactive, headless, background.'],
    [['list', '--group-by', 'day'], 'ccsess: --group-by day: not one of project.'],
    [['list', '-L', '-1'], 'ccsess: --limit -1: not a whole number (0 = all).'],
    [['list', '--color', 'red'], 'ccsess: --color red: not one of auto, always, never.'],
    [['list', '--config-dir'], 'ccsess: --config-dir needs a value.'],
    [['list', '--config-dir='], 'ccsess: --config-dir needs a value.'],
    [['index', 'staus'], 'ccsess: index staus: not one of status, clear (did you mean status?).'],
    [['list', '\u001b[31mred'], "ccsess: unexpected argument 'red'."],
  ])('%j is a usage error in one sentence', async (argv, sentence) => {
    expect(await run(argv, WORLD)).toEqual({ stdout: '', stderr: `${sentence}\n`, exitCode: 2 });
  });

  test('with --json the error is one line of JSON', async () => {
    expect(await run(['lst', '--json'], WORLD)).toEqual({
      stdout: '',
      stderr: `{"error":{"code":"USAGE","message":"unknown command 'lst' (did you mean list?).","hint":"ccsess --help","exitCode":2}}\n`,
      exitCode: 2,
    });
  });

  test.each([[['--json', 'list']], [['list', '--json']], [['ls', '--json', '--color=never', '--no-cache', '--debug']]])(
    '%j takes global flags on either side',
    async (argv) => {
      expect(await run(argv, WORLD)).toMatchObject({ stdout: '[]\n', exitCode: 0 });
    },
  );

  test('leaves what follows -- alone', async () => {
    expect(await run(['list', '--', '--json', '--no-such-flag'], WORLD)).toMatchObject({ stdout: '', exitCode: 0 });
  });
});
