import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fakeIndex, HOME, NOW } from '../../support/builders.js';
import { run, type World } from '../../support/context.js';
import { HOUR, list, listedIds, MINUTE, SESSIONS } from '../../support/list-sessions.js';
import { temporaryFolder } from '../../support/temporary.js';

const FOOTER = `
8 sessions · 48 MiB · 1 live · 1 damaged
Not listed: 1 headless, 1 archived, 1 not resumable · show them with -a
Claude Code's cleanup will delete 1 session within 7 days · ccsess forecast
`;

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
`,
      stderr: '',
      exitCode: 0,
    });
  });

  test('of 80 columns: PROMPTS', async () => {
    expect(await list('', { terminal: 80 })).toEqual({
      stdout: `\
  ID        ACTIVE  TITLE                           PROJECT              PROMPTS
● 3f2a91c0  live    Fix prune race in the trash j…  ~/code/ccsess             31
  c8e4d1f0  3m      Rate limiter                    ~/code/api                 0
  9be01d77  2h      Prune: first plan               ~/code/ccsess             18
◆ 71c0aa3e  5h      Backfill of the March partiti…  ~/work/etl             1,112
  e2b94f06  1d      “why does zsh take 900 ms to…”  ~/code/dotfiles            6
! 0d6f1b88  2d      請求書のテンプレートを直す      …lients/müller-gmbh        9
  44a1c9d2  3d      תיקון של דף הבית                ~/code/site                1
  b5103e7a  2w      Airflow: split the nightly DAG  …ork/old-etl (gone)       22
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
  ID        ACTIVE  TITLE                                 PROJECT                  PROMPTS     SIZE  BRANCH         COST
● 3f2a91c0  live    Fix prune race in the trash journal   ~/code/ccsess                 31  4.1 MiB  fix/journal  $14.07
  c8e4d1f0  3m      Rate limiter                          ~/code/api                     0    412 B
  9be01d77  2h      Prune: first plan                     ~/code/ccsess                 18  1.9 MiB  main          $2.73
◆ 71c0aa3e  5h      Backfill of the March partitions      ~/work/etl                 1,112   38 MiB
  e2b94f06  1d      “why does zsh take 900 ms to start…”  ~/code/dotfiles                6  204 KiB
! 0d6f1b88  2d      請求書のテンプレートを直す            …rk/clients/müller-gmbh        9  733 KiB
  44a1c9d2  3d      תיקון של דף הבית                      ~/code/site                    1  141 KiB
  b5103e7a  2w      Airflow: split the nightly DAG        ~/work/old-etl (gone)         22  2.6 MiB
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

  test('of 160 columns, without columns that would be empty', async () => {
    const index = fakeIndex([{ id: '3f2a91c0', cwd: `${HOME}/code/api`, title: 'Rate limiter' }]);
    const { stdout } = await list('', { terminal: 160, index });
    expect(stdout.split('\n')[0]?.trim().split(/ +/)).toEqual(['ID', 'ACTIVE', 'TITLE', 'PROJECT', 'PROMPTS', 'SIZE']);
  });

  test('by project: headings in place of a column', async () => {
    expect(await list('--group-by project -L 5', { terminal: 80 })).toEqual({
      stdout: `\
  ID        ACTIVE  TITLE                                                PROMPTS
~/code/ccsess
● 3f2a91c0  live    Fix prune race in the trash journal                       31
  9be01d77  2h      Prune: first plan                                         18
~/code/api
  c8e4d1f0  3m      Rate limiter                                               0
~/work/etl
◆ 71c0aa3e  5h      Backfill of the March partitions                       1,112
~/code/dotfiles
  e2b94f06  1d      “why does zsh take 900 ms to start up on this mac…”        6

5 of 8 sessions · 1 live · 1 damaged · show all with -L 0
Not listed: 1 headless, 1 archived, 1 not resumable · show them with -a
`,
      stderr: '',
      exitCode: 0,
    });
  });

  test('by project, narrow', async () => {
    expect(await list('--group-by project -L 5', { terminal: 60 })).toEqual({
      stdout: `\
  ID        ACTIVE  TITLE
~/code/ccsess
● 3f2a91c0  live    Fix prune race in the trash journal
  9be01d77  2h      Prune: first plan
~/code/api
  c8e4d1f0  3m      Rate limiter
~/work/etl
◆ 71c0aa3e  5h      Backfill of the March partitions
~/code/dotfiles
  e2b94f06  1d      “why does zsh take 900 ms to start up …”
5 of 8 sessions
1 headless, 1 archived, 1 not resumable: -a
`,
      stderr: '',
      exitCode: 0,
    });
  });

  test('with everything, in reverse order', async () => {
    expect(await list('-a --reverse -L 4', { terminal: 80 })).toEqual({
      stdout: `\
  ID        ACTIVE  TITLE                           PROJECT              PROMPTS
  bbbb0000  2w      Done with it                    ~/work/etl                 1
  aaaa0000  2w      Nightly report                  ~/work/etl                 1
  b5103e7a  2w      Airflow: split the nightly DAG  …ork/old-etl (gone)       22
  44a1c9d2  3d      תיקון של דף הבית                ~/code/site                1

4 of 11 sessions · 1 live · 1 damaged · show all with -L 0
`,
      stderr: '',
      exitCode: 0,
    });
  });

  test('colours signs and folders, dims ids and ages, and leaves the title bright', async () => {
    const named: Record<string, string> = { 2: 'dim', 31: 'red', 32: 'green', 33: 'yellow', 94: 'blue' };
    const marked = (text: string): string =>
      text
        .replaceAll(/\u001b\[(\d+)m/g, (_, code: string) => (code in named ? `<${named[code] ?? ''}>` : '</>'))
        .replaceAll(/ +/g, ' ');
    const { stdout } = await list('-L 0', { terminal: 60, color: 1 });
    expect(stdout.split('\n').slice(0, 7).map(marked)).toEqual([
      ' <dim>ID</> <dim>ACTIVE</> <dim>TITLE</>',
      '<green>●</> <dim>3f2a91c0</> <green>live</> <blue>ccsess: </>Fix prune race in the trash jou…',
      ' <dim>c8e4d1f0</> <dim>3m</> <blue>api: </>Rate limiter',
      ' <dim>9be01d77</> <dim>2h</> <blue>ccsess: </>Prune: first plan',
      '<yellow>◆</> <dim>71c0aa3e</> <dim>5h</> <blue>etl: </>Backfill of the March partitions',
      ' <dim>e2b94f06</> <dim>1d</> <blue>dotfiles: </><dim>“</>why does zsh take 900 ms to…<dim>”</>',
      '<red>!</> <dim>0d6f1b88</> <dim>2d</> <blue>müller-gmbh: </>請求書のテンプレートを直す',
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

  test('shows hidden sessions that a filter selects, and the dates that its ages mean', async () => {
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
      (await list(args, { terminal: 100, cwd: `${HOME}/code/ccsess` })).stdout.split('\n').slice(2, -1);
    expect(await footer('-L 1')).toEqual([
      '',
      '1 of 8 sessions · 1 live · 1 damaged · show all with -L 0 · 2 in this folder: -p .',
      'Not listed: 1 headless, 1 archived, 1 not resumable · show them with -a',
    ]);
    expect(await footer('-L 1 -p .')).toContain('1 of 2 sessions · 1 live · show all with -L 0');
    expect(await footer('-L 1 --sort size')).toEqual([
      '',
      '1 of 8 sessions · 48 MiB · 1 live · 1 damaged · show all with -L 0 · 2 in this folder: -p .',
      'Not listed: 1 headless (1.0 MiB), 1 archived (1.0 KiB), 1 not resumable (90 B) · show them with -a',
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
    expect(await listedIds('--sort project', { index })).toEqual(['cccc', 'bbbb', 'aaaa', 'dddd']);
  });
});

describe('the rows of the current folder', () => {
  test('are marked, in colour and without', async () => {
    const here = { terminal: 80, cwd: `${HOME}/code/api` };
    const marked = (text: string): string[] => text.split('\n').filter((line) => line.includes('◂'));
    expect(marked((await list('', here)).stdout)).toEqual([
      '  c8e4d1f0  3m      Rate limiter                    ~/code/api ◂               0',
    ]);
    expect(marked((await list('', { ...here, color: 1 })).stdout)[0]).toContain('\u001b[1m\u001b[94m~/code/api ◂');
    expect(marked((await list('--group-by project', here)).stdout)).toEqual(['~/code/api ◂']);
    expect(marked((await list('', { ...here, terminal: 60 })).stdout)).toEqual([
      '  c8e4d1f0  3m      api ◂ Rate limiter',
    ]);
  });
});

describe('the line about the cleanup', () => {
  const line = "Claude Code's cleanup will delete 1 session within 7 days · ccsess forecast";
  const isSaid = async (args: string, more: World): Promise<boolean> =>
    (await list(args, { terminal: 100, ...more })).stdout.includes(line);

  test('is printed once a day', async () => {
    const stateDir = join(temporaryFolder('state'), 'state/ccsess');
    const day = 24 * HOUR;
    expect(await isSaid('', { stateDir })).toBe(true);
    expect(await isSaid('', { stateDir })).toBe(false);
    expect(await isSaid('', { stateDir, now: NOW + day })).toBe(true);
    expect(readFileSync(join(stateDir, 'cleanup-note'), 'utf8')).toBe('2026-11-24\n');
  });

  test('is printed only below the plain list, and nothing is recorded elsewhere', async () => {
    const stateDir = join(temporaryFolder('state'), 'ccsess');
    for (const args of ['-L 3', '--since 60d', '--group-by project', '--table', '--table -L 0'])
      expect([args, await isSaid(args, { stateDir })]).toEqual([args, false]);
    await list('', { stateDir });
    expect(existsSync(stateDir)).toBe(false);
  });

  test('is printed each time where nothing can be recorded', async () => {
    const file = join(temporaryFolder('state'), 'file');
    writeFileSync(file, '');
    for (const stateDir of [join(file, 'ccsess'), '/proc/ccsess']) {
      expect(await isSaid('', { stateDir })).toBe(true);
      expect(await isSaid('', { stateDir })).toBe(true);
    }
  });
});

describe('list --table', () => {
  test('prints the same in a pipe as on a terminal, without the line about the cleanup', async () => {
    const onTerminal = await list('', { terminal: 80 });
    const cleanup = "Claude Code's cleanup will delete 1 session within 7 days · ccsess forecast\n";
    expect(await list('--table')).toEqual({ ...onTerminal, stdout: onTerminal.stdout.replace(cleanup, '') });
  });

  test.each(['--json', '--jsonl', '--csv'])('and %s are refused together', async (form) => {
    expect(await list(`--table ${form}`)).toEqual({
      stdout: '',
      stderr: expect.stringContaining(`${form} and --table cannot be combined.`) as unknown,
      exitCode: 2,
    });
  });

  test.each(['stats --csv', 'search x --jsonl', 'projects --jsonl', 'log --md'])('is refused by %s', async (words) => {
    const { stderr, exitCode } = await run(['--table', ...words.split(' ')], { configDirs: [] });
    expect({ stderr, exitCode }).toEqual({
      stderr: `ccsess: ${words.split(' ').at(-1)} and --table cannot be combined.\n`,
      exitCode: 2,
    });
  });
});

describe('the next step', () => {
  test('is to resume the only session that was found, unless it is open or cannot be', async () => {
    const last = async (args: string): Promise<string | undefined> =>
      (await list(args, { terminal: 80 })).stdout.trimEnd().split('\n').at(-1);
    expect(await last('--title limiter')).toBe('Next: ccsess resume c8e4d1f0');
    expect(await last('--live')).toBe('1 session · 4.1 MiB · 1 live');
    expect(await last('--unresumable')).toBe('1 session · 90 B');
  });
});
