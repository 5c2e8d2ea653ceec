import { chmodSync, mkdirSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listIdArtifacts } from '../../../src/claude/layout.js';
import type { PruneScope } from '../../../src/retention/model.js';
import type { PruneCandidate } from '../../../src/retention/plan/candidates.js';
import { findLeftovers, takenIds, type LeftoverSources } from '../../../src/retention/plan/leftovers.js';
import type { Problem } from '../../../src/system/problem.js';
import { withoutPrivileges } from '../../support/other-user.js';
import { configDirs, disk, id } from '../claude/disk.js';

const SCOPE: PruneScope = { projects: [], isInProjects: null, kinds: [], title: null, tag: null };

/** A session of the index; leftovers need only its id, path and folder. */
const session = (root: string, n: number, project = '-a', cwd: string | null = '/code/a'): PruneCandidate =>
  ({ id: id(n), path: join(root, 'projects', project, `${id(n)}.jsonl`), cwd }) as PruneCandidate;

function leftovers(
  root: string,
  more: Partial<LeftoverSources> = {},
  others: readonly string[] = [],
): PruneCandidate[] {
  const dirs = configDirs(root, ...others);
  const sources = { configDirs: dirs, idArtifacts: listIdArtifacts(dirs), sessions: [session(root, 1)], problems: [] };
  return findLeftovers({ ...sources, scope: SCOPE, ...more });
}

const ids = (root: string, more: Partial<LeftoverSources> = {}, others: readonly string[] = []): number[] =>
  leftovers(root, more, others).map((each) => Number(each.id.slice(-4)));

const problemAt = (file: string, code: Problem['code'] = 'unreadable'): Problem => {
  return { code, message: '', file, line: null, byteOffset: null };
};

const FILES = {
  [`projects/-a/${id(1)}/tool-results/a.txt`]: 'of a session',
  [`projects/-a/${id(3)}/tool-results/a.txt`]: 'one',
  [`projects/-a/${id(3)}/tool-results/b.txt`]: 'three',
  [`projects/-b/${id(3)}/c.txt`]: 'again',
  [`file-history/${id(3)}/0123@v1`]: 'saved',
  [`file-history/${id(2)}/0123@v1`]: 'saved',
  'projects/-a/memory/notes.md': 'of no session',
};

describe('leftovers', () => {
  test('are all files of ids without a transcript, by id', () => {
    const root = disk(FILES);
    for (const path of ['projects/-a', 'projects/-b', 'file-history'])
      utimesSync(join(root, path, id(3)), 1000, path.endsWith('b') ? 9_000_000_000 : 1000);
    const [two, three] = leftovers(root);
    expect(leftovers(root)).toHaveLength(2);
    const paths = (each: PruneCandidate | undefined): string[] =>
      [...(each?.roots().own ?? []), ...(each?.roots().shared ?? ['none'])].map((path) => path.slice(root.length + 1));
    expect(paths(two)).toEqual([`file-history/${id(2)}`]);
    expect(two).toMatchObject({ leftover: true, projectDir: '', cwd: null, ownBytes: 5, sharedBytes: 0, row: null });
    expect(two?.path).toBe(join(root, `file-history/${id(2)}`));
    expect(paths(three)).toEqual([`projects/-a/${id(3)}`, `projects/-b/${id(3)}`, `file-history/${id(3)}`]);
    const about = { projectDir: '-a', cwd: '/code/a', ownBytes: 3 + 5 + 5 + 5, prompts: 0, empty: false, copies: [] };
    expect(three).toMatchObject({ ...about, ageSource: 'mtime', ageMs: 9_000_000_000_000 });
    expect(three?.survey()?.files).toBe(4);
  });

  test('have the folder that the sessions of their project dir agree on', () => {
    const root = disk(FILES);
    const cwdOf = (...sessions: PruneCandidate[]): unknown => leftovers(root, { sessions }).at(-1)?.cwd;
    const [one, other] = [session(root, 1), session(root, 9)];
    expect(cwdOf(one, other)).toBe('/code/a');
    expect(cwdOf(one, session(root, 9, '-a', '/code/b'), other)).toBeNull();
    expect(cwdOf(one, session(root, 9, '-b', '/code/b'))).toBe('/code/a');
    expect(cwdOf(session(root, 1, '-b'))).toBeNull();
  });

  test('are narrowed by projects, and not selected where only sessions can match', () => {
    const root = disk(FILES);
    const inScope = (scope: Partial<PruneScope>): number[] => ids(root, { scope: { ...SCOPE, ...scope } });
    expect(inScope({ isInProjects: ({ cwd }) => cwd === '/code/a' })).toEqual([3]);
    expect(inScope({ isInProjects: ({ cwd, repository }) => cwd === null && repository === null })).toEqual([2]);
    expect(inScope({ isInProjects: ({ repository }) => repository !== null })).toEqual([]);
    for (const scope of [{ kinds: ['headless' as const] }, { title: 'x' }, { tag: 'x' }])
      expect(inScope(scope)).toEqual([]);
  });

  test('are not files of processes, background jobs, or transcripts that cannot be read', () => {
    const root = disk({
      ...FILES,
      'sessions/7.json': JSON.stringify({ pid: 7, sessionId: id(2) }),
      'sessions/8.json': JSON.stringify({ pid: 8 }),
    });
    expect(ids(root)).toEqual([3]);
    const problem = problemAt(join(root, 'projects/-a', `${id(3)}.jsonl`));
    const dirs = configDirs(root);
    const isTaken = takenIds(dirs, [{ id: id(1) }], [problem]);
    expect([1, 2, 3, 4].map((n) => isTaken(id(n)))).toEqual([true, true, true, false]);
  });

  test('are found once in config dirs that share their projects', () => {
    const root = disk(FILES);
    const other = disk({});
    symlinkSync(join(root, 'projects'), join(other, 'projects'));
    expect(ids(root, {}, [other])).toEqual([2, 3]);
    const third = disk({ [`file-history/${id(4)}/0123@v1`]: 'saved' });
    expect(ids(root, {}, [third])).toEqual([2, 3, 4]);
  });

  test('are none where nothing is left, without any session', () => {
    expect(ids(disk({}), { sessions: [] })).toEqual([]);
  });
});

describe('leftovers cannot be identified', () => {
  test('without any transcript', () => {
    expect(() => leftovers(disk(FILES), { sessions: [] })).toThrow('there are no transcripts');
    const one = disk({ [`file-history/${id(2)}/0123@v1`]: 'saved' });
    expect(() => leftovers(one, { sessions: [] })).toThrow('there are no transcripts');
  });

  test.each<[string, Problem['code'], (root: string) => string]>([
    ['a background job', 'unreadable-job', (root) => join(root, 'jobs/x/state.json')],
    ['the projects', 'unreadable', (root) => join(root, 'projects')],
    ['a project dir', 'unreadable', (root) => join(root, 'projects/-a')],
    ['a folder in the config dir', 'unreadable', (root) => join(root, 'file-history')],
  ])('if %s cannot be read', (_what, code, fileOf) => {
    const root = disk(FILES);
    const file = fileOf(root);
    expect(() => leftovers(root, { problems: [problemAt(file, code)] })).toThrow(
      expect.objectContaining({ code: 'IO', message: expect.stringContaining(`${file} cannot be read`) as string }),
    );
  });

  test('but they can if a file is damaged, or a file in a side folder cannot be read', () => {
    const root = disk(FILES);
    const deep = problemAt(join(root, 'projects/-a/x/y.txt'));
    const damaged = problemAt(join(root, 'projects/-a'), 'nul-run');
    expect(ids(root, { problems: [deep, damaged] })).toEqual([2, 3]);
  });

  test('if a folder may not be listed', async () => {
    const root = disk(FILES);
    const closed = join(root, 'projects/-c');
    mkdirSync(closed);
    await withoutPrivileges(root, () => {
      chmodSync(closed, 0);
      expect(() => leftovers(root)).toThrow(`${closed} cannot be read, so leftovers cannot be identified.`);
      chmodSync(closed, 0o700);
    });
  });
});
