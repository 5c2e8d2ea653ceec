import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { resolveConfigDirs } from '../../src/claude/config-dir.js';
import { aResponse, fakeIndex, HOME, NOW, type Sketch } from '../support/builders.js';
import { run, type World } from '../support/context.js';
import { temporaryFolder } from '../support/temporary.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const KIB = 1024;
const MIB = 1024 * KIB;

const DAMAGE = [{ code: 'nul-run', message: '8 NUL bytes', file: '/x.jsonl', line: 3, byteOffset: 40 }];

/** Holds a response of another session, and one of its own. */
const FORK: Sketch = {
  forkedFrom: '9be01d77-3c11-4a0f-8d2e-5f6a7b8c9d0e',
  responses: [
    aResponse('plan', { usage: { output: 136_500 }, inherited: true }),
    aResponse('fix', { usage: { output: 567_000 } }),
  ],
};

/** Sessions of every sign, width and reserve; newest first. */
const SESSIONS: Sketch[] = [
  {
    id: '3f2a91c0-7d1e-4f6a-9b57-2c4e8a1d0f33',
    title: 'Fix prune race in the trash journal',
    cwd: `${HOME}/code/ccsess`,
    live: { pid: 48213, status: 'idle' },
    active: NOW - 71_000,
    prompts: 31,
    bytes: 4_299_161,
    branch: 'fix/journal',
    ...FORK,
  },
  {
    id: 'c8e4d1f0-52ab-4c7e-8f0e-6a1b9d3c7e21',
    title: 'Rate limiter',
    cwd: `${HOME}/code/api`,
    active: NOW - 3 * MINUTE,
    prompts: 0,
    bytes: 412,
  },
  {
    id: '9be01d77-3c11-4a0f-8d2e-5f6a7b8c9d0e',
    title: 'Prune: first plan',
    cwd: `${HOME}/code/ccsess`,
    active: NOW - 2 * HOUR,
    prompts: 18,
    bytes: 1_992_294,
    branch: 'main',
    responses: [aResponse('plan', { usage: { output: 136_500 } })],
  },
  {
    id: '71c0aa3e-8b2d-4d19-9f0a-6c5b4a3d2e1f',
    title: 'Backfill of the March partitions',
    cwd: `${HOME}/work/etl`,
    pinned: true,
    active: NOW - 5 * HOUR,
    prompts: 1112,
    bytes: 38 * MIB,
  },
  {
    id: 'e2b94f06-0a1b-4c2d-8e3f-4a5b6c7d8e9f',
    title: 'why does zsh take 900 ms to start up on this machine?',
    titleSource: 'prompt',
    cwd: `${HOME}/code/dotfiles`,
    active: NOW - DAY,
    prompts: 6,
    bytes: 204 * KIB,
  },
  {
    id: '0d6f1b88-1a2b-4c3d-8e4f-5a6b7c8d9e0f',
    title: '請求書のテンプレートを直す',
    cwd: `${HOME}/work/clients/müller-gmbh`,
    problems: DAMAGE,
    active: NOW - 2 * DAY,
    prompts: 9,
    bytes: 733 * KIB,
  },
  {
    id: '44a1c9d2-2a3b-4c4d-8e5f-6a7b8c9d0e1f',
    title: 'תיקון של דף הבית',
    cwd: `${HOME}/code/site`,
    active: NOW - 3 * DAY,
    prompts: 1,
    bytes: 141 * KIB,
  },
  {
    id: 'b5103e7a-3a4b-4c5d-8e6f-7a8b9c0d1e2f',
    title: 'Airflow: split the nightly DAG',
    cwd: `${HOME}/work/old-etl`,
    gone: true,
    active: NOW - 15 * DAY,
    mtime: NOW - 25 * DAY,
    prompts: 22,
    bytes: 2_726_298,
  },
  {
    id: 'aaaa0000-4a5b-4c6d-8e7f-8a9b0c1d2e3f',
    title: 'Nightly report',
    kind: 'headless',
    cwd: `${HOME}/work/etl`,
    active: NOW - 16 * DAY,
    bytes: MIB,
    tag: 'nightly',
  },
  {
    id: 'bbbb0000-5a6b-4c7d-8e8f-9a0b1c2d3e4f',
    title: 'Done with it',
    archived: true,
    cwd: `${HOME}/work/etl`,
    active: NOW - 17 * DAY,
  },
  {
    id: 'cccc0000-6a7b-4c8d-8e9f-0a1b2c3d4e5f',
    title: null,
    resumable: false,
    empty: true,
    cwd: null,
    active: null,
    prompts: 0,
    bytes: 90,
  },
];

const FOOTER = `
8 sessions · 48 MiB · 1 live · 1 damaged
Not listed: 1 headless, 1 archived, 1 not resumable · show them with -a
Claude Code's cleanup will delete 1 session within 7 days · ccsess forecast
`;

const world = (more: World = {}): World => ({ index: fakeIndex(SESSIONS), ...more });
const list = (args: string, more: World = {}): ReturnType<typeof run> =>
  run(['list', ...args.split(' ').filter((word) => word !== '')], world(more));
const ids = async (args: string, more: World = {}): Promise<string[]> =>
  (await list(args, more)).stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.slice(0, 4));

describe('list on a terminal', () => {
  test('of 60 columns: folders are a prefix of titles', async () => {
    expect(await list('', { terminal: 60 })).toEqual({
      stdout: `\
  ID        ACTIVE  TITLE
● 3f2a91c0  live    ccsess: Fix prune race in the trash jou…
  c8e4d1f0  3m      api: Rate limiter
  9be01d77  2h      ccsess: Prune: first plan
◆ 71c0aa3e  5h      etl: Backfill of the March partitions
  e2b94f06  1d      dotfiles: “why does zsh take 900 ms to…”
! 0d6f1b88  2d      müller-gmbh: 請求書のテンプレートを直す
  44a1c9d2  3d      site: תיקון של דף הבית
  b5103e7a  2w      old-etl: Airflow: split the nightly DAG
8 sessions · 48 MiB
1 headless, 1 archived, 1 not resumable: -a
Claude Code's cleanup will delete 1 session within 7 days
ccsess forecast
`,
      stderr: '',
      exitCode: 0,
    });
  });

  test('of 70 columns: SIZE and PROJECT', async () => {
    expect(await list('-L 2', { terminal: 70 })).toEqual({
      stdout: `\
  ID        ACTIVE  TITLE                                PROJECT
● 3f2a91c0  live    Fix prune race in the trash journal  ~/code/ccsess
  c8e4d1f0  3m      Rate limiter                         ~/code/api

2 of 8 sessions · 1 live · 1 damaged · show all with -L 0
Not listed: 1 headless, 1 archived, 1 not resumable
show them with -a
Claude Code's cleanup will delete 1 session within 7 days
ccsess forecast
`,
      stderr: '',
      exitCode: 0,
    });
  });

  test('of 80 columns: PROMPTS', async () => {
    expect(await list('', { terminal: 80 })).toEqual({
      stdout: `\
  ID        ACTIVE  TITLE                          PROJECT               PROMPTS
● 3f2a91c0  live    Fix prune race in the trash …  ~/code/ccsess              31
  c8e4d1f0  3m      Rate limiter                   ~/code/api                  0
  9be01d77  2h      Prune: first plan              ~/code/ccsess              18
◆ 71c0aa3e  5h      Backfill of the March partit…  ~/work/etl              1,112
  e2b94f06  1d      “why does zsh take 900 ms t…”  ~/code/dotfiles             6
! 0d6f1b88  2d      請求書のテンプレートを直す     …clients/müller-gmbh        9
  44a1c9d2  3d      תיקון של דף הבית               ~/code/site                 1
  b5103e7a  2w      Airflow: split the nightly D…  …work/old-etl (gone)       22
${FOOTER}`,
      stderr: '',
      exitCode: 0,
    });
  });

  test('of 100 columns', async () => {
    expect(await list('', { terminal: 100 })).toEqual({
      stdout: `\
  ID        ACTIVE  TITLE                                 PROJECT                   PROMPTS     SIZE
● 3f2a91c0  live    Fix prune race in the trash journal   ~/code/ccsess                  31  4.1 MiB
  c8e4d1f0  3m      Rate limiter                          ~/code/api                      0    412 B
  9be01d77  2h      Prune: first plan                     ~/code/ccsess                  18  1.9 MiB
◆ 71c0aa3e  5h      Backfill of the March partitions      ~/work/etl                  1,112   38 MiB
  e2b94f06  1d      “why does zsh take 900 ms to start…”  ~/code/dotfiles                 6  204 KiB
! 0d6f1b88  2d      請求書のテンプレートを直す            …ork/clients/müller-gmbh        9  733 KiB
  44a1c9d2  3d      תיקון של דף הבית                      ~/code/site                     1  141 KiB
  b5103e7a  2w      Airflow: split the nightly DAG        ~/work/old-etl (gone)          22  2.6 MiB
${FOOTER}`,
      stderr: '',
      exitCode: 0,
    });
  });

  test('of 120 columns: COST and BRANCH', async () => {
    expect(await list('', { terminal: 120 })).toEqual({
      stdout: `\
  ID        ACTIVE  TITLE                                PROJECT                   PROMPTS     SIZE  BRANCH         COST
● 3f2a91c0  live    Fix prune race in the trash journal  ~/code/ccsess                  31  4.1 MiB  fix/journal  $14.07
  c8e4d1f0  3m      Rate limiter                         ~/code/api                      0    412 B
  9be01d77  2h      Prune: first plan                    ~/code/ccsess                  18  1.9 MiB  main          $2.73
◆ 71c0aa3e  5h      Backfill of the March partitions     ~/work/etl                  1,112   38 MiB
  e2b94f06  1d      “why does zsh take 900 ms to star…”  ~/code/dotfiles                 6  204 KiB
! 0d6f1b88  2d      請求書のテンプレートを直す           …ork/clients/müller-gmbh        9  733 KiB
  44a1c9d2  3d      תיקון של דף הבית                     ~/code/site                     1  141 KiB
  b5103e7a  2w      Airflow: split the nightly DAG       ~/work/old-etl (gone)          22  2.6 MiB
${FOOTER}`,
      stderr: '',
      exitCode: 0,
    });
  });

  test('of 160 columns', async () => {
    expect(await list('', { terminal: 160 })).toEqual({
      stdout: `\
  ID        ACTIVE  TITLE                                                    PROJECT                     PROMPTS     SIZE  BRANCH         COST
● 3f2a91c0  live    Fix prune race in the trash journal                      ~/code/ccsess                    31  4.1 MiB  fix/journal  $14.07
  c8e4d1f0  3m      Rate limiter                                             ~/code/api                        0    412 B
  9be01d77  2h      Prune: first plan                                        ~/code/ccsess                    18  1.9 MiB  main          $2.73
◆ 71c0aa3e  5h      Backfill of the March partitions                         ~/work/etl                    1,112   38 MiB
  e2b94f06  1d      “why does zsh take 900 ms to start up on this machine?”  ~/code/dotfiles                   6  204 KiB
! 0d6f1b88  2d      請求書のテンプレートを直す                               ~/work/clients/müller-gmbh        9  733 KiB
  44a1c9d2  3d      תיקון של דף הבית                                         ~/code/site                       1  141 KiB
  b5103e7a  2w      Airflow: split the nightly DAG                           ~/work/old-etl (gone)            22  2.6 MiB
${FOOTER}`,
      stderr: '',
      exitCode: 0,
    });
  });

  test('by project: headings in place of a column', async () => {
    expect(await list('--group-by project -L 5', { terminal: 80 })).toEqual({
      stdout: `\
  ID        ACTIVE  TITLE                                                PROMPTS
~/code/api
  c8e4d1f0  3m      Rate limiter                                               0
~/code/ccsess
● 3f2a91c0  live    Fix prune race in the trash journal                       31
  9be01d77  2h      Prune: first plan                                         18
~/code/dotfiles
  e2b94f06  1d      “why does zsh take 900 ms to start up on this mac…”        6
~/work/etl
◆ 71c0aa3e  5h      Backfill of the March partitions                       1,112

5 of 8 sessions · 1 live · 1 damaged · show all with -L 0
Not listed: 1 headless, 1 archived, 1 not resumable · show them with -a
Claude Code's cleanup will delete 1 session within 7 days · ccsess forecast
`,
      stderr: '',
      exitCode: 0,
    });
  });

  test('by project, narrow', async () => {
    expect(await list('--group-by project -L 5', { terminal: 60 })).toEqual({
      stdout: `\
  ID        ACTIVE  TITLE
~/code/api
  c8e4d1f0  3m      Rate limiter
~/code/ccsess
● 3f2a91c0  live    Fix prune race in the trash journal
  9be01d77  2h      Prune: first plan
~/code/dotfiles
  e2b94f06  1d      “why does zsh take 900 ms to start up …”
~/work/etl
◆ 71c0aa3e  5h      Backfill of the March partitions
5 of 8 sessions
1 headless, 1 archived, 1 not resumable: -a
Claude Code's cleanup will delete 1 session within 7 days
ccsess forecast
`,
      stderr: '',
      exitCode: 0,
    });
  });

  test('with everything, in reverse order', async () => {
    expect(await list('-a --reverse -L 4', { terminal: 80 })).toEqual({
      stdout: `\
  ID        ACTIVE  TITLE                          PROJECT               PROMPTS
  bbbb0000  2w      Done with it                   ~/work/etl                  1
  aaaa0000  2w      Nightly report                 ~/work/etl                  1
  b5103e7a  2w      Airflow: split the nightly D…  …work/old-etl (gone)       22
  44a1c9d2  3d      תיקון של דף הבית               ~/code/site                 1

4 of 11 sessions · 1 live · 1 damaged · show all with -L 0
Claude Code's cleanup will delete 1 session within 7 days · ccsess forecast
`,
      stderr: '',
      exitCode: 0,
    });
  });

  test('colours signs and folders, dims ids and ages, and leaves the title bright', async () => {
    const { stdout } = await list('-L 0', { terminal: 60, color: 1 });
    expect(stdout.split('\n').slice(0, 7)).toEqual([
      '\u001b[2m  ID\u001b[22m        \u001b[2mACTIVE\u001b[22m  \u001b[2mTITLE\u001b[22m',
      '\u001b[32m●\u001b[39m\u001b[2m 3f2a91c0\u001b[22m  \u001b[32mlive\u001b[39m    \u001b[34mccsess: \u001b[39mFix prune race in the trash jou…',
      ' \u001b[2m c8e4d1f0\u001b[22m  \u001b[2m3m\u001b[22m      \u001b[34mapi: \u001b[39mRate limiter',
      ' \u001b[2m 9be01d77\u001b[22m  \u001b[2m2h\u001b[22m      \u001b[34mccsess: \u001b[39mPrune: first plan',
      '\u001b[33m◆\u001b[39m\u001b[2m 71c0aa3e\u001b[22m  \u001b[2m5h\u001b[22m      \u001b[34metl: \u001b[39mBackfill of the March partitions',
      ' \u001b[2m e2b94f06\u001b[22m  \u001b[2m1d\u001b[22m      \u001b[34mdotfiles: \u001b[39m“why does zsh take 900 ms to…”',
      '\u001b[31m!\u001b[39m\u001b[2m 0d6f1b88\u001b[22m  \u001b[2m2d\u001b[22m      \u001b[34mmüller-gmbh: \u001b[39m請求書のテンプレートを直す',
    ]);
  });

  test('never prints a control sequence or a text reordering from its input', async () => {
    const hostile = 'a\u001b[2J\u202eb\u0007\u200b\nc';
    const index = fakeIndex([{ id: `dddd0000\u001b[31m-x`, title: hostile, cwd: `/srv/${hostile}`, branch: hostile }]);
    const { stdout } = await list('', { index, terminal: 120 });
    expect(stdout.split('\n')[1]).toBe('  dddd0000  2h      ab c   /srv/ab c        1  1.0 KiB  ab c');
    expect((await list('', { index })).stdout).toBe(
      'dddd0000-x\t2026-11-23T04:46:02.000Z\tinteractive\t\t1\t1000\t/srv/ab c\tab c\n',
    );
    const json = (await list('--json', { index })).stdout;
    expect(json).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e]/);
    expect(JSON.parse(json)).toMatchObject([{ title: hostile }]);
  });

  test('shortens ids only as far as they stay unique', async () => {
    const index = fakeIndex([
      { id: 'abcdef01-2345' },
      { id: 'abcdef01-2399' },
      { id: 'ffffffff-0000' },
      { id: 'ffffffff-0000', cwd: '/other' },
    ]);
    const { stdout } = await list('-a', { index, terminal: 80 });
    expect(
      stdout
        .split('\n')
        .slice(1, 5)
        .map((line) => line.slice(2, 15)),
    ).toEqual(['abcdef01-234 ', 'abcdef01-239 ', 'ffffffff     ', 'ffffffff     ']);
  });

  test('shows hidden sessions that a filter selects, and the dates that its ages stand for', async () => {
    const lines = async (args: string): Promise<string[]> => (await list(args, { terminal: 80 })).stdout.split('\n');
    expect((await lines('--kind headless'))[1]).toContain('Nightly report');
    expect((await lines('--empty'))[1]).toContain('(no title)');
    expect((await lines('--tag nightly'))[1]).toContain('Nightly report');
    expect(await lines('--older-than 15d --since 2026-11-01')).toEqual([
      '  ID        ACTIVE  TITLE           PROJECT     PROMPTS',
      '  aaaa0000  2w      Nightly report  ~/work/etl        1',
      '  bbbb0000  2w      Done with it    ~/work/etl        1',
      '',
      '2 sessions · 1.0 MiB',
      '--since 2026-11-01: from Sun 1 Nov 2026 00:00',
      '--older-than 15d: before Sun 8 Nov 2026 06:46',
      '',
    ]);
  });

  test('counts the sessions of this folder, and sizes where a filter needs them anyway', async () => {
    const footer = async (args: string): Promise<string[]> =>
      (await list(args, { terminal: 100, cwd: `${HOME}/code/ccsess` })).stdout.split('\n').slice(-5, -1);
    expect(await footer('-L 1')).toEqual([
      '',
      '1 of 8 sessions · 1 live · 1 damaged · show all with -L 0 · 2 in this folder: -p .',
      'Not listed: 1 headless, 1 archived, 1 not resumable · show them with -a',
      "Claude Code's cleanup will delete 1 session within 7 days · ccsess forecast",
    ]);
    expect(await footer('-L 1 -p .')).toContain('1 of 2 sessions · 1 live · show all with -L 0');
    expect(await footer('-L 1 --sort size')).toEqual([
      '',
      '1 of 8 sessions · 48 MiB · 1 live · 1 damaged · show all with -L 0 · 2 in this folder: -p .',
      'Not listed: 1 headless (1.0 MiB), 1 archived (1.0 KiB), 1 not resumable (90 B) · show them with -a',
      "Claude Code's cleanup will delete 1 session within 7 days · ccsess forecast",
    ]);
  });

  test('asks for the records of the rows it shows, no more', async () => {
    const index = fakeIndex(SESSIONS);
    await list('-L 2', { index, terminal: 100 });
    expect(index.asked).toEqual([{ rows: 2, footprint: true }]);
  });

  test('shows the newest 30 by default', async () => {
    const index = fakeIndex(
      Array.from({ length: 1612 }, (_, number) => ({
        id: String(number).padStart(8, '0'),
        active: NOW - number * MINUTE,
      })),
    );
    const lines = async (args: string): Promise<string[]> =>
      (await list(args, { index, terminal: 100 })).stdout.split('\n');
    expect(await lines('')).toHaveLength(30 + 4);
    expect((await lines('')).at(-2)).toBe('30 of 1,612 sessions · show all with -L 0');
    expect(await lines('-L 0')).toHaveLength(1612 + 4);
  });
});

describe('list in a pipe', () => {
  test('prints every session, one per line, with fixed columns', async () => {
    expect(await list('')).toEqual({
      stdout: [
        '3f2a91c0-7d1e-4f6a-9b57-2c4e8a1d0f33\t2026-11-23T06:44:51.000Z\tinteractive\t48213\t31\t4299161\t/home/me/code/ccsess\tFix prune race in the trash journal\n',
        'c8e4d1f0-52ab-4c7e-8f0e-6a1b9d3c7e21\t2026-11-23T06:43:02.000Z\tinteractive\t\t0\t412\t/home/me/code/api\tRate limiter\n',
        '9be01d77-3c11-4a0f-8d2e-5f6a7b8c9d0e\t2026-11-23T04:46:02.000Z\tinteractive\t\t18\t1992294\t/home/me/code/ccsess\tPrune: first plan\n',
        '71c0aa3e-8b2d-4d19-9f0a-6c5b4a3d2e1f\t2026-11-23T01:46:02.000Z\tinteractive\t\t1112\t39845888\t/home/me/work/etl\tBackfill of the March partitions\n',
        'e2b94f06-0a1b-4c2d-8e3f-4a5b6c7d8e9f\t2026-11-22T06:46:02.000Z\tinteractive\t\t6\t208896\t/home/me/code/dotfiles\twhy does zsh take 900 ms to start up on this machine?\n',
        '0d6f1b88-1a2b-4c3d-8e4f-5a6b7c8d9e0f\t2026-11-21T06:46:02.000Z\tinteractive\t\t9\t750592\t/home/me/work/clients/müller-gmbh\t請求書のテンプレートを直す\n',
        '44a1c9d2-2a3b-4c4d-8e5f-6a7b8c9d0e1f\t2026-11-20T06:46:02.000Z\tinteractive\t\t1\t144384\t/home/me/code/site\tתיקון של דף הבית\n',
        'b5103e7a-3a4b-4c5d-8e6f-7a8b9c0d1e2f\t2026-11-08T06:46:02.000Z\tinteractive\t\t22\t2726298\t/home/me/work/old-etl\tAirflow: split the nightly DAG\n',
        'aaaa0000-4a5b-4c6d-8e7f-8a9b0c1d2e3f\t2026-11-07T06:46:02.000Z\theadless\t\t1\t1048576\t/home/me/work/etl\tNightly report\n',
        'bbbb0000-5a6b-4c7d-8e8f-9a0b1c2d3e4f\t2026-11-06T06:46:02.000Z\tinteractive\t\t1\t1000\t/home/me/work/etl\tDone with it\n',
        'cccc0000-6a7b-4c8d-8e9f-0a1b2c3d4e5f\t\tinteractive\t\t0\t90\t\t\n',
      ].join(''),
      stderr: '',
      exitCode: 0,
    });
  });

  test('prints only the matching sessions with a filter', async () => {
    expect(await ids('--title prune')).toEqual(['3f2a', '9be0']);
    expect(await ids('--live')).toEqual(['3f2a']);
    expect(await ids('--pinned')).toEqual(['71c0']);
    expect(await ids('--since 1d --sort title --reverse')).toEqual(['e2b9', 'c8e4', '9be0', '3f2a', '71c0']);
    expect(await ids('--larger-than 4MiB')).toEqual(['3f2a', '71c0']);
    expect(await ids('-p ~/work/* -p ~/code/api --limit 3')).toEqual(['c8e4', '71c0', 'b510']);
    expect(await ids('--group-by project -p ~/work/**')).toEqual(['0d6f', '71c0', 'aaaa', 'bbbb', 'b510']);
  });

  test('prints unknown for a holder that cannot be checked', async () => {
    const index = fakeIndex([{ live: { pid: null, status: 'unknown' } }]);
    expect((await list('', { index })).stdout.split('\t')[3]).toBe('unknown');
  });

  test('lists the other sessions where something could not be read', async () => {
    const problem = {
      code: 'unreadable',
      message: 'permission denied',
      file: `${HOME}/.claude/projects/-x`,
      line: null,
      byteOffset: null,
    };
    const index = fakeIndex(
      [{ id: 'abcd' }],
      Array.from({ length: 5 }, () => problem),
    );
    expect(await list('--json', { index })).toMatchObject({
      stdout: expect.stringContaining('"id":"abcd"') as unknown,
      stderr: 'ccsess: permission denied: ~/.claude/projects/-x\n'.repeat(3) + 'ccsess: 2 more could not be read.\n',
      exitCode: 0,
    });
  });
});

describe('list with words', () => {
  const found = (args: string): Promise<string[]> => ids(args);

  test('finds them in titles, in any case and order', async () => {
    expect(await found('race PRUNE')).toEqual(['3f2a']);
    expect(await found('prune')).toEqual(['3f2a', '9be0']);
    expect(await found('prune partitions')).toEqual([]);
  });

  test('finds them in the first and the last prompt', async () => {
    const index = fakeIndex([
      { id: 'aaaa1111-0000-4000-8000-000000000000', title: 'A title', firstPrompt: 'login loops', lastPrompt: null },
      { id: 'bbbb1111-0000-4000-8000-000000000000', title: 'Another', firstPrompt: 'x', lastPrompt: 'The Login again' },
    ]);
    expect((await ids('login', { index })).sort()).toEqual(['aaaa', 'bbbb']);
    expect(await ids('login again', { index })).toEqual(['bbbb']);
  });

  test('names the words searched for if nothing matches', async () => {
    expect(await list('no such --tag x')).toEqual({
      stdout: '',
      stderr: "No sessions match 'no such' --tag x (searched 11).\n",
      exitCode: 0,
    });
  });

  test('takes a tag as it is shown, with #', async () => {
    expect(await ids('--tag #nightly')).toEqual(['aaaa']);
  });
});

describe('list of sessions that the plain list hides', () => {
  test('--archived and --unresumable list nothing else', async () => {
    expect(await ids('--archived')).toEqual(['bbbb']);
    expect(await ids('--unresumable')).toEqual(['cccc']);
    expect((await list('--archived', { terminal: 80 })).stdout).toContain('Done with it');
    expect((await list('--unresumable', { terminal: 80 })).stdout).toContain('(no title)');
  });

  test('--empty lists what prune --empty selects, but no titled session that waits for its first prompt', async () => {
    const waiting: Sketch = { empty: true, prompts: 0, titleSource: 'custom', title: 'Waits' };
    const index = fakeIndex([
      { ...waiting, id: 'aaaa2222-0000-4000-8000-000000000000' },
      { ...waiting, id: 'bbbb2222-0000-4000-8000-000000000000', titleSource: null, title: null, tag: 'later' },
      { ...waiting, id: 'cccc2222-0000-4000-8000-000000000000', resumable: false },
      { ...waiting, id: 'dddd2222-0000-4000-8000-000000000000', titleSource: null, title: null },
    ]);
    expect((await ids('--empty', { index })).sort()).toEqual(['cccc', 'dddd']);
  });
});

describe('the figure that list sorts by', () => {
  test.each([
    ['prompts', 'PROMPTS', '71c0'],
    ['turns', 'TURNS', null],
    ['tokens', 'TOKENS', null],
    ['size', 'SIZE', '71c0'],
    ['created', 'CREATED', null],
    ['project', 'PROJECT', 'c8e4'],
  ])('--sort %s shows %s, also on a narrow screen', async (key, heading, first) => {
    const { stdout } = await list(`--sort ${key}`, { terminal: 60 });
    const [headings = '', row = ''] = stdout.split('\n');
    expect(headings).toContain(heading);
    if (first !== null) expect(row.slice(2, 6)).toBe(first);
  });

  test('--sort project keeps the newest of a folder first', async () => {
    const index = fakeIndex([
      { id: 'aaaa3333-0000-4000-8000-000000000000', cwd: '/b', active: NOW - HOUR },
      { id: 'bbbb3333-0000-4000-8000-000000000000', cwd: '/a', active: NOW - 2 * HOUR },
      { id: 'cccc3333-0000-4000-8000-000000000000', cwd: '/a', active: NOW - HOUR },
      { id: 'dddd3333-0000-4000-8000-000000000000', cwd: null, active: NOW },
    ]);
    expect(await ids('--sort project', { index })).toEqual(['cccc', 'bbbb', 'aaaa', 'dddd']);
  });
});

describe('the rows of the current folder', () => {
  test('are marked, in colour and without', async () => {
    const here = { terminal: 80, cwd: `${HOME}/code/api` };
    const marked = (text: string): string[] => text.split('\n').filter((line) => line.includes('◂'));
    expect(marked((await list('', here)).stdout)).toEqual([
      '  c8e4d1f0  3m      Rate limiter                   ~/code/api ◂                0',
    ]);
    expect(marked((await list('', { ...here, color: 1 })).stdout)[0]).toContain('\u001b[1m\u001b[34m~/code/api ◂');
    expect(marked((await list('--group-by project', here)).stdout)).toEqual(['~/code/api ◂']);
  });
});

describe('list by cost', () => {
  test('sorts the dearest first, inherited tokens too, and shows what was asked for', async () => {
    expect(await ids('--sort cost')).toEqual(['3f2a', '9be0', ...Array(SESSIONS.length - 2).fill(expect.any(String))]);
    const { stdout } = await list('--sort cost -L 2', { terminal: 80 });
    expect(
      stdout
        .split('\n')
        .slice(0, 3)
        .map((line) => `${line.slice(0, 20)}${line.slice(-15)}`),
    ).toEqual([
      '  ID        ACTIVE  PROMPTS    COST',
      '● 3f2a91c0  live         31  $14.07',
      '  9be01d77  2h           18   $2.73',
    ]);
  });

  test('--prices may be a pipe, which can be read but once', async () => {
    const folder = temporaryFolder('list');
    const pipe = join(folder, 'prices');
    execFileSync('mkfifo', [pipe]);
    // Who asks twice finds it empty.
    const writer = spawn('sh', ['-c', `echo '{"models":{"*":{"input":1,"output":10}}}' >"$0"; : >"$0"`, pipe]);
    onTestFinished(() => {
      writer.kill();
    });
    const { stdout } = await list(`--json --sort cost -L 1 --prices ${pipe}`);
    expect(JSON.parse(stdout)).toMatchObject([{ costUsd: 7.035 }]);
  });

  test('--min-cost leaves out what is cheaper', async () => {
    expect(await ids('--min-cost 2.73')).toEqual(['3f2a', '9be0']);
    expect(await ids('--min-cost $3')).toEqual(['3f2a']);
    expect(await list('--min-cost 100')).toEqual({
      stdout: '',
      stderr: 'No sessions match --min-cost 100 (searched 11).\n',
      exitCode: 0,
    });
  });

  test.each([
    ['--min-cost five', 'ccsess: --min-cost five: not an amount of US dollars, such as 5 or 0.50.\n'],
    ['--min-cost -1', 'ccsess: --min-cost -1: not an amount of US dollars, such as 5 or 0.50.\n'],
    ['--prices /nowhere.json', 'ccsess: --prices /nowhere.json: no such file.\n'],
  ])('%s is refused', async (args, stderr) => {
    expect(await list(args)).toEqual({ stdout: '', stderr, exitCode: 2 });
  });
});

describe('list --json', () => {
  test('is one line in a pipe', async () => {
    expect(await list('-L 1 --json')).toEqual({
      stdout: `[{"schemaVersion":1,"configDir":"/home/me/.claude","id":"3f2a91c0-7d1e-4f6a-9b57-2c4e8a1d0f33","title":"Fix prune race in the trash journal","titleSource":"custom","firstPrompt":null,"lastPrompt":null,"cwd":"/home/me/code/ccsess","cwds":["/home/me/code/ccsess"],"cwdExists":true,"repository":null,"projectDir":"-home-me-code-ccsess","transcript":"/home/me/.claude/projects/-home-me-code-ccsess/3f2a91c0-7d1e-4f6a-9b57-2c4e8a1d0f33.jsonl","kind":"interactive","entrypoint":"cli","gitBranch":"fix/journal","version":"2.1.330","models":[],"createdAt":"2026-11-23T06:44:51.000Z","lastActivityAt":"2026-11-23T06:44:51.000Z","modifiedAt":"2026-11-23T06:44:51.000Z","expiresAt":"2026-12-23T06:44:51.000Z","prompts":31,"turns":1,"messageCount":2,"toolCalls":0,"tools":{},"compactions":0,"subagents":0,"tokens":{"input":703500,"output":0,"cacheRead":0,"cacheWrite":0,"total":703500},"costUsd":14.07,"own":{"tokens":{"input":0,"output":567000,"cacheRead":0,"cacheWrite":0,"total":567000},"costUsd":11.34},"reportedCostUsd":null,"lastStopReason":"end_turn","lastError":null,"transcriptBytes":1000,"footprintBytes":4299161,"tag":null,"pinned":false,"archived":false,"live":{"pid":48213,"status":"idle"},"forkedFrom":{"id":"9be01d77-3c11-4a0f-8d2e-5f6a7b8c9d0e","messageUuid":null},"team":null,"problems":[]}]\n`,
      stderr: '',
      exitCode: 0,
    });
  });

  test('is indented on a terminal, and holds everything there too', async () => {
    const { stdout } = await list('--json', { terminal: 80 });
    const records: unknown = JSON.parse(stdout);
    expect(stdout).toBe(`${JSON.stringify(records, null, 2)}\n`);
    expect(records).toHaveLength(SESSIONS.length);
  });

  test('as --jsonl is an object per line', async () => {
    const { stdout, exitCode } = await list('--jsonl');
    expect(exitCode).toBe(0);
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { id: string }).id),
    ).toEqual(SESSIONS.map(({ id }) => id));
  });
});

describe('nothing to list', () => {
  const NOTHING: World = { index: fakeIndex([]) };

  test.each<[string, World, string]>([
    ['', { terminal: 80 }, ''],
    ['', {}, ''],
    ['--json', {}, '[]\n'],
    ['--jsonl', {}, ''],
  ])('because there is no session: list %s', async (args, more, stdout) => {
    expect(await list(args, { ...NOTHING, ...more })).toEqual({
      stdout,
      stderr:
        'No sessions: /home/me/.claude has no projects folder yet. Claude Code creates it with the first prompt; ccsess create makes an empty session.\n',
      exitCode: 0,
    });
  });

  test('because the config dir is one level off', async () => {
    const home = temporaryFolder('level');
    mkdirSync(join(home, '.claude/projects'), { recursive: true });
    for (const wrong of [home, join(home, '.claude/projects'), join(home, '.claude/projects/-a')]) {
      const configDirs = resolveConfigDirs({ explicit: [wrong], env: {}, home: '/nowhere', cwd: '/' });
      const { stderr } = await list('', { ...NOTHING, configDirs });
      expect(stderr).toBe(`No sessions: ${wrong} is not a config dir. Did you mean --config-dir ${home}/.claude?\n`);
    }
  });

  test('because no session matches', async () => {
    expect(await list('--tag weekly --live', { terminal: 80 })).toEqual({
      stdout: '',
      stderr: 'No sessions match --tag weekly --live (searched 11).\n',
      exitCode: 0,
    });
    expect(await run(['list', '--json', '--title', "it's me"], world())).toEqual({
      stdout: '[]\n',
      stderr: "No sessions match --title 'it'\\''s me' (searched 11).\n",
      exitCode: 0,
    });
  });

  test('because the sessions are in folders below', async () => {
    expect(await list('-p /home/me/code/', { terminal: 80 })).toEqual({
      stdout: '',
      stderr:
        "No sessions match -p /home/me/code/ (searched 11).\nFolders below have 5 sessions: -p '/home/me/code/**'\n",
      exitCode: 0,
    });
  });
});

describe('list --csv', () => {
  test('is a line per session, with a heading and costs', async () => {
    const index = fakeIndex([
      {
        id: '3f2a91c0-7d1e-4f6a-9b57-2c4e8a1d0f33',
        title: '=1, "two"',
        responses: [aResponse('a', { usage: { output: 16_000 } })],
      },
    ]);
    const { stdout, stderr, exitCode } = await run(['list', '--csv'], { index });
    const [heading = '', line = '', ...rest] = stdout.split('\r\n');
    expect({ stderr, exitCode, rest }).toEqual({ stderr: '', exitCode: 0, rest: [''] });
    expect(heading.split(',').slice(0, 4)).toEqual(['id', 'title', 'kind', 'cwd']);
    expect(line.startsWith(`3f2a91c0-7d1e-4f6a-9b57-2c4e8a1d0f33,"'=1, ""two""",interactive,`)).toBe(true);
    const at = heading.split(',').indexOf('costUsd') + 1;
    expect(
      line
        .replace('"\'=1, ""two"""', 'title')
        .split(',')
        .slice(at - 1, at + 1),
    ).toEqual(['0.32', '0.32']);
  });

  test.each([[['--json', '--csv']], [['--jsonl', '--csv']]])('%j is refused', async (flags) => {
    expect(await run(['list', ...flags], { index: fakeIndex([]) })).toMatchObject({ stdout: '', exitCode: 2 });
  });
});
