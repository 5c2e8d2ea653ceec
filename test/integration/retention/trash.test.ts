import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { resolveConfigDirs } from '../../../src/claude/config-dir.js';
import { restoredReasons } from '../../../src/retention/keep/restored.js';
import { NOW } from '../../support/builders.js';
import { run, type Outcome, type World } from '../../support/context.js';
import { promptLine } from '../../support/transcripts.js';
import { validator } from '../../unit/schema/schemas.js';
import { emptyConfigDir, ofSession, PROJECT, snapshot, writeSession } from '../../support/trees.js';
import { temporaryFolder } from '../../support/temporary.js';

const [ONE, TWO] = ['aaaaaaaa-0000-4000-8000-000000000001', 'bbbbbbbb-0000-4000-8000-000000000002'] as const;
const DAY = 24 * 60 * 60 * 1000;

const at = (configDir: string, more: World = {}): World => ({
  configDirs: resolveConfigDirs({ explicit: [configDir], env: {}, home: '/nowhere', cwd: '/' }),
  home: '/nowhere',
  cwd: '/',
  ...more,
});
const transcript = (configDir: string, id: string): string => join(configDir, 'projects', PROJECT, `${id}.jsonl`);

/** A config dir with these sessions, all but the first of them in the trash. */
async function home(...ids: string[]): Promise<string> {
  const configDir = emptyConfigDir();
  for (const id of ids) writeSession(configDir, id);
  const trashed = ids.slice(1);
  if (trashed.length > 0)
    expect(await run(['rm', ...trashed, '--yes'], at(configDir))).toMatchObject({ exitCode: 0, stderr: '' });
  return configDir;
}

const json = ({ stdout }: Outcome): unknown => JSON.parse(stdout);

/** Returns the JSON that a command printed, after checking it against its schema. */
function asDocumented(schema: string, outcome: Outcome): unknown {
  expect(validator(schema)(json(outcome))).toBe('');
  return json(outcome);
}

describe('restore', () => {
  test('restores by id, title and @last-prune, and succeeds with nothing left to restore', async () => {
    for (const name of [TWO, TWO.slice(0, 5), `TITLE OF ${TWO}`, '@last-prune']) {
      const configDir = await home(ONE, TWO);
      expect(await run(['restore', name], at(configDir))).toMatchObject({ stdout: `${TWO}\n`, exitCode: 0 });
      expect(existsSync(transcript(configDir, TWO))).toBe(true);
      expect(await run(['restore', '@last-prune'], at(configDir))).toEqual({
        stdout: '',
        stderr: 'Nothing to restore: the trash has no earlier run.\n',
        exitCode: 0,
      });
      expect(await run(['restore', TWO], at(configDir))).toMatchObject({
        exitCode: 4,
        stderr: expect.stringContaining('in the trash') as string,
      });
    }
  });

  test('brings back all of the last run by @last-prune, from the trash of each config dir', async () => {
    const [one, two] = [await home(ONE), await home(TWO)];
    const both = {
      configDirs: resolveConfigDirs({ explicit: [one, two], env: {}, home: '/nowhere', cwd: '/' }),
      home: '/nowhere',
      cwd: '/',
    };
    expect(await run(['rm', ONE, TWO, '--yes'], both)).toMatchObject({ exitCode: 0 });
    expect(await run(['restore', '@last-prune'], both)).toMatchObject({ stdout: `${ONE}\n${TWO}\n`, exitCode: 0 });
  });

  test("makes files young enough for Claude Code's cleanup to leave them, but not with --keep-times", async () => {
    for (const [flags, ms] of [
      [[], NOW - 15 * DAY],
      [['--keep-times'], Date.parse('2026-09-01T10:00:00.000Z')],
    ] as const) {
      const configDir = await home(ONE, TWO);
      await run(['restore', TWO, ...flags], at(configDir));
      expect(statSync(transcript(configDir, TWO)).mtimeMs).toBe(ms);
      expect(statSync(join(configDir, 'file-history', TWO, 'aa@v1')).mtimeMs).toBe(ms);
    }
  });

  test('never overwrites: a file at its path stays, and the session stays in the trash', async () => {
    const configDir = await home(TWO);
    const before = ofSession(snapshot(configDir), TWO);
    await run(['rm', TWO, '--yes'], at(configDir));
    writeFileSync(transcript(configDir, TWO), 'another\n');
    expect(await run(['restore', TWO], at(configDir))).toMatchObject({
      stdout: '',
      exitCode: 5,
      stderr: expect.stringContaining(`${transcript(configDir, TWO)} exists`) as string,
    });
    expect(readFileSync(transcript(configDir, TWO), 'utf8')).toBe('another\n');
    expect(json(await run(['trash', '--json'], at(configDir)))).toMatchObject([{ id: TWO }]);
    const elsewhere = join(temporaryFolder('to'), 'config');
    expect(await run(['restore', TWO, '--to', elsewhere, '--keep-times'], at(configDir))).toMatchObject({
      stdout: `${TWO}\n`,
      exitCode: 0,
    });
    expect(ofSession(snapshot(elsewhere), TWO)).toEqual(before);
  });

  test('restores into the config dir that contains the trash, even if it was renamed since', async () => {
    const configDir = await home(ONE, TWO);
    const renamed = join(temporaryFolder('renamed'), 'config');
    renameSync(configDir, renamed);
    expect(await run(['restore', TWO], at(renamed))).toMatchObject({ stdout: `${TWO}\n`, exitCode: 0 });
    expect(existsSync(transcript(renamed, TWO))).toBe(true);
  });

  test('-n prints what would be restored and changes nothing', async () => {
    const configDir = await home(ONE, TWO);
    expect(await run(['restore', '@last-prune', '-n'], at(configDir))).toEqual({
      stdout: `Would restore bbbbbbbb Title of ${TWO}.\nNothing was changed.\n`,
      stderr: '',
      exitCode: 0,
    });
    expect(existsSync(transcript(configDir, TWO))).toBe(false);
  });

  test('what was restored is not pruned again for 30 days', async () => {
    const configDir = await home(ONE, TWO);
    await run(['restore', TWO], at(configDir));
    const reasonsAfter = (days: number): unknown[] =>
      at(configDir).configDirs?.flatMap((one) => restoredReasons(one, TWO, NOW + days * DAY)) ?? [];
    expect(reasonsAfter(29)).toEqual([{ code: 'restored', detail: new Date(NOW).toISOString() }]);
    expect(reasonsAfter(30)).toEqual([]);
  });
});

describe('trash', () => {
  test('list: a table on a terminal, lines in a pipe, records as JSON', async () => {
    const configDir = await home(ONE, TWO);
    const screen = await run(['trash'], at(configDir, { terminal: 100, now: NOW + 2 * DAY }));
    expect(screen.stdout.replaceAll(/ +/g, ' ').split('\n')).toEqual([
      ' ID TRASHED TITLE PROJECT SIZE',
      expect.stringMatching(/^ bbbbbbbb 2d Title of bbbbbbbb\S* \/home\/dev\/app \d+ B$/) as string,
      '',
      expect.stringMatching(
        /^1 session · \d+ B, before they were moved 13 KiB · bring back with ccsess restore <id>$/,
      ) as string,
      '',
    ]);
    const line = (await run(['trash', 'list'], at(configDir))).stdout.trimEnd().split('\t');
    expect([line[0], line[1], line[4], line[5]]).toEqual([
      TWO,
      new Date(NOW).toISOString(),
      '/home/dev/app',
      `Title of ${TWO}`,
    ]);
    expect(asDocumented('trash', await run(['trash', '--json'], at(configDir)))).toMatchObject([
      {
        schemaVersion: 1,
        configDir,
        id: TWO,
        projectDir: PROJECT,
        trashedAt: new Date(NOW).toISOString(),
        reasons: [{ code: 'named', detail: null }],
      },
    ]);
    expect(await run(['trash', '--json'], at(await home(ONE)))).toEqual({ stdout: '[]\n', stderr: '', exitCode: 0 });
  });

  test('show: every file by name', async () => {
    const configDir = await home(ONE, TWO);
    const { stdout } = await run(['trash', 'show', 'bbbb'], at(configDir));
    for (const path of [
      `projects/${PROJECT}/${TWO}.jsonl`,
      `projects/${PROJECT}/${TWO}/subagents/agent-a1.jsonl`,
      `file-history/${TWO}/aa@v2`,
    ])
      expect(stdout).toContain(join(configDir, path));
  });

  test('empty: asks, needs --yes without a terminal, and permanently deletes what is old enough', async () => {
    const configDir = await home(ONE, TWO);
    const later = at(configDir, { now: NOW + 10 * DAY });
    expect(await run(['trash', 'empty'], later)).toMatchObject({
      stdout: '',
      exitCode: 2,
      stderr: 'ccsess: cannot ask for confirmation without a terminal: pass --yes, or -n for a dry run.\n',
    });
    expect(await run(['trash', 'empty', '--json'], later)).toMatchObject({ exitCode: 2 });
    expect(await run(['trash', 'empty'], { ...later, terminal: 80, answers: [false] })).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('Nothing was changed.') as string,
    });
    expect(await run(['trash', 'empty', '--older-than', '11d', '--yes'], later)).toEqual({
      stdout: 'Permanently deleted: 0 sessions, 0 B.\n',
      stderr: '',
      exitCode: 0,
    });
    expect(await run(['trash', 'empty', '-n'], later)).toMatchObject({
      stdout: expect.stringMatching(
        /^Would permanently delete: 1 session, \d+ B\.\nNothing was changed\.\n$/,
      ) as string,
    });
    expect(
      asDocumented('emptied', await run(['trash', 'empty', '--older-than', '9d', '--yes', '--json'], later)),
    ).toMatchObject({ schemaVersion: 1, dryRun: false, sessions: [{ id: TWO }], problems: [] });
    expect(json(await run(['trash', '--json'], later))).toEqual([]);
    expect(existsSync('/etc/hostname')).toBe(true);
  });

  test.each([
    [['trash', 'shred']],
    [['trash', 'show']],
    [['trash', 'list', 'x']],
    [['trash', 'list', '--yes']],
    [['trash', 'empty', '--older-than', '30']],
  ])('%j is refused', async (argv) => {
    expect(await run(argv, at(emptyConfigDir()))).toMatchObject({ stdout: '', exitCode: 2 });
  });
});

describe('after a kill', () => {
  /** Creates the state after a kill right after the transcript was moved, with the lock of a process that is gone. */
  async function killed(): Promise<string> {
    const configDir = await home(ONE, TWO);
    const [entry] = json(await run(['trash', '--json'], at(configDir))) as { key: string }[];
    const folder = join(configDir, '.ccsess/trash', entry?.key ?? '');
    renameSync(folder, `${folder}.restoring`);
    mkdirSync(join(configDir, '.ccsess'), { recursive: true });
    writeFileSync(
      join(configDir, '.ccsess/lock'),
      JSON.stringify({ pid: 99, startTime: '1', pidDomain: null, at: new Date(NOW).toISOString(), trashDirs: [] }),
    );
    return configDir;
  }

  test('read-only commands report it, and the next command that changes something recovers', async () => {
    const configDir = await home(ONE, TWO);
    const lock = join(configDir, '.ccsess/lock');
    writeFileSync(
      lock,
      JSON.stringify({ pid: 99, startTime: '1', pidDomain: null, at: new Date(NOW).toISOString(), trashDirs: [] }),
    );
    expect((await run(['list'], at(configDir))).stderr).toBe(
      'ccsess: an earlier run was interrupted and a session may be half moved: run ccsess recover.\n',
    );
    expect(existsSync(lock)).toBe(true);
    expect(await run(['recover'], at(configDir))).toEqual({ stdout: 'Nothing to recover.\n', stderr: '', exitCode: 0 });
    expect(existsSync(lock)).toBe(false);
  });

  test('recover finishes the interrupted run, and reports the outcome of each session', async () => {
    const configDir = await killed();
    expect(await run(['recover', '-n'], at(configDir))).toMatchObject({
      stdout: `bbbbbbbb Title of ${TWO} is half moved.\n`,
      exitCode: 0,
    });
    expect(asDocumented('recovered', await run(['recover', '--json'], at(configDir)))).toMatchObject([
      { id: TWO, outcome: 'restored', error: null },
    ]);
    expect(existsSync(join(configDir, 'file-history', TWO))).toBe(true);
  });

  test('lines that Claude Code wrote meanwhile follow those that were there before', async () => {
    const configDir = emptyConfigDir();
    writeSession(configDir, ONE);
    const before = readFileSync(transcript(configDir, ONE), 'utf8');
    await run(['rm', ONE, '--yes', '--no-compress'], at(configDir));
    const [entry] = json(await run(['trash', '--json'], at(configDir))) as { key: string }[];
    const folder = join(configDir, '.ccsess/trash', entry?.key ?? '');
    renameSync(folder, `${folder}.moving`);
    const remainder = promptLine('Meanwhile');
    appendFileSync(transcript(configDir, ONE), remainder, { mode: 0o600 });
    expect(await run(['recover'], at(configDir))).toEqual({
      stdout: `aaaaaaaa Title of ${ONE} is back at its original path.\n`,
      stderr: '',
      exitCode: 0,
    });
    expect(readFileSync(transcript(configDir, ONE), 'utf8')).toBe(before + remainder);
  });
});

describe('a trash that two config dirs share', () => {
  test('shows each config dir its own sessions, and does not touch unfinished work on those of the other', async () => {
    const shared = temporaryFolder('shared');
    const [a, b] = [await home(ONE), await home(TWO)] as const;
    await run(['rm', ONE, '--yes', '--trash-dir', shared], at(a));
    await run(['rm', TWO, '--yes', '--trash-dir', shared], at(b));
    const [entry] = json(await run(['trash', '--json', '--trash-dir', shared], at(b))) as { id: string; key: string }[];
    expect(entry?.id).toBe(TWO);
    // At this moment another ccsess, under the other's lock, moves it.
    const folder = join(shared, entry?.key ?? '');
    renameSync(folder, `${folder}.moving`);
    expect(await run(['restore', ONE, '--trash-dir', shared], at(a))).toMatchObject({
      stdout: `${ONE}\n`,
      exitCode: 0,
    });
    expect(readdirSync(join(shared, (entry?.key ?? '').split('/')[0] ?? '')).sort()).toEqual([
      '1.moving',
      'manifest.copy.jsonl',
      'manifest.jsonl',
    ]);
    expect(readdirSync(shared)).toHaveLength(1);
  });
});
