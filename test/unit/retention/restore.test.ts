import type * as Fs from 'node:fs';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { ConfigDir } from '../../../src/claude/model.js';
import type { Environment } from '../../../src/claude/environment.js';
import { restoredSessions } from '../../../src/retention/keep/restored.js';
import { isStillInTrash, moveFromTrash } from '../../../src/retention/restore/move-from-trash.js';
import { pendingIn, type Recovered } from '../../../src/retention/restore/recover.js';
import { recoverSessions } from '../../../src/retention/restore/recover-times.js';
import {
  checkRestore,
  restoreSessions,
  type RestoreOptions,
  type Restored,
} from '../../../src/retention/restore/restore.js';
import { writeManifest, type TrashedSession } from '../../../src/retention/trash/manifest.js';
import { emptyTrash, expiriesOf, inspectTrash, readTrash } from '../../../src/retention/trash/trash.js';
import { trashState } from '../../../src/retention/trash/trash-state.js';
import type { TrashEntry } from '../../../src/retention/trash/trash-entry.js';
import { treeOf } from '../../../src/retention/trash/tree.js';
import { openSessionIndex } from '../../../src/session-index/open.js';
import { NOW } from '../../support/builders.js';
import { IDLE } from '../../support/context.js';
import { promptLine } from '../../support/transcripts.js';
import { temporaryFolder } from '../../support/temporary.js';
import { configDirs, id } from '../claude/disk.js';

/** True if the trash is on another disk; codes with which renames and removals fail, by the end of the path. */
const disk = vi.hoisted(() => ({
  isApart: false,
  renaming: {} as Record<string, string>,
  removing: {} as Record<string, string>,
}));

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof Fs>();
  const refuse = (code: string): never => {
    throw Object.assign(new Error(code), { code });
  };
  const check = (codes: Record<string, string>, path: unknown): void => {
    const code = Object.entries(codes).find(([end]) => String(path).endsWith(end))?.[1];
    if (code !== undefined) refuse(code);
  };
  const requireTogether = (...paths: unknown[]): void => {
    if (disk.isApart && new Set(paths.map((path) => String(path).includes('/trash/'))).size > 1) refuse('EXDEV');
  };
  const rename: typeof fs.renameSync = (from, to) => {
    requireTogether(from, to);
    check(disk.renaming, to);
    fs.renameSync(from, to);
  };
  const link: typeof fs.linkSync = (from, to) => {
    requireTogether(from, to);
    check(disk.renaming, to);
    fs.linkSync(from, to);
  };
  const rm: typeof fs.rmSync = (path, options) => {
    check(disk.removing, path);
    fs.rmSync(path, options);
  };
  const mocked = { ...fs, renameSync: rename, linkSync: link, rmSync: rm };
  return { ...mocked, default: mocked };
});

beforeEach(() => void Object.assign(disk, { isApart: false, renaming: {}, removing: {} }));

const RUN = '2026-11-02T00-00-00Z-7f3a';
const TEXT = (n: number): string =>
  promptLine('Hello', { uuid: `u-${n}`, sessionId: id(n), timestamp: '2026-09-01T10:00:00.000Z' });

/** A config dir with sessions in its trash. */
class Home {
  readonly configDir: ConfigDir;
  readonly environment: Environment;

  constructor() {
    [this.configDir] = configDirs(temporaryFolder('restore')) as [ConfigDir];
    this.environment = {
      configDirs: [this.configDir],
      now: () => NOW,
      system: IDLE,
      env: {},
      home: '/nowhere',
      cwd: '/',
    };
  }

  get run(): string {
    return join(this.configDir.path, '.ccsess/trash', RUN);
  }

  pathOf(n: number, below = '.jsonl', root = this.configDir.path): string {
    return join(root, 'projects/-a', `${id(n)}${below}`);
  }

  /** Adds a session to the trash. */
  add(n: number, { isBare = false, hasSide = !isBare }: { isBare?: boolean; hasSide?: boolean } = {}): void {
    const configDir = this.configDir.path;
    const folder = join(this.run, isBare ? `${n}-0` : String(n));
    const stored = isBare ? folder : join(folder, '0');
    mkdirSync(dirname(stored), { recursive: true });
    writeFileSync(stored, TEXT(n), { mode: 0o640 });
    utimesSync(stored, 1000, 1000);
    const roots = [{ configDir, path: `projects/-a/${id(n)}.jsonl`, nodes: treeOf(stored) }];
    if (hasSide) {
      mkdirSync(join(folder, '1/tool-results'), { recursive: true });
      writeFileSync(join(folder, '1/tool-results/a.txt'), 'output');
      roots.push({ configDir, path: `projects/-a/${id(n)}`, nodes: treeOf(join(folder, '1')) });
    }
    const about = {
      schemaVersion: 1,
      entry: n,
      id: id(n),
      configDir,
      projectDir: '-a',
      pruneId: RUN,
      title: null,
      cwd: null,
    };
    const when = { trashedAt: `2026-11-0${n}T00:00:00.000Z`, lastActivityAt: '2026-09-01T10:00:00.000Z' };
    const sums = { footprintBytes: TEXT(n).length + (hasSide ? 6 : 0), files: 1, kind: null, reasons: [] };
    writeManifest(this.run, [{ ...about, ...when, ...sums, roots } as unknown as TrashedSession]);
  }

  get entries(): TrashEntry[] {
    return readTrash([this.configDir], null);
  }

  entry(n: number): TrashEntry {
    return this.entries.find(({ session }) => session.entry === n)!;
  }

  restore(more: Partial<RestoreOptions> = {}, entries = this.entries): Promise<Restored> {
    const openIndex: RestoreOptions['openIndex'] = (dirs) =>
      openSessionIndex({ configDirs: dirs, cacheDir: null, now: () => NOW, system: IDLE });
    return restoreSessions(
      entries,
      { trashDir: null, lockWaitMs: 0, to: null, keepTimes: true, openIndex, ...more },
      this.environment,
    );
  }
}

const outcomes = ({ results }: Restored): (string | null)[] => results.map(({ failure }) => failure?.message ?? null);

describe('a restore', () => {
  test('brings sessions back as they were, marks them, and leaves nothing in the trash', async () => {
    const home = new Home();
    for (const n of [1, 2]) home.add(n, { isBare: n === 2 });
    const restored = await home.restore({}, [home.entry(1), home.entry(2)]);
    expect(restored.results.map(({ session, ...rest }) => [session.entry, rest])).toEqual(
      [2, 1].map((n) => [n, { failure: null, isJoined: false, damaged: [] }]),
    );
    expect([1, 2].map((n) => readFileSync(home.pathOf(n), 'utf8'))).toEqual([TEXT(1), TEXT(2)]);
    expect(statSync(home.pathOf(1))).toMatchObject({ mode: 0o100640, mtimeMs: 1_000_000 });
    expect(readFileSync(home.pathOf(1, '/tool-results/a.txt'), 'utf8')).toBe('output');
    expect([existsSync(home.run), restored.renewals, restored.rows.length]).toEqual([false, null, 2]);
    const { mayHold } = restoredSessions(home.configDir);
    expect([1, 2, 3].map((n) => mayHold(id(n)))).toEqual([true, true, false]);
  });

  test('restores only the named entries, and renews the times of their files', async () => {
    const home = new Home();
    for (const n of [1, 2]) home.add(n);
    const { rows, renewals } = await home.restore({ keepTimes: false }, [home.entry(2)]);
    expect([rows.map(({ file }) => file.id), renewals?.sessions.length]).toEqual([[id(2)], 1]);
    expect(statSync(home.pathOf(2)).mtimeMs).toBeGreaterThan(1_000_000);
    expect(home.entries.map(({ session }) => session.entry)).toEqual([1]);
  });

  test('to another config dir joins nothing, and marks them only there', async () => {
    const home = new Home();
    for (const n of [1, 2, 3]) home.add(n, { isBare: n === 3 });
    const to = temporaryFolder('elsewhere');
    mkdirSync(dirname(home.pathOf(2, '.jsonl', to)), { recursive: true });
    writeFileSync(home.pathOf(2, '.jsonl', to), TEXT(2));
    writeFileSync(home.pathOf(1, '.jsonl').replace('projects/-a/', ''), '');
    const restored = await home.restore({ to });
    expect(outcomes(restored)).toEqual([
      null,
      `${id(2)} is not restored: ${home.pathOf(2, '.jsonl', to)} exists.`,
      null,
    ]);
    expect([readFileSync(home.pathOf(1, '.jsonl', to), 'utf8'), existsSync(home.pathOf(1))]).toEqual([TEXT(1), false]);
    const marks = [configDirs(to)[0]!, home.configDir].map((dir) => restoredSessions(dir));
    expect(marks.map(({ mayHold }) => [1, 2, 3].map((n) => mayHold(id(n))))).toEqual([
      [true, false, true],
      [false, false, false],
    ]);
    expect([home.entries.map(({ session }) => session.entry), readdirSync(home.run).sort()]).toEqual([
      [2],
      ['2', 'manifest.copy.jsonl', 'manifest.jsonl'],
    ]);
  });

  test('joins what was written since, and refuses anything else at its paths', async () => {
    const home = new Home();
    for (const n of [1, 2]) home.add(n);
    mkdirSync(dirname(home.pathOf(1)), { recursive: true });
    writeFileSync(home.pathOf(1), promptLine('More', { uuid: 'n-1', parentUuid: 'u-1', sessionId: id(1) }));
    const more = readFileSync(home.pathOf(1), 'utf8');
    writeFileSync(home.pathOf(2), promptLine('Other', { uuid: 'n-2', sessionId: id(9) }));
    const restored = await home.restore();
    expect(restored.results.map(({ isJoined }) => isJoined)).toEqual([false, true]);
    expect(outcomes(restored)).toEqual([
      `${id(2)} is not restored: ${home.pathOf(2)} exists and does not continue it.`,
      null,
    ]);
    expect(readFileSync(home.pathOf(1), 'utf8')).toBe(TEXT(1) + more);
  });

  test('reports files that are not as they were', async () => {
    const home = new Home();
    home.add(1);
    writeFileSync(join(home.run, '1/1/tool-results/a.txt'), 'out');
    const [result] = (await home.restore()).results;
    expect(result?.damaged.map(({ code, message }) => [code, message.replace(home.configDir.path, 'DIR')])).toEqual([
      [
        'damaged-file',
        `${id(1)} is restored, but DIR/projects/-a/${id(1)}/tool-results/a.txt is damaged in the trash: ` +
          'it has 3 bytes instead of 6.',
      ],
    ]);
  });

  test('that fails leaves a session in the trash, or for the next run if a part of it was moved', async () => {
    const home = new Home();
    for (const n of [1, 2]) home.add(n);
    disk.renaming = { [`${id(1)}.jsonl`]: 'EIO', [id(2)]: 'EIO' };
    const restored = await home.restore();
    expect(outcomes(restored)).toEqual([`${id(2)} is restored in part: EIO.`, `${id(1)} is not restored: EIO.`]);
    expect([home.entries.map(({ session }) => session.entry), existsSync(home.pathOf(2))]).toEqual([[1], true]);
    const { mayHold } = restoredSessions(home.configDir);
    expect([mayHold(id(1)), mayHold(id(2))]).toEqual([false, true]);
    disk.renaming = {};
    expect(outcomes(await home.restore())).toEqual([null]);
    expect([readFileSync(home.pathOf(2, '/tool-results/a.txt'), 'utf8'), existsSync(home.run)]).toEqual([
      'output',
      false,
    ]);
  });

  test('can be checked before, which changes nothing', async () => {
    const home = new Home();
    home.add(1);
    const to = temporaryFolder('elsewhere');
    const codeOf = async (where: string | null): Promise<string | null> =>
      (await checkRestore(home.entry(1), where, home.environment)).failure?.code ?? null;
    expect([await codeOf(null), await codeOf(to)]).toEqual([null, null]);
    mkdirSync(home.pathOf(1, ''), { recursive: true });
    expect([await codeOf(null), await codeOf(to)]).toEqual(['EXISTS', null]);
    expect([home.entries.length, readdirSync(to)]).toEqual([1, []]);
  });
});

describe('a session that is moved out of the trash', () => {
  const moved = (entry: TrashEntry, isFirst = false): void =>
    moveFromTrash(entry, { keepReplaced: () => () => {}, isFirst });

  test.each([true, false])('is copied from another disk, even after a kill (bare: %s)', (isBare) => {
    const home = new Home();
    home.add(1, { isBare });
    const entry = home.entry(1);
    entry.setState('restoring');
    disk.isApart = true;
    // The half copy of a killed run is copied again.
    mkdirSync(dirname(home.pathOf(1)), { recursive: true });
    writeFileSync(entry.copyPath(entry.session.roots[0]!), 'half');
    writeFileSync(`${entry.copyPath(entry.session.roots[0]!)}.joined`, 'half');
    disk.renaming = { [`${id(1)}.jsonl`]: 'EIO' };
    expect(() => moved(entry)).toThrow('EIO');
    expect(isBare ? entry.state : readdirSync(entry.folder)).toEqual(isBare ? 'copied' : ['0.copied', '1']);
    disk.renaming = {};
    moved(entry);
    expect(readFileSync(home.pathOf(1), 'utf8')).toBe(TEXT(1));
    expect([
      existsSync(entry.folder),
      readdirSync(dirname(home.pathOf(1))).filter((name) => name.startsWith('.')),
    ]).toEqual([...[false, []]]);
    expect(isBare || readFileSync(home.pathOf(1, '/tool-results/a.txt'), 'utf8')).toBe(isBare || 'output');
  });

  test('is still in the trash unless some of it is elsewhere', () => {
    const still = (change: (entry: TrashEntry, home: Home) => void): boolean => {
      const home = new Home();
      home.add(1);
      mkdirSync(dirname(home.pathOf(1)), { recursive: true });
      change(home.entry(1), home);
      return isStillInTrash(home.entry(1));
    };
    expect([
      still(() => {}),
      still((entry) => rmSync(join(entry.folder, '1'), { recursive: true })),
      still((entry) => writeFileSync(entry.copyPath(entry.session.roots[1]!), '')),
      still((_entry, home) => mkdirSync(home.pathOf(1, ''))),
      still((_entry, home) => writeFileSync(home.pathOf(1), promptLine('More'))),
      still((_entry, home) => writeFileSync(home.pathOf(1), TEXT(1) + promptLine('More'))),
    ]).toEqual([true, false, false, false, true, false]);
  });
});

describe('the trash', () => {
  test('lists the last moved first, and those of one moment by id', () => {
    const home = new Home();
    for (const n of [2, 3, 1]) home.add(n);
    expect(inspectTrash([home.configDir], null).entries.map(({ session }) => session.entry)).toEqual([3, 2, 1]);
    const path = join(home.run, 'manifest.jsonl');
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(/2026-11-0[123]/g, '2026-11-05'));
    expect(inspectTrash([home.configDir], null).entries.map(({ session }) => session.entry)).toEqual([1, 2, 3]);
  });

  test('has a size, and sessions that have expired', () => {
    const home = new Home();
    for (const n of [1, 2]) home.add(n, { isBare: true });
    const ttl = { ms: NOW - Date.parse('2026-11-01T12:00:00.000Z'), text: '' } as never;
    expect(trashState(ttl, null, home.environment)).toEqual({
      dir: join(home.configDir.path, '.ccsess/trash'),
      sessions: 2,
      heldBytes: TEXT(1).length * 2,
      expire: [{ id: id(1), trashedAt: '2026-11-01T00:00:00.000Z', heldBytes: TEXT(1).length }],
    });
    expect(trashState(null, null, home.environment).expire).toEqual([]);
    expect(expiriesOf(home.entries, 0)).toEqual([]);
  });

  test('keeps what cannot be deleted, and says so', () => {
    const home = new Home();
    for (const n of [1, 2]) home.add(n);
    disk.removing = { '/2.emptying': 'EIO' };
    const { sessions, freedBytes, problems } = emptyTrash(home.entries);
    expect([sessions.map(({ entry }) => entry), freedBytes]).toEqual([[1], TEXT(1).length + 6]);
    expect(problems).toMatchObject([{ code: 'not-deleted', message: 'Not deleted (EIO).' }]);
  });
});

describe('an interrupted run', () => {
  /** Leaves a lock as a killed run does. */
  function interrupted(home: Home): void {
    const trashDirs = [join(home.configDir.path, '.ccsess/trash')];
    const lock = { pid: 8, startTime: null, pidDomain: null, at: '2026-11-01T00:00:00.000Z', trashDirs, ended: true };
    writeFileSync(join(home.configDir.path, '.ccsess/lock'), JSON.stringify(lock));
  }

  test('leaves sessions that are listed as pending once its lock shows that it was killed', () => {
    const home = new Home();
    for (const n of [1, 2]) home.add(n);
    home.entry(1).setState('restoring');
    const pending = (): number[] => pendingIn({ trashDir: null }, home.environment).map(({ session }) => session.entry);
    expect(pending()).toEqual([]);
    interrupted(home);
    expect(pending()).toEqual([1]);
  });

  test('is finished, and the times of what it brought back are renewed', async () => {
    const home = new Home();
    for (const n of [1, 2, 3]) home.add(n);
    home.entry(1).setState('restoring');
    home.entry(2).setState('moved');
    interrupted(home);
    mkdirSync(dirname(home.pathOf(4)), { recursive: true });
    // A copy of its id in another project dir, and another session in this one.
    const [copy, other] = [home.pathOf(1).replace('/-a/', '/-b/'), home.pathOf(4)];
    mkdirSync(dirname(copy), { recursive: true });
    for (const [path, n] of [
      [copy, 1],
      [other, 4],
    ] as const) {
      writeFileSync(path, TEXT(n));
      utimesSync(path, 1000, 1000);
    }
    let opened = 0;
    const recover = (): Promise<Recovered[]> =>
      recoverSessions({ trashDir: null, lockWaitMs: 0 }, home.environment, () => {
        opened += 1;
        return openSessionIndex({ configDirs: [home.configDir], cacheDir: null, now: () => NOW, system: IDLE });
      });
    expect((await recover()).map(({ id: one, outcome }) => [one, outcome])).toEqual([
      [id(1), 'restored'],
      [id(2), 'in-trash'],
    ]);
    expect([copy, other].map((path) => statSync(path).mtimeMs)).toEqual([1_000_000, 1_000_000]);
    expect(statSync(home.pathOf(1)).mtimeMs).toBeGreaterThan(1_000_000);
    expect([opened, home.entries.length, existsSync(join(home.configDir.path, '.ccsess/lock'))]).toEqual([1, 2, false]);
    expect([await recover(), opened]).toEqual([[], 1]);
  });
});
