import { symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { LiveRegistry } from '../../../src/claude/live/live-registry.js';
import type { Workplace } from '../../../src/claude/workplace.js';
import { Protections } from '../../../src/retention/keep/protections.js';
import type { PruneScope, Target } from '../../../src/retention/model.js';
import { candidatesOf, EVERYTHING, type PruneCandidate } from '../../../src/retention/plan/candidates.js';
import { recheck } from '../../../src/retention/plan/recheck.js';
import { liveReasons, pinReasons, timeReasons } from '../../../src/retention/keep/reasons.js';
import { ourFolders } from '../../../src/retention/plan/survey/our-folders.js';
import { surveyTarget, type Survey } from '../../../src/retention/plan/survey/survey.js';
import { unreadable } from '../../../src/system/problem.js';
import { fakeIndex, NOW, type Sketch } from '../../support/builders.js';
import { IDLE } from '../../support/context.js';
import { configDirs, disk, id, put } from '../claude/disk.js';

const NOBODY: LiveRegistry = { liveOf: () => null, jobStateOf: () => null, unnamedHolders: [], problems: [] };
const MINUTE = 60_000;

describe('times', () => {
  test('are in the future from a minute ahead, since clocks may run fast', () => {
    const codes = (ms: number): string[] => timeReasons([null, ms], 10 * MINUTE, NOW).map(({ code }) => code);
    expect([NOW + MINUTE, NOW + MINUTE + 1, NOW - 10 * MINUTE].map(codes)).toEqual([['recent'], ['future'], []]);
  });
});

describe('a registry', () => {
  test('that cannot be read makes every session possibly live', () => {
    const problems = [unreadable('/home/me/.claude/sessions', Object.assign(new Error(), { code: 'EACCES' }))];
    const detail = 'perhaps: /home/me/.claude/sessions cannot be read';
    expect(liveReasons({ ...NOBODY, problems }, id(1), NOW, NOW)).toEqual([{ code: 'live', detail }]);
  });
});

describe('a pin', () => {
  test('that cannot be read keeps the session; a file in place of the side folder does not', () => {
    const root = disk({ 'a file': '' });
    symlinkSync('loop', join(root, 'loop'));
    const codes = (folder: string): string[] => pinReasons([join(root, folder)]).map(({ code }) => code);
    expect(['loop', 'x'.repeat(300)].map(codes)).toEqual([['pinned'], ['pinned']]);
    expect(['a file', 'nothing'].map(codes)).toEqual([[], []]);
  });
});

describe('leftovers', () => {
  test('are kept if a transcript of their id exists now', () => {
    const root = disk({ [`projects/-app/${id(1)}/tool-results/a.txt`]: 'x' });
    const [configDir] = configDirs(root) as [(typeof target)['configDir']];
    const roots = [join(root, 'projects/-app', id(1))];
    const target: Target = {
      configDir,
      projectDir: '-app',
      id: id(1),
      row: null,
      roots,
      fingerprinted: roots,
      copies: [],
    };
    const workplace: Workplace = {
      configDirs: [configDir],
      now: () => NOW,
      system: IDLE,
      env: {},
      home: '/',
      cwd: '/',
    };
    const check = (): string[] =>
      recheck(target, { minIdleMs: null, restored: false }, workplace).reasons.map(({ code }) => code);
    expect(check()).toEqual([]);
    put(root, { [`projects/-elsewhere/${id(1)}.jsonl`]: '{}\n' });
    expect(check()).toEqual(['other-copy']);
  });
});

describe('another copy of an id', () => {
  const [here, there] = ['projects/-a', 'projects/-b'].map((folder) => `${folder}/${id(1)}`) as [string, string];

  /** The reasons to keep a session with another copy, of whose files `shared` are removed with the last copy. */
  function reasons({ minIdleMs = null as number | null, shared = 0, ageMs = 60 * MINUTE, files = {} } = {}): unknown[] {
    const root = disk({ [`${here}.jsonl`]: '{}\n', [`${there}.jsonl`]: '{}\n', ...files });
    const copy = join(root, `${there}.jsonl`);
    for (const path of [copy, join(root, `${here}.jsonl`)]) utimesSync(path, NOW / 1000, (NOW - ageMs) / 1000);
    const [configDir] = configDirs(root) as [Target['configDir']];
    const roots = [join(root, `${here}.jsonl`), ...(shared === 0 ? [] : [join(root, 'tasks', id(1))])];
    const target: Target = {
      ...{ configDir, projectDir: '-a', id: id(1), row: null },
      ...{ roots, fingerprinted: roots.slice(0, 1), copies: [copy, join(root, 'gone.jsonl')] },
    };
    const workplace = { configDirs: [configDir], now: () => NOW, system: IDLE, env: {}, home: '/', cwd: '/' };
    const all = recheck(target, { minIdleMs, restored: false }, workplace).reasons;
    // The first is about the copy, the second about any transcript of a leftover.
    return all
      .filter(({ code }) => code === 'other-copy')
      .slice(0, -1)
      .map(({ detail }) => detail?.replace(copy, 'COPY'));
  }

  test('keeps a session only if the copy is protected or shares files that would be removed', () => {
    expect(reasons()).toEqual([]);
    expect(reasons({ minIdleMs: 10 * MINUTE })).toEqual([]);
    expect(reasons({ minIdleMs: 10 * MINUTE, ageMs: 5 * MINUTE })).toEqual(['recent: COPY']);
    expect(reasons({ ageMs: 5 * MINUTE })).toEqual([]);
    expect(reasons({ files: { [`${there}/pinned.json`]: '{}' } })).toEqual(['pinned: COPY']);
    expect(reasons({ shared: 1, files: { [`tasks/${id(1)}`]: 'x' } })).toEqual(['COPY']);
  });
});

describe('a survey', () => {
  test('reports a link in place of a side folder as unrecognised', () => {
    const root = disk({ 'projects/-app/other/a.txt': 'x' });
    const [configDir] = configDirs(root) as [(typeof target)['configDir']];
    const link = join(root, 'projects/-app', id(1));
    symlinkSync('other', link);
    const target: Target = {
      configDir,
      projectDir: '-app',
      id: id(1),
      row: null,
      roots: [link],
      fingerprinted: [link],
      copies: [],
    };
    const survey = surveyTarget(target, ourFolders([configDir]));
    expect(survey?.oddities).toEqual([{ code: 'unrecognised', detail: `a link: ${link}` }]);
  });
});

/** Returns the session of a sketch as a candidate, with parts of its survey replaced. */
function candidateOf(sketch: Sketch, survey?: Partial<Survey>): PruneCandidate {
  const index = fakeIndex([sketch]);
  const idArtifacts = { isEmpty: true, rootsOf: () => [], idsOf: () => [] };
  const [one] = candidatesOf({ index, policy: EVERYTHING, idArtifacts, isOurs: () => true }).all as [PruneCandidate];
  const real = one.survey();
  if (survey === undefined || real === null) return one;
  const { files, bytes, writtenMs, touchedMs, fingerprint, oddities } = real;
  one.survey = () => ({ files, bytes, writtenMs, touchedMs, fingerprint, oddities, asIndexed: true, ...survey });
  return one;
}

describe('a candidate', () => {
  const timeless: Sketch = { active: null, mtime: NOW, prompts: 0, turns: 0, empty: true, resumable: false };

  test('has an unknown age with anything in it and no time, and the age of its file with nothing', () => {
    for (const some of [{ tokens: 1 }, { prompts: 1 }, { turns: 1 }, { resumable: true }])
      expect([some, candidateOf({ ...timeless, ...some }).ageMs]).toEqual([some, null]);
    expect([candidateOf(timeless).ageMs, candidateOf(timeless).ageSource]).toEqual([NOW, 'mtime']);
  });
});

describe('a scope', () => {
  const index = fakeIndex([
    { id: id(1), kind: 'interactive', title: 'Fix the Import', tag: 'keep', cwd: '/a' },
    { id: id(2), kind: 'headless', title: 'Export', tag: 'keeper', cwd: '/b' },
    { id: id(3), kind: 'background', title: null, tag: null, cwd: '/a' },
  ]);

  test.each<[string, Partial<PruneScope>, number[]]>([
    ['nothing', {}, [1, 2, 3]],
    ['a kind', { kinds: ['headless'] }, [2]],
    ['two kinds', { kinds: ['headless', 'background'] }, [2, 3]],
    ['a part of the title, in any case', { title: 'imPort' }, [1]],
    ['a tag', { tag: 'keep' }, [1]],
    ['a folder', { isInProjects: ({ cwd }) => cwd === '/a' }, [1, 3]],
    ['all of them', { kinds: ['interactive'], title: 'fix', tag: 'keep', isInProjects: () => true }, [1]],
    ['a title of another session', { kinds: ['headless'], title: 'fix' }, []],
  ])('of %s is what all of its parts match', (_what, scope, numbers) => {
    const policy = { ...EVERYTHING, scope: { ...EVERYTHING.scope, ...scope } };
    const idArtifacts = { isEmpty: true, rootsOf: () => [], idsOf: () => [] };
    const { all, inScope } = candidatesOf({ index, policy, idArtifacts, isOurs: () => true });
    expect([all.length, inScope.map((candidate) => candidate.id).sort()]).toEqual([3, numbers.map(id)]);
  });
});

describe('protections', () => {
  const rules = { minIdleMs: 10 * MINUTE, restored: false, archived: true, unknownAge: true };
  const reasons = (one: PruneCandidate): readonly unknown[] =>
    new Protections({ registry: NOBODY, rules, configDirs: [], now: NOW }).reasonsOf(one);

  test('keep a session that is being written, whatever its times', () => {
    expect(reasons(candidateOf({}, { asIndexed: true }))).toEqual([]);
    expect(reasons(candidateOf({}, { asIndexed: false }))).toEqual([{ code: 'recent', detail: 'it is being written' }]);
  });

  test('keep a session of unknown age, unless it was named', () => {
    const timeless: Sketch = { active: null, mtime: 0, prompts: 0, turns: 0, resumable: false, tokens: 5 };
    const named = { ...rules, unknownAge: false };
    const keep = new Protections({ registry: NOBODY, rules: named, configDirs: [], now: NOW });
    expect(reasons(candidateOf(timeless))).toEqual([{ code: 'unknown-age', detail: null }]);
    expect(keep.reasonsOf(candidateOf(timeless))).toEqual([]);
  });

  test('keep a session with files that could not be read', () => {
    const detail = 'not all of it could be read';
    expect(reasons(candidateOf({ unreadable: true }))).toEqual([{ code: 'unrecognised', detail }]);
  });
});
