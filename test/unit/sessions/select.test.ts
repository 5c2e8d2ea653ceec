import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { listing, plainList } from '../../../src/sessions/select/listing.js';
import { SORT_KEYS, select, type Query } from '../../../src/sessions/select/select.js';
import { fakeIndex, type Sketch } from '../../support/builders.js';

const ids = (sketches: readonly Sketch[], query: Query): string[] =>
  select(fakeIndex(sketches), query).rows.map(({ file }) => file.id);

const A: Sketch = {
  id: 'a',
  title: 'Rate limiter',
  active: 300,
  created: 10,
  bytes: 5,
  turns: 1,
  tokens: 90,
  tag: 'nightly',
  models: ['claude-opus-5-5'],
  branch: 'main',
  cwd: '/app',
};
const B: Sketch = {
  id: 'b',
  title: 'a plan',
  active: 200,
  created: 30,
  bytes: 90,
  turns: 9,
  tokens: 50,
  kind: 'headless',
  models: ['claude-haiku-4-5'],
  cwd: '/app/sub',
};
const C: Sketch = {
  id: 'c',
  title: null,
  active: null,
  created: null,
  bytes: 50,
  turns: 5,
  tokens: 10,
  empty: true,
  resumable: false,
  cwd: null,
};
const D: Sketch = {
  id: 'd',
  title: 'Zebra',
  active: 100,
  created: 20,
  bytes: 10,
  turns: 3,
  tokens: 70,
  live: { pid: 7, status: 'idle' },
  archived: true,
};
const ALL = [A, B, C, D];

describe('a query', () => {
  test.each<[string, Query, string[]]>([
    ['nothing', {}, ['a', 'b', 'd', 'c']],
    ['a kind', { kinds: ['headless'] }, ['b']],
    ['live ones', { live: true }, ['d']],
    ['empty ones', { empty: true }, ['c']],
    ['activity since then, inclusive', { sinceMs: 200 }, ['a', 'b']],
    ['activity before then, exclusive', { beforeMs: 200 }, ['d']],
    ['a part of the title, any case', { title: 'LIMIT' }, ['a']],
    ['the whole tag', { tag: 'night' }, []],
    ['a tag', { tag: 'nightly' }, ['a']],
    ['a branch', { branch: 'main' }, ['a']],
    ['a part of a model', { model: 'Haiku' }, ['b']],
    ['a folder', { project: ({ cwd }) => cwd === '/app' }, ['a']],
    ['larger than', { largerThanBytes: 10 }, ['b', 'c']],
    ['two filters', { sinceMs: 100, title: 'a' }, ['a', 'b', 'd']],
  ])('for %s', (_, query, expected) => {
    expect(ids(ALL, query)).toEqual(expected);
  });

  test.each<[NonNullable<Query['sort']>, string[], string[]]>([
    ['activity', ['a', 'b', 'd', 'c'], ['d', 'b', 'a', 'c']],
    ['created', ['b', 'd', 'a', 'c'], ['a', 'd', 'b', 'c']],
    ['size', ['b', 'c', 'd', 'a'], ['a', 'd', 'c', 'b']],
    ['turns', ['b', 'c', 'd', 'a'], ['a', 'd', 'c', 'b']],
    ['tokens', ['a', 'd', 'b', 'c'], ['c', 'b', 'd', 'a']],
    ['title', ['b', 'a', 'd', 'c'], ['d', 'a', 'b', 'c']],
  ])('sorts by %s, with missing values last in either direction', (sort, forth, back) => {
    expect([ids(ALL, { sort }), ids(ALL, { sort, reverse: true })]).toEqual([forth, back]);
  });

  test('orders ties by id, whatever order they were found in', () => {
    const sketches = fc.shuffledSubarray(['a', 'b', 'c', 'd', 'e'], { minLength: 5 });
    fc.assert(
      fc.property(sketches, fc.constantFrom(...SORT_KEYS), fc.boolean(), (found, sort, reverse) => {
        expect(
          ids(
            found.map((id) => ({ id })),
            { sort, reverse },
          ),
        ).toEqual(['a', 'b', 'c', 'd', 'e']);
      }),
    );
  });
});

describe('what a query costs', () => {
  test.each<[string, Query, { rows: number; footprint: boolean }[]]>([
    ['columns answer a plain one', { kinds: ['interactive'], sinceMs: 1, sort: 'tokens' }, []],
    [
      'a title needs records of what the columns leave',
      { kinds: ['headless'], title: 'x' },
      [{ rows: 1, footprint: false }],
    ],
    ['a size needs footprints', { sort: 'size' }, [{ rows: 4, footprint: true }]],
    [
      'both: footprints only of what the title leaves',
      { title: 'zebra', largerThanBytes: 1 },
      [
        { rows: 4, footprint: false },
        { rows: 1, footprint: true },
      ],
    ],
  ])('%s', (_, query, asked) => {
    const index = fakeIndex(ALL);
    select(index, query);
    expect(index.asked).toEqual(asked);
  });
});

describe('a terminal', () => {
  const rows = fakeIndex([A, B, C, D, { id: 'e', kind: 'headless', archived: true }]).rows;
  const idsOf = (list: readonly { file: { id: string } }[]): string[] => list.map(({ file }) => file.id);

  test('counts hidden sessions by reason, each once', () => {
    const { listed, hidden } = listing(rows);
    expect([idsOf(listed), idsOf(hidden.headless), idsOf(hidden.archived), idsOf(hidden.notResumable)]).toEqual([
      ['a'],
      ['b', 'e'],
      ['d'],
      ['c'],
    ]);
  });

  test('lists hidden sessions of the kinds that are named', () => {
    expect(idsOf(listing(rows, ['headless']).listed)).toEqual(['a', 'b', 'e']);
  });

  test('lists hidden sessions if there are no others', () => {
    expect(idsOf(listing(rows.slice(1)).listed)).toEqual(['b', 'c', 'd', 'e']);
  });

  test('numbers its plain rows newest first', () => {
    expect(
      idsOf(
        plainList(
          fakeIndex([{ id: 'old', active: 1 }, B, { id: 'new', active: 9 }, { id: 'never', active: null }]).rows,
        ),
      ),
    ).toEqual(['new', 'old', 'never']);
  });
});
