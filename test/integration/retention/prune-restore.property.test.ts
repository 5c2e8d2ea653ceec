import fc from 'fast-check';
import { lstatSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resolveConfigDirs } from '../../../src/claude/config-dir.js';
import type { System } from '../../../src/system/system.js';
import type { Environment } from '../../../src/claude/environment.js';
import { applyPlan } from '../../../src/retention/apply/apply.js';
import type { PlanSummary, PrunePlan, PrunePolicy } from '../../../src/retention/model.js';
import { planPrune } from '../../../src/retention/plan/plan.js';
import { summarizePrune } from '../../../src/retention/plan/summary/summarize-prune.js';
import { restoreSessions } from '../../../src/retention/restore/restore.js';
import { readTrash } from '../../../src/retention/trash/trash.js';
import { openSessionIndex } from '../../../src/session-index/open.js';
import { NOW } from '../../support/builders.js';
import { IDLE } from '../../support/context.js';
import { addFile, answerLine, promptLine } from '../../support/transcripts.js';
import { emptyConfigDir, ofSession, snapshot, writeSession, type Snapshot } from '../../support/trees.js';
import { rounds } from '../../support/rounds.js';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const LIVE_PID = 4242;
const RUNS = rounds(40);

/** A session: how old its activity is, how large, and what protects it. */
interface Made {
  whole: boolean;
  project: string;
  ageMs: number;
  bytes: number;
  prompt: boolean;
  guard: 'none' | 'pinned' | 'live' | 'touched';
}

const made: fc.Arbitrary<Made> = fc.record({
  whole: fc.boolean(),
  project: fc.constantFrom('-home-dev-app', '-home-dev-web'),
  ageMs: fc.oneof(
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 30 * MINUTE }) },
    { weight: 3, arbitrary: fc.integer({ min: 0, max: 90 * DAY }) },
  ),
  bytes: fc.integer({ min: 0, max: 20_000 }),
  prompt: fc.boolean(),
  guard: fc.constantFrom('none', 'none', 'none', 'none', 'pinned', 'live', 'touched'),
});

/**
 * A value that is present `weight` times in ten. A session must meet all criteria of a policy, so most policies have
 * few.
 */
function sometimes<T>(weight: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.oneof({ weight, arbitrary }, { weight: 10 - weight, arbitrary: fc.constant(null) });
}

const policy: fc.Arbitrary<PrunePolicy> = fc
  .record({
    before: sometimes(
      7,
      fc.integer({ min: MINUTE, max: 60 * DAY }).map((ms) => ({ ms: NOW - ms, text: 'some time' })),
    ),
    largerThanBytes: sometimes(2, fc.integer({ min: 1, max: 20_000 })),
    promptsAtMost: sometimes(2, fc.integer({ min: 0, max: 2 })),
    empty: sometimes(1, fc.constant(true)).map((given) => given === true),
    maxTotalBytes: sometimes(4, fc.integer({ min: 0, max: 60_000 })),
    keepLast: sometimes(2, fc.integer({ min: 1, max: 3 })),
    compress: fc.boolean(),
  })
  .filter(
    ({ before, largerThanBytes, promptsAtMost, empty, maxTotalBytes }) =>
      [before, largerThanBytes, promptsAtMost, maxTotalBytes].some((given) => given !== null) || empty,
  )
  .map((some) => ({
    ...some,
    orphans: false,
    minIdle: { ms: 10 * MINUTE, text: '10min' },
    includeArchived: false,
    includeRestored: false,
    scope: { projects: [], isInProjects: null, kinds: [], title: null, tag: null },
    permanent: false,
    trashTtl: null,
  }));

const idOf = (n: number): string => `${String(n + 1).padStart(8, '0')}-0000-4000-8000-000000000000`;

function write(configDir: string, session: Made, n: number): void {
  const id = idOf(n);
  const at = NOW - session.ageMs;
  const timestamp = new Date(at).toISOString();
  if (session.whole) {
    writeSession(configDir, id, timestamp);
  } else {
    const told = { sessionId: id, timestamp };
    const text = session.prompt
      ? promptLine('x'.repeat(session.bytes), told) + answerLine(`msg_${n}`, 'Yes.', told)
      : `${JSON.stringify({ type: 'mode', sessionId: id })}\n`;
    const path = addFile(configDir, `projects/${session.project}/${id}.jsonl`, text);
    utimesSync(path, new Date(at), new Date(at));
  }
  const folder = session.whole ? '-home-dev-app' : session.project;
  if (session.guard === 'pinned') addFile(configDir, `projects/${folder}/${id}/pinned.json`, '{}');
  if (session.guard === 'live')
    addFile(
      configDir,
      `sessions/${LIVE_PID + n}.json`,
      JSON.stringify({ pid: LIVE_PID + n, sessionId: id, procStart: '77' }),
    );
  if (session.guard === 'touched')
    utimesSync(join(configDir, 'projects', folder, `${id}.jsonl`), new Date(NOW), new Date(NOW - MINUTE));
}

/** Bytes of the regular files of a session, hard links once, by looking at the disk. */
function bytesOnDisk(configDir: string, tree: Snapshot, id: string): number {
  const inodes = new Map(
    Object.keys(ofSession(tree, id))
      .map((path) => lstatSync(join(configDir, path)))
      .filter((stats) => stats.isFile())
      .map(({ ino, size }) => [ino, size]),
  );
  return [...inodes.values()].reduce((sum, size) => sum + size, 0);
}

/** Bytes of an entry in the trash, which is a folder or a file. */
function bytesBelow(folder: string): number {
  const stats = lstatSync(folder);
  if (stats.isFile()) return stats.size;
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => lstatSync(join(entry.parentPath, entry.name)));
  return [...new Map(files.map(({ ino, size }) => [ino, size])).values()].reduce((sum, size) => sum + size, 0);
}

const LIVELY: System = {
  ...IDLE,
  pidExists: (pid) => pid >= LIVE_PID,
  startTime: (pid) => (pid >= LIVE_PID ? '77' : null),
};

/** The members of a plan that a dry run shows, except the id, which is random. */
function summaryOf({ remove, keep, policy, expire, totals, problems, ...head }: PlanSummary): unknown {
  const { dryRun, now, configDirs, trashDir } = head;
  return {
    ...{ dryRun, now, configDirs, trashDir, policy, expire, totals, problems },
    remove: remove.map(({ footprintBytes, reasons, status }) => ({ footprintBytes, reasons, status })),
    keep: keep.map(({ wanted, reasons }) => ({ wanted, reasons })),
  };
}

async function prune(
  environment: Environment,
  rules: PrunePolicy,
): Promise<{ planned: PrunePlan; applied: PrunePlan }> {
  const index = await openSessionIndex({
    configDirs: environment.configDirs,
    cacheDir: null,
    now: () => NOW,
    system: environment.system,
  });
  const options = { environment, trash: { dir: '', heldBytes: 0, expire: [] }, dryRun: false };
  const planned = planPrune(index, rules, options);
  expect(summaryOf(summarizePrune(index, rules, options).plan)).toEqual(summaryOf(planned.plan));
  const applied = await applyPlan(planned, { trashDir: null, lockWaitMs: 0 }, environment);
  return { planned: planned.plan, applied };
}

test('prune removes what it plans and nothing protected, a second one nothing, and restore restores all', async () => {
  let sessionsMoved = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(made, { minLength: 1, maxLength: 6 }), policy, async (sessions, rules) => {
      const configDir = emptyConfigDir();
      try {
        sessions.forEach((session, n) => write(configDir, session, n));
        writeFileSync(join(configDir, 'history.jsonl'), 'shared\n');
        const before = snapshot(configDir);
        const sizes = new Map(sessions.map((_session, n) => [idOf(n), bytesOnDisk(configDir, before, idOf(n))]));
        const configDirs = resolveConfigDirs({ explicit: [configDir], env: {}, home: '/nowhere', cwd: '/' });
        const environment: Environment = {
          configDirs,
          now: () => NOW,
          system: LIVELY,
          env: {},
          home: '/nowhere',
          cwd: '/',
        };

        const { planned, applied } = await prune(environment, rules);
        const trash = readTrash(configDirs, null);
        const gone = trash.map(({ session }): string => session.id).sort();
        expect(planned.remove.map(({ id }) => id).sort()).toEqual(gone);
        expect(applied.remove.every(({ status }) => status === 'removed')).toBe(true);
        sessionsMoved += gone.length;
        const moved = gone.reduce((sum, id) => sum + (sizes.get(id) ?? NaN), 0);
        const held = trash.reduce((sum, { folder }) => sum + bytesBelow(folder), 0);
        expect(applied.totals).toMatchObject({
          remove: gone.length,
          removed: gone.length,
          failed: 0,
          changed: 0,
          protected: 0,
          removeBytes: moved,
          movedBytes: moved,
          freedBytes: moved - held,
          trashBytes: held,
        });
        expect(applied.totals.scannedBytes - moved).toBe(applied.totals.remainingBytes);

        const after = snapshot(configDir);
        sessions.forEach(({ guard, ageMs, whole, prompt }, n) => {
          const isGone = gone.includes(idOf(n));
          expect(ofSession(after, idOf(n))).toEqual(isGone ? {} : ofSession(before, idOf(n)));
          if (guard !== 'none' || (ageMs < 10 * MINUTE && (whole || prompt))) expect(isGone).toBe(false);
        });
        expect((await prune(environment, rules)).applied.remove).toEqual([]);

        const openIndex = () => openSessionIndex({ configDirs, cacheDir: null, now: () => NOW, system: LIVELY });
        const { results } = await restoreSessions(
          readTrash(configDirs, null),
          { trashDir: null, lockWaitMs: 0, to: null, keepTimes: true, openIndex },
          environment,
        );
        expect(results.map(({ failure }) => failure)).toEqual(gone.map(() => null));
        expect(snapshot(configDir)).toEqual(before);
      } finally {
        rmSync(configDir, { recursive: true, force: true });
      }
    }),
    { numRuns: RUNS },
  );
  expect(sessionsMoved).toBeGreaterThan(RUNS / 4);
});
