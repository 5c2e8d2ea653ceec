import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  removedBytes,
  decide,
  remainingBytes,
  type Candidate,
  type Decision,
} from '../../../src/retention/plan/decide.js';
import type { PrunePolicy, Reason, KeepCode } from '../../../src/retention/model.js';
import { aPolicy } from '../../support/policies.js';
import { evenly } from '../../support/evenly.js';

const DAY = 24 * 60 * 60 * 1000;
const NOW = Date.parse('2026-11-23T06:46:02.000Z');

/** A session of 40 days, 1,000 bytes and three prompts, unless said otherwise; `days` is its age. */
function session({ days = 40, ...more }: Partial<Candidate> & { days?: number | null } = {}): Candidate {
  const ageMs = days === null ? null : NOW - days * DAY;
  return {
    id: 'a',
    leftover: false,
    ageMs,
    prompts: 3,
    empty: false,
    ownBytes: 1000,
    sharedBytes: 0,
    path: '/p/a',
    project: 'p',
    copies: [],
    ...more,
  };
}

const free = (): Reason<KeepCode>[] => [];
const going = (candidates: Candidate[], policy: Partial<PrunePolicy>): string[] =>
  [...decide(candidates, aPolicy(policy), NOW, free).removed.keys()].map(({ id }) => id);
const age = (days: number): PrunePolicy['before'] => ({ ms: NOW - days * DAY, text: `${days}d` });

describe('selectors', () => {
  const small = session({ id: 'small', ownBytes: 10 });
  const fresh = session({ id: 'fresh', days: 3, prompts: 0, empty: true });
  const old = session({ id: 'old', days: 90 });

  test.each<[string, Partial<PrunePolicy>, string[]]>([
    ['age', { before: age(30) }, ['old', 'small']],
    ['size', { largerThanBytes: 999 }, ['old', 'fresh']],
    ['prompts', { promptsAtMost: 0 }, ['fresh']],
    ['empty', { empty: true }, ['fresh']],
    ['several: all must match', { before: age(30), largerThanBytes: 999 }, ['old']],
    ['none', {}, []],
  ])('%s', (_name, policy, expected) => {
    expect(going([small, fresh, old], policy)).toEqual(expected);
  });

  test('select by size and prompts only above the size, and from an age of one day', () => {
    expect(going([session()], { largerThanBytes: 1000 })).toEqual([]);
    expect(going([session({ ownBytes: 900, sharedBytes: 101 })], { largerThanBytes: 1000 })).toEqual(['a']);
    expect(going([session({ days: 1 })], { promptsAtMost: 3 })).toEqual(['a']);
    expect(going([session({ ageMs: NOW - DAY + 1 })], { promptsAtMost: 3 })).toEqual([]);
  });

  test('leftovers do not count among the newest sessions of a project', () => {
    const leftover = session({ id: 'left', leftover: true, days: 1 });
    expect(going([leftover, session()], { before: age(30), keepLast: 1 })).toEqual([]);
  });

  test('a session of unknown age is never old', () => {
    expect(going([session({ days: null })], { before: age(1) })).toEqual([]);
  });

  test('leftovers are removed by --orphans only, whatever else is selected', () => {
    const leftover = session({ id: 'left', leftover: true });
    expect(going([leftover, old], { before: age(60) })).toEqual(['old']);
    expect(going([leftover, small], { before: age(60), orphans: true })).toEqual(['left']);
  });
});

describe('24 hours', () => {
  const young = session({ id: 'young', days: 0.5, empty: true });

  test('protect a session that no age selects', () => {
    expect(decide([young], aPolicy({ empty: true }), NOW, free).kept).toMatchObject([
      { reasons: [{ code: 'recent', detail: '12h' }] },
    ]);
    expect(going([young], { before: age(0.25), empty: true })).toEqual(['young']);
  });

  test('protect from the budget even if an age is given', () => {
    const younger = session({ id: 'younger', days: 0.1 });
    expect(going([young, younger], { before: age(0.25), maxTotalBytes: 100 })).toEqual(['young']);
  });

  test('protect leftovers even if an age is given', () => {
    expect(going([session({ days: 0.5, leftover: true })], { before: age(0.25), orphans: true })).toEqual([]);
  });
});

describe('the budget', () => {
  const four = [1, 2, 3, 4].map((days) => session({ id: `day${days}`, days: days + 1 }));

  test('takes the oldest until the rest fits', () => {
    expect(going(four, { maxTotalBytes: 2000 })).toEqual(['day4', 'day3']);
    expect(going(four, { maxTotalBytes: 4000 })).toEqual([]);
  });

  test('counts protected sessions and skips them, noting that it selected them', () => {
    const pinned: Reason<KeepCode> = { code: 'pinned', detail: null };
    const { removed, kept } = decide(four, aPolicy({ maxTotalBytes: 2000 }), NOW, ({ id }) =>
      id === 'day4' ? [pinned] : [],
    );
    expect([...removed.keys()].map(({ id }) => id)).toEqual(['day3', 'day2']);
    expect(kept).toMatchObject([{ candidate: { id: 'day4' }, wanted: [{ code: 'budget' }], reasons: [pinned] }]);
  });

  test('is one more reason for a session that a selector matched and that is kept', () => {
    const pinned: Reason<KeepCode> = { code: 'pinned', detail: null };
    const { kept } = decide(four.slice(2), aPolicy({ before: age(4), maxTotalBytes: 1000 }), NOW, () => [pinned]);
    expect(kept.map(({ candidate, wanted }) => [candidate.id, ...wanted.map(({ code }) => code)])).toEqual([
      ['day4', 'older-than', 'budget'],
      ['day3', 'budget'],
    ]);
  });

  test('comes after the selectors', () => {
    expect(going(four, { largerThanBytes: 10, maxTotalBytes: 2000 })).toEqual(['day4', 'day3', 'day2', 'day1']);
  });

  test('counts bytes that copies share once, and frees them with the last copy', () => {
    const copies: Candidate[] = [
      session({ path: '/p/a', sharedBytes: 500, copies: [] }),
      session({ days: 41, path: '/q/a', sharedBytes: 500 }),
    ];
    const [one, other] = copies as [Candidate, Candidate];
    Object.assign(one, { copies: [other] });
    Object.assign(other, { copies: [one] });
    expect(remainingBytes(copies, () => false)).toBe(2500);
    expect(remainingBytes(copies, (copy) => copy === one)).toBe(1500);
    expect(removedBytes(one, () => false)).toBe(1000);
    expect(removedBytes(one, () => true)).toBe(1500);
  });
});

test('--keep-last also counts sessions that no selector selects', () => {
  const [older, newer] = [session({ id: 'older' }), session({ id: 'newer', days: 5 })];
  const { removed, kept } = decide([older, newer], aPolicy({ before: age(30), keepLast: 1 }), NOW, free);
  expect([[...removed.keys()], kept]).toEqual([[older], []]);
  expect(decide([older], aPolicy({ before: age(30), keepLast: 1 }), NOW, free).kept).toMatchObject([
    { candidate: older, reasons: [{ code: 'keep-last', detail: 'newest 1' }] },
  ]);
});

test('--keep-last protects the newest of each project, of those in scope', () => {
  const of = (project: string) =>
    [5, 6, 7].map((days) => session({ id: `${project}${days}`, days, project, path: `/${project}/${days}` }));
  expect(going([...of('p'), ...of('q')], { before: age(1), keepLast: 2 })).toEqual(['p7', 'q7']);
});

/** Random homes: a few projects, copies, and protections that depend on the session alone. */
const candidates = fc
  .array(
    fc.record({
      days: fc.option(evenly(0, 100), { freq: 10 }),
      prompts: fc.nat(3),
      empty: fc.boolean(),
      ownBytes: fc.nat(5000),
      project: fc.constantFrom('p', 'q', 'r'),
      leftover: fc.boolean(),
      pinned: fc.boolean(),
    }),
    { maxLength: 25 },
  )
  .map((drafts) =>
    drafts.map((draft, at) => ({ ...session({ ...draft, id: `s${at}`, path: `/${at}` }), pinned: draft.pinned })),
  );

const policies = fc
  .record({
    days: fc.option(evenly(0.01, 90)),
    largerThanBytes: fc.option(fc.nat(4000)),
    promptsAtMost: fc.option(fc.nat(3)),
    empty: fc.boolean(),
    orphans: fc.boolean(),
    maxTotalBytes: fc.option(fc.nat(40_000)),
    keepLast: fc.option(fc.integer({ min: 1, max: 4 })),
  })
  .map(({ days, ...rest }) => aPolicy({ ...rest, before: days === null ? null : age(days) }));

type Drafted = Candidate & { pinned: boolean };
const byItself = ({ pinned, ageMs }: Drafted): Reason<KeepCode>[] => {
  if (pinned) return [{ code: 'pinned', detail: null }];
  return ageMs === null ? [{ code: 'unknown-age', detail: null }] : [];
};
const decided = (all: readonly Drafted[], policy: PrunePolicy): Decision<Drafted> => decide(all, policy, NOW, byItself);
const isGoing =
  ({ removed }: Decision<Drafted>) =>
  (candidate: Candidate): boolean =>
    removed.has(candidate as Drafted);

describe('for any sessions and policy', () => {
  const holds = (check: (all: readonly Drafted[], policy: PrunePolicy) => void): void =>
    fc.assert(fc.property(candidates, policies, check), { numRuns: 500 });

  it('removes no protected session, and a fresh one only if an age selects it; lists each kept one once', () => {
    holds((all, policy) => {
      const { removed, kept } = decided(all, policy);
      for (const [candidate, reasons] of removed) {
        expect(candidate.pinned).toBe(false);
        expect(reasons.length).toBeGreaterThan(0);
        if ((candidate.ageMs ?? NOW) > NOW - DAY) expect(reasons.map(({ code }) => code)).toContain('older-than');
      }
      for (const { candidate, wanted, reasons } of kept) {
        expect(removed.has(candidate)).toBe(false);
        expect([wanted.length > 0, reasons.length > 0]).toEqual([true, true]);
      }
      expect(new Set(kept.map(({ candidate }) => candidate)).size).toBe(kept.length);
    });
  });

  it('removed and kept bytes add up to the total', () => {
    holds((all, policy) => {
      const decision = decided(all, policy);
      const gone = [...decision.removed.keys()].reduce(
        (sum, candidate) => sum + removedBytes(candidate, isGoing(decision)),
        0,
      );
      expect(gone + remainingBytes(all, isGoing(decision))).toBe(remainingBytes(all, () => false));
    });
  });

  it('the budget is reached, or it selected every session', () => {
    holds((all, policy) => {
      const decision = decided(all, policy);
      const left = remainingBytes(all, isGoing(decision));
      if (policy.maxTotalBytes !== null && left > policy.maxTotalBytes)
        expect(decision.removed.size + decision.kept.length).toBe(all.length);
    });
  });

  it('the oldest come first, whatever number an age is, and equally old ones by id and path', () => {
    const some = fc.record({
      ageMs: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constantFrom(0.5, 1.5, -8e15, 8e15), fc.constant(null)),
      id: fc.constantFrom('a', 'b', 'c'),
      path: fc.uuid(),
    });
    const rank = ({ ageMs, id, path }: Candidate): [number, string] => [ageMs ?? Infinity, `${id} ${path}`];
    fc.assert(
      fc.property(fc.array(some, { maxLength: 40 }), (parts) => {
        const candidates = parts.map((part) => session(part));
        const { removed } = decide(candidates, aPolicy({ promptsAtMost: 3 }), 9e15, free);
        const expected = [...candidates].sort((a, b) => {
          const [[age, name], [other, otherName]] = [rank(a), rank(b)];
          return age === other ? (name < otherName ? -1 : 1) : age < other ? -1 : 1;
        });
        expect([...removed.keys()]).toEqual(expected);
      }),
    );
  });

  it('the order in which they are found does not matter, and what is left satisfies the policy', () => {
    holds((all, policy) => {
      const decision = decided(all, policy);
      expect([...decided([...all].reverse(), policy).removed.keys()]).toEqual([...decision.removed.keys()]);
      // With `keepLast`, other sessions become the newest of their project; without it, nothing more is removed.
      if (policy.keepLast === null)
        expect(
          decided(
            all.filter((each) => !decision.removed.has(each)),
            policy,
          ).removed.size,
        ).toBe(0);
    });
  });

  it('without a budget, one more selector or protection removes no session more', () => {
    fc.assert(
      fc.property(candidates, policies, policies, (all, policy, other) => {
        const wide = { ...policy, maxTotalBytes: null, orphans: true };
        const narrow = {
          ...wide,
          before: wide.before ?? other.before,
          promptsAtMost: wide.promptsAtMost ?? other.promptsAtMost,
          keepLast: Math.max(wide.keepLast ?? 0, other.keepLast ?? 0) || null,
        };
        if (!selects(wide) || wide.before !== narrow.before) return;
        const { removed } = decided(all, wide);
        for (const candidate of decided(all, narrow).removed.keys()) expect(removed.has(candidate)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('a larger budget removes no session more', () => {
    fc.assert(
      fc.property(candidates, policies, fc.nat(40_000), (all, policy, more) => {
        const { removed } = decided(all, { ...policy, maxTotalBytes: policy.maxTotalBytes ?? 0 });
        for (const candidate of decided(all, {
          ...policy,
          maxTotalBytes: (policy.maxTotalBytes ?? 0) + more,
        }).removed.keys())
          expect(removed.has(candidate)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe('reasons', () => {
  const reasonsFor = (candidates: Candidate[], policy: Partial<PrunePolicy>): string[] =>
    [...decide(candidates, aPolicy(policy), NOW, free).removed.values()].map((reasons) =>
      reasons.map(({ code, detail }) => `${code} ${detail}`).join(', '),
    );

  test('give the age in its largest unit', () => {
    const agesMs = [DAY, DAY - 1, DAY / 24, DAY / 24 - 1, 60_000, 59_999, 1.9 * DAY, 2.1 * DAY, 2.9 * DAY];
    expect(
      reasonsFor(
        agesMs.map((ms, at) => session({ id: `${at}`, ageMs: NOW - ms })),
        { before: { ms: NOW, text: '' } },
      ),
    ).toEqual(['2d', '2d', '1d', '1d', '23h', '1h', '59min', '1min', '0min'].map((text) => `older-than ${text}`));
  });

  test('are those of all selectors, for each session its own', () => {
    const small = session({ id: 'a', days: 40.2, ownBytes: 10, sharedBytes: 5, prompts: 1, empty: true });
    const large = session({ id: 'b', days: 40.1, ownBytes: 20, sharedBytes: 5, prompts: 2, empty: true });
    expect(reasonsFor([large, small], { before: age(30), largerThanBytes: 1 })).toEqual([
      'older-than 40d, larger-than 15 B',
      'older-than 40d, larger-than 25 B',
    ]);
    expect(reasonsFor([large, small], { before: age(30), promptsAtMost: 2 })).toEqual([
      'older-than 40d, prompts-at-most 1',
      'older-than 40d, prompts-at-most 2',
    ]);
    expect(reasonsFor([large, small], { before: age(30), empty: true })).toEqual(
      [1, 2].map(() => 'older-than 40d, empty null'),
    );
    expect(reasonsFor([large, small], { before: age(30), promptsAtMost: 2, empty: true })).toEqual([
      'older-than 40d, prompts-at-most 1, empty null',
      'older-than 40d, prompts-at-most 2, empty null',
    ]);
  });
});

test('what copies share remains until the last of them is removed', () => {
  const [one, two] = [session({ id: 'a', path: '/1' }), session({ id: 'a', path: '/2' })];
  const copies = [
    Object.assign(one, { sharedBytes: 5, copies: [two] }),
    Object.assign(two, { sharedBytes: 5, copies: [one] }),
  ];
  const remaining = (...removed: Candidate[]): number => remainingBytes(copies, (each) => removed.includes(each));
  expect([remaining(), remaining(one), remaining(two), remaining(one, two)]).toEqual([2005, 1005, 1005, 0]);
});

describe('the order of removals', () => {
  // Ages in whole milliseconds within a small range are sorted by another algorithm.
  const ages = fc.oneof(
    fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 12 }),
    fc.array(fc.constantFrom(0.25, 0.5, 0.75), { maxLength: 12 }),
    fc.array(fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constantFrom(0.5, 2 ** 52, -(2 ** 52))), { maxLength: 12 }),
  );

  it('is by age, the oldest first, then by id and path', () => {
    fc.assert(
      fc.property(ages, fc.infiniteStream(fc.constantFrom('a', 'b')), (all, ids) => {
        const sessions = all.map((ageMs, at) => ({
          ...session({ ageMs, path: `/${100 + all.length - at}` }),
          id: ids.next().value as string,
        }));
        const { removed } = decide(sessions, aPolicy({ before: { ms: 2 ** 53, text: '' } }), NOW, free);
        const key = ({ ageMs, id, path }: Candidate): [number, string] => [ageMs ?? 0, `${id} ${path}`];
        const expected = sessions.toSorted((a, b) => key(a)[0] - key(b)[0] || (key(a)[1] < key(b)[1] ? -1 : 1));
        const shown = ({ ageMs, id, path }: Candidate): string => `${ageMs} ${id} ${path}`;
        expect([...removed.keys()].map(shown)).toEqual(expected.map(shown));
      }),
      { numRuns: 500 },
    );
  });
});

function selects({ before, largerThanBytes, promptsAtMost, empty }: PrunePolicy): boolean {
  return [before, largerThanBytes, promptsAtMost].some((given) => given !== null) || empty;
}
