import type * as Fs from 'node:fs';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { ConfigDir } from '../../../src/claude/model.js';
import { writeManifest, type TrashedSession } from '../../../src/retention/trash/manifest.js';
import { dropEmptyRuns, inspectSource, readEntries } from '../../../src/retention/trash/read-trash.js';
import { isOwnTrash, runFoldersIn, trashSources, type TrashSource } from '../../../src/retention/trash/trash-dir.js';
import type { EntryState, TrashEntry } from '../../../src/retention/trash/trash-entry.js';
import { temporaryFolder } from '../../support/temporary.js';
import { configDirs, id } from '../claude/disk.js';

/**
 * By path: the code with which listing or opening it fails; and its owner, null if it has just vanished, or the code
 * with which examining it fails.
 */
const disk = vi.hoisted(() => ({
  listing: {} as Record<string, string>,
  opening: {} as Record<string, string>,
  owners: {} as Record<string, number | string | null>,
}));

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof Fs>();
  const refuse = (code: string): never => {
    throw Object.assign(new Error(code), { code });
  };
  const readdir = (...args: Parameters<typeof fs.readdirSync>): unknown => {
    const code = disk.listing[String(args[0])];
    return code === undefined ? fs.readdirSync(...args) : refuse(code);
  };
  const open: typeof fs.openSync = (path, flags, mode) => {
    const code = disk.opening[String(path)];
    return code === undefined ? fs.openSync(path, flags, mode) : refuse(code);
  };
  const lstat = (...args: Parameters<typeof fs.lstatSync>): unknown => {
    const owner = disk.owners[String(args[0])];
    if (typeof owner === 'string') refuse(owner);
    if (owner === null) return args[1]?.throwIfNoEntry === false ? undefined : refuse('ENOENT');
    const stats = fs.lstatSync(...args);
    return owner === undefined || stats === undefined ? stats : Object.assign(stats, { uid: owner });
  };
  const mocked = { ...fs, readdirSync: readdir, openSync: open, lstatSync: lstat };
  return { ...mocked, default: mocked };
});

beforeEach(() => void Object.assign(disk, { listing: {}, opening: {}, owners: {} }));

const RUN = '2026-11-23T06-46-02Z-7f3a';
const KEPT: readonly EntryState[] = ['kept'];

/** A config dir with a run in its trash, or in one that is named. */
class Trash {
  readonly configDir: ConfigDir;
  readonly dir: string;
  readonly run: string;

  constructor({ isNamed = false } = {}) {
    [this.configDir] = configDirs(join(temporaryFolder('trash'), 'own')) as [ConfigDir];
    this.dir = isNamed ? join(this.configDir.path, '../named') : join(this.configDir.path, '.ccsess/trash');
    this.run = join(this.dir, RUN);
    mkdirSync(this.run, { recursive: true });
  }

  get source(): TrashSource {
    const isNamed = this.dir.endsWith('/named');
    return { dir: this.dir, owner: isNamed ? null : this.configDir, configDirs: [this.configDir.path] };
  }

  /** Makes files of the run by their paths; those that end in `/` are folders. */
  put(...paths: string[]): void {
    for (const path of paths) {
      mkdirSync(path.endsWith('/') ? join(this.run, path) : dirname(join(this.run, path)), { recursive: true });
      if (!path.endsWith('/')) writeFileSync(join(this.run, path), 'text');
    }
  }

  /** Makes an entry with a session in the manifest. */
  add(
    entry: number,
    name = `${entry}/`,
    { configDir = this.configDir.path, ofRoot = configDir }: { configDir?: string; ofRoot?: string } = {},
  ): void {
    this.put(name);
    const roots = [{ configDir: ofRoot, path: `projects/-a/${id(entry)}.jsonl`, nodes: [] }];
    const session = { schemaVersion: 1, entry, id: id(entry), configDir, projectDir: '-a', roots };
    writeManifest(this.run, [session as unknown as TrashedSession]);
  }

  /** Keeps only some lines of the manifest. */
  cut(keep: (line: string) => boolean, name = 'manifest.jsonl'): void {
    const path = join(this.run, name);
    const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
    writeFileSync(
      path,
      lines
        .filter(keep)
        .map((line) => `${line}\n`)
        .join(''),
    );
  }

  read(states: readonly EntryState[] = KEPT): [TrashEntry[], string[]] {
    const { entries, problems } = inspectSource(this.source, states);
    return [entries, problems.map(({ code, message, file }) => `${code}: ${message} ${file.replace(this.run, 'RUN')}`)];
  }

  numbers(states: readonly EntryState[] = KEPT): number[] {
    return readEntries(this.source, states).map(({ session }) => session.entry);
  }
}

describe('the entries of a trash', () => {
  test('are those in the given states, in the order in which they were moved', () => {
    const trash = new Trash();
    for (const [number, name] of [
      [2, '2/'],
      [10, '10-0'],
      [3, '3.moving/'],
      [1, '1/'],
    ] as const)
      trash.add(number, name);
    expect([trash.numbers(), trash.numbers(['moving']), trash.numbers(['emptying'])]).toEqual([[1, 2, 10], [3], []]);
    expect(trash.read()[0].map(({ isBare }) => isBare)).toEqual([false, false, true]);
    expect(trash.read()[1]).toEqual([]);
  });

  test('leave out links, files of other users, and anything that has just vanished', () => {
    const trash = new Trash();
    for (const number of [1, 2, 3, 4, 5, 6]) trash.add(number, [2, 6].includes(number) ? `${number}-0` : `${number}/`);
    rmSync(join(trash.run, '1'), { recursive: true });
    symlinkSync('2-0', join(trash.run, '1'));
    trash.put('7');
    disk.owners = Object.fromEntries([2, 3].map((n) => [join(trash.run, n === 2 ? '2-0' : '3'), 12_345]));
    disk.owners[join(trash.run, '4')] = null;
    disk.owners[join(trash.run, '1')] = 12_345;
    expect(trash.read()).toMatchObject([
      [{ session: { entry: 5 } }, { session: { entry: 6 } }],
      [
        'not-ours: Skipped in the trash: not a folder. RUN/1',
        'not-ours: Skipped in the trash: owned by another user. RUN/2-0',
        'not-ours: Skipped in the trash: owned by another user. RUN/3',
        'not-ours: Skipped in the trash: not a folder. RUN/7',
      ],
    ]);
  });

  test('are unknown for a run that cannot be listed, and none for one that is gone', () => {
    const trash = new Trash();
    trash.add(1);
    disk.listing = { [trash.run]: 'EACCES' };
    expect(trash.read()).toEqual([[], ['unreadable: Cannot be read (EACCES). RUN']]);
    disk.listing = { [trash.run]: 'ENOENT' };
    expect(trash.read()).toEqual([[], []]);
  });

  test('are not read through a link', () => {
    const trash = new Trash();
    trash.add(1);
    const own = join(trash.configDir.path, '.ccsess');
    mkdirSync(join(trash.configDir.path, 'elsewhere'));
    const [elsewhere] = [join(trash.configDir.path, 'elsewhere/own')];
    process.getBuiltinModule('node:fs').renameSync(own, elsewhere);
    symlinkSync(elsewhere, own);
    expect(trash.read()).toMatchObject([
      [],
      [/unsafe-trash: The trash is not read: .* is a link/].map((one) => expect.stringMatching(one) as string),
    ]);
    trash.put('2-0.destination');
    trash.cut(() => false);
    rmSync(join(trash.run, '1'), { recursive: true });
    dropEmptyRuns(trash.source);
    expect(readdirSync(trash.run)).toContain('2-0.destination');
  });
});

describe('an entry whose line is lost', () => {
  test('is read from the copy of the manifest', () => {
    const trash = new Trash();
    for (const number of [1, 2, 3]) trash.add(number);
    trash.cut((line) => line.includes('"entry":3'));
    const [entries, problems] = trash.read();
    expect(entries.map(({ session, notes }) => [session.id, notes])).toEqual([
      ...[1, 2].map((n) => [
        id(n),
        { damage: 'its line in the manifest is damaged; this is the copy of it', isRebuilt: false, refusal: null },
      ]),
      [id(3), { damage: null, isRebuilt: false, refusal: null }],
    ]);
    expect(problems).toEqual([
      'damaged-manifest: A manifest in the trash is damaged: a line is missing: ' +
        '2 sessions were read from its copy. RUN/manifest.jsonl',
    ]);
  });

  test('is rebuilt from its files if the copy lacks it too', () => {
    const trash = new Trash();
    for (const number of [1, 2]) trash.add(number);
    trash.put('3/0');
    writeFileSync(join(trash.run, '3/0'), `{"type":"user","sessionId":"${id(3)}","cwd":"/a"}\n`);
    trash.cut((line) => line.includes('"entry":2'));
    writeFileSync(join(trash.run, 'manifest.jsonl'), '{\n', { flag: 'a' });
    const [entries, problems] = trash.read();
    expect(
      entries.map(({ session: { id: one, configDir }, notes: { isRebuilt } }) => [one, configDir, isRebuilt]),
    ).toEqual([
      [id(1), trash.configDir.path, false],
      [id(2), trash.configDir.path, false],
      [id(3), trash.configDir.path, true],
    ]);
    expect(entries[2]?.notes.damage).toBe('its line in the manifest is damaged; its paths are inferred from its files');
    expect(problems).toEqual([
      'damaged-manifest: A manifest in the trash is damaged in line 2: 1 session was read from its copy, ' +
        '1 session was rebuilt from the files in the trash. RUN/manifest.jsonl',
    ]);
  });

  test('is counted only where it was read from', () => {
    const trash = new Trash();
    trash.put('1/x', '2/x');
    expect(trash.read()[1]).toEqual([
      'damaged-manifest: A manifest in the trash is missing: ' +
        '2 sessions were rebuilt from the files in the trash. RUN/manifest.jsonl',
    ]);
  });

  test('is a problem if its files cannot be read; other errors are thrown', () => {
    const trash = new Trash();
    trash.add(1);
    trash.put('2.moving/0');
    disk.listing = { [join(trash.run, '2.moving')]: 'EACCES' };
    expect(trash.read(['kept', 'moving'])).toMatchObject([
      [{ session: { entry: 1 } }],
      ['unreadable: Cannot be read (EACCES). RUN/2.moving'],
    ]);
    disk.listing = { [join(trash.run, '2.moving')]: 'EMFILE' };
    expect(() => trash.read(['moving'])).toThrow('EMFILE');
  });

  test.each<[string, string | null, string | null]>([
    ['the config dir of the others', 'own', 'own'],
    ['no config dir in use if theirs is not', 'other', null],
    ['the first config dir in use if there are no others', null, 'own'],
  ])('in a trash that was named belongs to %s', (_what, others, expected) => {
    const trash = new Trash({ isNamed: true });
    if (others !== null) trash.add(1, '1/', { configDir: join(trash.configDir.path, '..', others) });
    trash.put('2/x');
    const entry = trash.read()[0].find(({ session }) => session.entry === 2);
    expect(entry?.session.configDir ?? null).toBe(expected === null ? null : trash.configDir.path);
  });

  test('in a trash that was named belongs to the config dir of the others even if only the copy has them', () => {
    const trash = new Trash({ isNamed: true });
    trash.add(1, '1/', { configDir: '/nowhere' });
    trash.put('2/x');
    trash.cut(() => false);
    expect(trash.read()).toEqual([[], []]);
  });
});

describe('the config dir of an entry', () => {
  test('is the one whose trash it is, even under another path', () => {
    const trash = new Trash();
    trash.add(1, '1/', { configDir: '/old/path' });
    trash.add(2, '2/', { configDir: '/old/path', ofRoot: '/another' });
    const [entries] = trash.read();
    expect(entries.map(({ session: { configDir, roots } }) => [configDir, roots[0]?.configDir])).toEqual([
      [trash.configDir.path, trash.configDir.path],
      [trash.configDir.path, '/another'],
    ]);
    expect(entries.map(({ notes }) => notes.refusal)).toEqual([
      null,
      'files of it belong to /another, which is not one of the config dirs in use',
    ]);
  });

  test('is one in use that a link leads to, in a trash that was named', () => {
    const trash = new Trash({ isNamed: true });
    mkdirSync(trash.configDir.path, { recursive: true });
    const link = join(trash.configDir.path, '../link');
    symlinkSync(trash.configDir.path, link);
    trash.add(1, '1/', { configDir: link });
    trash.add(2, '2/', { configDir: link });
    trash.add(3, '3/', { configDir: '/nowhere' });
    trash.add(4);
    const [entries, problems] = trash.read();
    expect(entries.map(({ session }) => [session.entry, session.configDir])).toEqual(
      [1, 2, 4].map((number) => [number, trash.configDir.path]),
    );
    expect(problems).toEqual([]);
  });

  test('is the destination while it is being restored, which must be in use', () => {
    const to = (name: string, text: string | null): [string, string | null] => {
      const trash = new Trash();
      trash.add(1, name);
      const { destination } = trash.read(['kept', 'restoring', 'copied'])[0][0]!;
      if (text !== null) writeFileSync(destination, text.replace('OWN', trash.configDir.path));
      const [entry] = trash.read(['kept', 'restoring', 'copied'])[0];
      return [entry!.session.configDir.replace(trash.configDir.path, 'OWN'), entry!.notes.refusal];
    };
    const refusal = 'it was being restored to /other, which is not one of the config dirs in use';
    for (const name of ['1.restoring/', '1-0.restoring', '1-0.copied'])
      expect([name, to(name, null), to(name, ''), to(name, 'OWN'), to(name, '/other')]).toEqual([
        name,
        ['OWN', null],
        ['OWN', null],
        ['OWN', null],
        ['OWN', refusal],
      ]);
    expect(to('1/', '/other')).toEqual(['OWN', null]);
  });

  test('is unknown if the destination is a link; a destination that cannot be read is an error', () => {
    const trash = new Trash();
    trash.add(1, '1.restoring/');
    const file = join(trash.run, '1.restoring/destination');
    symlinkSync('/other', file);
    expect(trash.read(['restoring'])[0][0]?.notes.refusal).toBe(`${file} is not a regular file`);
    disk.opening = { [file]: 'EACCES' };
    expect(() => trash.read(['restoring'])).toThrow('EACCES');
  });
});

describe('the folder of a run', () => {
  test.each<[string, string[], string[] | null]>([
    ['with an entry', ['1/'], ['1', 'manifest.copy.jsonl', 'manifest.jsonl']],
    ['with another file', ['notes'], ['manifest.copy.jsonl', 'manifest.jsonl', 'notes']],
    [
      'with a destination in use',
      ['2-0', '2-0.destination'],
      ['2-0', '2-0.destination', 'manifest.copy.jsonl', 'manifest.jsonl'],
    ],
    [
      'with a destination of an entry that is gone',
      ['2-0.destination', 'x'],
      ['manifest.copy.jsonl', 'manifest.jsonl', 'x'],
    ],
    ['with nothing but such a destination', ['2-0.destination'], null],
    ['with nothing', [], null],
  ])('%s is removed only if nothing is left in it', (_what, names, left) => {
    const trash = new Trash();
    trash.add(7);
    rmSync(join(trash.run, '7'), { recursive: true });
    trash.put(...names);
    dropEmptyRuns(trash.source);
    expect(existsSync(trash.run) ? readdirSync(trash.run).sort() : null).toEqual(left);
  });

  test.each<[string, string[], boolean]>([
    ['only sessions of config dirs in use', ['own'], true],
    ['a session of another config dir', ['own', 'other'], false],
    ['no session', [], false],
  ])('in a trash that was named, which had %s, is removed: %s %s', (_what, dirs, isRemoved) => {
    const trash = new Trash({ isNamed: true });
    for (const [at, name] of dirs.entries()) {
      trash.add(at + 1, `${at + 1}/`, { configDir: join(trash.configDir.path, '..', name) });
      rmSync(join(trash.run, `${at + 1}`), { recursive: true });
    }
    dropEmptyRuns(trash.source);
    expect(existsSync(trash.run)).toBe(!isRemoved);
  });
});

describe('trash folders', () => {
  test('are each read once, under any spelling', () => {
    const trash = new Trash();
    const named = join(trash.configDir.path, 'named');
    const link = join(trash.configDir.path, 'link');
    symlinkSync(trash.dir, link);
    mkdirSync(named);
    const sources = trashSources([trash.configDir], [null, trash.dir, link, named, `${named}/`, null]);
    expect(sources.map(({ dir, owner }) => [dir, owner])).toEqual([
      [trash.dir, trash.configDir],
      [named, null],
    ]);
  });

  test('that cannot be checked are read, so that the error is reported; links are not', () => {
    const trash = new Trash();
    expect(isOwnTrash(trash.configDir, [])).toBe(true);
    disk.owners = { [trash.dir]: 'EACCES' };
    expect(isOwnTrash(trash.configDir, [])).toBe(true);
    disk.owners = {};
    disk.listing = { [trash.dir]: 'EACCES' };
    expect(() => runFoldersIn(trash.dir, [])).toThrow(
      expect.objectContaining({ code: 'IO', message: `the trash cannot be read: ${trash.dir} (EACCES).` }) as Error,
    );
    disk.listing = { [trash.dir]: 'ENAMETOOLONG' };
    expect(runFoldersIn(trash.dir, [])).toEqual([]);
    disk.listing = {};
    disk.owners = { [trash.run]: null };
    expect(runFoldersIn(trash.dir, [])).toEqual([]);
  });
});
