import { describe, expect, test } from 'vitest';
import { fakeIndex, HOME, type Sketch } from '../../support/builders.js';
import { list, listedIds } from '../../support/list-sessions.js';

describe('list in a pipe', () => {
  test('prints every session, one per line, with fixed columns', async () => {
    expect(await list('')).toEqual({
      stdout: [
        '3f2a91c0-7d1e-4f6a-9b57-2c4e8a1d0f33\t2026-11-23T06:44:51.000Z\tinteractive\t48213\t31\t4299161\t' +
          '/home/me/code/ccsess\tFix prune race in the trash journal\n',
        'c8e4d1f0-52ab-4c7e-8f0e-6a1b9d3c7e21\t2026-11-23T06:43:02.000Z\tinteractive\t\t0\t412\t' +
          '/home/me/code/api\tRate limiter\n',
        '9be01d77-3c11-4a0f-8d2e-5f6a7b8c9d0e\t2026-11-23T04:46:02.000Z\tinteractive\t\t18\t1992294\t' +
          '/home/me/code/ccsess\tPrune: first plan\n',
        '71c0aa3e-8b2d-4d19-9f0a-6c5b4a3d2e1f\t2026-11-23T01:46:02.000Z\tinteractive\t\t1112\t39845888\t' +
          '/home/me/work/etl\tBackfill of the March partitions\n',
        'e2b94f06-0a1b-4c2d-8e3f-4a5b6c7d8e9f\t2026-11-22T06:46:02.000Z\tinteractive\t\t6\t208896\t' +
          '/home/me/code/dotfiles\twhy does zsh take 900 ms to start up on this machine?\n',
        '0d6f1b88-1a2b-4c3d-8e4f-5a6b7c8d9e0f\t2026-11-21T06:46:02.000Z\tinteractive\t\t9\t750592\t' +
          '/home/me/work/clients/müller-gmbh\t請求書のテンプレートを直す\n',
        '44a1c9d2-2a3b-4c4d-8e5f-6a7b8c9d0e1f\t2026-11-20T06:46:02.000Z\tinteractive\t\t1\t144384\t' +
          '/home/me/code/site\tתיקון של דף הבית\n',
        'b5103e7a-3a4b-4c5d-8e6f-7a8b9c0d1e2f\t2026-11-08T06:46:02.000Z\tinteractive\t\t22\t2726298\t' +
          '/home/me/work/old-etl\tAirflow: split the nightly DAG\n',
        'aaaa0000-4a5b-4c6d-8e7f-8a9b0c1d2e3f\t2026-11-07T06:46:02.000Z\theadless\t\t1\t1048576\t' +
          '/home/me/work/etl\tNightly report\n',
        'bbbb0000-5a6b-4c7d-8e8f-9a0b1c2d3e4f\t2026-11-06T06:46:02.000Z\tinteractive\t\t1\t1000\t' +
          '/home/me/work/etl\tDone with it\n',
        'cccc0000-6a7b-4c8d-8e9f-0a1b2c3d4e5f\t\tinteractive\t\t0\t90\t\t\n',
      ].join(''),
      stderr: '',
      exitCode: 0,
    });
  });

  test('prints only the matching sessions with a filter', async () => {
    expect(await listedIds('--title prune')).toEqual(['3f2a', '9be0']);
    expect(await listedIds('--live')).toEqual(['3f2a']);
    expect(await listedIds('--pinned')).toEqual(['71c0']);
    expect(await listedIds('--since 1d --sort title --reverse')).toEqual(['e2b9', 'c8e4', '9be0', '3f2a', '71c0']);
    expect(await listedIds('--larger-than 4MiB')).toEqual(['3f2a', '71c0']);
    expect(await listedIds('-p ~/work/* -p ~/code/api --limit 3')).toEqual(['c8e4', '71c0', 'b510']);
    expect(await listedIds('--group-by project -p ~/work/**')).toEqual(['71c0', 'aaaa', 'bbbb', '0d6f', 'b510']);
  });

  test('prints unknown for a holder that cannot be checked', async () => {
    const index = fakeIndex([{ live: { pid: null, status: 'unknown' } }]);
    expect((await list('', { index })).stdout.split('\t')[3]).toBe('unknown');
  });

  test('lists the other sessions where something could not be read', async () => {
    const problem = {
      code: 'unreadable' as const,
      message: 'permission denied',
      file: `${HOME}/.claude/projects/-x`,
      line: null,
      byteOffset: null,
    };
    const index = fakeIndex(
      [{ id: 'abcd' }],
      Array.from({ length: 5 }, () => problem),
    );
    expect(await list('--json', { index })).toMatchObject({
      stdout: expect.stringContaining('"id":"abcd"') as unknown,
      stderr: 'ccsess: permission denied: ~/.claude/projects/-x\n'.repeat(3) + 'ccsess: 2 more problems.\n',
      exitCode: 0,
    });
  });
});

describe('list with words', () => {
  const found = (args: string): Promise<string[]> => listedIds(args);

  test('finds them in titles, in any case and order', async () => {
    expect(await found('race PRUNE')).toEqual(['3f2a']);
    expect(await found('prune')).toEqual(['3f2a', '9be0']);
    expect(await found('prune partitions')).toEqual([]);
  });

  test('finds them in the first and the last prompt', async () => {
    const index = fakeIndex([
      { id: 'aaaa1111-0000-4000-8000-000000000000', title: 'A title', firstPrompt: 'login loops', lastPrompt: null },
      { id: 'bbbb1111-0000-4000-8000-000000000000', title: 'Another', firstPrompt: 'x', lastPrompt: 'The Login again' },
    ]);
    expect((await listedIds('login', { index })).sort()).toEqual(['aaaa', 'bbbb']);
    expect(await listedIds('login again', { index })).toEqual(['bbbb']);
  });

  test('names the words searched for if nothing matches', async () => {
    expect(await list('no such --tag x')).toEqual({
      stdout: '',
      stderr: "No sessions match 'no such' --tag x (searched 11).\nIn conversations: ccsess search no such\n",
      exitCode: 0,
    });
  });

  test('accepts a tag as it is shown, with #', async () => {
    expect(await listedIds('--tag #nightly')).toEqual(['aaaa']);
  });
});

describe('list of sessions that the plain list hides', () => {
  test('--archived and --unresumable list only such sessions', async () => {
    expect(await listedIds('--archived')).toEqual(['bbbb']);
    expect(await listedIds('--unresumable')).toEqual(['cccc']);
    expect((await list('--archived', { terminal: 80 })).stdout).toContain('Done with it');
    expect((await list('--unresumable', { terminal: 80 })).stdout).toContain('(no title)');
  });

  test('--empty lists the same sessions as prune --empty, without titled ones before their first prompt', async () => {
    const waiting: Sketch = { empty: true, prompts: 0, titleSource: 'custom', title: 'Waits' };
    const index = fakeIndex([
      { ...waiting, id: 'aaaa2222-0000-4000-8000-000000000000' },
      { ...waiting, id: 'bbbb2222-0000-4000-8000-000000000000', titleSource: null, title: null, tag: 'later' },
      { ...waiting, id: 'cccc2222-0000-4000-8000-000000000000', resumable: false },
      { ...waiting, id: 'dddd2222-0000-4000-8000-000000000000', titleSource: null, title: null },
    ]);
    expect((await listedIds('--empty', { index })).sort()).toEqual(['cccc', 'dddd']);
  });
});
