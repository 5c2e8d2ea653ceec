import { appendFileSync, lstatSync, readdirSync, renameSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import type * as Fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, expect, test, vi } from 'vitest';
import { renewTimes, requireRenewable, type Renewals } from '../../../src/retention/keep/keep-times.js';
import { NOW } from '../../support/builders.js';
import { promptLine } from '../../support/transcripts.js';
import { disk, id, put } from '../claude/disk.js';
import { age, DAY, homeOf, open, type Home, type Plan } from './aged-home.js';
import { evenly } from '../../support/evenly.js';
import { rounds } from '../../support/rounds.js';

const HALF = NOW - 15 * DAY;

/** Runs right before a file's time is set; the error code makes setting it fail. */
const setting = vi.hoisted(() => ({ before: (_path: string): void => {}, failure: null as string | null }));

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof Fs>();
  const lutimes: typeof fs.lutimesSync = (path, atime, mtime) => {
    setting.before(String(path));
    if (setting.failure !== null) throw Object.assign(new Error(setting.failure), { code: setting.failure });
    fs.lutimesSync(path, atime, mtime);
  };
  const mocked = { ...fs, lutimesSync: lutimes };
  return { ...mocked, default: mocked };
});

beforeEach(() => void Object.assign(setting, { before: () => {}, failure: null }));

/** Modification time of everything below a folder. */
function timesBelow(root: string): Map<string, number> {
  return new Map(
    readdirSync(root, { recursive: true, encoding: 'utf8' }).map((path) => [path, lstatSync(join(root, path)).mtimeMs]),
  );
}

function renew({ index, environment }: Home, chosen: (n: number) => boolean, dryRun = false): Renewals {
  return renewTimes(
    index.rows.filter(({ file }) => chosen(Number(file.id.slice(-12)))),
    index,
    environment,
    { dryRun },
  );
}

const days = evenly(0, 70);
const plans = fc.array(
  fc.record({
    folder: fc.constantFrom('/home/me/a', '/home/me/b'),
    activeDays: fc.integer({ min: 0, max: 70 }),
    days,
    partDays: days,
    renew: fc.boolean(),
  }),
  { minLength: 1, maxLength: 8 },
);

test('protected sessions become safe, keep their order and get no older; a second run changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(plans, async (sessions) => {
      const home = await homeOf(sessions);
      try {
        const isChosen = (n: number): boolean => sessions[n]?.renew === true;
        const before = timesBelow(home.root);
        const foretold = renew(home, isChosen, true);
        expect(timesBelow(home.root)).toEqual(before);
        const done = renew(home, isChosen);
        expect(done).toEqual(foretold);
        const after = timesBelow(home.root);

        for (const [path, ms] of after) {
          const was = before.get(path) ?? NaN;
          const owner = sessions.findIndex((_, n) => path.includes(id(n)));
          if (owner < 0 || !isChosen(owner)) expect(ms).toBe(was);
          else {
            expect(ms).toBeGreaterThanOrEqual(Math.max(was, HALF - DAY));
            expect(ms).toBeLessThanOrEqual(Math.max(was, HALF));
          }
        }
        const transcript = (times: Map<string, number>, n: number): number =>
          times.get(`projects/${sessions[n]!.folder.replace(/\W/g, '-')}/${id(n)}.jsonl`)!;
        const moved = sessions
          .flatMap((_, n) => (transcript(after, n) > transcript(before, n) ? [n] : []))
          .sort((a, b) => sessions[a]!.activeDays - sessions[b]!.activeDays);
        for (const [at, n] of moved.slice(1).entries())
          expect(transcript(after, moved[at]!) - transcript(after, n)).toBeGreaterThanOrEqual(1000);

        for (const folder of ['/home/me/a', '/home/me/b']) {
          const newest = (times: Map<string, number>): number =>
            sessions.reduce(
              (best, { folder: lies }, n) =>
                lies !== folder || (best >= 0 && transcript(times, best) >= transcript(times, n)) ? best : n,
              -1,
            );
          const [first, then] = [newest(before), newest(after)];
          if (first >= 0 && transcript(before, first) > HALF) expect(then).toBe(first);
          const told = done.continued.filter(({ cwd, command }) => cwd === folder && command === 'claude -c');
          expect(told.map((one) => [one.before.file.id, one.after.file.id])).toEqual(
            first === then ? [] : [[id(first), id(then)]],
          );
        }
        const again = renew(await open(home.root), isChosen);
        expect(again.sessions.map(({ renewed }) => renewed)).toEqual(done.sessions.map(() => 0));
        expect(timesBelow(home.root)).toEqual(after);
      } finally {
        rmSync(home.root, { recursive: true });
      }
    }),
    { numRuns: rounds(30) },
  );
});

const OLD: Plan = { folder: '/home/me/a', activeDays: 40, days: 29, partDays: 29, renew: true };

test('the result names the end of the protection', async () => {
  const home = await homeOf([OLD, OLD]);
  expect(renew(home, () => true).sessions.map(({ renewed, safeUntilMs }) => [renewed, safeUntilMs])).toEqual([
    [10, HALF + 30 * DAY],
    [10, HALF + 30 * DAY - 1000],
  ]);
});

test('the protection lasts for half of the shortest period that applies to a start in any folder', async () => {
  const folder = disk({ '.claude/settings.json': '{"cleanupPeriodDays":4}' });
  const home = await homeOf([
    { ...OLD, folder },
    { ...OLD, days: 1 },
  ]);
  const { sessions } = renew(home, () => true);
  expect(sessions.map(({ safeUntilMs }) => safeUntilMs)).toEqual(
    expect.arrayContaining([NOW + 2 * DAY, NOW + 2 * DAY - 1000]),
  );
});

test('the protection has no end where no cleanup runs', async () => {
  const home = await homeOf([OLD], '{"cleanupPeriodDays":0}');
  expect(renew(home, () => true).sessions.map(({ safeUntilMs }) => safeUntilMs)).toEqual([null]);
});

test('the target of a link keeps its time', async () => {
  const home = await homeOf([OLD]);
  const outside = disk({ 'x.txt': 'mine' });
  utimesSync(join(outside, 'x.txt'), 1000, 1000);
  const link = join(dirname(home.index.rows[0]!.file.path), id(0), 'tool-results', 'link');
  symlinkSync(join(outside, 'x.txt'), link);
  age(link, 29);
  renew(home, () => true);
  expect(lstatSync(join(outside, 'x.txt')).mtimeMs).toBe(1_000_000);
  expect(lstatSync(link).mtimeMs).toBe(HALF);
});

test('-p -c continues headless sessions too, -c does not', async () => {
  const home = await homeOf([OLD, { ...OLD, days: 28, renew: false }, { ...OLD, days: 27, renew: false }]);
  const path = home.index.rows.find(({ file }) => file.id === id(2))!.file.path;
  put(dirname(path), { [basename(path)]: promptLine('Hello', { cwd: '/home/me/a', entrypoint: 'sdk-cli' }) });
  age(path, 10);
  const { continued } = renew(await open(home.root), (n) => n === 0);
  expect(continued.map(({ command, before, after }) => [command, before.file.id, after.file.id])).toEqual([
    ['claude -c', id(1), id(0)],
  ]);
});

test('a transcript without a conversation is not one that -c continues', async () => {
  const home = await homeOf([OLD, { ...OLD, days: 28, renew: false }, { ...OLD, days: 10, renew: false }]);
  const path = home.index.rows.find(({ file }) => file.id === id(2))!.file.path;
  put(dirname(path), { [basename(path)]: `${JSON.stringify({ type: 'note', cwd: '/home/me/a' })}\n` });
  age(path, 10);
  const again = await open(home.root);
  expect(again.index.rows.map(({ file, resumable }) => [file.id, resumable]).sort()).toEqual([
    [id(0), true],
    [id(1), true],
    [id(2), false],
  ]);
  const { continued } = renew(again, (n) => n === 0);
  expect(continued.map(({ command, before, after }) => [command, before.file.id, after.file.id])).toEqual([
    ['claude -c', id(1), id(0)],
    ['claude -p -c', id(1), id(0)],
  ]);
});

test('a vanished session is not a problem', async () => {
  const home = await homeOf([OLD]);
  rmSync(join(home.root, 'projects'), { recursive: true });
  rmSync(join(home.root, 'tasks'), { recursive: true });
  expect(renew(home, () => true)).toMatchObject({ sessions: [{ renewed: 2 }], problems: [], continued: [] });
});

const transcriptOf = ({ root }: Home, n: number): string => join(root, `projects/-home-me-a/${id(n)}.jsonl`);

test('times are set in the order of activity, a second apart, and only once', async () => {
  const home = await homeOf([
    { ...OLD, activeDays: 40 },
    { ...OLD, activeDays: 20 },
    { ...OLD, activeDays: 30 },
  ]);
  const renewed = (one: Home): number[] => renew(one, () => true).sessions.map((session) => session.renewed);
  expect(renewed(home)).toEqual([10, 10, 10]);
  expect([0, 1, 2].map((n) => HALF - lstatSync(transcriptOf(home, n)).mtimeMs)).toEqual([2000, 0, 1000]);
  expect(renewed(await open(home.root))).toEqual([0, 0, 0]);
});

test('the protection ends with the part deleted first; a folder named by an id counts by its own time', async () => {
  const home = await homeOf([{ ...OLD, days: 1, partDays: 1 }]);
  age(join(home.root, 'tasks', id(0), '1.json'), 20);
  expect(renew(home, () => true, true).sessions[0]?.safeUntilMs).toBe(NOW + 29 * DAY);
  age(join(home.root, 'tasks', id(0)), 14);
  expect(renew(await open(home.root), () => true, true).sessions[0]?.safeUntilMs).toBe(NOW + 16 * DAY);
  age(transcriptOf(home, 0), 14.5);
  expect(renew(await open(home.root), () => true, true).sessions[0]?.safeUntilMs).toBe(NOW + 15.5 * DAY);
});

test('a program that writes to a transcript meanwhile leaves it the newest', async () => {
  const home = await homeOf([OLD]);
  const transcript = transcriptOf(home, 0);
  setting.before = (path) => {
    if (path !== transcript) return;
    setting.before = () => {};
    appendFileSync(path, promptLine('More'));
  };
  renew(home, () => true);
  expect(lstatSync(transcript).mtimeMs).toBe(NOW);
  expect(lstatSync(join(home.root, 'tasks', id(0), '1.json')).mtimeMs).toBe(HALF);
});

test('a time that cannot be set is a problem, unless the file is gone', async () => {
  const home = await homeOf([OLD]);
  setting.failure = 'EPERM';
  const { sessions, problems } = renew(home, () => true);
  expect([sessions[0]?.renewed, sessions[0]?.safeUntilMs, problems.length]).toEqual([0, NOW + DAY, 10]);
  expect(problems).toContainEqual({
    code: 'unchanged',
    message: 'Its time cannot be set (EPERM).',
    ...{ file: transcriptOf(home, 0), line: null, byteOffset: null },
  });
  setting.failure = 'ENOENT';
  expect(renew(home, () => true)).toMatchObject({ sessions: [{ renewed: 0 }], problems: [] });
});

test('times are not set through a link, and the link is reported once', async () => {
  const home = await homeOf([OLD, OLD]);
  const folder = join(home.root, 'projects/-home-me-a');
  renameSync(folder, join(home.root, 'elsewhere'));
  symlinkSync('../elsewhere', folder);
  const { sessions, problems } = renew(home, () => true);
  expect(sessions.map(({ renewed }) => renewed)).toEqual([4, 4]);
  expect(problems).toEqual([
    {
      code: 'unchanged',
      message: 'Times in it were not set: it is a link, and links are not followed there.',
      ...{ file: folder, line: null, byteOffset: null },
    },
  ]);
  expect(lstatSync(join(home.root, 'elsewhere', `${id(0)}.jsonl`)).mtimeMs).toBe(NOW - 29 * DAY);
  const file = { id: id(0), path: transcriptOf(home, 0) };
  const message = `session ${id(0)} could not be protected: ${folder} is a link, and links are not followed there.`;
  expect(() => requireRenewable(file)).toThrow(expect.objectContaining({ code: 'IO', message }) as Error);
  expect(() => requireRenewable({ ...file, path: join(home.root, 'elsewhere', `${id(0)}.jsonl`) })).not.toThrow();
});
