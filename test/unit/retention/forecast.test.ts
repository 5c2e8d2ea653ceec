import { linkSync, lstatSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { forecast, type ForecastSession } from '../../../src/retention/keep/forecast.js';
import { renewTimes } from '../../../src/retention/keep/keep-times.js';
import { NOW } from '../../support/builders.js';
import { evenly } from '../../support/evenly.js';
import { promptLine } from '../../support/transcripts.js';
import { disk, id, put } from '../claude/disk.js';
import { age, DAY, homeOf, open, type Home, type Plan } from './aged-home.js';

const FRESH: Plan = { folder: '/home/me/a', activeDays: 1, days: 1, partDays: 1, renew: false };
const OLD: Plan = { ...FRESH, days: 31, partDays: 31 };

const goes = ({ index, environment }: Home, days = 7): ForecastSession[] =>
  forecast(index, NOW + days * DAY, environment).sessions;
const partsOf = (session: ForecastSession | undefined): string[] =>
  session?.parts.map(({ part, deleteFiles }) => `${part} ${deleteFiles}`) ?? [];

test('a protected session is not deleted within half a cleanup period', async () => {
  const days = evenly(0, 70);
  const plans = fc.array(
    fc.record({
      folder: fc.constantFrom('/home/me/a', '/home/me/b'),
      activeDays: days,
      days,
      partDays: days,
      renew: fc.constant(true),
    }),
    { minLength: 1, maxLength: 5 },
  );
  await fc.assert(
    fc.asyncProperty(plans, async (sessions) => {
      const home = await homeOf(sessions);
      renewTimes(home.index.rows, home.index, home.environment, { dryRun: false });
      expect(goes(await open(home.root), 14.99)).toEqual([]);
      expect(goes(await open(home.root), 30).length).toBeGreaterThan(0);
      rmSync(home.root, { recursive: true });
    }),
    { numRuns: 25 },
  );
});

test('a session is deleted with its side folder, even a recent one, not with recent folders of its id', async () => {
  const home = await homeOf([{ ...OLD, partDays: 1 }]);
  expect(goes(home).map((session) => [session.whole, ...partsOf(session)])).toEqual([
    [true, 'transcript 1', 'subagents 1', 'tool-results 1'],
  ]);
});

test('folders under an id expire by their own time, whatever is in them; tool results one by one', async () => {
  const home = await homeOf([FRESH]);
  put(home.root, { [`projects/-home-me-a/${id(0)}/tool-results/old.txt`]: 'x' });
  age(join(home.root, `projects/-home-me-a/${id(0)}/tool-results/old.txt`), 40);
  age(join(home.root, 'file-history', id(0)), 29);
  age(join(home.root, 'tasks', id(0), '1.json'), 40);
  const [session] = goes(home);
  expect([session?.whole, session?.expiresAt, ...partsOf(session)]).toEqual([
    false,
    new Date(NOW - 10 * DAY).toISOString(),
    'tool-results 1',
    'file-history 1',
  ]);
});

test('image caches are deleted at the next cleanup, files of old subagents one by one, links never', async () => {
  const home = await homeOf([FRESH, OLD]);
  put(home.root, {
    [`image-cache/${id(0)}/1.png`]: 'x',
    'projects/-home-me-a/agent-abc.jsonl': promptLine('Sub', { sessionId: id(0) }),
  });
  age(join(home.root, 'projects/-home-me-a/agent-abc.jsonl'), 28);
  const transcript = join(home.root, `projects/-home-me-a/${id(1)}.jsonl`);
  renameSync(transcript, join(home.root, 'elsewhere.jsonl'));
  symlinkSync(join(home.root, 'elsewhere.jsonl'), transcript);
  for (const part of [
    join(dirname(transcript), id(1)),
    join(home.root, 'tasks', id(1)),
    join(home.root, 'file-history', id(1)),
  ])
    rmSync(part, { recursive: true });
  expect(goes(await open(home.root)).map((session) => [session.id, ...partsOf(session)])).toEqual([
    [id(0), 'subagents 1', 'image-cache 1'],
  ]);
});

test('hard links count once', async () => {
  const home = await homeOf([OLD]);
  const folder = join(home.root, 'file-history', id(0));
  mkdirSync(folder, { recursive: true });
  linkSync(join(folder, 'h@v1'), join(folder, 'h@v2'));
  age(folder, 31);
  expect(partsOf(goes(home)[0])).toContain('file-history 1');
});

test('whole sessions first, the soonest first', async () => {
  const home = await homeOf([{ ...FRESH, partDays: 40 }, { ...OLD, days: 25 }, OLD]);
  expect(goes(home).map((session) => [session.id, session.whole])).toEqual([
    [id(2), true],
    [id(1), true],
    [id(0), false],
  ]);
  expect(forecast(home.index, NOW, home.environment).totals).toMatchObject({ sessions: 1, partly: 2 });
});

test('what expires at the last moment is listed, with its files and bytes, and what expires later is not', async () => {
  const home = await homeOf([
    { ...FRESH, days: 23, partDays: 1 },
    { ...FRESH, days: 22.999, partDays: 23 },
  ]);
  put(home.root, {
    [`projects/-home-me-a/${id(1)}/tool-results/b.txt`]: 'four',
    [`projects/-home-me-a/${id(1)}/tool-results/c.txt`]: 'eight...',
  });
  age(join(home.root, `projects/-home-me-a/${id(1)}/tool-results/b.txt`), 22);
  age(join(home.root, `projects/-home-me-a/${id(1)}/tool-results/c.txt`), 29);
  const { sessions, totals } = forecast((await open(home.root)).index, NOW + 7 * DAY, home.environment);
  const last = new Date(NOW + 7 * DAY).toISOString();
  const { size } = lstatSync(join(home.root, `projects/-home-me-a/${id(0)}.jsonl`));
  expect(
    sessions.map(({ id: one, whole, expiresAt, deleteFiles, deleteBytes }) => [
      one,
      whole,
      expiresAt,
      deleteFiles,
      deleteBytes,
    ]),
  ).toEqual([
    [id(0), true, last, 3, size + 2],
    [id(1), false, new Date(NOW + DAY).toISOString(), 4, 11],
  ]);
  expect(sessions[1]?.parts).toEqual([
    { part: 'tool-results', deleteFiles: 2, deleteBytes: 9, expiresAt: new Date(NOW + DAY).toISOString() },
    { part: 'file-history', deleteFiles: 1, deleteBytes: 1, expiresAt: last },
    { part: 'tasks', deleteFiles: 1, deleteBytes: 1, expiresAt: last },
  ]);
  expect(totals).toEqual({ sessions: 1, deleteBytes: size + 2, partly: 1, partlyDeleteBytes: 11 });
});

test('a folder with a shorter period is reported with the sessions that a start there deletes now', async () => {
  const folder = disk({ '.claude/settings.json': '{"cleanupPeriodDays":5}' });
  const longer = disk({ '.claude/settings.json': '{"cleanupPeriodDays":50}' });
  const home = await homeOf([
    { ...FRESH, folder, days: 5 },
    { ...FRESH, days: 6 },
    { ...FRESH, folder: longer, days: 4.999 },
  ]);
  expect(forecast(home.index, NOW, home.environment).warnings).toEqual([
    { folder, file: join(folder, '.claude/settings.json'), days: 5, sessions: 2 },
  ]);
});
