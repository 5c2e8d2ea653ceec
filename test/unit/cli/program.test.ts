import { describe, expect, test } from 'vitest';
import { fakeIndex } from '../../support/builders.js';
import { COMMANDS } from '../../../src/cli/command-table.js';
import { run, type World } from '../../support/context.js';

const WORLD: World = { index: fakeIndex([]), terminal: 100 };

describe('ccsess', () => {
  test.each([[[]], [['--help']], [['-h']], [['help']]])('%j prints help', async (argv) => {
    const { stdout, stderr, exitCode } = await run(argv, WORLD);
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    expect(stdout).toBe(`\
Usage: ccsess <command> [options]

Manage the sessions of Claude Code on this machine.

Inspect:
  list|ls             list sessions, newest activity first
  pick                choose sessions interactively and print their ids
  show                show a session and its conversation
  search              search what was said and done in sessions
  path                print the path of a session's transcript
  current             print the id of the session open in this shell or folder
  statusline          print a line for Claude Code's status line
  projects            list projects with their sessions, activity and size
  files               list or print the files that a session's tools touched
  prompts             list the prompts of all sessions, newest first
  log                 show what was done in a span of time, by project

Usage:
  stats               count tokens, cost and disk use

Start and resume:
  create              create an empty session before its first message
  resume              resume a session from any directory
  reopen              resume a session that a crash or reboot ended
  fork                fork a session into a new one

Edit:
  rename              set or remove a session's title
  tag                 set, remove or print a session's tag
  archive             hide sessions from the list
  unarchive           show archived sessions in the list again
  move                move sessions after their folder was moved or renamed

Files:
  checkpoints         list the file states a session can be rewound to
  rewind              restore files as they were before a prompt

Clean up:
  prune               move old, large or empty sessions to the trash
  rm                  move named sessions to the trash
  restore             restore sessions from the trash
  trash               list, show or empty the trash
  forecast            list sessions that Claude Code's cleanup will delete
  protect             delay Claude Code's cleanup of sessions
  pin                 protect sessions from prune and from Claude Code's cleanup
  unpin               stop protecting pinned sessions

Maintenance:
  recover             finish or roll back an interrupted run
  index               show or clear the session index

Options:
  -V, --version       print the version
  -h, --help          show this help

Global options:
  --config-dir <dir>  config dir, repeatable ($CLAUDE_CONFIG_DIR or ~/.claude)
  --json              print JSON, also for errors
  --no-cache          read every transcript without using or writing the index
  --table             print tables in pipes too (for watch, less -R)
  --color <when>      when to use colour: auto, always, never
  --debug             print stack traces, and why an index file was not used

Help for a command: ccsess help <command>
`);
  });

  test('--help fits terminals from 40 columns on, with summaries below each other', async () => {
    for (const terminal of [40, 60, 72]) {
      const { stdout } = await run(['--help'], { ...WORLD, terminal });
      expect(stdout.split('\n').filter((line) => line.length > terminal)).toEqual([]);
    }
    expect((await run(['--help'], { ...WORLD, terminal: 60 })).stdout).toContain(`
  current             print the id of the session open in
                      this shell or folder
  statusline          print a line for Claude Code's status
                      line
`);
  });

  test.each(['--version', '-V', 'version'])('%s prints the version alone', async (flag) => {
    expect(await run([flag], WORLD)).toEqual({ stdout: '0.0.0\n', stderr: '', exitCode: 0 });
  });

  test.each([[['list', '--help']], [['ls', '-h']], [['help', 'list']], [['--json', 'list', '--help']]])(
    "%j prints the command's help",
    async (argv) => {
      const { stdout, stderr, exitCode } = await run(argv, WORLD);
      expect({ first: stdout.split('\n')[0], stderr, exitCode }).toEqual({
        first: 'Usage: ccsess list|ls [options] [text...]',
        stderr: '',
        exitCode: 0,
      });
      expect(stdout).toContain('--config-dir <dir>');
    },
  );

  test.each(['list', 'fork', 'current', 'index'])("help %s shows the command's own options first", async (name) => {
    const { stdout } = await run(['help', name], WORLD);
    expect(stdout.split('\n').filter((line) => /^(Options|Global options):/.test(line))).toEqual([
      'Options:',
      'Global options:',
    ]);
  });

  test.each(COMMANDS.map(({ name }) => name))(
    'help %s ends with two to five examples, whose flags exist',
    async (name) => {
      const { stdout } = await run(['help', name], WORLD);
      const [options = '', examples = ''] = stdout.split('\nExamples:\n');
      const lines = examples.trimEnd().split('\n');
      expect(lines.length).toBeGreaterThanOrEqual(2);
      expect(lines.length).toBeLessThanOrEqual(5);
      // Flags of this command; what follows -- belongs to claude, and other programs have flags of their own.
      const own = lines.flatMap((line) => line.split(/ \| | && /)).filter((part) => part.includes(`ccsess ${name} `));
      const flags = own.flatMap((part) => part.split(' -- ')[0]?.match(/(?<= )--?[a-z][a-z-]*|(?<= )-[A-Z]/g) ?? []);
      expect(flags.filter((flag) => !new RegExp(`(^|[ ,])${flag}\\b`, 'm').test(options))).toEqual([]);
    },
  );

  test.each([60, 80])('descriptions of flags are wrapped in a terminal of %i columns', async (terminal) => {
    const { stdout } = await run(['help', 'list'], { ...WORLD, terminal });
    const [text = ''] = stdout.split('\n\nExamples:');
    expect(text.split('\n').filter((line) => line.length > terminal)).toEqual([]);
  });

  test.each(COMMANDS.map(({ name }) => name))('help %s fits into 80 columns, except for its examples', async (name) => {
    const { stdout } = await run(['help', name], { ...WORLD, terminal: 80 });
    const [text = ''] = stdout.split('\nExamples:\n');
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  test.each([
    [['lst'], "ccsess: unknown command 'lst' (did you mean list?); see ccsess --help."],
    [['frobnicate'], "ccsess: unknown command 'frobnicate'; see ccsess --help."],
    [['constructor'], "ccsess: unknown command 'constructor'; see ccsess --help."],
    [['--tag', 'x'], "ccsess: unknown option --tag before a command: a command's own options come after it."],
    [['list', '--titel', 'x'], "ccsess: unknown option '--titel' (did you mean --title?)."],
    [['list', '--titel=x'], "ccsess: unknown option '--titel=x' (did you mean --title?)."],
    [['list', '--jsno'], "ccsess: unknown option '--jsno' (did you mean --json?)."],
    [['projects', 'x'], "ccsess: unexpected argument 'x': usage is ccsess projects [options]"],
    [['list', '--title'], "ccsess: option '--title <text>' argument missing; see ccsess list --help."],
    [
      ['list', '--sort', 'sise'],
      'ccsess: --sort sise: not one of activity, created, size, prompts, turns, tokens, cost, title, project ' +
        '(did you mean size?).',
    ],
    [['list', '--kind', 'robot'], 'ccsess: --kind robot: not one of interactive, headless, background, teammate.'],
    [['list', '--group-by', 'day'], 'ccsess: --group-by day: not one of project.'],
    [['list', '-L', '-1'], 'ccsess: --limit -1: not a whole number (0 = all).'],
    [['undo'], "ccsess: no command 'undo'. Type: ccsess restore @last-prune"],
    [['clean'], "ccsess: no command 'clean'. Type: ccsess prune --older-than 30d -n"],
    [['gc'], "ccsess: no command 'gc'. Type: ccsess prune --orphans -n"],
    [['mv', 'a', 'b'], "ccsess: no command 'mv'. Type: ccsess move <old folder> <new folder>"],
    [['branch'], "ccsess: no command 'branch'. Type: ccsess fork <session>"],
    [['-v'], 'ccsess: unknown option -v (did you mean -V?).'],
    [['list', '-n', '5'], "ccsess: unknown option '-n' (did you mean -L?)."],
    [['list', '--format', 'json'], "ccsess: unknown option '--format' (did you mean --json?)."],
    [['list', '--search=x'], "ccsess: unknown option '--search' (did you mean ccsess search <query>?)."],
    [['list', '--color', 'red'], 'ccsess: --color red: not one of auto, always, never.'],
    [['list', '--config-dir'], 'ccsess: --config-dir needs a value.'],
    [['list', '--config-dir='], 'ccsess: --config-dir needs a value.'],
    [['index', 'staus'], 'ccsess: index staus: not one of status, clear (did you mean status?).'],
    [['projects', '\u001b[31mred'], "ccsess: unexpected argument 'red': usage is ccsess projects [options]"],
  ])('%j is a usage error in one sentence', async (argv, sentence) => {
    expect(await run(argv, WORLD)).toEqual({ stdout: '', stderr: `${sentence}\n`, exitCode: 2 });
  });

  test('with --json the error is one line of JSON', async () => {
    expect(await run(['lst', '--json'], WORLD)).toEqual({
      stdout: '',
      stderr:
        `{"error":{"code":"USAGE","message":"unknown command 'lst' (did you mean list?); see ccsess ` +
        '--help.","hint":"ccsess --help","exitCode":2}}\n',
      exitCode: 2,
    });
  });

  test.each([[['--json', 'list']], [['list', '--json']], [['ls', '--json', '--color=never', '--no-cache', '--debug']]])(
    '%j takes global flags on either side',
    async (argv) => {
      expect(await run(argv, WORLD)).toMatchObject({ stdout: '[]\n', exitCode: 0 });
    },
  );

  test.each([
    ['remove', 'rm'],
    ['delete', 'rm'],
    ['cat', 'show'],
    ['view', 'show'],
    ['info', 'show'],
    ['du', 'stats'],
    ['cost', 'stats'],
    ['usage', 'stats'],
    ['continue', 'resume'],
  ])('%s is %s', async (word, command) => {
    expect(await run([word, '--help'], WORLD)).toEqual(await run([command, '--help'], WORLD));
  });

  test('continue resumes the newest session of this folder', async () => {
    expect(await run(['continue'], WORLD)).toEqual(await run(['resume', '--last'], WORLD));
  });

  test('does not interpret arguments after --', async () => {
    expect(await run(['list', '--', '--json', '--no-such-flag'], WORLD)).toMatchObject({ stdout: '', exitCode: 0 });
  });
});
