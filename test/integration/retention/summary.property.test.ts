import { appendFileSync, chownSync, linkSync, renameSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ConfigDir } from '../../../src/claude/model.js';
import type { Environment } from '../../../src/claude/environment.js';
import type { PrunePolicy } from '../../../src/retention/model.js';
import { overviewOf, type PruneOverview } from '../../../src/retention/plan/summary/overview.js';
import { planPrune } from '../../../src/retention/plan/plan.js';
import { summarizePrune } from '../../../src/retention/plan/summary/summarize-prune.js';
import { openSessionIndex } from '../../../src/session-index/open.js';
import type { SessionIndex } from '../../../src/session-index/session-index.js';
import { ownUid } from '../../../src/system/system.js';
import { IDLE } from '../../support/context.js';
import { rounds } from '../../support/rounds.js';
import { shownOverview } from '../../support/shown-overview.js';
import { temporaryFolder } from '../../support/temporary.js';
import { addFile, answerLine, configDirAt, line, promptLine } from '../../support/transcripts.js';

const DAY = 24 * 3_600_000;
/** Late enough that every folder of the test counts as settled. */
const NOW = Date.now() + 3_600_000;
const PID = 4242;
const RUNNING = { ...IDLE, pidExists: (pid: number) => pid >= PID, startTime: () => '77' };

const idOf = (n: number): string => `${String(n + 1).padStart(8, '0')}-0000-4000-8000-000000000000`;

/** Files of a session next to its transcript, by a name. */
const PARTS: Record<string, (home: string, session: string, n: number) => void> = {
  results: (home, session) => addFile(home, `${session}/tool-results/a.txt`, 'result'),
  subagent: (home, session) => {
    addFile(home, `${session}/subagents/agent-x.jsonl`, answerLine('msg_x', 'sub', { timestamp: at(80) }));
    addFile(home, `${session}/subagents/agent-x.meta.json`, '{"agentType":"x"}');
  },
  nested: (home, session) =>
    addFile(home, `${session}/subagents/workflows/w/agent-y.jsonl`, answerLine('msg_y', 'y', { timestamp: at(80) })),
  workflow: (home, session) => addFile(home, `${session}/workflows/run.json`, '{"a":1}'),
  legacy: (home, session, n) =>
    addFile(
      home,
      `projects/${session.split('/')[1] ?? ''}/agent-${n}.jsonl`,
      promptLine('old', { sessionId: idOf(n), timestamp: at(80) }),
    ),
  hardLink: (home, session, n) => {
    const path = addFile(home, `${session}/subagents/agent-h.jsonl`, answerLine('msg_h', 'h', { timestamp: at(80) }));
    linkSync(path, join(home, `other-${n}`));
  },
  folder: (home, session) => addFile(home, `${session}/tool-results/more/a.txt`, 'in a folder'),
  // Only root can change the owner of a folder.
  foreign: (home, session) => {
    addFile(home, `${session}/tool-results/a.txt`, 'result');
    if (ownUid() === 0) chownSync(join(home, session), 12_345, 12_345);
  },
  foreignLegacy: (home, session, n) => {
    PARTS['legacy']?.(home, session, n);
    const path = join(home, 'projects', session.split('/')[1] ?? '', `agent-${n}.jsonl`);
    if (ownUid() === 0) chownSync(path, 12_345, 12_345);
  },
  history: (home, _, n) => addFile(home, `file-history/${idOf(n)}/0123@v1`, 'before'),
  pinned: (home, session) => addFile(home, `${session}/pinned.json`, '{}'),
  archived: (home, session) =>
    addFile(home, `${session}/archived.json`, JSON.stringify({ archived: true, at: at(0.5) })),
  live: (home, _, n) =>
    addFile(home, `sessions/${PID + n}.json`, JSON.stringify({ pid: PID + n, sessionId: idOf(n), procStart: '77' })),
  restored: (home, _, n) => addFile(home, `.ccsess/restored/${idOf(n)}.json`, JSON.stringify({ at: at(1) })),
  copy: (home, _, n) => addFile(home, `projects/-copy/${idOf(n)}.jsonl`, promptLine('copy', { timestamp: at(70) })),
  link: (home, session) => {
    renameSync(join(home, `${session}.jsonl`), join(home, 'elsewhere.jsonl'));
    symlinkSync(join(home, 'elsewhere.jsonl'), join(home, `${session}.jsonl`));
  },
};

/** Changes between the run that keeps sums and the one that uses them. */
const CHANGES: Record<string, (home: string, session: string) => void> = {
  nothing: () => {},
  appended: (home, session) =>
    appendFileSync(join(home, `${session}.jsonl`), promptLine('more'.repeat(50), { timestamp: at(60) })),
  touched: (home, session) => utimesSync(join(home, `${session}.jsonl`), new Date(NOW), new Date(NOW - 1000)),
  result: (home, session) => addFile(home, `${session}/tool-results/b.txt`, 'another result'),
  meta: (home, session) => addFile(home, `${session}/subagents/agent-z.meta.json`, '{"agentType":"zzz"}'),
  agent: (home, session) =>
    addFile(home, `${session}/subagents/agent-z.jsonl`, answerLine('msg_z', 'z', { timestamp: at(80) })),
  title: (home, session) => addFile(home, `${session}/custom-title.json`, '{"customTitle":"x"}'),
};

interface Made {
  days: number;
  bytes: number;
  kind: 'cli' | 'sdk-cli';
  content: 'turn' | 'empty' | 'named' | 'untimed';
  project: string;
  parts: readonly string[];
  change: string;
  /** True for a fork of the session before it; the fork names the tool results of that session, if it has some. */
  isFork: boolean;
}

const made: fc.Arbitrary<Made> = fc.record({
  days: fc.constantFrom(0.001, 0.5, 3, 40, 90, -3),
  bytes: fc.constantFrom(0, 0, 3000, 20_000),
  kind: fc.constantFrom('cli', 'cli', 'sdk-cli'),
  content: fc.constantFrom('turn', 'turn', 'turn', 'turn', 'empty', 'named', 'untimed'),
  project: fc.constantFrom('-a', '-b'),
  parts: fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom<string[]>([], ['results'], ['subagent'], ['results', 'subagent']) },
    { weight: 1, arbitrary: fc.subarray(Object.keys(PARTS), { maxLength: 3 }) },
  ),
  change: fc.oneof(
    { weight: 6, arbitrary: fc.constant('nothing') },
    // Changes that leave the other sessions of the project dir as they are.
    { weight: 3, arbitrary: fc.constantFrom('appended', 'touched', 'result') },
    { weight: 1, arbitrary: fc.constantFrom(...Object.keys(CHANGES)) },
  ),
  isFork: fc.boolean(),
});

/** The usual value with this probability, else another. */
function seldom<Usual, Other>(
  probability: number,
  usual: Usual,
  other: fc.Arbitrary<Other>,
): fc.Arbitrary<Usual | Other> {
  const weight = Math.round(100 * probability);
  return fc.oneof({ weight, arbitrary: fc.constant(usual) }, { weight: 100 - weight, arbitrary: other });
}

const policy: fc.Arbitrary<PrunePolicy> = fc
  .record({
    before: seldom(
      0.2,
      null,
      fc.constantFrom(1, 10).map((days) => ({ ms: NOW - days * DAY, text: 'some time' })),
    ),
    largerThanBytes: seldom(0.8, null, fc.constantFrom(1000, 4000)),
    promptsAtMost: seldom(0.8, null, fc.constantFrom(0, 1)),
    empty: seldom(0.85, false, fc.constant(true)),
    maxTotalBytes: seldom(0.95, null, fc.constant(10_000)),
    keepLast: seldom(0.95, null, fc.constant(1)),
    includeArchived: fc.boolean(),
    includeRestored: fc.boolean(),
    kinds: fc.constantFrom<PrunePolicy['scope']['kinds'][]>([], [], ['headless']),
  })
  .map(({ kinds, ...some }) => ({
    ...some,
    orphans: false,
    minIdle: { ms: 600_000, text: '10min' },
    scope: { projects: [], isInProjects: null, kinds, title: null, tag: null },
    permanent: false,
    compress: true,
    trashTtl: null,
  }));

function at(days: number): string {
  return new Date(NOW - days * DAY).toISOString();
}

function write(home: string, session: Made, n: number): void {
  const id = idOf(n);
  const own = { sessionId: id, timestamp: at(session.days), entrypoint: session.kind, cwd: `/code/${session.project}` };
  const parent = idOf(n - 1);
  const fork = session.isFork && n > 0 ? { forkedFrom: { sessionId: parent, messageUuid: parent } } : {};
  const text = {
    turn: () => promptLine('x'.repeat(session.bytes), { ...own, ...fork }) + answerLine(`msg_${n}`, 'Yes.', own),
    empty: () => '',
    named: () => line({ type: 'custom-title', customTitle: 'Mine', sessionId: id }),
    untimed: () => promptLine('no time', { ...own, timestamp: undefined }),
  }[session.content]();
  const named = session.isFork ? promptLine(`see /x/${parent}/tool-results/a.txt`, own) : '';
  addFile(home, `projects/${session.project}/${id}.jsonl`, session.content === 'turn' ? text + named : text);
  for (const part of session.parts) PARTS[part]?.(home, `projects/${session.project}/${id}`, n);
}

async function summaries(
  configDir: ConfigDir,
  rules: PrunePolicy,
  change: () => void,
): Promise<{ quick: PruneOverview; whole: PruneOverview; index: SessionIndex }> {
  const cacheDir = temporaryFolder('cache');
  const options = { configDirs: [configDir], cacheDir, now: () => NOW, system: RUNNING };
  for (let turn = 0; turn < 2; turn++) {
    const index = await openSessionIndex(options);
    index.footprintBytes(index.rows);
  }
  change();
  const environment: Environment = { ...options, env: {}, home: '/nowhere', cwd: '/' };
  const planOptions = { environment, trash: { dir: '', heldBytes: 0, expire: [] }, dryRun: true };
  const index = await openSessionIndex({ ...options, readOnly: true });
  const quick = summarizePrune(index, rules, planOptions);
  // Without sums, so that every file is examined.
  const plain = await openSessionIndex({ ...options, cacheDir: null });
  rmSync(cacheDir, { recursive: true });
  return { quick, whole: overviewOf(planPrune(plain, rules, planOptions), plain), index };
}

const PLAIN: Made = {
  days: 40,
  bytes: 0,
  kind: 'cli',
  content: 'turn',
  project: '-a',
  parts: [],
  change: 'nothing',
  isFork: false,
};

const OLD: PrunePolicy = {
  before: { ms: NOW - 10 * DAY, text: 'some time' },
  largerThanBytes: null,
  promptsAtMost: null,
  empty: false,
  maxTotalBytes: null,
  keepLast: null,
  includeArchived: false,
  includeRestored: false,
  orphans: false,
  minIdle: { ms: 600_000, text: '10min' },
  scope: { projects: [], isInProjects: null, kinds: [], title: null, tag: null },
  permanent: false,
  compress: true,
  trashTtl: null,
};

/** Sessions and policies that chance seldom brings together. */
const SELDOM: readonly [session: Partial<Made>, rules: Partial<PrunePolicy>][] = [
  [{ parts: ['foreign'] }, {}],
  [{ parts: ['subagent', 'foreignLegacy'] }, {}],
  [{ parts: ['results', 'legacy'] }, {}],
  [{ parts: ['results', 'foreignLegacy'] }, {}],
  [{ parts: ['foreignLegacy'] }, {}],
  [{ parts: ['live'] }, {}],
  [{ parts: ['restored'] }, {}],
  [
    { days: 0.5, bytes: 3000 },
    { before: null, largerThanBytes: 1000 },
  ],
];

test('the overview of a dry run equals that of the plan that examines every file', async () => {
  let measured = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(made, { minLength: 1, maxLength: 7 }),
      policy,
      fc.boolean(),
      async (sessions, rules, isLinked) => {
        const home = temporaryFolder('home');
        sessions.forEach((session, n) => write(home, session, n));
        if (isLinked && sessions.some(({ project }) => project === '-b')) {
          renameSync(join(home, 'projects/-b'), join(home, 'b'));
          symlinkSync(join(home, 'b'), join(home, 'projects/-b'));
        }
        const configDir = configDirAt(home);
        const { quick, whole, index } = await summaries(configDir, rules, () => {
          for (const [n, { change, project }] of sessions.entries())
            CHANGES[change]?.(home, `projects/${project}/${idOf(n)}`);
        });
        expect(shownOverview(quick)).toEqual(shownOverview(whole));
        measured += index.measure(() => true)?.bytes.filter((bytes) => !Number.isNaN(bytes)).length ?? 0;
        rmSync(home, { recursive: true });
      },
    ),
    {
      numRuns: rounds(150),
      examples: SELDOM.map(([session, rules]) => [[{ ...PLAIN, ...session }], { ...OLD, ...rules }, false]),
    },
  );
  expect(measured).toBeGreaterThan(rounds(120));
});
