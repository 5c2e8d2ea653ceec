import { describe, expect, test } from 'vitest';
import type { PrunePolicy } from '../../../src/retention/model.js';
import { planPrune } from '../../../src/retention/plan/plan.js';
import type { PlanOptions } from '../../../src/retention/plan/planned.js';
import { overviewOf, type PruneOverview } from '../../../src/retention/plan/summary/overview.js';
import { isOfColumns } from '../../../src/retention/plan/summary/sum-columns.js';
import { summarizePrune } from '../../../src/retention/plan/summary/summarize-prune.js';
import { openSessionIndex } from '../../../src/session-index/open.js';
import type { SessionIndex } from '../../../src/session-index/session-index.js';
import { IDLE } from '../../support/context.js';
import { aPolicy } from '../../support/policies.js';
import { shownOverview } from '../../support/shown-overview.js';
import { temporaryFolder } from '../../support/temporary.js';
import { answerLine, line, promptLine, temporaryHome } from '../../support/transcripts.js';
import { id } from '../claude/disk.js';

const DAY = 24 * 3_600_000;
/** Late enough that every folder of the test counts as settled. */
const NOW = Date.now() + 3_600_000;
const PID = 4242;
const SYSTEM = { ...IDLE, pidExists: (pid: number) => pid === PID, startTime: () => '77' };

const at = (days: number): string => new Date(NOW - days * DAY).toISOString();

/** A turn of a session with a prompt of `bytes` bytes. */
function turn(
  n: number,
  { days = 40, bytes = 0, kind = 'cli', project = '-a', fork = null as number | null } = {},
): string {
  const own = { sessionId: id(n), timestamp: at(days), entrypoint: kind, cwd: `/code/${project}` };
  const forkedFrom = fork === null ? {} : { forkedFrom: { sessionId: id(fork), messageUuid: id(fork) } };
  const named = fork === null ? '' : promptLine(`see /x/${id(fork)}/tool-results/a.txt`, own);
  return (
    promptLine('x'.repeat(bytes), { ...own, ...forkedFrom }) +
    answerLine(`msg_${String(n).padStart(2, '0')}`, 'Yes.', own) +
    named
  );
}

/** Sessions that are protected, unusual, or compared with each other; most of them are old. */
function files(): Record<string, string> {
  const sessions: Record<string, string> = {};
  const add = (n: number, text: string, project = '-a'): void =>
    void (sessions[`projects/${project}/${id(n)}.jsonl`] = text);
  // More than the screen names: of one size, of which some are of one age.
  for (let n = 1; n <= 12; n++) add(n, turn(n, { days: 50 - Math.floor(n / 3), bytes: 500 }));
  add(13, turn(13, { bytes: 20_000, project: '-b' }), '-b');
  add(14, turn(14, { days: 0.5, bytes: 3000 }));
  add(15, turn(15, { kind: 'sdk-cli', bytes: 3000, project: '-b' }), '-b');
  add(16, turn(16, { days: 3, project: '-recent' }), '-recent');
  // A fork of a fork keeps both of its ancestors, and a fork that is removed keeps none.
  add(17, turn(17));
  add(18, turn(18, { fork: 17 }));
  add(19, turn(19, { fork: 18, days: 2 }));
  add(20, turn(20, { bytes: 900 }));
  add(21, turn(21, { fork: 20 }));
  for (const n of [17, 18, 20]) sessions[`projects/-a/${id(n)}/tool-results/a.txt`] = 'result';
  add(22, '');
  add(23, line({ type: 'custom-title', customTitle: 'Mine', sessionId: id(23) }));
  add(24, promptLine('no time', { sessionId: id(24), timestamp: undefined }));
  add(25, turn(25));
  sessions[`projects/-a/${id(25)}/pinned.json`] = '{}';
  add(26, turn(26));
  sessions[`projects/-a/${id(26)}/archived.json`] = JSON.stringify({ archived: true, at: at(0.5) });
  add(27, turn(27));
  sessions[`sessions/${PID}.json`] = JSON.stringify({ pid: PID, sessionId: id(27), procStart: '77' });
  add(28, turn(28));
  sessions[`.ccsess/restored/${id(28)}.json`] = JSON.stringify({ at: at(1) });
  add(29, turn(29, { bytes: 700 }));
  add(29, turn(29, { bytes: 100, project: '-copy' }), '-copy');
  add(30, turn(30));
  sessions[`file-history/${id(30)}/0123@v1`] = 'before';
  return sessions;
}

const AGE = { ms: NOW - 10 * DAY, text: '10d' };

/** The index of a config dir with remembered sums, one without, and options of a plan. */
interface Home {
  index: SessionIndex;
  plain: SessionIndex;
  options: PlanOptions;
}

async function homeOf(some: Record<string, string>): Promise<Home> {
  const cacheDir = temporaryFolder('cache');
  const world = { configDirs: [temporaryHome(some)], cacheDir, now: () => NOW, system: SYSTEM };
  for (let run = 0; run < 2; run++) {
    const each = await openSessionIndex(world);
    each.footprintBytes(each.rows);
  }
  const index = await openSessionIndex({ ...world, readOnly: true });
  const plain = await openSessionIndex({ ...world, cacheDir: null });
  const environment = { ...world, env: {}, home: '/nowhere', cwd: '/' };
  return { index, plain, options: { environment, trash: { dir: '', heldBytes: 0, expire: [] }, dryRun: true } };
}

function expectSameOverview({ index, plain, options }: Home, rules: PrunePolicy, isEnough = true): void {
  expect([isOfColumns(rules), index.measure(() => true) === null]).toEqual([isEnough, false]);
  const [quick, whole] = [summarizePrune(index, rules, options), overviewOf(planPrune(plain, rules, options), plain)];
  expect(shownOverview(quick)).toEqual(shownOverview(whole));
}

// Made outside of a test, since all tests read it.
const home = await homeOf(files());

describe('the overview of a dry run from columns', () => {
  test.each<[string, Partial<PrunePolicy>]>([
    ['an age', { before: AGE }],
    ['an age, archived and restored ones too', { before: AGE, includeArchived: true, includeRestored: true }],
    ['an age to the millisecond', { before: { ms: NOW - 40 * DAY, text: '40d' } }],
    ['an age and a size', { before: AGE, largerThanBytes: 1500 }],
    ['a size', { largerThanBytes: 1500 }],
    ['a number of prompts', { promptsAtMost: 1 }],
    ['no prompts', { promptsAtMost: 0 }],
    ['being empty', { empty: true }],
    ['an age and being empty', { empty: true, before: AGE }],
    ['an age and a kind', { before: AGE, scope: { ...aPolicy().scope, kinds: ['headless'] } }],
    ['an age and another kind', { before: AGE, scope: { ...aPolicy().scope, kinds: ['interactive'] } }],
    ['an age and a long idle time', { before: AGE, minIdle: { ms: 45 * DAY, text: '45d' } }],
    ['nothing', {}],
  ])('equals that of the plan that examines every file, for sessions selected by %s', (_what, more) => {
    expectSameOverview(home, aPolicy(more));
  });

  test.each<[string, Record<string, string>]>([
    ['one session', { [`projects/-a/${id(1)}.jsonl`]: turn(1) }],
    ['files named by an id', { [`projects/-a/${id(1)}.jsonl`]: turn(1), [`file-history/${id(1)}/0123@v1`]: 'before' }],
    [
      'copies of a session',
      { [`projects/-a/${id(1)}.jsonl`]: turn(1), [`projects/-b/${id(1)}.jsonl`]: turn(1, { project: '-b', bytes: 9 }) },
    ],
    [
      'one fork',
      {
        [`projects/-a/${id(1)}.jsonl`]: turn(1),
        [`projects/-a/${id(1)}/tool-results/a.txt`]: 'result',
        [`projects/-a/${id(2)}.jsonl`]: turn(2, { fork: 1, days: 2 }),
      },
    ],
  ])('equals it also where there is nothing but %s', async (_what, some) => {
    expectSameOverview(await homeOf(some), aPolicy({ before: AGE }));
  });

  test.each<[string, Partial<PrunePolicy>]>([
    ['the newest of each project', { before: AGE, keepLast: 2 }],
    ['a budget', { maxTotalBytes: 20_000 }],
    ['a title', { before: AGE, scope: { ...aPolicy().scope, title: 'x' } }],
    ['leftovers', { before: AGE, orphans: true }],
  ])('equals it for rules that need more than columns: %s', (_what, more) => {
    expectSameOverview(home, aPolicy(more), false);
  });

  test('names the ten largest removals and the projects that lose most', () => {
    const { largest, shares, plan }: PruneOverview = summarizePrune(home.index, aPolicy({ before: AGE }), home.options);
    expect(largest.map(({ candidate }) => candidate.id)).toEqual([13, 15, 20, 29, 1, 2, 3, 4, 5, 6].map(id));
    expect(shares.map(({ projectDir, removed, kept }) => [projectDir, removed, kept])).toEqual([
      ['-b', 2, 0],
      ['-a', 16, 11],
      ['-copy', 1, 0],
    ]);
    const { remove, keep, scanned, notSelected } = plan.totals;
    expect({ remove, keep, scanned, notSelected }).toEqual({ remove: 19, keep: 6, scanned: 31, notSelected: 6 });
  });
});

test('columns are enough for rules that compare no sessions and need no records', () => {
  const { scope } = aPolicy();
  const isEnough = (more: Partial<PrunePolicy>): boolean => isOfColumns(aPolicy(more));
  expect([{}, { scope: { ...scope, kinds: ['headless' as const] } }].map(isEnough)).toEqual([true, true]);
  for (const policy of [
    { orphans: true },
    { keepLast: 1 },
    { maxTotalBytes: 0 },
    { scope: { ...scope, isInProjects: () => true } },
    { scope: { ...scope, title: 'x' } },
    { scope: { ...scope, tag: 'x' } },
  ])
    expect(isEnough(policy)).toBe(false);
});
