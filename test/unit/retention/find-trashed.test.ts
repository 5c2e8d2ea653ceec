import { mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sessionIdOf } from '../../../src/claude/scan/scan.js';
import { markRestored, restoredReasons, restoredSessions } from '../../../src/retention/keep/restored.js';
import { unreadable } from '../../../src/system/problem.js';
import type { TrashReading } from '../../../src/retention/trash/read-trash.js';
import { findTrashed, keyOf } from '../../../src/retention/trash/find-trashed.js';
import type { TrashedSession } from '../../../src/retention/trash/manifest.js';
import { emptyTrash, expiriesOf, heldBytes, trashedBefore } from '../../../src/retention/trash/trash.js';
import { makeRunFolder, runFoldersIn } from '../../../src/retention/trash/trash-dir.js';
import { TrashEntry, type EntryState } from '../../../src/retention/trash/trash-entry.js';
import { safeName, safeRelativePath } from '../../../src/system/safe-path.js';
import { DAY_MS } from '../../../src/system/time.js';
import { temporaryFolder } from '../../support/temporary.js';
import { configDirs, disk, id, put } from '../claude/disk.js';

interface Sketch {
  run?: string;
  entry?: number;
  title?: string | null;
  at?: string;
  configDir?: string;
  cwd?: string | null;
  state?: EntryState;
}

function trashed(sessionId: string, sketch: Sketch = {}): TrashEntry {
  const { run = '/t/2026-11-02T00-00-00Z-aaaa', entry = 1, title = null, configDir = '/c', cwd = '/home/a' } = sketch;
  const session: TrashedSession = {
    ...{ schemaVersion: 1, id: sessionIdOf(sessionId), projectDir: safeName('-a'), entry, pruneId: 'p', title, cwd },
    ...{ trashedAt: sketch.at ?? '2026-11-02T00:00:00.000Z', configDir, kind: null, lastActivityAt: null },
    ...{ footprintBytes: 100, files: 1, reasons: [] },
    roots: [{ configDir, path: safeRelativePath(`projects/-a/${sessionId}.jsonl`), nodes: [] }],
  };
  return new TrashEntry(run, session, sketch.state ?? 'kept');
}

const reading = (entries: TrashEntry[], ...unread: string[]): TrashReading => ({
  entries,
  problems: unread.map((file) => unreadable(file, Object.assign(new Error(), { code: 'EACCES' }))),
});

describe('a name in the trash', () => {
  const [A, B] = [id(1), 'bbbbbbbb-0000-4000-8000-000000000002'];
  const last = trashed(A, { title: 'Login', entry: 3 });
  const other = trashed(B, { title: 'login', cwd: null });
  const before = trashed(A, { run: '/t/2026-11-01T00-00-00Z-bbbb', title: 'Old' });
  const all = [last, other, before];
  const named = (name: string): string[] => findTrashed(reading(all), name).map(keyOf);

  test('means all of the last run, even in the trash of other config dirs', () => {
    expect(named('@last-prune')).toEqual([keyOf(last), keyOf(other)]);
    const elsewhere = trashed(B, { run: '/other/2026-11-02T00-00-00Z-aaaa' });
    expect(findTrashed(reading([last, before, elsewhere]), '@last-prune')).toEqual([last, elsewhere]);
    expect(findTrashed(reading([]), '@last-prune')).toEqual([]);
  });

  test('is not that of an earlier run if the last one cannot be read', () => {
    const find = (...unread: string[]): TrashEntry[] => findTrashed(reading([last, before], ...unread), '@last-prune');
    const later = '/t/2026-11-03T00-00-00Z-cccc';
    for (const path of [later, `${later}/3`])
      expect(() => find(path)).toThrow(
        expect.objectContaining({
          code: 'IO',
          message: `the last run in the trash cannot be read: ${path}.`,
        }) as Error,
      );
    expect(find('/t/2026-11-01T00-00-00Z-bbbb/2', '/t/2026-11-02T00-00-00Z-aaaa/9', '/t')).toEqual([last]);
  });

  test('is a key, an id or the start of one in any case, or a title', () => {
    expect(keyOf(last)).toBe('2026-11-02T00-00-00Z-aaaa/3');
    expect(named('2026-11-01T00-00-00Z-bbbb/1')).toEqual([keyOf(before)]);
    expect([named(A), named(A.toUpperCase()), named(A.slice(0, 4)), named('OLD')]).toEqual([
      [keyOf(last)],
      [keyOf(last)],
      [keyOf(last)],
      [keyOf(before)],
    ]);
    expect(named(B.slice(0, 5).toUpperCase())).toEqual([keyOf(other)]);
  });

  test('is a key or an id before it is the title of another session; of two equal keys, the first counts', () => {
    const titled = trashed(B, { title: A, entry: 2 });
    expect(findTrashed(reading([titled, last]), A)).toEqual([last]);
    const elsewhere = trashed(B, { run: '/other/2026-11-02T00-00-00Z-aaaa', entry: 3 });
    expect(findTrashed(reading([last, elsewhere]), keyOf(last))).toEqual([last]);
  });

  test.each([A.slice(0, 3), 'nothing', '', '2026-11-02T00-00-00Z-aaaa/9'])('%j is the name of nothing', (name) => {
    expect(() => named(name)).toThrow(
      expect.objectContaining({ code: 'NOT_FOUND', message: `no session '${name}' in the trash.` }) as Error,
    );
  });

  test('that several sessions have is refused with the keys of the first five', () => {
    const failure = (entries: TrashEntry[], name: string): unknown => {
      try {
        return findTrashed(reading(entries), name);
      } catch (error) {
        return error;
      }
    };
    expect(failure(all, 'LOGIN')).toMatchObject({
      code: 'AMBIGUOUS',
      message: "2 sessions in the trash answer to 'LOGIN'. Name one:",
      hint:
        '2026-11-02T00-00-00Z-aaaa/3  2026-11-02T00:00:00.000Z  /home/a  Login\n' +
        '2026-11-02T00-00-00Z-aaaa/1  2026-11-02T00:00:00.000Z  -a  login',
    });
    const twice = [trashed(A, { title: null }), trashed(A, { configDir: '/d', title: 'x' })];
    expect(failure(twice, A)).toMatchObject({
      hint:
        '2026-11-02T00-00-00Z-aaaa/1  2026-11-02T00:00:00.000Z  /home/a [/c]\n' +
        '2026-11-02T00-00-00Z-aaaa/1  2026-11-02T00:00:00.000Z  /home/a [/d]  x',
    });
    const seven = [1, 2, 3, 4, 5, 6, 7].map((n) => trashed(id(n), { title: 'same' }));
    const { message, hint } = failure(seven, 'same') as { message: string; hint: string };
    expect([message, hint.split('\n').length]).toEqual(["7 sessions in the trash answer to 'same'. Name one:", 5]);
  });
});

describe('a session in the trash', () => {
  const at = Date.parse('2026-11-02T00:00:00.000Z');

  test('has expired if it was moved there before the given time', () => {
    const entry = trashed(id(1), { state: 'kept' });
    expect([trashedBefore([entry], at), trashedBefore([entry], at + 1)]).toEqual([[], [entry]]);
    const run = temporaryFolder('held');
    put(run, { '1/0': 'x'.repeat(50), '1/packed-0-0.gz': 'y' });
    const held = trashed(id(1), { run });
    expect(expiriesOf([held], at + 1)).toEqual([{ id: id(1), trashedAt: '2026-11-02T00:00:00.000Z', heldBytes: 51 }]);
  });

  test('takes its original size if it is whole, else the size of what is left', () => {
    const run = temporaryFolder('held');
    put(run, { '1/0': 'x', '2/other': 'xy', '3.moving/0': 'xyz' });
    const [whole, odd, moving] = [trashed(id(1), { run }), trashed(id(2), { run, entry: 2 })].concat(
      trashed(id(3), { run, entry: 3, state: 'moving' }),
    ) as [TrashEntry, TrashEntry, TrashEntry];
    expect([heldBytes([whole]), heldBytes([odd]), heldBytes([moving]), heldBytes([])]).toEqual([100, 2, 3, 0]);
    expect(heldBytes([whole, odd])).toBe(102);
    expect(emptyTrash([whole, odd])).toMatchObject({
      freedBytes: 102,
      problems: [],
      sessions: [whole, odd].map((e) => e.session),
    });
    expect(readdirSync(run)).toEqual(['3.moving']);
  });
});

describe('the folder of a run', () => {
  test('is named after the run, with a number if the plan is applied again, and never leads elsewhere', () => {
    const trash = join(temporaryFolder('runs'), 'new/trash');
    const name = '2026-11-23T06-46-02Z-7f3a';
    expect([1, 2, 3].map(() => makeRunFolder(trash, name).slice(trash.length + 1))).toEqual([
      name,
      `${name}-2`,
      `${name}-3`,
    ]);
    expect(makeRunFolder(trash, '../x').slice(trash.length + 1)).toBe('0000-00-00T----x');
    mkdirSync(join(trash, 'rewinds'));
    writeFileSync(join(trash, '2026-11-23T06-46-02Z-file'), '');
    expect(runFoldersIn(trash, []).map((path) => path.slice(trash.length + 1))).toEqual([
      '0000-00-00T----x',
      name,
      `${name}-2`,
      `${name}-3`,
    ]);
    expect([runFoldersIn(join(trash, 'none'), []), runFoldersIn(join(trash, `${name}-file/x`), [])]).toEqual([[], []]);
  });

  test.each([
    ['below a file', 'file', 'x'],
    ['with a name that is too long', 'trash', 'x'.repeat(300)],
  ])('cannot be made %s', (_what, name, run) => {
    const root = disk({ file: '' });
    expect(() => makeRunFolder(join(root, name), run)).toThrow(
      expect.objectContaining({
        code: 'IO',
        message: expect.stringContaining('Nothing was moved.') as string,
      }) as Error,
    );
  });
});

describe('a mark of restored sessions', () => {
  const NOW = Date.parse('2026-11-30T00:00:00.000Z');
  const [ONE, TWO] = [sessionIdOf(id(1)), sessionIdOf(id(2))];

  test('protects for 30 days, and after that only what has another mark', () => {
    const root = disk({});
    const [configDir] = configDirs(root) as [Parameters<typeof markRestored>[0]];
    markRestored(configDir, [ONE, TWO], NOW);
    const reasons = (ms: number): string[] => restoredReasons(configDir, ONE, ms).map(({ detail }) => String(detail));
    const at = new Date(NOW).toISOString();
    expect([reasons(NOW), reasons(NOW + 30 * DAY_MS - 1), reasons(NOW + 30 * DAY_MS)]).toEqual([[at], [at], []]);
    const later = markRestored(configDir, [ONE], NOW + 10 * DAY_MS);
    expect(reasons(NOW + 35 * DAY_MS)).toEqual([new Date(NOW + 10 * DAY_MS).toISOString()]);
    later.keepOnly(new Set([TWO]));
    expect(reasons(NOW + 35 * DAY_MS)).toEqual([]);
  });

  test('of a very large trash can be read', () => {
    const root = disk({});
    const [configDir] = configDirs(root) as [Parameters<typeof markRestored>[0]];
    const ids = Array.from({ length: 50_000 }, (_, number) => sessionIdOf(id(number)));
    markRestored(configDir, ids, NOW);
    const { mayHold, problem } = restoredSessions(configDir);
    expect([problem, mayHold(id(49_999)), mayHold(id(50_000))]).toEqual([null, true, false]);
    expect(restoredReasons(configDir, id(49_999), NOW + 30 * DAY_MS)).toEqual([]);
  });

  test('stays for those that were brought back, and is not written again if that is all', () => {
    const root = disk({});
    const [configDir] = configDirs(root) as [Parameters<typeof markRestored>[0]];
    const mark = markRestored(configDir, [ONE, TWO], NOW);
    const folder = join(root, '.ccsess/restored');
    const [name = ''] = readdirSync(folder);
    expect(name).toMatch(/^batch-2026-11-30T00-00-00-000Z-[0-9a-f]{8}\.json$/);
    utimesSync(join(folder, name), 1, 1);
    const has = (): boolean[] => [ONE, TWO, id(3)].map((each) => restoredSessions(configDir).mayHold(each));
    mark.keepOnly(new Set([ONE, TWO]));
    expect([has(), statSync(join(folder, name)).mtimeMs]).toEqual([[true, true, false], 1000]);
    mark.keepOnly(new Set([TWO]));
    expect([has(), readdirSync(folder)]).toEqual([[false, true, false], [name]]);
    mark.keepOnly(new Set());
    expect([has(), readdirSync(folder)]).toEqual([[false, false, false], []]);
  });
});
