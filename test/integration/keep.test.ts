import {
  existsSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { resolveConfigDirs } from '../../src/claude/config-dir.js';
import { openSessionIndex } from '../../src/session-index/open.js';
import { IDLE, run, type Outcome, type World } from '../support/context.js';
import { answerLine, promptLine, temporaryHome } from '../support/transcripts.js';
import { NOW } from '../support/builders.js';
import { validator } from '../unit/schema/schemas.js';

const DAY = 24 * 60 * 60 * 1000;
const OLD = '11111111-0000-4000-8000-000000000001';
const OLDER = '22222222-0000-4000-8000-000000000002';
const FRESH = '33333333-0000-4000-8000-000000000003';
const CRON = '44444444-0000-4000-8000-000000000004';
const PROJECT = 'projects/-home-dev-app';

let home: string;
beforeEach(() => {
  home = temporaryHome({
    [`${PROJECT}/${OLD}.jsonl`]:
      promptLine('Write the journal', { timestamp: daysAgo(27) }) +
      answerLine('m1', 'Done', { timestamp: daysAgo(27) }),
    [`${PROJECT}/${OLD}/tool-results/a.txt`]: 'x'.repeat(2000),
    [`${PROJECT}/${OLDER}.jsonl`]: promptLine('Read the journal', { timestamp: daysAgo(31) }),
    [`${PROJECT}/${FRESH}.jsonl`]: promptLine('Now restore', { timestamp: daysAgo(1) }),
    [`${PROJECT}/${FRESH}/tool-results/b.txt`]: 'y'.repeat(100),
    [`file-history/${FRESH}/h@v1`]: 'z',
    [`${PROJECT}/${CRON}.jsonl`]: promptLine('Nightly', { timestamp: daysAgo(26), entrypoint: 'sdk-cli' }),
  }).path;
  onTestFinished(() => rmSync(home, { recursive: true }));
  for (const path of [`${OLD}.jsonl`, `${OLD}/tool-results/a.txt`, `${OLD}/tool-results`, OLD])
    age(`${PROJECT}/${path}`, 27);
  age(`${PROJECT}/${OLDER}.jsonl`, 31);
  age(`${PROJECT}/${FRESH}.jsonl`, 1);
  age(`${PROJECT}/${FRESH}/tool-results/b.txt`, 25);
  age(`file-history/${FRESH}`, 29);
  age(`${PROJECT}/${CRON}.jsonl`, 26);
});

function daysAgo(days: number): string {
  return new Date(NOW - days * DAY).toISOString();
}

function age(path: string, days: number): void {
  lutimesSync(join(home, path), (NOW - days * DAY) / 1000, (NOW - days * DAY) / 1000);
}

const ccsess = (args: string, world: World = {}): Promise<Outcome> =>
  run([...args.split(' '), '--config-dir', home], world);
/** A terminal wide enough for the path of any temporary folder. */
const TERMINAL: World = { terminal: 1000 };
const daysOld = (path: string): number => (NOW - lstatSync(join(home, PROJECT, path)).mtimeMs) / DAY;
const tree = (): string[] =>
  readdirSync(home, { recursive: true, encoding: 'utf8' })
    .map((path) => `${path} ${lstatSync(join(home, path)).mtimeMs}`)
    .sort();

describe('pin', () => {
  test('protects from prune by a file in the side folder, and from the cleanup by modification times', async () => {
    expect(await ccsess(`pin ${OLD} 2222`)).toEqual({ stdout: `${OLD}\n${OLDER}\n`, stderr: '', exitCode: 0 });
    expect(JSON.parse(readFileSync(join(home, PROJECT, OLD, 'pinned.json'), 'utf8'))).toEqual({
      pinned: true,
      at: new Date(NOW).toISOString(),
    });
    expect(
      [lstatSync(join(home, PROJECT, OLDER)), lstatSync(join(home, PROJECT, OLDER, 'pinned.json'))].map(
        ({ mode }) => mode & 0o777,
      ),
    ).toEqual([0o700, 0o600]);
    expect(daysOld(`${OLD}.jsonl`)).toBe(15);
    expect(daysOld(`${OLD}/tool-results/a.txt`)).toBe(15);
    expect(daysOld(`${OLDER}.jsonl`)).toBeCloseTo(15 + 1 / 86400);
    expect((await ccsess('list --pinned')).stdout.split('\n').map((line) => line.slice(0, 8))).toEqual([
      '11111111',
      '22222222',
      '',
    ]);
  });

  test('reports its result and renews the other pins, even if the session is already pinned', async () => {
    await ccsess(`pin ${OLDER}`);
    age(`${PROJECT}/${OLDER}.jsonl`, 29);
    expect(await ccsess(`pin ${OLD}`, TERMINAL)).toEqual({
      stdout:
        'Pinned 11111111 “Write the journal”.\n' +
        "Pins renewed: 2. Claude Code's cleanup keeps them until Tue 8 Dec 2026.\n",
      stderr: '',
      exitCode: 0,
    });
    expect(daysOld(`${OLDER}.jsonl`)).toBeCloseTo(15);
    expect((await ccsess(`pin ${OLD}`, TERMINAL)).stdout.split('\n')[0]).toBe(
      '11111111 “Write the journal” is already pinned.',
    );
  });

  test('-n changes nothing', async () => {
    const before = tree();
    expect((await ccsess(`pin ${OLD} -n`, TERMINAL)).stdout).toBe(
      'Would pin 11111111 “Write the journal”.\n' +
        "Pins to renew: 1. Claude Code's cleanup keeps it until Tue 8 Dec 2026.\nNothing was changed.\n",
    );
    expect(await ccsess(`pin ${OLD} -n`)).toMatchObject({
      stdout: expect.stringMatching(/^Would pin .*\n.*\nNothing was changed\.\n$/) as string,
      stderr: '',
      exitCode: 0,
    });
    expect(await ccsess(`unpin ${OLD} -n`)).toEqual({
      stdout: '11111111 “Write the journal” was not pinned.\nNothing was changed.\n',
      stderr: '',
      exitCode: 0,
    });
    expect(await ccsess(`protect ${OLD} -n`)).toMatchObject({
      stdout: expect.stringMatching(/Nothing was changed\.\n$/) as string,
      stderr: '',
      exitCode: 0,
    });
    expect(tree()).toEqual(before);
  });

  test('changes no session if one name is unknown', async () => {
    const before = tree();
    for (const command of ['pin', 'unpin', 'protect'])
      expect(await ccsess(`${command} ${OLD} zzzz`)).toEqual({
        stdout: '',
        stderr: `ccsess: no session 'zzzz'\n  ccsess --config-dir ${home} list\n`,
        exitCode: 4,
      });
    expect(tree()).toEqual(before);
    expect((await ccsess('pin')).exitCode).toBe(2);
  });

  test('--json prints the records as they are afterwards', async () => {
    const records = JSON.parse((await ccsess(`pin ${OLD} --json`)).stdout) as unknown[];
    expect(records).toMatchObject([{ id: OLD, pinned: true, modifiedAt: daysAgo(15), expiresAt: daysAgo(-15) }]);
    expect(records.map(validator('session'))).toEqual(['']);
    expect(JSON.parse((await ccsess(`unpin ${OLD} --json`)).stdout)).toMatchObject([{ id: OLD, pinned: false }]);
  });

  test('a session whose side folder cannot be written is refused, the others are pinned', async () => {
    writeFileSync(join(home, PROJECT, OLDER), 'in the way');
    const refusal = `ccsess: session ${OLDER} could not be pinned: ${join(home, PROJECT, OLDER)} is not a folder.\n`;
    expect(await ccsess(`pin ${OLD} ${OLDER}`)).toEqual({ stdout: `${OLD}\n`, stderr: refusal, exitCode: 3 });
    expect(await ccsess(`pin ${OLDER}`)).toEqual({ stdout: '', stderr: refusal, exitCode: 1 });
  });

  test('a session that disappears meanwhile leaves no folder behind', async () => {
    const index = await openSessionIndex({
      configDirs: resolveConfigDirs({ explicit: [home], env: {}, home: '/', cwd: '/' }),
      cacheDir: null,
      now: () => NOW,
      system: IDLE,
    });
    rmSync(join(home, PROJECT, `${OLDER}.jsonl`));
    expect(await ccsess(`pin ${OLDER}`, { index })).toEqual({
      stdout: '',
      stderr: `ccsess: session ${OLDER} could not be pinned: it is gone.\n`,
      exitCode: 1,
    });
    expect(existsSync(join(home, PROJECT, OLDER))).toBe(false);
  });

  test('nothing is written through a side folder that is a link', async () => {
    const outside = join(home, 'outside');
    symlinkSync(home, outside);
    symlinkSync(outside, join(home, PROJECT, OLDER));
    expect(await ccsess(`pin ${OLDER}`)).toEqual({
      stdout: '',
      stderr:
        `ccsess: session ${OLDER} could not be pinned: ${join(home, PROJECT, OLDER)} is a link, and links are not ` +
        'followed there.\n',
      exitCode: 1,
    });
    expect(existsSync(join(home, 'pinned.json'))).toBe(false);
  });
});

test('unpin removes the file, and the folder that pin created', async () => {
  const before = readdirSync(join(home, PROJECT), { recursive: true }).sort();
  await ccsess(`pin ${OLD} ${OLDER}`);
  expect((await ccsess(`unpin ${OLD} ${OLDER} ${FRESH}`, TERMINAL)).stdout).toBe(
    "Unpinned 11111111 “Write the journal”; Claude Code's cleanup keeps it until Tue 8 Dec 2026.\n" +
      "Unpinned 22222222 “Read the journal”; Claude Code's cleanup keeps it until Tue 8 Dec 2026.\n" +
      '33333333 “Now restore” was not pinned.\n',
  );
  expect(readdirSync(join(home, PROJECT), { recursive: true }).sort()).toEqual(before);
});

describe('protect', () => {
  test('reports the date until which the session is safe', async () => {
    expect(await ccsess(`protect ${OLD} ${FRESH}`, TERMINAL)).toEqual({
      stdout: `\
Protected 11111111 “Write the journal” until Tue 8 Dec 2026: 4 newer file times.
Protected 33333333 “Now restore” until Tue 8 Dec 2026: 2 newer file times.
Their files now look half a cleanup period old, so Claude Code's cleanup keeps them until then. Permanently: ccsess pin
`,
      stderr: '',
      exitCode: 0,
    });
    expect((await ccsess(`protect ${OLD} ${FRESH}`, TERMINAL)).stdout.split('\n')[0]).toBe(
      '11111111 “Write the journal”: already safe until Tue 8 Dec 2026.',
    );
  });

  test('reports which session -c now opens, if no session of the folder is newer', async () => {
    rmSync(join(home, PROJECT, `${FRESH}.jsonl`));
    const line =
      'claude -c in /home/dev/app now opens 22222222 “Read the journal”, not 11111111 “Write the journal”.\n';
    const headless = 'claude -p -c in /home/dev/app now opens 22222222 “Read the journal”, not 44444444 “Nightly”.\n';
    expect(await ccsess(`protect ${OLDER}`)).toEqual({ stdout: `${OLDER}\n`, stderr: line + headless, exitCode: 0 });
  });

  test('--pinned selects all pinned sessions; names together with --pinned, or neither, are refused', async () => {
    expect(await ccsess('protect --pinned', TERMINAL)).toEqual({
      stdout: 'No session is pinned.\n',
      stderr: '',
      exitCode: 0,
    });
    await ccsess(`pin ${OLD}`);
    age(`${PROJECT}/${OLD}.jsonl`, 29);
    expect(await ccsess('protect --pinned')).toEqual({ stdout: `${OLD}\n`, stderr: '', exitCode: 0 });
    expect(daysOld(`${OLD}.jsonl`)).toBe(15);
    const refused = (why: string): object => ({ stdout: '', stderr: `ccsess: ${why}.\n`, exitCode: 2 });
    expect(await ccsess('protect')).toEqual(
      refused('no session given: pass ids, titles or @N (row N of ccsess list), or --pinned'),
    );
    expect(await ccsess(`protect ${OLD} --pinned`)).toEqual(refused('name sessions or pass --pinned, not both'));
  });
});

describe('forecast', () => {
  test('on a terminal lists what is deleted, soonest first, and sessions that only lose parts', async () => {
    await ccsess(`pin ${CRON}`);
    age(`${PROJECT}/${CRON}.jsonl`, 26);
    expect(await run(['forecast'], { ...TERMINAL, env: { CLAUDE_CONFIG_DIR: home } })).toEqual({
      stdout: `\
  ID        GOES        ACTIVE  TITLE              PROJECT           SIZE
  22222222  next start  4w      Read the journal   /home/dev/app    256 B
  11111111  in 3d       3w      Write the journal  /home/dev/app  2.6 KiB
◆ 44444444  in 4d       3w      Nightly            /home/dev/app    299 B

3 sessions · 3.1 KiB · until Mon 30 Nov 2026 06:46
1 other stays and loses parts (101 B): file-history, tool-results
Keep some: ccsess protect ID · permanently: ccsess pin ID · the 1 pinned: ccsess protect --pinned
Claude Code deletes sessions 30 days after their last change, at a start, once a day (${home}).
`,
      stderr: '',
      exitCode: 0,
    });
  });

  test('prints lines in a pipe, and accepts another period', async () => {
    expect((await ccsess('forecast --within 3d')).stdout).toBe(
      `${OLDER}\t${daysAgo(1)}\tsession\t${daysAgo(31)}\t256\t/home/dev/app\tRead the journal\n` +
        `${OLD}\t${daysAgo(-3)}\tsession\t${daysAgo(27)}\t2670\t/home/dev/app\tWrite the journal\n` +
        `${FRESH}\t${daysAgo(-1)}\tparts\t${daysAgo(1)}\t1\t/home/dev/app\tNow restore\n`,
    );
    expect((await ccsess('forecast --within 0d')).stdout.split('\t')[0]).toBe(OLDER);
    expect((await ccsess('forecast --within 2026-11-24')).stdout.split('\n')).toHaveLength(2);
    expect(await ccsess('forecast --within 2026-11-01')).toEqual({
      stdout: '',
      stderr: 'ccsess: --within 2026-11-01: not in the future.\n',
      exitCode: 2,
    });
    expect((await ccsess('forecast --within 7')).exitCode).toBe(2);
  });

  test('JSON agrees with its schema, and with the records', async () => {
    const forecast = JSON.parse((await ccsess('forecast --json')).stdout) as {
      sessions: { id: string; whole: boolean; expiresAt: string }[];
    };
    expect(validator('forecast')(forecast)).toBe('');
    expect(forecast).toMatchObject({
      periods: [{ configDir: home, days: 30, skipped: null }],
      warnings: [],
      totals: { sessions: 3, partly: 1, partlyDeleteBytes: 101 },
    });
    const records = JSON.parse((await ccsess('list --json')).stdout) as { id: string; expiresAt: string }[];
    for (const { id, whole, expiresAt } of forecast.sessions)
      if (whole) expect(records.find((record) => record.id === id)?.expiresAt).toBe(expiresAt);
  });

  test('warns about folders whose settings make Claude Code delete sooner in all folders', async () => {
    const folder = join(home, 'work');
    temporaryFiles(folder, { 'settings.json': '{"cleanupPeriodDays":2}' });
    writeFileSync(join(home, PROJECT, `${FRESH}.jsonl`), promptLine('Now restore', { cwd: folder }));
    age(`${PROJECT}/${FRESH}.jsonl`, 1);
    const warning =
      `A start of Claude Code in ${folder} deletes what is older than 2 days in all projects: 3 sessions now ` +
      `(${folder}/.claude/settings.json).`;
    expect((await ccsess('forecast --within 0d')).stderr).toBe(`${warning}\n`);
    expect((await ccsess('forecast', TERMINAL)).stdout.split('\n')).toContain(warning);
    const forecast: unknown = JSON.parse((await ccsess('forecast --json')).stdout);
    expect(validator('forecast')(forecast)).toBe('');
    expect(forecast).toMatchObject({ warnings: [{ folder, days: 2, sessions: 3 }] });
    temporaryFiles(folder, { 'settings.local.json': '{"cleanupPeriodDays":365}' });
    expect((await ccsess('forecast --within 0d')).stderr).toBe('');
  });

  test('leaves out sessions of Claude Desktop, but not their parts', async () => {
    const path = `${PROJECT}/${FRESH}.jsonl`;
    writeFileSync(join(home, path), promptLine('From the desktop', { entrypoint: 'claude-desktop' }));
    mkdirSync(join(home, PROJECT, FRESH, 'tool-results'), { recursive: true });
    writeFileSync(join(home, PROJECT, FRESH, 'tool-results', 'a.txt'), 'x');
    for (const name of [path, `${PROJECT}/${FRESH}/tool-results/a.txt`]) age(name, 60);
    const { sessions } = JSON.parse((await ccsess('forecast --within 0d --json')).stdout) as {
      sessions: { id: string; whole: boolean; parts: { part: string }[] }[];
    };
    expect(sessions.find(({ id }) => id === FRESH)).toMatchObject({ whole: false, parts: [{ part: 'tool-results' }] });
    const before = JSON.parse((await ccsess('list --json')).stdout) as { id: string; expiresAt: string | null }[];
    expect(before.find(({ id }) => id === FRESH)?.expiresAt).toBeNull();
    writeFileSync(join(home, 'settings.json'), '{"desktopSessionCleanupPeriodDays":90}');
    const listed = JSON.parse((await ccsess('list --json')).stdout) as { id: string; expiresAt: string }[];
    expect(listed.find(({ id }) => id === FRESH)?.expiresAt).toBe(daysAgo(60 - 90));
  });

  test('lists nothing if no cleanup runs', async () => {
    writeFileSync(join(home, 'settings.json'), '{"cleanupPeriodDays":0}');
    expect((await ccsess('forecast', TERMINAL)).stdout).toBe(
      'Nothing will be deleted until Mon 30 Nov 2026 06:46.\n' +
        `Claude Code skips its cleanup in ${home}: ${home}/settings.json has an invalid value for ` +
        'cleanupPeriodDays.\n',
    );
    expect(JSON.parse((await ccsess('forecast --json')).stdout)).toMatchObject({
      sessions: [],
      periods: [{ days: null, skipped: { code: 'invalid-settings', file: join(home, 'settings.json') } }],
    });
  });
});

test('two config dirs that share their transcripts: the shorter period counts', async () => {
  const other = temporaryHome({ 'settings.json': '{"cleanupPeriodDays":10}' }).path;
  onTestFinished(() => rmSync(other, { recursive: true }));
  symlinkSync(join(home, 'projects'), join(other, 'projects'));
  const records = JSON.parse((await ccsess(`list --json --config-dir ${other}`)).stdout) as {
    id: string;
    expiresAt: string;
  }[];
  expect(records.find(({ id }) => id === FRESH)?.expiresAt).toBe(daysAgo(1 - 10));
});

function temporaryFiles(folder: string, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, '.claude'), { recursive: true });
    writeFileSync(join(folder, '.claude', name), text);
  }
}
