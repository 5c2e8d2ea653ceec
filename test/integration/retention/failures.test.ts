import type * as Fs from 'node:fs';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { resolveConfigDirs } from '../../../src/claude/config-dir.js';
import type { Environment } from '../../../src/claude/environment.js';
import { applyPlan } from '../../../src/retention/apply/apply.js';
import type { PrunePolicy, Removal } from '../../../src/retention/model.js';
import { updateProtections } from '../../../src/retention/plan/current-protections.js';
import { planRemoval } from '../../../src/retention/plan/plan.js';
import type { PlannedPrune } from '../../../src/retention/plan/planned.js';
import { putBack } from '../../../src/retention/restore/put-back.js';
import { openSessionIndex } from '../../../src/session-index/open.js';
import { CcsessError } from '../../../src/system/errors.js';
import { NOW } from '../../support/builders.js';
import { IDLE } from '../../support/context.js';
import { aPolicy } from '../../support/policies.js';
import { temporaryFolder } from '../../support/temporary.js';
import { emptyConfigDir, ofSession, PROJECT, snapshot, writeSession } from '../../support/trees.js';

/** Called before each rename with its paths; may throw. */
const hooks = vi.hoisted(() => ({ rename: (_from: string, _to: string): void => {} }));

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof Fs>();
  const renameSync: typeof fs.renameSync = (from, to) => {
    hooks.rename(String(from), String(to));
    fs.renameSync(from, to);
  };
  return { ...fs, renameSync, default: { ...fs, renameSync } };
});

beforeEach(() => void (hooks.rename = () => {}));

const IDS = ['aaaaaaaa-0000-4000-8000-000000000001', 'bbbbbbbb-0000-4000-8000-000000000002'] as const;
const [ONE, TWO] = IDS;
const POLICY = aPolicy({
  minIdle: { ms: 0, text: '0s' },
  includeArchived: true,
  includeRestored: true,
  trashTtl: null,
});

function failure(code: string): Error {
  return Object.assign(new Error(`${code}: refused`), { code });
}

/** A config dir with two sessions, and a plan to remove both. */
class Scene {
  readonly path = emptyConfigDir();
  readonly #configDirs = resolveConfigDirs({ explicit: [this.path], env: {}, home: '/nowhere', cwd: '/' });
  readonly #world: Environment = {
    ...{ configDirs: this.#configDirs, now: () => NOW, system: IDLE },
    ...{ env: {}, home: '/nowhere', cwd: '/' },
  };
  readonly progress: string[] = [];

  constructor() {
    for (const id of IDS) writeSession(this.path, id);
  }

  async plan(policy: Partial<PrunePolicy> = {}): Promise<PlannedPrune> {
    const index = await openSessionIndex({
      configDirs: this.#configDirs,
      cacheDir: null,
      now: () => NOW,
      system: IDLE,
    });
    const rows = index.rows.toSorted((a, b) => (a.file.id < b.file.id ? -1 : 1));
    const trash = { dir: '', heldBytes: 0, expire: [] };
    return planRemoval(index, rows, {
      environment: this.#world,
      policy: { ...POLICY, ...policy },
      trash,
      dryRun: false,
    });
  }

  async apply(planned: PlannedPrune): Promise<Pick<Removal, 'id' | 'status' | 'error'>[]> {
    const options = {
      trashDir: null,
      lockWaitMs: 0,
      onProgress: (step: string, done: number, total: number) => void this.progress.push(`${step} ${done} of ${total}`),
    };
    const { remove } = await applyPlan(planned, options, this.#world);
    return remove.map(({ id, status, error }) => ({ id, status, error }));
  }

  /** Returns the present protections of the sessions of a plan, from a new index. */
  async protectedNow(planned: PlannedPrune): Promise<string[]> {
    const index = await openSessionIndex({
      configDirs: this.#configDirs,
      cacheDir: null,
      now: () => NOW,
      system: IDLE,
    });
    const { removals } = updateProtections(planned, index, this.#world);
    return removals
      .filter(({ protections }) => protections.length > 0)
      .map(({ candidate: { id }, protections }) => `${id}: ${protections.map(({ code }) => code).join()}`);
  }

  transcript(id: string): string {
    return join(this.path, 'projects', PROJECT, `${id}.jsonl`);
  }
}

describe('a session whose files cannot be moved', () => {
  test.each([
    ['to the trash', false],
    ['to be deleted', true],
  ])('%s fails alone, with the error of the system, and is whole', async (_what, permanent) => {
    const scene = new Scene();
    const before = ofSession(snapshot(scene.path), ONE);
    let isFirst = true;
    hooks.rename = (from) => {
      if (!from.endsWith(`file-history/${ONE}`) || !isFirst) return;
      isFirst = false;
      throw failure('EIO');
    };
    expect(await scene.apply(await scene.plan({ permanent }))).toEqual([
      { id: ONE, status: 'failed', error: { code: 'EIO', message: 'EIO: refused' } },
      { id: TWO, status: 'removed', error: null },
    ]);
    expect(ofSession(snapshot(scene.path), ONE)).toEqual(before);
  });

  test('for good, after it was moved and checked, fails alone and is whole again', async () => {
    const scene = new Scene();
    const before = ofSession(snapshot(scene.path), ONE);
    let isFirst = true;
    hooks.rename = (from, to) => {
      if (!isFirst || !from.includes('.ccsess/trash') || !to.includes('.ccsess/trash')) return;
      isFirst = false;
      throw failure('EIO');
    };
    expect(await scene.apply(await scene.plan())).toEqual([
      { id: ONE, status: 'failed', error: { code: 'EIO', message: 'EIO: refused' } },
      { id: TWO, status: 'removed', error: null },
    ]);
    expect(ofSession(snapshot(scene.path), ONE)).toEqual(before);
  });

  test('reports errors of ccsess by their code, and others as internal', async () => {
    for (const [error, expected] of [
      [new CcsessError('PLAN_REFUSED', 'no.'), { code: 'PLAN_REFUSED', message: 'no.' }],
      [new TypeError('odd'), { code: 'INTERNAL', message: 'odd' }],
      [failure('ERR_ODD'), { code: 'ERR_ODD', message: 'ERR_ODD: refused' }],
      [failure('Z_DATA_ERROR'), { code: 'INTERNAL', message: 'Z_DATA_ERROR: refused' }],
    ] as const) {
      const scene = new Scene();
      hooks.rename = (from) => {
        if (from === scene.transcript(ONE)) throw error;
      };
      expect((await scene.apply(await scene.plan()))[0]).toEqual({ id: ONE, status: 'failed', error: expected });
    }
  });

  test.each([
    ['is deleted where it is', true, 'removed', null],
    ['stays', false, 'failed', { code: 'ENOSPC', message: 'ENOSPC: refused' }],
  ])('since the disk is full %s if permanent is %s', async (_what, permanent, status, error) => {
    const scene = new Scene();
    const before = ofSession(snapshot(scene.path), ONE);
    hooks.rename = (from, to) => {
      if (from === scene.transcript(ONE) && to.includes('.ccsess/trash')) throw failure('ENOSPC');
    };
    expect(await scene.apply(await scene.plan({ permanent }))).toEqual([
      { id: ONE, status, error },
      { id: TWO, status: 'removed', error: null },
    ]);
    expect(ofSession(snapshot(scene.path), ONE)).toEqual(permanent ? {} : before);
  });

  test('or deleted in place fails with the last error, and is whole', async () => {
    const scene = new Scene();
    const before = ofSession(snapshot(scene.path), ONE);
    let tries = 0;
    hooks.rename = (from) => {
      if (from !== scene.transcript(ONE)) return;
      tries += 1;
      throw failure('ENOSPC');
    };
    expect((await scene.apply(await scene.plan({ permanent: true })))[0]).toEqual({
      id: ONE,
      status: 'failed',
      error: { code: 'ENOSPC', message: 'ENOSPC: refused' },
    });
    expect([ofSession(snapshot(scene.path), ONE), tries]).toEqual([before, 2]);
  });

  test('counts as changed if it vanished', async () => {
    const scene = new Scene();
    hooks.rename = (from) => {
      if (from === scene.transcript(ONE)) throw failure('ENOENT');
    };
    expect((await scene.apply(await scene.plan()))[0]).toEqual({ id: ONE, status: 'changed', error: null });
  });

  test('that cannot be put back either is put back by the next run, and reported with the last error', async () => {
    const scene = new Scene();
    const before = ofSession(snapshot(scene.path), ONE);
    hooks.rename = (from, to) => {
      if (from.endsWith(`file-history/${ONE}`)) throw failure('EIO');
      if (to.endsWith(`${PROJECT}/${ONE}`)) throw failure('EROFS');
    };
    expect((await scene.apply(await scene.plan()))[0]).toMatchObject({ status: 'failed' });
    // The lock stays for the next run.
    const lock = join(scene.path, '.ccsess/lock');
    expect(JSON.parse(readFileSync(lock, 'utf8'))).toMatchObject({ ended: true });
    hooks.rename = () => {};
    await scene.apply(await scene.plan());
    expect(existsSync(lock)).toBe(false);
    expect([ofSession(snapshot(scene.path), ONE), ofSession(snapshot(scene.path), TWO)]).toEqual([
      existsSync(scene.transcript(ONE)) ? before : {},
      {},
    ]);
  });
});

test('the totals of a plan are the sums of its sessions', async () => {
  const scene = new Scene();
  const { plan } = await scene.plan();
  const bytes = plan.remove.reduce((sum, { footprintBytes }) => sum + footprintBytes, 0);
  expect(bytes).toBeGreaterThan(10_000);
  expect(plan.totals).toEqual({
    ...{ scanned: 2, scannedBytes: bytes, remove: 2, removeBytes: bytes, keep: 0, notSelected: 0 },
    ...{ removed: 0, changed: 0, protected: 0, failed: 0, movedBytes: 0, freedBytes: 0 },
    ...{ trashBytes: 0, expired: 0, expireBytes: 0, remainingBytes: 0, overBudgetBytes: 0 },
  });
});

test('progress counts the sessions moved, and then those compressed', async () => {
  const scene = new Scene();
  await scene.apply(await scene.plan());
  expect(scene.progress).toEqual(['move 1 of 2', 'move 2 of 2', 'compress 1 of 2', 'compress 2 of 2']);
  const plain = new Scene();
  await plain.apply(await plain.plan({ compress: false }));
  expect(plain.progress).toEqual(['move 1 of 2', 'move 2 of 2']);
});

describe('a plan whose protections are updated', () => {
  test('keeps sessions that became protected, and no others', async () => {
    const scene = new Scene();
    const planned = await scene.plan();
    expect(await scene.protectedNow(planned)).toEqual([]);
    writeFileSync(join(scene.path, 'projects', PROJECT, TWO, 'pinned.json'), '{"pinned":true}');
    expect(await scene.protectedNow(planned)).toEqual([`${TWO}: pinned`]);
    // A session that has vanished is noticed when it is checked before the move.
    renameSync(scene.transcript(ONE), `${scene.transcript(ONE)}.gone`);
    expect(await scene.protectedNow(planned)).toEqual([`${TWO}: pinned`]);
  });
});

describe('a remainder that cannot be set aside', () => {
  test('is an error, unless it no longer exists', () => {
    const folder = temporaryFolder('aside');
    const [from, to] = [join(folder, '0'), join(folder, 'one.jsonl')];
    writeFileSync(from, 'first\n');
    writeFileSync(to, 'second\n');
    hooks.rename = (path) => {
      if (path === to) throw failure('EACCES');
    };
    expect(() => putBack(from, to)).toThrow('EACCES');
    expect([readFileSync(from, 'utf8'), readFileSync(to, 'utf8')]).toEqual(['first\n', 'second\n']);
    let times = 0;
    hooks.rename = (path) => {
      if (path === to && times++ === 0) throw failure('ENOENT');
    };
    putBack(from, to);
    expect([readFileSync(to, 'utf8'), times]).toEqual(['first\nsecond\n', 2]);
  });
});
