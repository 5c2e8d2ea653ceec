import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listIdArtifacts, type IdArtifacts } from '../../../src/claude/layout.js';
import type { PruneScope } from '../../../src/retention/model.js';
import {
  candidatesOf,
  EVERYTHING,
  targetOf,
  type PruneCandidate,
  type ScopePolicy,
} from '../../../src/retention/plan/candidates.js';
import { ourFolders } from '../../../src/retention/plan/survey/our-folders.js';
import { openSessionIndex } from '../../../src/session-index/open.js';
import type { SessionRow } from '../../../src/session-index/session-index.js';
import { fakeIndex, NOW, type FakeIndex, type Sketch } from '../../support/builders.js';
import { IDLE } from '../../support/context.js';
import { configDirs, disk, id } from '../claude/disk.js';
import { promptLine } from '../../support/transcripts.js';

const NO_ARTIFACTS: IdArtifacts = { isEmpty: true, rootsOf: () => [], idsOf: () => [] };

/** The candidates of sessions on a disk, by the path of their transcripts below `projects/`. */
async function onDisk(files: Record<string, string>): Promise<Record<string, PruneCandidate>> {
  const root = disk(files);
  const dirs = configDirs(root);
  const index = await openSessionIndex({ configDirs: dirs, cacheDir: null, now: () => NOW, system: IDLE });
  const sources = { index, policy: EVERYTHING, idArtifacts: listIdArtifacts(dirs), isOurs: ourFolders(dirs) };
  const { all, inScope } = candidatesOf(sources);
  expect(inScope).toEqual(all);
  return Object.fromEntries(all.map((one) => [one.path.slice(join(root, 'projects/').length), one]));
}

const sizes = ({ ownBytes, sharedBytes }: PruneCandidate): [own: number, shared: number] => [ownBytes, sharedBytes];
const names = (found: PruneCandidate, withShared: boolean): [roots: string[], fingerprinted: string[]] => {
  const { roots, fingerprinted, configDir } = targetOf(found, withShared);
  const short = (path: string): string => path.slice(configDir.path.length + 1).replaceAll(found.id, 'ID');
  return [roots.map(short), fingerprinted.map(short)];
};

const prompt = (n: number): string => promptLine('Hello', { sessionId: id(n) });
const [bytes, legacy] = [prompt(1).length, promptLine('Old', { sessionId: id(2) })];

describe('a candidate', () => {
  test('has the bytes of all its files, whatever it consists of', async () => {
    const found = await onDisk({
      [`projects/-a/${id(1)}.jsonl`]: prompt(1),
      [`projects/-a/${id(2)}.jsonl`]: prompt(2),
      [`projects/-a/${id(2)}/tool-results/a.txt`]: 'result',
      'projects/-a/agent-old.jsonl': legacy,
      [`projects/-a/${id(3)}.jsonl`]: prompt(3),
      [`file-history/${id(3)}/0123@v1`]: 'saved',
    });
    const [one, two, three] = [1, 2, 3].map((n) => found[`-a/${id(n)}.jsonl`] as PruneCandidate) as [
      PruneCandidate,
      PruneCandidate,
      PruneCandidate,
    ];
    expect([one, two, three].map(sizes)).toEqual([
      [bytes, 0],
      [bytes + 6 + legacy.length, 0],
      [bytes + 5, 0],
    ]);
    expect([one, two, three].map((each) => each.survey()?.files)).toEqual([1, 3, 2]);
    expect(one).toMatchObject({ leftover: false, copies: [], ageSource: 'activity', prompts: 1, projectDir: '-a' });
    expect(one.ageMs).toBe(Date.parse('2026-11-20T10:00:00.000Z'));
    expect(names(one, true)).toEqual([0, 1].map(() => ['projects/-a/ID.jsonl', 'projects/-a/ID']));
    expect(names(two, true)[0]).toEqual(['projects/-a/ID.jsonl', 'projects/-a/agent-old.jsonl', 'projects/-a/ID']);
    expect(names(three, true)[0]).toEqual(['projects/-a/ID.jsonl', 'projects/-a/ID', 'file-history/ID']);
  });

  test('shares the files named by its id with the copies of it', async () => {
    const found = await onDisk({
      [`projects/-a/${id(1)}.jsonl`]: prompt(1),
      [`projects/-a/${id(1)}/tool-results/a.txt`]: 'result',
      [`projects/-b/${id(1)}.jsonl`]: prompt(1),
      [`projects/-b/${id(2)}.jsonl`]: prompt(2),
      [`file-history/${id(1)}/0123@v1`]: 'saved',
    });
    const [here, there, other] = [
      found[`-a/${id(1)}.jsonl`],
      found[`-b/${id(1)}.jsonl`],
      found[`-b/${id(2)}.jsonl`],
    ] as [PruneCandidate, PruneCandidate, PruneCandidate];
    expect([here, there, other].map(sizes)).toEqual([
      [bytes + 6, 5],
      [bytes, 5],
      [bytes, 0],
    ]);
    expect([here.copies, there.copies, other.copies]).toEqual([[there], [here], []]);
    const own = ['projects/-b/ID.jsonl', 'projects/-b/ID'];
    expect([names(there, false), names(there, true)]).toEqual([
      [own, own],
      [[...own, 'file-history/ID'], own],
    ]);
    expect(targetOf(there, true).copies).toEqual([here.path]);
  });
});

/** The candidates of sketched sessions, whose files do not exist, and the index that they are made from. */
function sketched(
  sketches: readonly Sketch[],
  policy: Partial<ScopePolicy> = {},
  change: (row: SessionRow) => SessionRow = (row) => row,
): { all: PruneCandidate[]; inScope: string[]; asked: FakeIndex['asked'] } {
  const index = fakeIndex(sketches);
  const rows = index.rows.map((row) => Object.assign(row, change(row)));
  const sources = { index, rows, policy: { ...EVERYTHING, ...policy }, idArtifacts: NO_ARTIFACTS, isOurs: () => true };
  const { all, inScope } = candidatesOf(sources);
  return { all, inScope: inScope.map((each) => each.id), asked: index.asked };
}

describe('the age of a session whose entries carry no time', () => {
  const mtime = NOW - 5000;
  const bare: Sketch = { active: null, resumable: false, prompts: 0, turns: 0, tokens: 0, mtime };
  const ages = (sketch: Sketch, agentBytes: readonly number[] = []): [unknown, unknown] => {
    const stamp = { mtimeMs: mtime, ctimeMs: mtime, ino: 2 };
    const agents = agentBytes.map((size) => ({ agentId: 'x', path: '/x', stamp: { ...stamp, size } }));
    const { all } = sketched([{ ...bare, ...sketch }], {}, (row) => ({ ...row, file: { ...row.file, agents } }));
    return [all[0]?.ageMs, all[0]?.ageSource];
  };

  test('is that of its file if it has only entries that never carry one', () => {
    expect(ages({})).toEqual([mtime, 'mtime']);
  });

  test.each<[string, Sketch, number[]?]>([
    ['can be resumed', { resumable: true }],
    ['is damaged', { problems: [{ code: 'nul-run', message: '', file: '', line: 1, byteOffset: 0 }] }],
    ['has a prompt', { prompts: 1 }],
    ['has an answer', { turns: 1 }],
    ['has tokens', { tokens: 1 }],
    ['has a subagent', {}, [0, 1]],
  ])('is unknown if it %s', (_what, sketch, agentBytes = []) => {
    expect(ages(sketch, agentBytes)).toEqual([null, 'mtime']);
  });
});

describe('the scope of a policy', () => {
  const scope = (more: Partial<PruneScope>): Partial<ScopePolicy> => ({ scope: { ...EVERYTHING.scope, ...more } });
  const sessions: Sketch[] = [
    { id: id(1), title: 'Fix the Parser', tag: 'ci', cwd: '/code/a' },
    { id: id(2), title: null, tag: null, cwd: '/code/b', kind: 'headless' },
    { id: id(3), title: 'Other', tag: 'ci2', cwd: null, kind: 'teammate' },
  ];

  test.each<[string, Partial<ScopePolicy>, number[]]>([
    ['nothing', {}, [1, 2, 3]],
    ['a kind', scope({ kinds: ['headless'] }), [2]],
    ['several kinds', scope({ kinds: ['headless', 'teammate'] }), [2, 3]],
    ['part of a title in any case', scope({ title: 'the pars' }), [1]],
    ['an empty title', scope({ title: '' }), [1, 2, 3]],
    ['a whole tag', scope({ tag: 'ci' }), [1]],
    ['a project', scope({ isInProjects: ({ cwd }) => cwd === '/code/b' }), [2]],
    // Several folders may have the name of a project dir.
    ['a project dir', scope({ isInProjects: ({ projectDir }) => projectDir !== null }), []],
  ])('that names %s', (_what, policy, expected) => {
    expect(sketched(sessions, policy).inScope).toEqual(expected.map(id));
  });

  test('needs the records of all sessions, once, if it names more than kinds', () => {
    const isAsked = (policy: Partial<ScopePolicy>): unknown => sketched(sessions, policy).asked;
    for (const policy of [{}, scope({ kinds: ['headless'] })]) expect(isAsked(policy)).toEqual([]);
    for (const policy of [
      scope({ title: 'x' }),
      scope({ tag: 'x' }),
      scope({ isInProjects: () => true }),
      { keepLast: 1 },
    ])
      expect(isAsked(policy)).toEqual([{ rows: 3, footprint: false }]);
  });
});

test('the project of a session is its folder where that is known, else its project dir', () => {
  const folders: Sketch[] = [
    { id: id(1), cwd: '/code/a' },
    { id: id(2), cwd: null },
  ];
  const projects = (policy: Partial<ScopePolicy>): string[] =>
    sketched(folders, policy).all.map((each) => each.project);
  expect(projects({ keepLast: 1 })).toEqual(['/code/a', '/home/me/.claude\0-nowhere']);
  expect(projects({})).toEqual(['/home/me/.claude\0-code-a', '/home/me/.claude\0-nowhere']);
});

test('a session counts as empty only for the selector `empty`, and without a given title and a tag', () => {
  const bare: Sketch = { empty: true, title: null, prompts: 0, turns: 0 };
  const sketches: Sketch[] = [
    { ...bare, id: id(1) },
    { ...bare, id: id(2), tag: 'later' },
    { ...bare, id: id(3), title: 'Mine' },
    { id: id(4) },
  ];
  const empty = (policy: Partial<ScopePolicy>): boolean[] => sketched(sketches, policy).all.map((each) => each.empty);
  expect(empty({})).toEqual([false, false, false, false]);
  expect(empty({ empty: true })).toEqual([true, false, false, false]);
});
