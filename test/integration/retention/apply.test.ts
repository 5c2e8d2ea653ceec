import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import type * as Fs from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { resolveConfigDirs } from '../../../src/claude/config-dir.js';
import type { Environment } from '../../../src/claude/environment.js';
import { applyPlan } from '../../../src/retention/apply/apply.js';
import type { PrunePolicy, Target } from '../../../src/retention/model.js';
import { planRemoval } from '../../../src/retention/plan/plan.js';
import type { PlannedPrune } from '../../../src/retention/plan/planned.js';
import { sessionIdOf } from '../../../src/claude/scan/scan.js';
import { writeManifest, type TrashedSession } from '../../../src/retention/trash/manifest.js';
import { openSessionIndex } from '../../../src/session-index/open.js';
import type { System } from '../../../src/system/system.js';
import { NOW } from '../../support/builders.js';
import { IDLE, run } from '../../support/context.js';
import { temporaryFolder } from '../../support/temporary.js';
import { addFile, promptLine } from '../../support/transcripts.js';
import { emptyConfigDir, PROJECT, writeSession } from '../../support/trees.js';

/**
 * The disk: bytes still free, whether deletions in the trash fail, and the folder that is on another file system.
 */
const disk = vi.hoisted(() => ({ room: Infinity, stuck: false, isBlind: false, apart: null as string | null }));

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof Fs>();
  const write = (fd: number, bytes: Uint8Array, offset = 0): number => {
    if (disk.room <= 0) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    const written = fs.writeSync(fd, bytes, offset, Math.min(disk.room, bytes.length - offset));
    disk.room -= written;
    return written;
  };
  const remove: typeof fs.rmSync = (path, options) => {
    if (disk.stuck && String(path).endsWith('.emptying'))
      throw Object.assign(new Error('EPERM: operation not permitted'), { code: 'EPERM' });
    fs.rmSync(path, options);
  };
  const rename: typeof fs.renameSync = (from, to) => {
    const isApart = (path: unknown): boolean => disk.apart !== null && String(path).startsWith(disk.apart);
    if (isApart(from) !== isApart(to)) throw Object.assign(new Error('EXDEV: refused'), { code: 'EXDEV' });
    fs.renameSync(from, to);
  };
  type Any = (...args: unknown[]) => unknown;
  const readdirSync: Any = (...args) => {
    const names = (fs.readdirSync as Any)(...args) as unknown[];
    if (disk.isBlind && String(args[0]).endsWith('/trash') && names.length > 0)
      throw Object.assign(new Error('EMFILE: too many open files, scandir'), { code: 'EMFILE' });
    return names;
  };
  return { ...fs, writeSync: write, rmSync: remove, renameSync: rename, readdirSync, default: fs };
});

beforeEach(() => void Object.assign(disk, { room: Infinity, stuck: false, isBlind: false, apart: null }));

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

/** A plan to remove sessions, and its environment. */
async function planOf(
  ids: readonly string[],
  system: System = IDLE,
  {
    policy = POLICY,
    write = writeSession,
  }: { policy?: PrunePolicy; write?: (configDir: string, id: string) => unknown } = {},
): Promise<[PlannedPrune, Environment]> {
  const configDir = emptyConfigDir();
  for (const id of ids) write(configDir, id);
  const configDirs = resolveConfigDirs({ explicit: [configDir], env: {}, home: '/nowhere', cwd: '/' });
  const environment: Environment = { configDirs, now: () => NOW, system, env: {}, home: '/nowhere', cwd: '/' };
  const index = await openSessionIndex({ configDirs, cacheDir: null, now: () => NOW, system });
  const planned = planRemoval(index, index.rows, {
    environment,
    policy,
    trash: { dir: '', heldBytes: 0, expire: [] },
    dryRun: false,
  });
  return [planned, environment];
}

test('a session that cannot be read fails alone, and the others are removed', async () => {
  const [planned, environment] = await planOf(IDS);
  const configDir = environment.configDirs[0]?.path ?? '';
  // A folder of another user's would do the same, but not to the superuser.
  const unseen = (target: Target): Target =>
    target.id === IDS[0] ? { ...target, roots: [...target.roots, join(configDir, 'x'.repeat(300))] } : target;
  const removals = planned.removals.map((each) => ({ ...each, target: unseen(each.target) }));
  const { remove } = await applyPlan({ ...planned, removals }, { trashDir: null, lockWaitMs: 0 }, environment);
  expect(remove.map(({ id, status, error }) => [id, status, error?.code])).toEqual([
    [IDS[0], 'failed', 'ENAMETOOLONG'],
    [IDS[1], 'removed', undefined],
  ]);
});

test('a plan has removed nothing yet', async () => {
  const [{ plan }] = await planOf(IDS);
  const none = { removed: 0, changed: 0, protected: 0, failed: 0, movedBytes: 0, freedBytes: 0, expired: 0 };
  expect(plan.totals).toMatchObject({ remove: 2, ...none });
});

test('a transcript is deleted for good where its project dir is on another file system than the trash', async () => {
  const lone = (configDir: string, id: string): unknown =>
    addFile(configDir, `projects/${PROJECT}/${id}.jsonl`, promptLine('Say hello', { sessionId: id }));
  const [planned, environment] = await planOf([IDS[0]], IDLE, { policy: { ...POLICY, permanent: true }, write: lone });
  disk.apart = join(environment.configDirs[0]?.path ?? '', 'projects');
  const { remove } = await applyPlan(planned, { trashDir: null, lockWaitMs: 0 }, environment);
  expect(remove.map(({ status, error }) => [status, error])).toEqual([['removed', null]]);
  expect(readdirSync(join(disk.apart, PROJECT))).toEqual([]);
});

describe('while sessions are removed', () => {
  const ids = Array.from({ length: 33 }, (_, at) => `aaaaaaaa-0000-4000-8000-${String(at).padStart(12, '0')}`);

  /** Removes sessions to a trash, and counts how often processes and open files were listed. */
  async function looks(
    count: number,
    trashDir: string | null,
    footprintBytes = 1000,
  ): Promise<{ processes: number; openFiles: number }> {
    const seen = { processes: 0, openFiles: 0 };
    const [planned, environment] = await planOf(ids.slice(0, count), {
      ...IDLE,
      processes: () => (seen.processes++, []),
      transcriptsBeingWritten: () => (seen.openFiles++, new Set()),
    });
    Object.assign(seen, { processes: 0, openFiles: 0 });
    const removals = planned.removals.map((each) => ({ ...each, removal: { ...each.removal, footprintBytes } }));
    const { remove } = await applyPlan({ ...planned, removals }, { trashDir, lockWaitMs: 0 }, environment);
    expect(remove.map(({ status }) => status)).toEqual(Array<string>(count).fill('removed'));
    return seen;
  }

  test('processes are listed before the first session, and then once for 32 sessions', async () => {
    const [one, most, many] = [await looks(1, null), await looks(32, null), await looks(33, null)];
    expect([one.processes, most.processes, many.processes]).toEqual([2, 2, 3]);
  });

  test('open files are listed once for 32 copied sessions', async () => {
    disk.apart = temporaryFolder('apart');
    const [many, most] = [await looks(33, disk.apart), await looks(32, disk.apart)];
    expect(many.openFiles - most.openFiles).toBe(1);
  });

  test('open files are listed once for 8 MiB of copied sessions', async () => {
    disk.apart = temporaryFolder('apart');
    const [whole, less] = [4 * 1024 * 1024, 4 * 1024 * 1024 - 1];
    const [one, two, three] = [
      await looks(2, disk.apart, whole),
      await looks(3, disk.apart, whole),
      await looks(3, disk.apart, less),
    ];
    expect([two.openFiles - one.openFiles, three.openFiles - one.openFiles]).toEqual([1, 0]);
  });

  test('processes are listed before and after each copied session, since copying takes long', async () => {
    disk.apart = temporaryFolder('apart');
    const [one, two] = [await looks(1, disk.apart), await looks(2, disk.apart)];
    expect([one.processes, two.processes]).toEqual([2, 4]);
  });
});

test('a manifest line that a full disk cut short does not damage lines added later', () => {
  const folder = join(emptyConfigDir(), 'run');
  mkdirSync(folder);
  const entry = (id: string): TrashedSession => ({
    schemaVersion: 1,
    entry: 1,
    pruneId: 'x',
    trashedAt: '',
    id: sessionIdOf(id),
    configDir: '/',
    projectDir: '',
    cwd: null,
    title: null,
    kind: null,
    lastActivityAt: null,
    footprintBytes: 0,
    files: 0,
    reasons: [],
    roots: [],
  });
  disk.room = 20;
  expect(() => writeManifest(folder, [entry(IDS[0])])).toThrow('ENOSPC');
  disk.room = Infinity;
  writeManifest(folder, [entry(IDS[1])]);
  expect(JSON.parse(readFileSync(join(folder, 'manifest.jsonl'), 'utf8'))).toMatchObject({ id: IDS[1] });
});

test('files in the trash that cannot be deleted are reported, even with --quiet, and by the exit code', async () => {
  const configDir = emptyConfigDir();
  writeSession(configDir, IDS[0]);
  const configDirs = resolveConfigDirs({ explicit: [configDir], env: {}, home: '/nowhere', cwd: '/' });
  await run(['rm', IDS[0], '--yes'], { configDirs });
  disk.stuck = true;
  const { stderr, exitCode } = await run(['prune', '--older-than', '30d', '--yes', '--quiet'], {
    configDirs,
    now: NOW + 31 * 24 * 60 * 60 * 1000,
  });
  expect([stderr, exitCode]).toEqual([expect.stringMatching(/^ccsess: Not deleted \(EPERM\): .*1\.emptying\n$/), 3]);
});

test.each([
  ['rm', ['rm', IDS[0], '--yes']],
  ['prune', ['prune', '--older-than', '1d', '--yes']],
])(
  'sessions moved by %s are reported if the trash cannot be read any more, and the next run does the rest',
  async (_command, argv) => {
    const configDir = emptyConfigDir();
    writeSession(configDir, IDS[0]);
    const configDirs = resolveConfigDirs({ explicit: [configDir], env: {}, home: '/nowhere', cwd: '/' });
    disk.isBlind = true;
    const { stdout, stderr, exitCode } = await run([...argv, '--json'], { configDirs });
    expect(JSON.parse(stdout.slice(stdout.indexOf('{')))).toMatchObject({
      totals: { removed: 1 },
      remove: [{ id: IDS[0], status: 'removed' }],
    });
    expect([stderr, exitCode]).toEqual([expect.stringMatching(/^ccsess: Cannot be read \(EMFILE\): .*trash\n$/), 3]);
    // The lock stays, so that the next run recovers what may be unfinished.
    expect(existsSync(join(configDir, '.ccsess/lock'))).toBe(true);
    disk.isBlind = false;
    expect(await run(['restore', IDS[0]], { configDirs })).toMatchObject({ stdout: `${IDS[0]}\n`, exitCode: 0 });
  },
);
