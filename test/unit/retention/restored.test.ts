import type * as Fs from 'node:fs';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { markRestored, restoredReasons, restoredSessions } from '../../../src/retention/keep/restored.js';
import type { ConfigDir } from '../../../src/claude/model.js';
import { sessionIdOf } from '../../../src/claude/scan/scan.js';
import { DAY_MS } from '../../../src/system/time.js';
import { UnsafePath } from '../../../src/system/safe-path.js';
import { temporaryFolder } from '../../support/temporary.js';
import { configDirs, disk, id } from '../claude/disk.js';

/**
 * How often folders of marks were listed; a function called before each listing; values that replace those of a
 * folder's stats; and the code that reading these fails with.
 */
const marks = vi.hoisted(() => ({
  listed: 0,
  beforeListing: (_folder: string): void => {},
  stamps: {} as Partial<Fs.Stats>,
  looking: null as string | null,
}));

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof Fs>();
  const isMarks = (path: unknown): boolean => String(path).endsWith('/.ccsess/restored');
  const readdir = (...args: Parameters<typeof fs.readdirSync>): unknown => {
    if (isMarks(args[0])) {
      marks.listed += 1;
      marks.beforeListing(String(args[0]));
    }
    return fs.readdirSync(...args);
  };
  const lstat = (...args: Parameters<typeof fs.lstatSync>): unknown => {
    if (!isMarks(args[0])) return fs.lstatSync(...args);
    if (marks.looking !== null) throw Object.assign(new Error(marks.looking), { code: marks.looking });
    const stats = fs.lstatSync(...args);
    return stats && Object.assign(stats, marks.stamps);
  };
  const mocked = { ...fs, readdirSync: readdir, lstatSync: lstat };
  return { ...mocked, default: mocked };
});

beforeEach(() => void Object.assign(marks, { listed: 0, beforeListing: () => {}, stamps: {}, looking: null }));

const NOW = Date.parse('2026-11-30T00:00:00.000Z');
const AT = '2026-11-30T00:00:00.000Z';
const [ONE, TWO, THREE] = [1, 2, 3].map((n) => sessionIdOf(id(n))) as [ReturnType<typeof sessionIdOf>, string, string];

/** A config dir with files in its folder of marks. */
function marked(files: Record<string, string>): { configDir: ConfigDir; folder: string } {
  const root = disk(
    Object.fromEntries(Object.entries(files).map(([name, text]) => [`.ccsess/restored/${name}`, text])),
  );
  const [configDir] = configDirs(root) as [ConfigDir];
  return { configDir, folder: join(root, '.ccsess/restored') };
}

const batch = (...ids: unknown[]): string => `${JSON.stringify({ schemaVersion: 1, at: AT, ids })}\n`;
const held = (configDir: ConfigDir): boolean[] =>
  [ONE, TWO, THREE].map((each) => restoredSessions(configDir).mayHold(each));
const details = (configDir: ConfigDir, each: string = ONE, now = NOW): (string | null)[] =>
  restoredReasons(configDir, each, now).map(({ detail }) => detail);

describe('marks of restored sessions', () => {
  test('are one file with the ids and the time', () => {
    const { configDir, folder } = marked({});
    markRestored(configDir, [ONE], NOW);
    expect(readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual([batch(ONE)]);
  });

  test.each(['.ccsess', '.ccsess/restored'])('are not written through a link at %s', (link) => {
    const outside = temporaryFolder('outside');
    const root = disk({});
    mkdirSync(dirname(join(root, link)), { recursive: true });
    symlinkSync(outside, join(root, link));
    const [configDir] = configDirs(root) as [ConfigDir];
    expect(() => markRestored(configDir, [ONE], NOW)).toThrow(UnsafePath);
    expect(readdirSync(outside)).toEqual([]);
  });

  test('stay if they cannot be removed, without an error', () => {
    const { configDir, folder } = marked({});
    const mark = markRestored(configDir, [ONE], NOW);
    renameSync(folder, `${folder}-of-old`);
    writeFileSync(folder, '');
    expect(() => mark.keepOnly(new Set())).not.toThrow();
    expect(readdirSync(`${folder}-of-old`)).toHaveLength(1);
  });

  test('of one session are files of its name, and count once', () => {
    const at = JSON.stringify({ at: AT });
    const { configDir, folder } = marked({ [`${ONE}.json`]: at, 'batch-a.json': batch(ONE), [`${TWO}.json`]: '{' });
    expect(held(configDir)).toEqual([true, true, false]);
    expect([details(configDir), details(configDir, TWO), details(configDir, THREE)]).toEqual([[AT], [null], []]);
    expect(details(configDir, ONE, NOW + 30 * DAY_MS)).toEqual([]);
    rmSync(join(folder, 'batch-a.json'));
    writeFileSync(join(folder, `${ONE}.json`), at.padEnd(4096));
    expect(details(configDir)).toEqual([AT]);
    const more = 'x'.repeat(4097 - JSON.stringify({ at: AT, more: '' }).length);
    writeFileSync(join(folder, `${ONE}.json`), JSON.stringify({ at: AT, more }));
    expect(details(configDir)).toEqual([null]);
  });

  test('that are damaged protect the sessions that they name, and other values none', () => {
    const { configDir } = marked({
      'batch-a.json': `{"at":"${AT}","ids":["${ONE}", "${ONE}`,
      'batch-b.json': batch(5, TWO),
    });
    expect(held(configDir)).toEqual([true, true, false]);
    expect([details(configDir), details(configDir, TWO)]).toEqual([[null], [AT]]);
    expect(restoredSessions(configDir).problem).toBeNull();
  });
});

describe('marks that cannot be read', () => {
  const isProblem = (configDir: ConfigDir, file: string): void => {
    expect(restoredSessions(configDir).problem).toEqual({
      code: 'unreadable',
      message: 'Cannot be read: every session here counts as recently restored.',
      ...{ file, line: null, byteOffset: null },
    });
    expect([held(configDir), details(configDir, THREE)]).toEqual([[true, true, true], [null]]);
  };

  test('protect all sessions: a file that is a folder, or larger than 64 MiB', () => {
    const { configDir, folder } = marked({ 'batch-b.json/x': '' });
    isProblem(configDir, join(folder, 'batch-b.json'));
    const large = marked({ 'batch-a.json': batch(ONE) });
    truncateSync(join(large.folder, 'batch-a.json'), 64 * 1024 * 1024);
    expect([restoredSessions(large.configDir).problem, held(large.configDir)]).toEqual([null, [true, false, false]]);
    truncateSync(join(large.folder, 'batch-a.json'), 64 * 1024 * 1024 + 1);
    utimesSync(large.folder, 1000, 1000);
    isProblem(large.configDir, join(large.folder, 'batch-a.json'));
  });

  test('protect all sessions: a folder that cannot be examined or listed', () => {
    const { configDir, folder } = marked({ 'batch-a.json': batch(ONE) });
    marks.looking = 'EACCES';
    isProblem(configDir, folder);
    marks.looking = null;
    marks.beforeListing = () => {
      throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
    };
    isProblem(configDir, folder);
  });

  test('protect no session if the folder is missing or vanishes while it is read; a dangling link is a problem', () => {
    const none = configDirs(disk({}))[0] as ConfigDir;
    expect([restoredSessions(none).problem, held(none), details(none)]).toEqual([null, [false, false, false], []]);
    const { configDir } = marked({ 'batch-a.json': batch(ONE) });
    marks.beforeListing = (folder) => rmSync(folder, { recursive: true });
    expect([restoredSessions(configDir).problem, restoredSessions(configDir).mayHold(ONE)]).toEqual([null, false]);
    const one = marked({ 'batch-b.json': batch(TWO) });
    // A link without a target counts as unreadable, not as gone.
    symlinkSync('nowhere', join(one.folder, 'batch-a.json'));
    marks.beforeListing = () => {};
    expect(restoredSessions(one.configDir).problem).toMatchObject({ file: join(one.folder, 'batch-a.json') });
  });
});

describe('the folder of marks', () => {
  test('is read once while it is unchanged, and again if it is another folder, even with the same times', () => {
    const { configDir, folder } = marked({ 'batch-a.json': batch(ONE) });
    const [other, stamps] = [marked({ 'batch-a.json': batch(TWO) }), { ino: 5, ctimeMs: 5 }];
    marks.stamps = stamps;
    expect([held(configDir), marks.listed]).toEqual([[true, false, false], 1]);
    expect([held(other.configDir), marks.listed]).toEqual([[false, true, false], 2]);
    expect([held(configDir), marks.listed]).toEqual([[true, false, false], 3]);
    writeFileSync(join(folder, 'batch-b.json'), batch(THREE));
    expect([held(configDir), marks.listed]).toEqual([[true, false, false], 3]);
    marks.stamps = { ...stamps, ino: 6 };
    expect([held(configDir), marks.listed]).toEqual([[true, false, true], 4]);
    rmSync(join(folder, 'batch-a.json'));
    marks.stamps = { ino: 6, ctimeMs: 6 };
    expect([held(configDir), marks.listed]).toEqual([[false, false, true], 5]);
    expect(lstatSync(folder)).toMatchObject({ ino: 6 });
  });
});
