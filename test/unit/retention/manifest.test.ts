import { appendFileSync, existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readManifest, writeManifest, type TrashedSession } from '../../../src/retention/trash/manifest.js';
import { TrashEntry } from '../../../src/retention/trash/trash-entry.js';
import { bytesBelow, type TreeNode } from '../../../src/retention/trash/tree.js';
import { disk } from '../claude/disk.js';

const ID = 'aaaaaaaa-0000-4000-8000-000000000001';

/** A manifest's line as ccsess writes it, with `nodes` in its only root. */
function line(nodes: readonly object[] = []): TrashedSession {
  return {
    schemaVersion: 1,
    entry: 1,
    pruneId: 'run',
    trashedAt: '2026-11-20T10:00:00.000Z',
    id: ID,
    configDir: '/home/dev/.claude',
    projectDir: '-home-dev-app',
    cwd: null,
    title: null,
    kind: 'interactive',
    lastActivityAt: null,
    footprintBytes: 1,
    files: 1,
    reasons: [],
    roots: [{ configDir: '/home/dev/.claude', path: `projects/-home-dev-app/${ID}`, nodes }],
  } as unknown as TrashedSession;
}

const node = (path: unknown, kind: unknown = 'file'): object => ({ path, kind, bytes: 1, mode: 0o600, mtimeMs: 1 });

describe('a line of the manifest', () => {
  test.each([
    ['the root itself', node('', 'folder')],
    ['a file in it', node('a')],
    ['a file below a folder', node('tool-results/a.txt')],
    ['a kind that is neither file, folder nor link', node('a', 'other')],
  ])('is read with %s', (_name, each) => {
    const folder = disk({});
    writeManifest(folder, [line([each])]);
    expect(readManifest(folder)).toMatchObject({ damage: null });
    expect(readManifest(folder).sessions.get(1)?.roots[0]?.nodes as readonly TreeNode[]).toEqual([each]);
  });

  test.each([
    ['a path out of the root', node('../outside')],
    ['a path through its parent', node('a/../../outside')],
    ['an absolute path', node('/etc/passwd')],
    ['a path with NUL', node('a\0b')],
    ['a path that is not a string', node(5)],
    ['no known kind', node('a', 'device')],
    ['a size that is not a number', { ...node('a'), bytes: '1' }],
    ['a mode that is not a number', { ...node('a'), mode: null }],
    ['a time that is not a number', { ...node('a'), mtimeMs: 'now' }],
  ])('is not used with %s', (_name, each) => {
    const folder = disk({});
    writeManifest(folder, [line([node('fine'), each])]);
    expect(readManifest(folder)).toMatchObject({ damage: 'is damaged in line 1' });
    expect(readManifest(folder).sessions.size).toBe(0);
  });
});

describe('the description of a session', () => {
  test('is read as it was written', () => {
    const folder = disk({});
    const written = { ...line([node('')]), cwd: '/a', title: 'A', footprintBytes: 5, files: 2 };
    writeManifest(folder, [written]);
    expect(readManifest(folder).sessions).toEqual(new Map([[1, written]]));
  });

  const read = (more: object): ReturnType<typeof readManifest> => {
    const folder = disk({});
    writeManifest(folder, [{ ...line([node('')]), ...more } as TrashedSession]);
    return readManifest(folder);
  };

  test.each<[keyof TrashedSession, unknown, unknown]>([
    ['pruneId', 7, ''],
    ['trashedAt', 'some day', '1970-01-01T00:00:00.000Z'],
    ['trashedAt', 7, '1970-01-01T00:00:00.000Z'],
    ['cwd', 7, null],
    ['title', {}, null],
    ['kind', 'other', null],
    ['kind', 'teammate', 'teammate'],
    ['kind', 'background', 'background'],
    ['lastActivityAt', 'x', null],
    ['footprintBytes', -1, 0],
    ['footprintBytes', 1.5, 0],
    ['footprintBytes', 0, 0],
    ['files', '1', 0],
    ['reasons', {}, []],
    ['reasons', [null, 'x', { code: 7 }, { code: 'named' }], [{ code: 'named', detail: null }]],
  ])('has a default where its %s is %j', (name, value, expected) => {
    const { damage, sessions } = read({ [name]: value });
    expect([damage, sessions.get(1)?.[name]]).toEqual([null, expected]);
  });

  test.each<[string, object]>([
    ['another version', { schemaVersion: 2 }],
    ['no number', { entry: '1' }],
    ['the number 0', { entry: 0 }],
    ['a number with a fraction', { entry: 1.5 }],
    ['an id that is not one', { id: 'x' }],
    ['an invalid id, even in its roots', { id: 'x', roots: [{ configDir: '/c', path: 'debug/x.txt', nodes: [] }] }],
    ['a relative config dir', { configDir: 'home' }],
    ['a config dir with NUL', { configDir: '/a\0b' }],
    ['a project dir that leads up', { projectDir: '..' }],
    ['no roots', { roots: [] }],
    ['roots that are not a list', { roots: {} }],
    ['a root that is nothing', { roots: [null] }],
    ['nodes that are not a list', { roots: [{ configDir: '/c', path: `projects/-a/${ID}`, nodes: {} }] }],
    ['a root of another session', { roots: [{ configDir: '/c', path: 'projects/-a/x.jsonl', nodes: [] }] }],
    ['a root in a relative config dir', { roots: [{ configDir: 'c', path: `projects/-a/${ID}`, nodes: [] }] }],
  ])('is damaged with %s', (_what, more) => {
    expect(read(more)).toMatchObject({ damage: 'is damaged in line 1', sessions: new Map() });
  });

  test('is taken from the first line of its number, and damaged lines are counted', () => {
    const folder = disk({});
    writeManifest(folder, [line([node('')])]);
    appendFileSync(join(folder, 'manifest.jsonl'), `\n{"x"\n${JSON.stringify({ ...line(), title: 'b' })}\nnull\n[]\n`);
    const { damage, sessions } = readManifest(folder);
    expect([damage, sessions.size, sessions.get(1)?.title]).toEqual(['is damaged in line 3 and 2 more', 1, null]);
    writeFileSync(join(folder, 'manifest.jsonl'), `null\n${JSON.stringify(line())}\n[]\n`);
    expect(readManifest(folder).damage).toBe('is damaged in line 1 and 1 more');
    expect(readManifest(folder, { isCopy: true })).toMatchObject({ damage: null });
    rmSync(join(folder, 'manifest.copy.jsonl'));
    expect(readManifest(folder, { isCopy: true })).toMatchObject({ damage: 'is missing', sessions: new Map() });
    mkdirSync(join(folder, 'manifest.copy.jsonl'));
    expect(readManifest(folder, { isCopy: true })).toMatchObject({ damage: 'cannot be read (not a regular file)' });
  });
});

describe('the folder that an entry is restored into', () => {
  test('is stored in the trash until the entry returns to its own config dir', () => {
    const runFolder = disk({});
    mkdirSync(join(runFolder, '1'));
    const entry = new TrashEntry(runFolder, line(), 'kept');
    const note = join(runFolder, '1', 'destination');

    expect(entry.setDestination('/other/.claude').session.roots).toMatchObject([{ configDir: '/other/.claude' }]);
    expect(readFileSync(note, 'utf8')).toBe('/other/.claude');

    expect(entry.setDestination(null).session.roots).toMatchObject([{ configDir: '/home/dev/.claude' }]);
    expect(existsSync(note)).toBe(false);
    expect(() => entry.setDestination(null)).not.toThrow();
  });
});

test('a file with two names is counted once, and other files of the same size are counted each', () => {
  const folder = disk({});
  for (const name of ['a', 'b']) writeFileSync(join(folder, name), '12345');
  linkSync(join(folder, 'a'), join(folder, 'c'));
  linkSync(join(folder, 'b'), join(folder, 'd'));
  expect(bytesBelow(folder)).toBe(10);
});
