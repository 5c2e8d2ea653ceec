import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PrunePlan } from '../../src/retention/model.js';
import { NOW } from '../support/builders.js';
import { IDLE, run } from '../support/context.js';
import { fullId, writeLeftover, writeSession } from '../support/sessions.js';
import { addFile } from '../support/transcripts.js';
import { validator } from '../unit/schema/schemas.js';
import { temporaryFolder } from '../support/temporary.js';
import { rounds } from '../support/rounds.js';

const RUNNING = { ...IDLE, pidExists: () => true, startTime: () => '5' };

/** Random sessions on disk; a prune must keep those for which `isHeld` is true. */
const drafts = fc.array(
  fc.record({
    days: fc.constantFrom(0.001, 0.5, 3, 20, 40, 90, -3),
    mtimeDays: fc.constantFrom(undefined, 0.001, 60),
    mark: fc.constantFrom(null, null, null, 'live', 'pinned', 'archived', 'job'),
    bytes: fc.constantFrom(0, 3000, 30_000),
    project: fc.constantFrom('/code/etl', '/code/api'),
    copied: fc.boolean(),
    resulted: fc.boolean(),
  }),
  { minLength: 1, maxLength: 8 },
);

const policies = fc
  .record({
    olderThan: fc.constantFrom([], ['--older-than', '10d'], ['--older-than', '6h']),
    largerThan: fc.constantFrom([], ['--larger-than', '4K']),
    maxTotal: fc.constantFrom([], ['--max-total', '1K'], ['--max-total', '40K']),
    keepLast: fc.constantFrom([], ['--keep-last', '1']),
    orphans: fc.constantFrom([], ['--orphans']),
  })
  .map((flags) => Object.values(flags).flat())
  .filter((words) =>
    words.some((word) => ['--older-than', '--larger-than', '--max-total', '--orphans'].includes(word)),
  );

type Draft = typeof drafts extends fc.Arbitrary<(infer D)[]> ? D : never;

function writeHome(root: string, all: readonly Draft[]): void {
  all.forEach(({ mark, days, mtimeDays, bytes, project, copied, resulted }, at) => {
    const id = `${at}a`;
    const beside = {
      ...(mark === 'pinned' ? { 'pinned.json': '{}' } : {}),
      ...(mark === 'archived'
        ? { 'archived.json': JSON.stringify({ archived: true, at: new Date(NOW).toISOString() }) }
        : {}),
      ...(resulted ? { 'tool-results/x.txt': 'x'.repeat(bytes) } : {}),
    };
    const more = mtimeDays === undefined ? {} : { mtimeDays };
    writeSession(root, { id, days, bytes, cwd: project, beside, ...more });
    if (copied) writeSession(root, { id, days: 95, cwd: '/code/copy' });
    writeLeftover(root, `file-history/${fullId(id)}`, 95);
    if (mark === 'live')
      addFile(root, `sessions/${at + 1}.json`, JSON.stringify({ pid: at + 1, sessionId: fullId(id), procStart: '5' }));
    if (mark === 'job')
      addFile(
        root,
        `jobs/${fullId(id).slice(0, 8)}/state.json`,
        JSON.stringify({ sessionId: fullId(id), state: 'working' }),
      );
  });
  writeLeftover(root, `tasks/${fullId('ee')}`, 50);
  // Leftovers are refused if there is no transcript at all.
  writeSession(root, { id: 'ff', days: 1, beside: { 'pinned.json': '{}' } });
}

/** Returns true if a prune must keep the session and all others of its id. */
function isHeld({ mark, days, mtimeDays }: Draft): boolean {
  return mark !== null || days < 0 || [days, mtimeDays ?? days].some((age) => age <= 10 / 1440);
}

test('on random homes protected sessions are never in a plan, and applying it gives its totals', async () => {
  await fc.assert(
    fc.asyncProperty(drafts, policies, async (all, words) => {
      const home = temporaryFolder('plans');
      try {
        const root = join(home, '.claude');
        mkdirSync(root);
        writeHome(root, all);
        const planOf = async (more: string): Promise<PrunePlan> =>
          JSON.parse(
            (await run(['prune', ...words, '--json', more], { home, cwd: home, system: RUNNING })).stdout,
          ) as PrunePlan;
        const plan = await planOf('-n');
        expect(validator('plan')(plan)).toBe('');
        const { totals } = plan;
        const held = new Set(all.flatMap((draft, at) => (isHeld(draft) ? [fullId(`${at}a`)] : [])));
        expect(plan.remove.filter(({ id }) => held.has(id))).toEqual([]);
        expect(plan.keep.every(({ reasons }) => reasons.length > 0)).toBe(true);
        expect(totals.scanned).toBe(totals.remove + totals.keep + totals.notSelected);
        expect(totals.removeBytes + totals.remainingBytes).toBe(totals.scannedBytes);

        const done = await planOf('--yes');
        expect(done.totals).toMatchObject({
          remove: totals.remove,
          removed: totals.remove,
          movedBytes: totals.removeBytes,
          remainingBytes: totals.remainingBytes,
          overBudgetBytes: totals.overBudgetBytes,
        });
        const after = await planOf('-n');
        expect(after.totals.scannedBytes).toBe(totals.remainingBytes);
        if (!words.includes('--keep-last')) expect(after.remove).toEqual([]);
      } finally {
        rmSync(home, { recursive: true, force: true });
      }
    }),
    { numRuns: rounds(30) },
  );
});
