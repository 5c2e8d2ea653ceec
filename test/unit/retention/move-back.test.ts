import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import type * as Fs from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { sessionIdOf } from '../../../src/claude/scan/scan.js';
import { finishMove, hasChanged, moveBack, moveToTrash } from '../../../src/retention/apply/move-to-trash.js';
import { recoverEntries } from '../../../src/retention/restore/recover.js';
import { copyTree } from '../../../src/retention/trash/copy-tree.js';
import { writeManifest } from '../../../src/retention/trash/manifest.js';
import { damagedFiles } from '../../../src/retention/trash/packing/salvage.js';
import { trashSources } from '../../../src/retention/trash/trash-dir.js';
import { readTrash } from '../../../src/retention/trash/trash.js';
import { TrashEntry } from '../../../src/retention/trash/trash-entry.js';
import { removeTree, treeOf } from '../../../src/retention/trash/tree.js';
import { safeName, safeRelativePath } from '../../../src/system/safe-path.js';
import { temporaryFolder } from '../../support/temporary.js';
import { configDirs } from '../claude/disk.js';

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof Fs>();
  const isApart = (path: unknown): boolean => String(path).includes('trash-apart');
  const requireOneDisk = (from: unknown, to: unknown): void => {
    if (isApart(from) !== isApart(to)) throw Object.assign(new Error('EXDEV: refused'), { code: 'EXDEV' });
  };
  const renameSync: typeof fs.renameSync = (from, to) => {
    requireOneDisk(from, to);
    fs.renameSync(from, to);
  };
  const linkSync: typeof fs.linkSync = (from, to) => {
    requireOneDisk(from, to);
    fs.linkSync(from, to);
  };
  return { ...fs, renameSync, linkSync, default: { ...fs, renameSync, linkSync } };
});

const ID = 'aaaaaaaa-0000-4000-8000-000000000001';
const [TRANSCRIPT, SIDE] = [`projects/-a/${ID}.jsonl`, `projects/-a/${ID}`];
const RUN = '2026-11-01T00-00-00Z-7f3a';
const TEXT = '{"n":1}\n';
const MORE = '{"n":2}\n';

/** A session at its path, and its entry on another file system, to which a killed run had copied all of it. */
function copied(): { entry: TrashEntry; path: (name: string) => string } {
  const configDir = temporaryFolder('back');
  const path = (name: string): string => join(configDir, name);
  for (const [at, name] of [TRANSCRIPT, `${SIDE}/tool-results/a.txt`, `${SIDE}/subagents/agent-a.jsonl`].entries()) {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), TEXT);
    // A copy keeps such a time only to the microsecond.
    utimesSync(path(name), 1_770_000_000, 1_770_000_000.123 + at);
  }
  symlinkSync('target', path(`${SIDE}/link`));
  const roots = [TRANSCRIPT, SIDE].map((root) => ({
    configDir,
    path: safeRelativePath(root),
    nodes: treeOf(path(root)).map((node) => ({ ...node, mtimeMs: node.mtimeMs + 0.0004 })),
  }));
  const runFolder = join(temporaryFolder('trash-apart'), RUN);
  const session = {
    schemaVersion: 1 as const,
    id: sessionIdOf(ID),
    projectDir: safeName('-a'),
    entry: 1,
    pruneId: RUN,
    trashedAt: '2026-11-01T00:00:00.000Z',
    configDir,
    cwd: null,
    title: null,
    kind: null,
    lastActivityAt: null,
    footprintBytes: 0,
    files: 4,
    reasons: [],
    roots,
  };
  const entry = new TrashEntry(runFolder, session, 'moving');
  mkdirSync(entry.folder, { recursive: true });
  for (const root of roots) copyTree(path(root.path), entry.storedPath(root));
  return { entry, path };
}

test.each<[string, (path: (name: string) => string) => void]>([
  ['put back', () => {}],
  [
    'put back and continued',
    (path) => {
      for (const name of [TRANSCRIPT, `${SIDE}/subagents/agent-a.jsonl`]) appendFileSync(path(name), MORE);
    },
  ],
  ['put back and has another file', (path) => writeFileSync(path(`${SIDE}/tool-results/b.txt`), MORE)],
  ['put back and has a newer file', (path) => writeFileSync(path(`${SIDE}/tool-results/a.txt`), MORE)],
])('a session that was %s while its trash was gone stays, and its copy is deleted', (_what, change) => {
  const { entry, path } = copied();
  change(path);
  const before = treeOf(path('projects'));
  moveBack(entry);
  expect([treeOf(path('projects')), existsSync(entry.folder)]).toEqual([before, false]);
});

test.each<[string, string, string]>([
  ['the transcript', TRANSCRIPT, '0'],
  ['a subagent', `${SIDE}/subagents/agent-a.jsonl`, '1/subagents/agent-a.jsonl'],
])('a copy is kept if %s has other lines now', (_what, name, stored) => {
  const { entry, path } = copied();
  writeFileSync(path(name), MORE);
  expect(() => moveBack(entry)).toThrow('EXDEV');
  const paths = [path(name), join(entry.folder, stored)];
  expect(paths.map((each) => readFileSync(each, 'utf8'))).toEqual([MORE, TEXT]);
});

test.each<[string, (path: (name: string) => string) => void]>([
  ['was removed', (path) => rmSync(path(TRANSCRIPT))],
  ['has other lines', (path) => writeFileSync(path(TRANSCRIPT), MORE)],
])('a session that cannot be put back from another file system, since it %s, stays in the trash', (_what, change) => {
  const { entry, path } = copied();
  change(path);
  const before = treeOf(path('projects'));
  writeManifest(entry.runFolder, [entry.session]);
  const sources = trashSources(configDirs(entry.session.configDir), [dirname(entry.runFolder)]);
  expect(recoverEntries(sources, () => () => {})).toMatchObject([{ id: ID, outcome: 'in-trash' }]);
  expect(readdirSync(entry.runFolder)).toContain('1');
  expect(readFileSync(join(entry.runFolder, '1/0'), 'utf8')).toBe(TEXT);
  expect(treeOf(path('projects'))).toEqual(before);
});

/** Recovers a session of which a killed run had copied only the transcript. Returns the outcome. */
function recoverPart({ entry }: ReturnType<typeof copied>): string | undefined {
  renameSync(join(entry.folder, '1'), join(entry.folder, '1.part'));
  writeManifest(entry.runFolder, [entry.session]);
  const sources = trashSources(configDirs(entry.session.configDir), [dirname(entry.runFolder)]);
  return recoverEntries(sources, () => () => {})[0]?.outcome;
}

test('the copied part of a session whose originals were removed stays in the trash, the rest as missing', () => {
  const made = copied();
  const { entry, path } = made;
  rmSync(path('projects'), { recursive: true });
  expect(recoverPart(made)).toBe('in-trash');
  const [kept] = readTrash(configDirs(entry.session.configDir), dirname(entry.runFolder));
  expect(kept?.state).toBe('kept');
  expect(readFileSync(join(kept?.folder ?? '', '0'), 'utf8')).toBe(TEXT);
  expect(kept === undefined ? [] : damagedFiles(kept)).toEqual(
    ['subagents/agent-a.jsonl', 'tool-results/a.txt'].map((name) => ({
      path: path(`${SIDE}/${name}`),
      what: 'is missing in the trash',
    })),
  );
});

test('a session stays half moved while it has staged files that cannot be put back and were not copied', () => {
  const made = copied();
  const { entry, path } = made;
  rmSync(path(TRANSCRIPT));
  const [, side] = entry.session.roots;
  if (side !== undefined) renameSync(path(SIDE), entry.stagedPath(side));
  expect([recoverPart(made), readdirSync(entry.runFolder).includes('1.moving')]).toEqual(['failed', true]);
});

test('a session whose staged files are put back stays, and the copied part of it is deleted', () => {
  const made = copied();
  const { entry, path } = made;
  const { roots } = entry.session;
  const trees = (): unknown => roots.map((root) => treeOf(path(root.path)));
  const before = trees();
  for (const root of roots) renameSync(path(root.path), entry.stagedPath(root));
  expect([recoverPart(made), existsSync(entry.folder), trees()]).toEqual(['put-back', false, before]);
});

test('a copy is deleted before its staged original is put back, which may fail', () => {
  const { entry, path } = copied();
  for (const root of entry.session.roots) renameSync(path(root.path), entry.stagedPath(root));
  mkdirSync(path(TRANSCRIPT));
  expect(() => moveBack(entry)).toThrow('it exists');
  // Without a staged original, the stored file would count as the original.
  expect(entry.names).toEqual(['1']);
  expect(entry.session.roots.map((root) => existsSync(entry.stagedPath(root)))).toEqual([true, true]);
});

test('a session that is one file gets a folder in a trash on another file system', () => {
  const { entry: whole, path } = copied();
  const [root] = whole.session.roots;
  if (root === undefined) throw new Error('there is a transcript');
  whole.delete();
  const entry = new TrashEntry(whole.runFolder, { ...whole.session, roots: [root] }, 'moving', undefined, true);
  expect([moveToTrash(entry), entry.isBare, entry.names]).toEqual([true, false, ['0']]);
  expect([existsSync(path(TRANSCRIPT)), existsSync(entry.stagedPath(root))]).toEqual([false, true]);
  finishMove(entry, true);
  expect([readdirSync(entry.runFolder), existsSync(entry.stagedPath(root))]).toEqual([['1'], false]);
  expect(readFileSync(join(entry.folder, '0'), 'utf8')).toBe(TEXT);
});

test('a session on two file systems is compared where each part is: staged if it was copied, else in the trash', () => {
  const { entry: apart, path } = copied();
  const [transcript, side] = apart.session.roots;
  if (transcript === undefined || side === undefined) throw new Error('there are two roots');
  renameSync(path(TRANSCRIPT), apart.stagedPath(transcript));
  rmSync(path(SIDE), { recursive: true });
  const staged = { ...transcript, nodes: treeOf(apart.stagedPath(transcript)) };
  const renamed = { ...side, nodes: treeOf(apart.storedPath(side)) };
  const entry = new TrashEntry(apart.runFolder, { ...apart.session, roots: [staged, renamed] }, 'moving');
  const isChanged = (): boolean => hasChanged(entry, [TRANSCRIPT, SIDE].map(path), true);
  expect(isChanged()).toBe(false);
  appendFileSync(join(entry.storedPath(renamed), 'subagents/agent-a.jsonl'), MORE);
  expect(isChanged()).toBe(true);
});

test('lines written while a session is put back are appended to it, even after a kill', () => {
  const { entry, path } = copied();
  const [root] = entry.session.roots;
  if (root === undefined) throw new Error('there is a transcript');
  // The original is back and its copy deleted; what was at its path waits to be appended.
  removeTree(entry.storedPath(root));
  writeFileSync(`${entry.stagedPath(root)}.ccsess-rest-1`, MORE);
  moveBack(entry);
  expect([readFileSync(path(TRANSCRIPT), 'utf8'), existsSync(entry.folder)]).toEqual([TEXT + MORE, false]);
  expect(readdirSync(dirname(path(TRANSCRIPT))).sort()).toEqual([ID, `${ID}.jsonl`]);
});
