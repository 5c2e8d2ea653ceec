import { describe, expect, test } from 'vitest';
import { CcsessError } from '../../../src/system/errors.js';
import { resolveSession } from '../../../src/sessions/resolve/resolve.js';
import { fakeIndex, NOW, type Sketch } from '../../support/builders.js';

const HOUR = 60 * 60 * 1000;
const HERE = '/home/me/code/app';
const IDS = {
  newest: '3f2a91c0-7d1e-4f6a-9b57-2c4e8a1d0f33',
  other: '3f2ab111-7d1e-4f6a-9b57-2c4e8a1d0f33',
  elsewhere: 'c8e4d1f0-52ab-4c7e-8f0e-6a1b9d3c7e21',
  headless: '9be01d77-3c11-4a0f-8d2e-5f6a7b8c9d0e',
};
const SKETCHES: Sketch[] = [
  { id: IDS.other, title: 'Rate limiter', active: NOW - 2 * HOUR, cwd: HERE },
  { id: IDS.newest, title: 'Fix prune', active: NOW - HOUR, cwd: HERE },
  { id: IDS.elsewhere, title: 'Rate limiter', active: NOW, cwd: '/home/me/code/api' },
  { id: IDS.headless, title: 'why does it fail', titleSource: 'prompt', kind: 'headless', active: NOW, cwd: HERE },
];

function naming(worktrees: string[] = [], cwd = HERE) {
  const start = { cwd, home: '/home/me', worktreesOf: (folder: string) => [folder, ...worktrees] };
  return { start, describe: (row: { file: { id: string } }) => row.file.id.slice(0, 8) };
}
function resolved(name: string, sketches = SKETCHES, how = naming()): string {
  return resolveSession(fakeIndex(sketches), name, how).file.id;
}
function refused(name: string, sketches = SKETCHES, how = naming()): [string, string, string | null] {
  try {
    throw new Error(`resolved to ${resolved(name, sketches, how)}`);
  } catch (error) {
    if (!(error instanceof CcsessError)) throw error;
    return [error.code, error.message, error.hint];
  }
}

describe('a session is named', () => {
  test('by its id, in any case, or the start of it', () => {
    expect(resolved(IDS.newest)).toBe(IDS.newest);
    expect(resolved(IDS.newest.toUpperCase())).toBe(IDS.newest);
    expect(resolved('3f2a9')).toBe(IDS.newest);
    expect(resolved('C8E4')).toBe(IDS.elsewhere);
    expect(resolved('DDDD', [{ id: 'DDDDDDDD-0000-4000-8000-000000000000' }])).toMatch(/^DDDD/);
  });

  test('by its id as it is typed, if ids differ in case alone', () => {
    const ids = ['DDDDDDDD-0000-4000-8000-00000000000D', 'dddddddd-0000-4000-8000-00000000000d'];
    const sketches = ids.map((id) => ({ id }));
    expect(ids.map((id) => resolved(id, sketches))).toEqual(ids);
    expect(ids.map((id) => resolved(id.slice(0, 8), sketches))).toEqual(ids);
  });

  test('by its title, exactly but for case', () => {
    expect(resolved('fix PRUNE')).toBe(IDS.newest);
    expect(refused('fix')[0]).toBe('NOT_FOUND');
  });

  test('by a title that consists of elements only, and by one with elements as it is shown', () => {
    const sketches: Sketch[] = [
      { id: IDS.newest, title: '<b>Fix it</b>' },
      { id: IDS.other, title: 'and more' },
    ];
    expect(resolved('<b>Fix  it</b>', sketches)).toBe(IDS.newest);
    expect(resolved('<b>x</b> and  more', sketches)).toBe(IDS.other);
  });

  test('by a title that several have: the one of this folder, or of its worktrees', () => {
    expect(resolved('Rate limiter')).toBe(IDS.other);
    expect(resolved('Rate limiter', SKETCHES, naming(['/home/me/code/api'], '/home/me/elsewhere'))).toBe(IDS.elsewhere);
  });

  test('by its row in the plain list, which leaves headless ones out', () => {
    expect(resolved('@1')).toBe(IDS.elsewhere);
    expect(resolved('@2')).toBe(IDS.newest);
    expect(refused('@4')).toEqual(['NOT_FOUND', '@4: the list has 3 rows.', 'listSessions()']);
    expect(refused('@0')[0]).toBe('NOT_FOUND');
  });

  test('by @: the newest interactive one of this very folder', () => {
    expect(resolved('@')).toBe(IDS.newest);
    expect(refused('@', SKETCHES, naming(['/home/me/code/api'], '/home/me/elsewhere'))).toEqual([
      'NOT_FOUND',
      'no interactive session of this folder.',
      'listSessions()',
    ]);
  });

  test('a full id wins over a title', () => {
    expect(resolved(IDS.newest, [...SKETCHES, { id: 'dddddddd-0000-4000-8000-000000000000', title: IDS.newest }])).toBe(
      IDS.newest,
    );
  });
});

describe('copies of a session', () => {
  const copies = [
    { id: IDS.newest, cwd: '/a' },
    { id: IDS.newest, cwd: '/b' },
  ];
  const place = (name: string, how = naming([], '/nowhere'), sketches: Sketch[] = copies): string =>
    resolveSession(fakeIndex(sketches), name, how).file.projectDir;

  test.each([
    `/home/me/.claude/projects/-b/${IDS.newest}.jsonl`,
    `/home/me/.claude/projects/-b/${IDS.newest}`,
    `~/.claude/projects/-b/${IDS.newest}.jsonl`,
    `projects/-b/${IDS.newest}.jsonl`,
    `projects/-b/${IDS.newest}`,
    `./projects/../projects/-b/${IDS.newest}`,
  ])('are named by transcript: %s', (name) => {
    expect(place(name)).toBe('-b');
  });

  test('are named by a path from the current folder', () => {
    expect(place(`../-b/${IDS.newest}`, naming([], '/home/me/.claude/projects/-a'))).toBe('-b');
    expect(place(`${IDS.newest}.jsonl`, naming([], '/home/me/.claude/projects/-b'))).toBe('-b');
  });

  test('of the same name in two config dirs are named by absolute path', () => {
    const projectsRoot = '/srv/.claude/projects';
    const other = { path: '/srv/.claude', projectsRoot, explicit: true, isDefault: false };
    const both = [
      { id: IDS.newest, cwd: '/a' },
      { id: IDS.newest, cwd: '/a', configDir: other },
    ];
    expect(refused(`projects/-a/${IDS.newest}`, both)[0]).toBe('AMBIGUOUS');
    const found = resolveSession(fakeIndex(both), `/srv/.claude/projects/-a/${IDS.newest}`, naming());
    expect(found.file.configDir).toBe(other);
  });

  test('without content are passed over for one with content, by id, start of an id and title', () => {
    const blank = { id: IDS.newest, cwd: '/b', empty: true, resumable: false };
    const waiting = { id: IDS.newest, cwd: '/c', empty: true };
    for (const name of [IDS.newest, '3f2a', 'A title']) {
      expect(place(name, naming([], '/b'), [blank, { id: IDS.newest, cwd: '/a' }, waiting])).toBe('-a');
      expect(place(name, naming([], '/b'), [blank, waiting])).toBe('-c');
    }
    expect(place(`projects/-b/${IDS.newest}`, naming(), [blank, { id: IDS.newest, cwd: '/a' }])).toBe('-b');
  });

  test('that could not be read are not passed over', () => {
    const unreadable = { id: IDS.newest, cwd: '/b', empty: true, resumable: false, unreadable: true };
    expect(refused(IDS.newest, [unreadable, { id: IDS.newest, cwd: '/a' }])[0]).toBe('AMBIGUOUS');
  });
});

describe('a name is refused', () => {
  test('if several ids begin with it', () => {
    expect(refused('3f2a')).toEqual([
      'AMBIGUOUS',
      "2 ids begin with '3f2a'. Name one by its id:",
      '3f2a91c0\n3f2ab111',
    ]);
  });

  test('if it begins an id and is a title', () => {
    const both = [...SKETCHES, { id: 'dddddddd-0000-4000-8000-000000000000', title: '3f2a9' }];
    expect(refused('3f2a9', both)).toEqual([
      'AMBIGUOUS',
      "'3f2a9' begins one session's id and is another's title. Name one by its id:",
      '3f2a91c0\ndddddddd',
    ]);
  });

  test('if several sessions of this folder, or none of them, have the title', () => {
    const twins = [
      ...SKETCHES,
      { id: 'dddddddd-0000-4000-8000-000000000000', title: 'Rate limiter', cwd: HERE, active: NOW - 3 * HOUR },
    ];
    expect(refused('Rate limiter', twins)).toEqual([
      'AMBIGUOUS',
      '2 sessions here have this title (/clear passes it on). Name one by its id:',
      '3f2ab111\ndddddddd',
    ]);
    expect(refused('Rate limiter', twins, naming([], '/home/me/elsewhere'))[2]).toBe('c8e4d1f0\n3f2ab111\ndddddddd');
  });

  test('if one id is in two project dirs, neither of this folder', () => {
    const copies = [
      { id: IDS.newest, cwd: '/a' },
      { id: IDS.newest, cwd: '/b' },
    ];
    expect(refused(IDS.newest, copies).slice(0, 2)).toEqual([
      'AMBIGUOUS',
      '2 sessions have this id. Name one by its transcript:',
    ]);
    expect(refused('3f2a', copies)).toEqual(refused(IDS.newest, copies));
    for (const name of [IDS.newest, '3f2a'])
      expect(resolveSession(fakeIndex(copies), name, naming([], '/b')).file.projectDir).toBe('-b');
  });

  test('if no session has it; the nearest sessions are listed', () => {
    expect(refused('zzzz')).toEqual(['NOT_FOUND', "no session 'zzzz'", 'listSessions()']);
    expect(refused('limiter')).toEqual(['NOT_FOUND', "no session 'limiter'", 'nearest:\nc8e4d1f0\n3f2ab111']);
    expect(refused('9be01d78')).toEqual(['NOT_FOUND', "no session '9be01d78'", 'nearest:\n9be01d77']);
  });

  test('if it is too short to be the start of an id', () => {
    expect(refused('9be')[1]).toBe(
      "'9be' is too short for an id prefix (4 characters or more) and no session has that title.",
    );
  });

  test('if it is only the beginning of a first prompt, which is not a title', () => {
    expect(refused('why does it fail')[0]).toBe('NOT_FOUND');
  });
});

test('a full id is resolved without reading a record', () => {
  const index = fakeIndex(SKETCHES);
  resolveSession(index, IDS.newest, naming());
  expect(index.asked).toEqual([]);
});
