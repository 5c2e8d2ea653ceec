import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { run } from '../support/context.js';
import { fullId, writeSession } from '../support/sessions.js';
import { temporaryFolder } from '../support/temporary.js';

/** Mistakes as people make them, with the exit code and the message, which says what is wrong and what to type. */
const MISTAKES: readonly (readonly [words: string, exitCode: number, stderr: string])[] = [
  ['lsit', 2, "ccsess: unknown command 'lsit' (did you mean list?); see ccsess --help."],
  ['stats -- x', 2, "ccsess: unexpected argument 'x': usage is ccsess stats [options]"],
  ['path -- zzz', 4, "ccsess: no session 'zzz'\n  ccsess list"],
  ['rm --yes -- zzz -x', 4, "ccsess: no session 'zzz'\n  ccsess list"],
  ['list -- -x', 0, 'No sessions match -x (searched 2).\nIn conversations: ccsess search -x'],
  ['list --titel x', 2, "ccsess: unknown option '--titel' (did you mean --title?)."],
  ['list --since 3', 2, 'ccsess: --since 3: missing unit, for example 3d (units: s min h d w mo y).'],
  [
    'list --since yesteday',
    2,
    "ccsess: --since yesteday: not an age. Write 30d, 1d12h or '3 days' (units: s min h d w mo y), yesterday, or " +
      '2026-11-01.',
  ],
  ['list --since 5m', 2, 'ccsess: --since 5m: minutes or months? Write 5min or 5mo (units: s min h d w mo y).'],
  [
    'list --since 2026-13-01',
    2,
    'ccsess: --since 2026-13-01: no such date or time. Write 2026-11-01, or 2026-11-01T08:30:00Z (seconds and ' +
      'zone included).',
  ],
  [
    'list --larger-than 20',
    2,
    'ccsess: --larger-than 20: missing unit, for example 20M (units: B K M G T, KiB MiB GiB TiB, kB MB GB TB).',
  ],
  [
    'list --larger-than 20XB',
    2,
    'ccsess: --larger-than 20XB: not a size. Write 500M or 1.5GiB (units: B K M G T, KiB MiB GiB TiB, kB MB GB TB).',
  ],
  [
    'list --sort date',
    2,
    'ccsess: --sort date: not one of activity, created, size, prompts, turns, tokens, cost, title, project.',
  ],
  ['list --kind print', 2, 'ccsess: --kind print: not one of interactive, headless, background, teammate.'],
  ['list --limit ten', 2, 'ccsess: --limit ten: not a whole number (0 = all).'],
  ['list -L -1', 2, 'ccsess: --limit -1: not a whole number (0 = all).'],
  ['list -n 5', 2, "ccsess: unknown option '-n' (did you mean -L?)."],
  ['list --format json', 2, "ccsess: unknown option '--format' (did you mean --json?)."],
  ['list --min-cost cheap', 2, 'ccsess: --min-cost cheap: not an amount of US dollars, such as 5 or 0.50.'],
  ['list --color green', 2, 'ccsess: --color green: not one of auto, always, never.'],
  ['show', 2, 'ccsess: no session given: pass an id, an id prefix, a title, or @N (row N of ccsess list).'],
  ['show zzz', 4, "ccsess: no session 'zzz'\n  ccsess list"],
  [
    'show 12',
    4,
    "ccsess: '12' is too short for an id prefix (4 characters or more) and no session has that title.\n  ccsess list",
  ],
  ['show @0', 4, 'ccsess: @0: rows of the list are counted from 1.\n  ccsess list'],
  ['show @99', 4, 'ccsess: @99: the list has 2 rows.\n  ccsess list'],
  ['show Login --tail x', 2, 'ccsess: --tail x: not a whole number of 0 or more.'],
  ['show Login --head 1 --tail 1', 2, 'ccsess: --head and --tail cannot be combined.'],
  ['show Login --subagent abc', 4, "ccsess: the session has no subagent 'abc'.\n  it has none"],
  ['show Login Dupe', 2, "ccsess: unexpected argument 'Dupe': ccsess show 'Login Dupe'"],
  ['show Login --message all', 2, "ccsess: unknown option '--message' (did you mean --messages?)."],
  ['resume', 2, 'ccsess: name a session, or pass --last for the newest one of this folder.'],
  [
    'resume Login --model opus',
    2,
    "ccsess: '--model' is not an argument of resume: put claude's flags after --, as in ccsess resume @ -- -p 'hello'.",
  ],
  ['resume nosuch', 4, "ccsess: no session 'nosuch'\n  ccsess list"],
  ['fork', 2, 'ccsess: no session given: pass an id, an id prefix, a title, or @N (row N of ccsess list).'],
  ['fork Login --at', 2, "ccsess: option '--at <message>' argument missing; see ccsess fork --help."],
  [
    'fork Login --id notauuid',
    2,
    "ccsess: 'notauuid' is not a session id: expected a uuid such as 3f2a91c0-7d1e-4f6a-9b57-2c4e8a1d0f33.",
  ],
  ['prune 30d -n', 2, "ccsess: unexpected argument '30d': ccsess prune --older-than 30d --dry-run"],
  [
    'prune --older-than 3 d --project a --project b',
    2,
    "ccsess: unexpected argument 'd': ccsess prune --older-than 3d --project a --project b",
  ],
  ['prune --older-than 3 foo', 2, "ccsess: unexpected argument 'foo': usage is ccsess prune [options]"],
  ['stats 7x', 2, "ccsess: unexpected argument '7x': usage is ccsess stats [options]"],
  ['stats 30m', 2, "ccsess: unexpected argument '30m': ccsess stats --since 30m"],
  [
    'rewind Login 3 4',
    2,
    "ccsess: unexpected argument '3': usage is ccsess rewind [session] --to <n|uuid> [options] or ccsess rewind " +
      '--undo [id]',
  ],
  ['list --json=1', 2, "ccsess: option '--json' takes no value."],
  ['list --no-color', 2, "ccsess: unknown option '--no-color' (did you mean --color never?)."],
  ['create My title', 2, "ccsess: unexpected argument 'My': ccsess create --title 'My title'"],
  [
    'create --id 123',
    2,
    "ccsess: '123' is not a session id: expected a uuid such as 3f2a91c0-7d1e-4f6a-9b57-2c4e8a1d0f33.",
  ],
  ['create --cwd /no/such', 2, 'ccsess: --cwd /no/such: no such folder.'],
  ['create --if-missing', 2, 'ccsess: --if-missing needs --id.'],
  ['create --name x', 2, "ccsess: unknown option '--name' (did you mean --title?)."],
  ['rename Login', 2, 'ccsess: missing title after the session (--clear removes the current one).'],
  ['rename Login new title', 2, 'ccsess: quote a title of several words: "new title".'],
  ['rename nosuch x', 4, "ccsess: no session 'nosuch'\n  ccsess list"],
  ['tag Login a b', 2, 'ccsess: a session has one tag; quote a tag of several words: "a b".'],
  ['rm', 2, 'ccsess: no session given: pass an id, an id prefix, a title, or @N (row N of ccsess list).'],
  ['rm --yes', 2, 'ccsess: no session given: pass an id, an id prefix, a title, or @N (row N of ccsess list).'],
  ['rm --force Login', 2, "ccsess: unknown option '--force' (did you mean --yes?)."],
  [
    'prune',
    2,
    'ccsess: prune needs a rule that selects sessions: pass one of the rules below.\n' +
      '  ccsess prune --older-than 30d        by age of the last activity\n' +
      '  ccsess prune --max-total 500M        oldest first, until the rest fits\n' +
      '  ccsess prune --empty                 sessions without a prompt and an answer',
  ],
  ['prune 30d', 2, "ccsess: unexpected argument '30d': ccsess prune --older-than 30d"],
  ['prune --older-than 30', 2, 'ccsess: --older-than 30: missing unit, for example 30d (units: s min h d w mo y).'],
  [
    'prune -p .',
    2,
    'ccsess: --project narrows a prune, it does not select sessions: pass one of the rules below.\n' +
      '  ccsess prune -p . --older-than 30d        by age of the last activity\n' +
      '  ccsess prune -p . --max-total 500M        oldest first, until the rest fits\n' +
      '  ccsess prune -p . --empty                 sessions without a prompt and an answer',
  ],
  ['prune --days 30', 2, "ccsess: unknown option '--days' (did you mean --older-than?)."],
  ['prune --keep 5', 2, "ccsess: unknown option '--keep' (did you mean --keep-last?)."],
  ['prune --max-total 0', 2, 'ccsess: --max-total 0: that would select every session.'],
  [
    'prune --trash-ttl 0d --empty',
    2,
    'ccsess: --trash-ttl 0d: nothing could be restored. To delete permanently: --permanent.',
  ],
  ['prune --min-idle 5s --empty', 2, 'ccsess: --min-idle 5s: at least 1min, since a session may be between two turns.'],
  ['prune --apply nofile.json', 1, 'ccsess: the plan nofile.json cannot be read (ENOENT).'],
  ['restore', 2, 'ccsess: no session given: pass an id, an id prefix or a title (see ccsess trash), or --last.'],
  ['restore nosuch', 4, "ccsess: no session 'nosuch' in the trash.\n  ccsess trash list"],
  [
    'restore @last',
    4,
    "ccsess: no session '@last' in the trash.\n" +
      '  ccsess restore @last-prune  (all that the last run moved)\n  ccsess trash list',
  ],
  ['trash lst', 2, 'ccsess: trash lst: not one of list, show, empty (did you mean list?).'],
  ['trash show', 2, 'ccsess: trash show needs a session; ccsess trash lists them.'],
  ['trash delete', 2, 'ccsess: trash delete: not an action. Type: ccsess trash empty'],
  ['move', 2, 'ccsess: pass the old folder and the new one: ccsess move <old folder> <new folder>'],
  ['move /tmp/x', 2, 'ccsess: pass the old folder and the new one: ccsess move <old folder> <new folder>'],
  ['move /no/a /no/b', 2, 'ccsess: /no/b is not there: ccsess moves sessions, not the folder: move the folder first.'],
  [
    'stats --by weekday',
    2,
    'ccsess: --by weekday: not one of day, week, month, project, model, branch, kind, session.',
  ],
  [
    'stats --since tomorrow',
    2,
    "ccsess: --since tomorrow: not an age. Write 30d, 1d12h or '3 days' (units: s min h d w mo y), yesterday, or " +
      '2026-11-01.',
  ],
  ['stats --prices nofile.json', 2, 'ccsess: --prices nofile.json: no such file.'],
  ['forecast --within 7', 2, 'ccsess: --within 7: missing unit, for example 7d (units: s min h d w mo y).'],
  ['protect', 2, 'ccsess: no session given: pass ids, titles or @N (row N of ccsess list), or --pinned.'],
  ['protect Login --pinned', 2, 'ccsess: name sessions or pass --pinned, not both.'],
  ['pin nosuch', 4, "ccsess: no session 'nosuch'\n  ccsess list"],
  ['archive', 2, 'ccsess: no session given: pass an id, an id prefix, a title, or @N (row N of ccsess list).'],
  ['path', 2, 'ccsess: no session given: pass an id, an id prefix, a title, or @N (row N of ccsess list).'],
  ['path Login --dir --cwd', 2, 'ccsess: --dir, --cwd and --all cannot be combined.'],
  ['recover now', 2, "ccsess: unexpected argument 'now': usage is ccsess recover [options]"],
  ['-v', 2, 'ccsess: unknown option -v (did you mean -V?).'],
  ['search', 2, "ccsess: missing required argument 'query': usage is ccsess search [options] <query...>"],
  [
    'search login --in titles',
    2,
    'ccsess: --in titles: not one of title, prompt, answer, thinking, tool, result, meta (did you mean title?).',
  ],
  [
    'rm Login',
    2,
    'ccsess: without a terminal rm accepts only ids: Login may refer to a different session by now.\n  by id:\n' +
      `  ccsess rm --yes ${fullId('a1')}      # Login`,
  ],
  ['LIST', 2, "ccsess: unknown command 'LIST' (did you mean list?); see ccsess --help."],
  ['sesions', 2, "ccsess: unknown command 'sesions' (did you mean ccsess list?); see ccsess --help."],
  ['remov Login', 2, "ccsess: unknown command 'remov' (did you mean rm?); see ccsess --help."],
  ['empty-trash', 2, "ccsess: no command 'empty-trash'. Type: ccsess trash empty"],
  ['list --last 7d', 2, "ccsess: unknown option '--last' (did you mean --since?)."],
  ['list --today', 2, "ccsess: unknown option '--today' (did you mean --since today?)."],
  ['list --days 7', 2, "ccsess: unknown option '--days' (did you mean --since?)."],
  ['list --page 2', 2, "ccsess: unknown option '--page' (did you mean -L?)."],
  ['list all', 0, 'No sessions match all (searched 2).\nAll sessions: ccsess list -a'],
  ['list 7d', 0, 'No sessions match 7d (searched 2).\nBy time: ccsess list --since 7d'],
  ['list a1000000', 0, 'No sessions match a1000000 (searched 2).\nBy id: ccsess show a1000000'],
  ['list app', 0, 'No sessions match app (searched 2).\nBy folder: ccsess list -p app'],
  ['list log out', 0, "No sessions match 'log out' (searched 2).\nIn conversations: ccsess search log out"],
  [
    'list --since 2d --until 5d',
    0,
    'No sessions match --since 2d --until 5d (searched 2).\nThe range ends before it starts: swap its start and end.',
  ],
  ['show Logn', 4, "ccsess: no session 'Logn'\n  nearest:\n  a1000000  1d    /home/dev/app  1 prompt  Login"],
  ['show "Login"', 4, 'ccsess: no session \'"Login"\'\n  nearest:\n  a1000000  1d    /home/dev/app  1 prompt  Login'],
  ['show rate limiter', 2, "ccsess: unexpected argument 'limiter': ccsess show 'rate limiter'"],
  ['show Login 2', 2, "ccsess: unexpected argument '2': ccsess show Login --at 2"],
  ['show @1 @2', 2, "ccsess: unexpected argument '@2': usage is ccsess show [options] [session]"],
  ['fork Login 3', 2, "ccsess: unexpected argument '3': ccsess fork Login --at 3"],
  [
    'fork Login --at 9',
    4,
    'ccsess: the active branch of the session has no prompt 9.\n  its prompts are numbered 1 to 1: ccsess show ' +
      fullId('a1'),
  ],
  ['rename --title x Login', 2, "ccsess: unknown option '--title' (did you mean ccsess rename <session> <title>?)."],
  ['create --dir x', 2, "ccsess: unknown option '--dir' (did you mean --cwd?)."],
  ['tag Login --add x', 2, "ccsess: unknown option '--add' (did you mean ccsess tag <session> <tag>?)."],
  ['archive Login --off', 2, "ccsess: unknown option '--off' (did you mean ccsess unarchive <session>?)."],
  ['path Login --folder', 2, "ccsess: unknown option '--folder' (did you mean --dir?)."],
  ['rm -rf Login', 2, "ccsess: unknown option '-rf' (did you mean --yes?)."],
  ['rm --all', 2, "ccsess: unknown option '--all' (did you mean ccsess prune --older-than <age>?)."],
  ['prune --older 30d', 2, "ccsess: unknown option '--older' (did you mean --older-than?)."],
  ['prune --older-than 30 d', 2, "ccsess: unexpected argument 'd': ccsess prune --older-than 30d"],
  ['prune --max-size 3G', 2, "ccsess: unknown option '--max-size' (did you mean --max-total?)."],
  ['trash restore Login', 2, 'ccsess: trash restore: not an action. Type: ccsess restore <session>'],
  ['trash --empty', 2, "ccsess: unknown option '--empty' (did you mean ccsess trash empty?)."],
  ['trash rm Login', 2, 'ccsess: trash rm: not an action. Type: ccsess trash empty'],
  ['stats 7d', 2, "ccsess: unexpected argument '7d': ccsess stats --since 7d"],
  ['stats --month', 2, "ccsess: unknown option '--month' (did you mean --by month?)."],
  ['forecast 7d', 2, "ccsess: unexpected argument '7d': ccsess forecast --within 7d"],
  ['log 2 days ago', 2, "ccsess: unexpected argument '2': ccsess log --since '2 days ago'"],
];

let home: string;

beforeAll(() => {
  home = temporaryFolder('mistakes');
  mkdirSync(join(home, '.claude/projects'), { recursive: true });
  writeSession(join(home, '.claude'), { id: 'a1', days: 1, title: 'Login' });
  writeSession(join(home, '.claude'), { id: 'b2', days: 2, title: 'Other' });
});

test.each(MISTAKES)('ccsess %s', async (words, exitCode, stderr) => {
  expect(await run(words.split(' '), { home, cwd: home })).toEqual({ stdout: '', stderr: `${stderr}\n`, exitCode });
});
