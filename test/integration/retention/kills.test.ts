import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import type * as Fs from 'node:fs';
import { Writable } from 'node:stream';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi, type TestContext } from 'vitest';
import { readCleanupPolicies } from '../../../src/claude/cleanup/cleanup-policies.js';
import { resolveConfigDirs } from '../../../src/claude/config-dir.js';
import type { System } from '../../../src/system/system.js';
import type { Environment } from '../../../src/claude/environment.js';
import { applyPlan } from '../../../src/retention/apply/apply.js';
import type { PrunePolicy } from '../../../src/retention/model.js';
import { planRemoval } from '../../../src/retention/plan/plan.js';
import { runLocked } from '../../../src/retention/restore/run-locked.js';
import { restoreSessions } from '../../../src/retention/restore/restore.js';
import { emptyTrashLocked, readTrash } from '../../../src/retention/trash/trash.js';
import type { SessionIndex } from '../../../src/session-index/session-index.js';
import { noSums } from '../../../src/session-index/sums/stored-sums.js';
import { openSessionIndex } from '../../../src/session-index/open.js';
import { NOW } from '../../support/builders.js';
import { IDLE } from '../../support/context.js';
import { emptyConfigDir, ofSession, PROJECT, snapshot, writeSession, type Snapshot } from '../../support/trees.js';
import { promptLine } from '../../support/transcripts.js';
import { temporaryFolder } from '../../support/temporary.js';

interface Power {
  left: number;
  used: number;
  apart: string | null;
}

/**
 * Power of the process: after `left` changes to the disk it counts as killed, and none of its later calls has an
 * effect; a write it was killed in is incomplete. `apart` makes two folders look like two file systems. Each test has a
 * power of its own, since a test that timed out may still be running when the next one starts.
 */
const powers = await vi.hoisted(async () => {
  const { AsyncLocalStorage } = await import('node:async_hooks');
  return new AsyncLocalStorage<Power>();
});
const powerNow = (): Power => powers.getStore() ?? { left: Infinity, used: 0, apart: null };

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof Fs>();
  const killed = (): Error => Object.assign(new Error('killed'), { code: 'EKILLED' });
  const spend = (): boolean => {
    const power = powerNow();
    if (power.left <= 0) throw killed();
    power.left -= 1;
    power.used += 1;
    return power.left === 0;
  };
  type Any = (...args: unknown[]) => unknown;
  const mortal =
    (real: Any): Any =>
    (...args) => {
      spend();
      return real(...args);
    };
  const across = (real: Any): Any =>
    mortal((from, to) => {
      const { apart } = powerNow();
      const isApart = apart !== null && String(from).startsWith(apart) !== String(to).startsWith(apart);
      if (isApart) throw Object.assign(new Error('EXDEV: cross-device link'), { code: 'EXDEV' });
      return real(from, to);
    });
  const writing = (fd: number, bytes: Uint8Array, offset = 0): number => {
    if (!spend()) return fs.writeSync(fd, bytes, offset);
    fs.writeSync(fd, bytes, offset, Math.floor((bytes.length - offset) / 2));
    throw killed();
  };
  const names = [
    'mkdirSync',
    'unlinkSync',
    'rmdirSync',
    'rmSync',
    'symlinkSync',
    'copyFileSync',
    'chmodSync',
    'utimesSync',
    'lutimesSync',
  ] as const;
  const wrapped = Object.fromEntries(names.map((name) => [name, mortal(fs[name] as Any)]));
  const stream = (...args: Parameters<typeof fs.createWriteStream>): Writable => {
    try {
      spend();
      return fs.createWriteStream(...args);
    } catch (error) {
      return new Writable({ construct: (done) => done(error as Error) });
    }
  };
  const mocked = {
    ...fs,
    ...wrapped,
    fsyncSync: () => {},
    createWriteStream: stream,
    renameSync: across(fs.renameSync as Any),
    linkSync: across(fs.linkSync as Any),
    writeSync: writing,
  };
  return { ...mocked, default: mocked };
});

const IDS = ['aaaaaaaa-0000-4000-8000-000000000001', 'bbbbbbbb-0000-4000-8000-000000000002'] as const;
const POLICY: PrunePolicy = {
  before: null,
  largerThanBytes: null,
  promptsAtMost: null,
  empty: false,
  orphans: false,
  maxTotalBytes: null,
  keepLast: null,
  minIdle: { ms: 0, text: '0s' },
  includeArchived: true,
  includeRestored: true,
  scope: { projects: [], isInProjects: null, kinds: [], title: null, tag: null },
  permanent: false,
  compress: true,
  trashTtl: null,
};

interface Scene {
  ids: readonly string[];
  configDir: string;
  trashDir: string | null;
  environment: Environment;
  before: Snapshot;
}

// Hundreds of short-lived homes: on a disk, most of the time would be spent waiting for it.
const ofRun = process.env['TMPDIR'];
if (existsSync('/dev/shm')) {
  process.env['TMPDIR'] = '/dev/shm';
  process.env['TMPDIR'] = temporaryFolder('kills');
}
afterAll(() => void (process.env['TMPDIR'] = ofRun));

let kills = 0;

/** Variants of a scene. */
interface Setting {
  /** The trash is on another file system. */
  apart?: boolean;
  /** Sessions are small transcripts and nothing else, so that they are in the trash without a folder. */
  alone?: boolean;
  system?: System;
}

function scene({ apart = false, alone = false, system = IDLE }: Setting = {}): Scene {
  const configDir = emptyConfigDir();
  const ids = apart ? IDS.slice(0, 1) : IDS;
  for (const id of ids) (alone ? writeTranscript : writeSession)(configDir, id);
  const configDirs = resolveConfigDirs({ explicit: [configDir], env: {}, home: '/nowhere', cwd: '/' });
  const trashDir = apart ? temporaryFolder('elsewhere') : null;
  powerNow().apart = trashDir;
  return {
    ids,
    configDir,
    trashDir,
    environment: { configDirs, now: () => NOW, system, env: {}, home: '/nowhere', cwd: '/' },
    before: snapshot(configDir),
  };
}

function writeTranscript(configDir: string, id: string): void {
  const timestamp = '2026-09-01T10:00:00.000Z';
  const path = join(configDir, 'projects', PROJECT, `${id}.jsonl`);
  mkdirSync(join(path, '..'), { recursive: true, mode: 0o700 });
  writeFileSync(path, promptLine(`Prompt of ${id}`, { sessionId: id, timestamp }), { mode: 0o600 });
  utimesSync(path, new Date(timestamp), new Date(timestamp));
}

const open = ({ configDirs, system }: Environment) =>
  openSessionIndex({ configDirs, cacheDir: null, now: () => NOW, system });

/** Not used, since the restores of these tests keep times. */
const NO_INDEX: SessionIndex = {
  rows: [],
  problems: [],
  cleanup: readCleanupPolicies([], undefined, NOW),
  records: () => [],
  footprintBytes: () => [],
  folderSums: noSums,
  measure: () => null,
  ids: () => [],
  cwds: () => [],
  withId: () => [],
  withIdPrefix: () => [],
  candidatesByTitle: () => [],
  names: () => ({ isIn: () => true, read: () => {}, save: () => {} }),
  withSharedResponses: () => [],
  touching: () => new Set(),
  touchedPaths: () => [],
  totals: () => [],
  ledgers: () => [],
};

async function remove({ ids, environment, trashDir }: Scene, policy: Partial<PrunePolicy> = {}): Promise<void> {
  const index = await open(environment);
  const planned = planRemoval(index, index.rows, {
    environment,
    policy: { ...POLICY, ...policy },
    trash: { dir: '', heldBytes: 0, expire: [] },
    dryRun: false,
  });
  expect(planned.plan.remove).toHaveLength(ids.length);
  await applyPlan(planned, { trashDir, lockWaitMs: 0 }, environment);
}

const restoreAll = ({ environment, trashDir }: Scene, to: string | null = null) =>
  restoreSessions(
    readTrash(environment.configDirs, trashDir),
    { trashDir, lockWaitMs: 0, to, keepTimes: true, openIndex: () => Promise.resolve(NO_INDEX) },
    environment,
  );

const emptyAll = ({ environment, trashDir }: Scene) =>
  emptyTrashLocked(readTrash(environment.configDirs, trashDir), { trashDir, lockWaitMs: 0 }, environment);

interface KillTest {
  prepare: () => Promise<Scene>;
  act: (scene: Scene) => Promise<unknown>;
  /** Checks a scene after the next run has recovered it. */
  checkScene: (scene: Scene) => Promise<void> | void;
  /** Done after each kill. */
  afterKill?: (scene: Scene) => void;
}

/**
 * Kills `act` at each of its steps in turn, on a new scene each time, lets the next run recover, and checks the result;
 * until the test is over.
 */
function killEverywhere(
  { signal }: TestContext,
  { prepare, act, checkScene: look, afterKill = () => {} }: KillTest,
): Promise<void> {
  const power: Power = { left: Infinity, used: 0, apart: null };
  return powers.run(power, async () => {
    const whole = await prepare();
    power.used = 0;
    await act(whole);
    const steps = power.used;
    await look(whole);
    expect(steps).toBeGreaterThan(7);
    for (let step = 0; step < steps; step++) {
      signal.throwIfAborted();
      const scene = await prepare();
      power.left = step;
      await act(scene).catch(() => {});
      power.left = Infinity;
      afterKill(scene);
      await runLocked({ trashDir: scene.trashDir, lockWaitMs: 0 }, { ...scene.environment, system: IDLE }, () =>
        Promise.resolve(),
      );
      kills += 1;
      expect(leftovers(scene), `killed at step ${step}`).toEqual([]);
      await look(scene);
      for (const folder of [scene.configDir, scene.trashDir, `${scene.trashDir ?? ''}.aside`])
        if (folder !== null) rmSync(folder, { recursive: true, force: true });
    }
  });
}

/** Anything a run should have taken away: staged parts, remainders, its lock. */
function leftovers({ configDir, trashDir }: Scene): string[] {
  const names = [configDir, ...(trashDir === null ? [] : [trashDir])].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }),
  );
  return names.filter((name) => /\.ccsess-|\.(part|copied|moving|moved|restoring|emptying)$|\/lock$/.test(name));
}

/** Each session is complete at its path, or complete in the trash and can be restored; never both, never neither. */
async function bothSafe(scene: Scene): Promise<void> {
  const inTrash = readTrash(scene.environment.configDirs, scene.trashDir).map(({ session }): string => session.id);
  const now = snapshot(scene.configDir);
  for (const id of scene.ids) {
    expect(ofSession(now, id), id).toEqual(inTrash.includes(id) ? {} : ofSession(scene.before, id));
  }
  const { results } = await restoreAll(scene);
  expect(results.map(({ failure }) => failure)).toEqual(inTrash.map(() => null));
  expect(snapshot(scene.configDir)).toEqual(scene.before);
}

/** As `bothSafe`, but a session may be gone for good: then nothing is left of it. */
async function wholeOrGone(scene: Scene): Promise<void> {
  await restoreAll(scene);
  const now = snapshot(scene.configDir);
  for (const id of scene.ids) expect([{}, ofSession(scene.before, id)]).toContainEqual(ofSession(now, id));
}

const fresh = (setting: Setting) => () => Promise.resolve(scene(setting));
const trashed = (setting: Setting) => async () => {
  const made = scene(setting);
  await remove(made);
  return made;
};

describe.each<[string, Setting]>([
  ['in the config dir', {}],
  ['on another file system', { apart: true }],
  ['in the config dir and sessions that are one file', { alone: true }],
])('a kill at any step, with the trash %s', (_where, setting) => {
  const { apart = false, alone = false } = setting;
  test('of a prune leaves each session in its project dir or in the trash', (context) =>
    killEverywhere(context, { prepare: fresh(setting), act: (scene) => remove(scene), checkScene: bothSafe }));
  test('of a restore', (context) =>
    killEverywhere(context, { prepare: trashed(setting), act: (made) => restoreAll(made), checkScene: bothSafe }));
  test('of a restore onto a remainder leaves both apart or together, and the next one joins them', async (context) => {
    const path = (id: string): string => join('projects', PROJECT, `${id}.jsonl`);
    const timestamp = new Date(NOW).toISOString();
    const remainders = new Map(
      IDS.map((id) => [id as string, promptLine('Written later', { timestamp, sessionId: id })]),
    );
    const remainderOf = (id: string): string => remainders.get(id) ?? '';
    const textOf = (made: Scene, id: string): string => readFileSync(join(made.configDir, path(id)), 'utf8');
    const prepare = async (): Promise<Scene> => {
      const made = await trashed(setting)();
      for (const id of made.ids) {
        writeFileSync(join(made.configDir, path(id)), remainderOf(id), { mode: 0o600 });
        if (!alone)
          mkdirSync(join(made.configDir, 'projects', PROJECT, id, 'subagents'), { recursive: true, mode: 0o700 });
      }
      return made;
    };
    const look = async (made: Scene): Promise<void> => {
      const inTrash = readTrash(made.environment.configDirs, made.trashDir).map(({ session }) => session.id);
      for (const id of inTrash) expect(textOf(made, id)).toBe(remainderOf(id));
      expect((await restoreAll(made)).results.map(({ failure }) => failure)).toEqual(inTrash.map(() => null));
      const now = snapshot(made.configDir);
      for (const id of made.ids) {
        const { [path(id)]: transcript = '', ...rest } = ofSession(made.before, id);
        const { [path(id)]: joined = '', ...kept } = ofSession(now, id);
        expect(kept).toEqual(rest);
        expect(joined.replace(/^file 600 \d+ /, '')).toBe(transcript.replace(/^file 600 \d+ /, '') + remainderOf(id));
      }
    };
    await killEverywhere(context, { prepare, act: (made) => restoreAll(made), checkScene: look });
  });
  test('of emptying the trash leaves each session in it or deleted', (context) =>
    killEverywhere(context, { prepare: trashed(setting), act: emptyAll, checkScene: wholeOrGone }));
  test('of a permanent prune leaves each session in its project dir or deleted', (context) =>
    killEverywhere(context, {
      prepare: fresh(setting),
      act: (scene) => remove(scene, { permanent: true }),
      checkScene: wholeOrGone,
    }));

  test('of a prune that finds a session being written to leaves it with all that was written', async (context) => {
    const transcript = (configDir: string, id: string): string => join(configDir, 'projects', PROJECT, `${id}.jsonl`);
    const written = promptLine('Written while it was moved');
    const prepare = (): Promise<Scene> => {
      const at = { configDir: '' };
      const done = new Set<string>();
      // ccsess calls this after a session was moved, when it lists the processes again.
      const write = (): null => {
        for (const id of apart ? IDS.slice(0, 1) : IDS) {
          const path = transcript(at.configDir, id);
          if (powerNow().left <= 0 || at.configDir === '' || done.has(id) || existsSync(path)) continue;
          done.add(id);
          appendFileSync(path, written);
          utimesSync(path, new Date(NOW), new Date(NOW));
        }
        return null;
      };
      const made = scene({ ...setting, system: { ...IDLE, pidDomain: write } });
      at.configDir = made.configDir;
      return Promise.resolve(made);
    };
    await killEverywhere(context, {
      prepare,
      act: (scene) => remove(scene),
      checkScene({ ids, configDir, trashDir, environment, before }) {
        expect(readTrash(environment.configDirs, trashDir)).toEqual([]);
        const now = snapshot(configDir);
        for (const id of ids) {
          const path = join('projects', PROJECT, `${id}.jsonl`);
          const text = (tree: Snapshot): string => (tree[path] ?? 'lost').replace(/^file \d+ \d+ /, '');
          expect([text(before), text(before) + written]).toContain(text(now));
          const { [path]: _old, ...rest } = ofSession(before, id);
          const { [path]: _new, ...kept } = ofSession(now, id);
          expect(kept).toEqual(rest);
        }
      },
    });
  });
});

describe('a kill at any step of a restore of sessions that are one file', () => {
  test('to another file system than that of the trash', async (context) => {
    const prepare = async (): Promise<Scene> => {
      const made = await trashed({ alone: true })();
      powerNow().apart = join(made.configDir, '.ccsess');
      return made;
    };
    await killEverywhere(context, { prepare, act: (made) => restoreAll(made), checkScene: bothSafe });
  });

  test.for([false, true])('into another config dir (on another file system: %s)', async (isApart, context) => {
    let to = '';
    const prepare = async (): Promise<Scene> => {
      const made = await trashed({ alone: true })();
      to = emptyConfigDir();
      const explicit = [made.configDir, to];
      const configDirs = resolveConfigDirs({ explicit, env: {}, home: '/nowhere', cwd: '/' });
      if (isApart) powerNow().apart = to;
      return { ...made, environment: { ...made.environment, configDirs } };
    };
    const restoreThere = (made: Scene): Promise<unknown> => restoreAll(made, to);
    const look = async (made: Scene): Promise<void> => {
      const inTrash = readTrash(made.environment.configDirs, null).map(({ session }): string => session.id);
      const there = snapshot(to);
      for (const id of made.ids)
        expect(ofSession(there, id), id).toEqual(inTrash.includes(id) ? {} : ofSession(made.before, id));
      expect(Object.keys(snapshot(made.configDir)).filter((name) => name.includes('000'))).toEqual([]);
      await restoreThere(made);
      for (const id of made.ids) expect(ofSession(snapshot(to), id)).toEqual(ofSession(made.before, id));
      // The files with the destinations are removed.
      expect(readdirSync(join(made.configDir, '.ccsess', 'trash'), { recursive: true })).toEqual([]);
      rmSync(to, { recursive: true });
    };
    await killEverywhere(context, { prepare, act: restoreThere, checkScene: look });
  });
});

test('a kill of a prune, its trash gone afterwards, leaves each session in place unless copied', async (context) => {
  let copied = true;
  const away = ({ trashDir }: Scene): [there: string, aside: string] => [trashDir ?? '', `${trashDir ?? ''}.aside`];
  const unmount = (made: Scene): void => {
    const [there, aside] = away(made);
    copied = readdirSync(there, { recursive: true, encoding: 'utf8' }).some((name) =>
      /^[^/]+\/\d+(\.moved)?$/.test(name),
    );
    renameSync(there, aside);
    mkdirSync(there);
  };
  const look = async (made: Scene): Promise<void> => {
    const {
      ids: [id = ''],
      configDir,
      before,
      trashDir,
      environment,
    } = made;
    const [there, aside] = away(made);
    const isAsItWas = (): void =>
      copied
        ? expect(ofSession(before, id)).toMatchObject(ofSession(snapshot(configDir), id))
        : expect(ofSession(snapshot(configDir), id)).toEqual(ofSession(before, id));
    isAsItWas();
    if (existsSync(aside)) {
      rmSync(there, { recursive: true });
      renameSync(aside, there);
    }
    await runLocked({ trashDir, lockWaitMs: 0 }, environment, () => Promise.resolve());
    isAsItWas();
    expect(leftovers(made)).toEqual([]);
  };
  await killEverywhere(context, {
    prepare: fresh({ apart: true }),
    act: (made) => remove(made),
    checkScene: look,
    afterKill: unmount,
  });
});

test('the tests above have killed runs more than 500 times', () => expect(kills).toBeGreaterThan(500));
