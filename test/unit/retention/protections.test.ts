import { symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { LiveRegistry } from '../../../src/claude/live/live-registry.js';
import type { Environment } from '../../../src/claude/environment.js';
import { Protections, type PlanRules } from '../../../src/retention/keep/protections.js';
import type { PruneScope, Target } from '../../../src/retention/model.js';
import { candidatesOf, EVERYTHING, type PruneCandidate } from '../../../src/retention/plan/candidates.js';
import { recheck } from '../../../src/retention/plan/recheck.js';
import { liveReasons, mayBeLive, pinReasons, timeReasons } from '../../../src/retention/keep/reasons.js';
import { ourFolders } from '../../../src/retention/plan/survey/our-folders.js';
import { surveyTarget, type Survey } from '../../../src/retention/plan/survey/survey.js';
import { unreadable } from '../../../src/system/problem.js';
import { fakeIndex, NOW, type Sketch } from '../../support/builders.js';
import { IDLE } from '../../support/context.js';
import { configDirs, disk, id, put } from '../claude/disk.js';

const NOBODY: LiveRegistry = { liveOf: () => null, jobStateOf: () => null, unnamedHolders: [], problems: [] };
const MINUTE = 60_000;
const LIMIT = NOW - 10 * MINUTE;
const LONG_AGO = NOW - 10_000 * MINUTE;

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
    const environment: Environment = {
      configDirs: [configDir],
      now: () => NOW,
      system: IDLE,
      env: {},
      home: '/',
      cwd: '/',
    };
    const check = (): string[] =>
      recheck(target, { minIdleMs: null, restored: false }, environment).reasons.map(({ code }) => code);
    expect(check()).toEqual([]);
    put(root, { [`projects/-elsewhere/${id(1)}.jsonl`]: '{}\n' });
    expect(check()).toEqual(['other-copy']);
    // Pinned just before it would be removed.
    put(root, { [`projects/-app/${id(1)}/pinned.json`]: '{}' });
    expect(check()).toEqual(['pinned', 'other-copy']);
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
    const environment = { configDirs: [configDir], now: () => NOW, system: IDLE, env: {}, home: '/', cwd: '/' };
    const all = recheck(target, { minIdleMs, restored: false }, environment).reasons;
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

/** Returns a candidate with other parts. */
function changed(one: PruneCandidate, parts: Partial<PruneCandidate>): PruneCandidate {
  return Object.create(one, Object.getOwnPropertyDescriptors(parts)) as PruneCandidate;
}

describe('a candidate', () => {
  const timeless: Sketch = { active: null, mtime: NOW, prompts: 0, turns: 0, empty: true, resumable: false };

  test('without times has an unknown age if it has content, and the age of its file if it has none', () => {
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

  const codesOf = (one: PruneCandidate, more: Partial<PlanRules> = {}, registry = NOBODY): string[] =>
    new Protections({ registry, rules: { ...rules, ...more }, configDirs: [], now: NOW })
      .reasonsOf(one)
      .map(({ code, detail }) => `${code} ${detail ?? ''}`.trim());
  const times = (row: number | null, survey: Partial<Survey>): PruneCandidate =>
    changed(candidateOf({ active: row }, survey), row === null ? { ...LEFTOVERS, roots: () => NO_ROOTS } : {});
  const NO_ROOTS = { own: [], shared: [] };
  const LEFTOVERS = { row: null, ageMs: LONG_AGO, configDir: configDirs('/none')[0]! };

  test('keep a session with activity or a write within the idle window', () => {
    const quiet: Partial<Survey> = { writtenMs: LIMIT, touchedMs: LIMIT };
    expect(codesOf(times(LIMIT, quiet))).toEqual([]);
    expect(codesOf(times(LIMIT, { ...quiet, writtenMs: null }))).toEqual([]);
    expect(codesOf(times(LIMIT + 1, quiet))).toEqual(['recent 599s']);
    expect(codesOf(times(LIMIT, { ...quiet, writtenMs: LIMIT + 1 }))).toEqual(['recent 599s']);
    expect(codesOf(times(LIMIT + 1, quiet), { minIdleMs: null })).toEqual([]);
    // For leftovers, the time of their newest file counts.
    expect(codesOf(times(null, { ...quiet, touchedMs: LIMIT + 1 }))).toEqual(['recent 599s']);
    expect(codesOf(times(null, quiet))).toEqual([]);
  });

  test('keep an archived or pinned session, one with odd files, and one that has vanished', () => {
    const still = { writtenMs: null, touchedMs: LIMIT };
    expect(codesOf(candidateOf({ archived: true }, still))).toEqual(['archived']);
    expect(codesOf(candidateOf({ archived: true }, still), { archived: false })).toEqual([]);
    expect(codesOf(candidateOf({ pinned: true }, still))).toEqual(['pinned']);
    expect(codesOf(candidateOf({}, { ...still, oddities: [{ code: 'unrecognised', detail: 'a pipe' }] }))).toEqual([
      'unrecognised a pipe',
    ]);
    expect(codesOf(changed(candidateOf({}), { survey: () => null }))).toEqual(['unrecognised it has just vanished']);
  });

  test('keep leftovers with the sidecar of a pinned session in their side folder, and in no other', () => {
    const root = disk({ [`${id(1)}/pinned.json`]: '{}', 'other/pinned.json': '{}' });
    const leftovers = (folder: string): PruneCandidate =>
      changed(candidateOf({ id: id(1) }, { writtenMs: null, touchedMs: LIMIT }), {
        ...LEFTOVERS,
        roots: () => ({ own: [join(root, folder)], shared: [] }),
      });
    expect([codesOf(leftovers(id(1))), codesOf(leftovers('other'))]).toEqual([['pinned'], []]);
  });

  test('keep a copy of a protected session, and examine each copy once', () => {
    const surveyed: number[] = [];
    const copies = [{}, { pinned: true, archived: true }, {}].map((sketch, at) => {
      const one = candidateOf({ id: id(1), ...sketch }, { writtenMs: null, touchedMs: LIMIT });
      const survey = one.survey();
      one.survey = () => (surveyed.push(at), survey);
      return changed(one, { path: `/copy-${at}`, copies: [] });
    }) as [PruneCandidate, PruneCandidate, PruneCandidate];
    for (const one of copies) one.copies = copies.filter((other) => other !== one);
    const all = new Protections({ registry: NOBODY, rules, configDirs: [], now: NOW });
    const other = { code: 'other-copy', detail: 'pinned, archived: /copy-1' };
    expect(copies.map((one) => all.reasonsOf(one))).toEqual([
      [other],
      [
        { code: 'pinned', detail: null },
        { code: 'archived', detail: null },
      ],
      [other],
    ]);
    expect(surveyed.sort()).toEqual([0, 1, 2]);
    copies[0].copies = [copies[2]];
    copies[2].copies = [copies[0]];
    expect(new Protections({ registry: NOBODY, rules, configDirs: [], now: NOW }).reasonsOf(copies[0])).toEqual([]);
  });

  test('call a session quiet if neither its times, nor a process, nor a restore protects it', () => {
    const root = disk({ [`.ccsess/restored/${id(2)}.json`]: JSON.stringify({ at: new Date(NOW).toISOString() }) });
    const [configDir] = configDirs(root) as [PruneCandidate['configDir']];
    const quiet = (
      { activity = LIMIT, written = LIMIT, number = 1, registry = NOBODY, ...more } = {} as {
        activity?: number;
        written?: number;
        number?: number;
        registry?: LiveRegistry;
      } & Partial<PlanRules>,
    ): boolean =>
      new Protections({ registry, rules: { ...rules, ...more }, configDirs: [configDir], now: NOW }).isQuiet(
        { id: id(number), configDir },
        activity,
        written,
      );
    const live: LiveRegistry = {
      ...NOBODY,
      liveOf: (one) => (one === id(1) ? { pid: 7, status: 'busy' } : null) as never,
    };
    const unnamed: LiveRegistry = { ...NOBODY, unnamedHolders: [{ pid: 7, file: '/x' }] as never };
    expect([
      ...[quiet(), quiet({ activity: LIMIT + 1 }), quiet({ written: LIMIT + 1 }), quiet({ activity: NaN })],
      ...[quiet({ activity: NOW, minIdleMs: null }), quiet({ registry: live }), quiet({ registry: live, number: 3 })],
      ...[
        quiet({ registry: unnamed }),
        quiet({ number: 2 }),
        quiet({ number: 2, restored: true }),
        quiet({ restored: true }),
      ],
    ]).toEqual([true, false, false, false, true, false, true, false, true, false, true]);
    const all = new Protections({
      registry: NOBODY,
      rules: { ...rules, restored: true },
      configDirs: [configDir],
      now: NOW,
    });
    const restored = changed(candidateOf({ id: id(2) }, { writtenMs: null, touchedMs: LIMIT }), { configDir });
    expect([all.reasonsOf(restored), all.problems, all.rules.restored]).toEqual([
      [{ code: 'restored', detail: new Date(NOW).toISOString() }],
      ...[[], true],
    ]);
    expect(codesOf(restored)).toEqual([]);
  });
});

describe('a process', () => {
  const reasons = (registry: Partial<LiveRegistry>): unknown[] =>
    liveReasons({ ...NOBODY, ...registry }, id(1), NOW, NOW);

  test('that holds a session is named by its pid, a background job by its state', () => {
    const held = (live: object): unknown[] => reasons({ liveOf: () => live as never, unnamedHolders: [{}] as never });
    expect([held({ pid: 7, status: 'busy' }), held({ pid: null, status: 'waiting' })]).toEqual([
      [{ code: 'live', detail: 'pid 7' }],
      [{ code: 'live', detail: 'waiting' }],
    ]);
  });

  test('that may hold any session makes each possibly live, and so do registries that cannot be read', () => {
    const problems = [
      { code: 'unreadable-job', file: '/job' },
      { code: 'unreadable', file: '/sessions' },
    ] as never;
    const unnamedHolders = [{ pid: 7, file: '/7.json' }] as never;
    const [unnamed] = reasons({ unnamedHolders, problems }) as [Parameters<typeof mayBeLive>[0]];
    expect(unnamed).toEqual({ code: 'live', detail: 'perhaps in pid 7: /7.json does not say' });
    expect(reasons({ problems })).toEqual([{ code: 'live', detail: 'perhaps: /sessions cannot be read' }]);
    expect(reasons({ problems: (problems as unknown[]).slice(0, 1) as never })).toEqual([]);
    const others = [
      { code: 'live', detail: 'pid 7' },
      { code: 'live', detail: null },
      { code: 'pinned', detail: 'perhaps' },
    ];
    expect([unnamed, ...(others as (typeof unnamed)[])].map(mayBeLive)).toEqual([true, false, false, false]);
  });

  test('writes ages in whole seconds, never below 0', () => {
    const details = (...ms: (number | null)[]): unknown => timeReasons(ms, 10 * MINUTE, NOW)[0]?.detail;
    expect([details(NOW - 1999), details(null, NOW - 5000), details(NOW + 5000), details(NOW + MINUTE + 1)]).toEqual([
      ...['1s', '5s', '0s', '2026-11-23T06:47:02.001Z'],
    ]);
  });
});
