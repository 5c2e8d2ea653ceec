import type * as Fs from 'node:fs';
import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { TrashedSession } from '../../../src/retention/trash/manifest.js';
import {
  hasSafePaths,
  requireOwnFolders,
  requireSafePaths,
  UNKNOWN_ID,
} from '../../../src/retention/trash/safe-paths.js';
import { TrashEntry, type EntryNotes } from '../../../src/retention/trash/trash-entry.js';
import { UnsafePath } from '../../../src/system/safe-path.js';
import { temporaryFolder } from '../../support/temporary.js';
import { configDirs, id } from '../claude/disk.js';

/** Owners of files by the end of their paths, and the codes with which examining a path fails. */
const disk = vi.hoisted(() => ({
  foreign: null as string | null,
  gone: null as string | null,
  looking: {} as Record<string, string>,
}));

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof Fs>();
  const lstat = (...args: Parameters<typeof fs.lstatSync>): unknown => {
    const path = String(args[0]);
    const code = Object.entries(disk.looking).find(([end]) => path.endsWith(end))?.[1];
    if (code !== undefined) throw Object.assign(new Error(code), { code });
    if (disk.gone !== null && path.endsWith(disk.gone)) return undefined;
    const stats = fs.lstatSync(...args);
    return stats !== undefined && disk.foreign !== null && path.endsWith(disk.foreign)
      ? Object.assign(stats, { uid: 12_345 })
      : stats;
  };
  const mocked = { ...fs, lstatSync: lstat };
  return { ...mocked, default: mocked };
});

beforeEach(() => void Object.assign(disk, { foreign: null, gone: null, looking: {} }));

/** An entry with a transcript and a side folder, and what is wrong with it. */
function entryOf({ isBare = false, notes = {} as Partial<EntryNotes>, sessionId = id(1) } = {}): TrashEntry {
  const configDir = temporaryFolder('safe');
  const paths = [`projects/-a/${id(1)}.jsonl`, ...(isBare ? [] : [`projects/-a/${id(1)}`])];
  const roots = paths.map((path) => ({ configDir, path, nodes: [] }));
  const session = { id: sessionId, configDir, entry: 1, pruneId: 'run', roots } as unknown as TrashedSession;
  const all = { damage: null, isRebuilt: false, refusal: null, ...notes };
  const entry = new TrashEntry(join(configDir, '.ccsess/trash/run'), session, 'kept', all, isBare);
  const files = isBare ? [entry.folder] : [join(entry.folder, '0'), join(entry.folder, '1/sub/a.txt')];
  for (const file of files) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, '');
  }
  mkdirSync(join(configDir, 'projects/-a'), { recursive: true });
  return entry;
}

/** The message that an entry is refused with after a change; null if it is accepted. */
function refusal(entry: TrashEntry, change: (entry: TrashEntry) => void = () => {}): string | null {
  change(entry);
  try {
    requireSafePaths(entry);
  } catch (error) {
    if (!(error instanceof UnsafePath)) throw error;
    expect(hasSafePaths(entry)).toBe(false);
    return error.message.replaceAll(entry.session.configDir, 'DIR');
  }
  expect(hasSafePaths(entry)).toBe(true);
  return null;
}

const [TRANSCRIPT, SIDE] = [0, 1] as const;
const pathOf = (entry: TrashEntry, kind: 'storedPath' | 'copyPath' | 'stagedPath', root: number): string =>
  entry[kind](entry.session.roots[root]!);

describe('an entry of the trash', () => {
  test('is safe with files and folders of its user, even with links within a folder', () => {
    expect(refusal(entryOf())).toBeNull();
    expect(refusal(entryOf({ isBare: true }))).toBeNull();
    expect(refusal(entryOf(), ({ folder }) => symlinkSync('/', join(folder, '1/link')))).toBeNull();
    expect(refusal(entryOf(), (entry) => mkdirSync(pathOf(entry, 'copyPath', SIDE)))).toBeNull();
  });

  test('is refused if nothing says whose it is, or where it belongs', () => {
    const unknown = entryOf({ sessionId: UNKNOWN_ID });
    expect(refusal(unknown)).toBe('nothing says which session it was; its files are in DIR/.ccsess/trash/run/1');
    expect(refusal(entryOf({ notes: { refusal: 'it belongs elsewhere' } }))).toBe('it belongs elsewhere');
  });

  test('is refused if a link leads out of its config dir', () => {
    const isLink = 'DIR/projects/-a is a link, and links are not followed there';
    const link = ({ session: { configDir } }: TrashEntry): void => {
      renameSync(join(configDir, 'projects/-a'), join(configDir, 'elsewhere'));
      symlinkSync('../elsewhere', join(configDir, 'projects/-a'));
    };
    expect([refusal(entryOf(), link), refusal(entryOf({ isBare: true }), link)]).toEqual([isLink, isLink]);
  });

  test.each(['copyPath', 'stagedPath'] as const)('is refused with a link or pipe at its %s', (kind) => {
    const linked = (root: number): string | null =>
      refusal(entryOf(), (entry) => symlinkSync('/', pathOf(entry, kind, root)));
    expect([linked(TRANSCRIPT), linked(SIDE)]).toMatchObject(
      Array(2).fill(expect.stringMatching(/^DIR\/projects\/-a\/\.ccsess-run-1-[01].* is a link$/)) as string[],
    );
    const pipe = refusal(entryOf(), (entry) => void execFileSync('mkfifo', [pathOf(entry, kind, SIDE)]));
    expect(pipe).toMatch(/ is not what a session has there$/);
    const folder = refusal(entryOf(), (entry) => mkdirSync(pathOf(entry, kind, TRANSCRIPT)));
    expect(folder).toMatch(/ is not what a session has there$/);
  });

  test('is refused with anything but files and folders next to its own', () => {
    const plant = ({ folder }: TrashEntry): void => symlinkSync('/', join(folder, 'packed-0-0.gz'));
    expect(refusal(entryOf(), plant)).toBe('DIR/.ccsess/trash/run/1/packed-0-0.gz is a link');
  });

  test.each([
    ['its transcript', '/1/0', 'DIR/.ccsess/trash/run/1/0'],
    ['its side folder', '/1/1', 'DIR/.ccsess/trash/run/1/1'],
    ['a file deep below', '/sub/a.txt', 'DIR/.ccsess/trash/run/1/1/sub/a.txt'],
  ])('is refused if another user owns %s', (_what, end, path) => {
    disk.foreign = end;
    expect(refusal(entryOf())).toBe(`${path} is owned by another user`);
  });

  test('is safe if a file below it vanishes meanwhile', () => {
    disk.gone = '/sub/a.txt';
    expect(refusal(entryOf())).toBeNull();
  });

  test('that cannot be looked at is an error of its own', () => {
    const entry = entryOf();
    disk.looking = { '/1/0': 'EIO' };
    expect(() => hasSafePaths(entry)).toThrow('EIO');
    disk.looking = {};
    expect(hasSafePaths(entry)).toBe(true);
  });
});

describe('the folder of ccsess in a config dir', () => {
  const failure = (change: (path: string) => void): unknown => {
    const root = temporaryFolder('own');
    change(root);
    try {
      return requireOwnFolders(configDirs(root));
    } catch (error) {
      return { ...(error as object), message: (error as Error).message.replaceAll(root, 'DIR') };
    }
  };

  test('may be missing, or have no trash', () => {
    expect([failure(() => {}), failure((root) => mkdirSync(join(root, '.ccsess')))]).toEqual([undefined, undefined]);
    expect(failure((root) => mkdirSync(join(root, '.ccsess/trash'), { recursive: true }))).toBeUndefined();
  });

  test.each(['.ccsess', '.ccsess/trash'])('must not be reached through a link at %s', (link) => {
    const plant = (root: string): void => {
      mkdirSync(dirname(join(root, link)), { recursive: true });
      symlinkSync('/', join(root, link));
    };
    expect(failure(plant)).toMatchObject({
      code: 'IO',
      message: `DIR/${link} is a link, and links are not followed there: nothing was changed.`,
      hint: expect.stringMatching(/^remove or rename it first/),
    });
  });

  test('that cannot be looked at is an error', () => {
    disk.looking = { '/.ccsess': 'EACCES' };
    const message = 'DIR/.ccsess cannot be read (EACCES): nothing was changed.';
    expect(failure(() => {})).toMatchObject({ code: 'IO', message });
  });
});
