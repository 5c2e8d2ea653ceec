import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { resolveConfigDirs } from '../../src/claude/config-dir.js';
import { aResponse, fakeIndex, HOME, NOW, type Sketch } from '../support/builders.js';
import { run, type World } from '../support/context.js';
import { emptyConfigDir, writeSession } from '../support/trees.js';
import { validator } from '../unit/schema/schemas.js';
import { temporaryFolder } from '../support/temporary.js';

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;
const PARENT = '9be01d77-3c11-4a0f-8d2e-5f6a7b8c9d0e';

const prompt = (uuid: string, timeMs: number): { uuid: string; timeMs: number } => ({ uuid, timeMs });

/**
 * A fork and its older parent, a session whose model has no known price, a headless one of last month, and an empty
 * one.
 */
const SESSIONS: Sketch[] = [
  {
    id: '3f2a91c0-7d1e-4f6a-9b57-2c4e8a1d0f33',
    title: 'Journal, "second" try',
    cwd: `${HOME}/code/ccsess`,
    branch: 'fix',
    forkedFrom: PARENT,
    active: NOW - HOUR,
    created: NOW - 2 * HOUR,
    responses: [
      aResponse('plan', { timeMs: NOW - 3 * DAY, inherited: true }),
      aResponse('fix', { timeMs: NOW - HOUR, usage: { output: 500_000 } }),
    ],
    sent: [prompt('p1', NOW - 3 * DAY), prompt('p2', NOW - HOUR)],
  },
  {
    id: PARENT,
    title: 'Plan',
    cwd: `${HOME}/code/ccsess`,
    branch: 'main',
    active: NOW - 3 * DAY,
    responses: [
      aResponse('plan', { timeMs: NOW - 3 * DAY }),
      aResponse('small', { timeMs: NOW - 3 * DAY, model: 'claude-haiku-4-5', usage: { output: 200_000 } }),
    ],
    sent: [prompt('p1', NOW - 3 * DAY)],
  },
  {
    id: 'c8e4d1f0-52ab-4c7e-8f0e-6a1b9d3c7e21',
    title: 'Elsewhere',
    cwd: `${HOME}/code/api`,
    active: NOW - 2 * HOUR,
    responses: [aResponse('local', { model: 'local-model', usage: { output: 12_000 } })],
    sent: [prompt('p3', NOW - 2 * HOUR)],
  },
  {
    id: 'aaaa0000-4a5b-4c6d-8e7f-8a9b0c1d2e3f',
    title: 'Nightly',
    kind: 'headless',
    cwd: `${HOME}/work/etl`,
    active: NOW - 40 * DAY,
    responses: [aResponse('night', { timeMs: NOW - 40 * DAY, usage: { output: 50_000 } })],
  },
  { id: 'bbbb0000-5a6b-4c7d-8e8f-9a0b1c2d3e4f', title: 'Empty', cwd: null, active: null },
];

const stats = (args: string, more: World = {}): ReturnType<typeof run> =>
  run(['stats', ...args.split(' ').filter((word) => word !== '')], { index: fakeIndex(SESSIONS), ...more });
const json = async (
  args: string,
): Promise<{ by?: unknown; rows: Record<string, unknown>[]; totals: Record<string, unknown> }> => {
  const printed = JSON.parse((await stats(`${args} --json`)).stdout) as never;
  expect(validator('stats')(printed)).toBe('');
  return printed;
};

const PUBLIC = { name: '@pydantic/genai-prices 0.1.8', date: '2026-09-23' };
const OWN = { name: 'Claude Code 2.1.332', date: '2026-11-29' };

describe('stats on a terminal', () => {
  test('of 100 columns: usage by time, folder and model', async () => {
    expect(await stats('', { terminal: 100 })).toEqual({
      stdout: `\
  TIME       COST  SESSIONS  PROMPTS  TOKENS     DISK
  today    $10.00         2        2    512k  2.0 KiB
  7 days   $31.00         3        3   1.71M  2.9 KiB
  30 days  $31.00         3        3   1.71M  2.9 KiB
  all      $32.00         5        3   1.76M  4.9 KiB

  daily cost, last 30 days                             █  ▄   peak: Fri 20 Nov, $21.00

  PROJECT          COST                                           SESSIONS  PROMPTS  TOKENS     DISK
  ~/code/ccsess  $31.00  ███████████████████████████████████████         2        2   1.70M  2.0 KiB
  ~/work/etl      $1.00  █▎                                              1        0   50.0k  1.0 KiB
  (unknown)       $0.00                                                  1        0       0  1.0 KiB
  ~/code/api          –                                                  1        1   12.0k  1.0 KiB

  MODEL               COST                                            SESSIONS  TOKENS
  claude-opus-5-5   $31.00  ████████████████████████████████████████         3   1.55M
  claude-haiku-4-5   $1.00  █▎                                               1    200k
  local-model            –                                                   1   12.0k

Costs at API list prices (as of 23 Sep 2026); subscriptions are billed differently.
Shared history counted once (2 sessions share history). Disk: current.
No price is known for local-model (12.0k tokens): counted without cost.
`,
      stderr: '',
      exitCode: 0,
    });
  });

  test('of 60 columns: without the columns that do not fit', async () => {
    expect(await stats('', { terminal: 60 })).toEqual({
      stdout: `\
  TIME       COST  SESSIONS  PROMPTS  TOKENS     DISK
  today    $10.00         2        2    512k  2.0 KiB
  7 days   $31.00         3        3   1.71M  2.9 KiB
  30 days  $31.00         3        3   1.71M  2.9 KiB
  all      $32.00         5        3   1.76M  4.9 KiB

  daily cost, last 30 days                             █  ▄
  peak: Fri 20 Nov, $21.00

  PROJECT          COST                               TOKENS
  ~/code/ccsess  $31.00  ███████████████████████████   1.70M
  ~/work/etl      $1.00  ▉                             50.0k
  (unknown)       $0.00                                    0
  ~/code/api          –                                12.0k

  MODEL               COST                            TOKENS
  claude-opus-5-5   $31.00  ████████████████████████   1.55M
  claude-haiku-4-5   $1.00  ▊                           200k
  local-model            –                             12.0k

Costs at API list prices (as of 23 Sep 2026); subscriptions
are billed differently.
Shared history counted once (2 sessions share history).
Disk: current.
No price is known for local-model (12.0k tokens): counted
without cost.
`,
      stderr: '',
      exitCode: 0,
    });
  });

  test('of 120 columns, by day: the latest day last, then the total', async () => {
    expect(await stats('--by day -L 2', { terminal: 120 })).toEqual({
      stdout: `\
  DAY           COST                                            SESSIONS  PROMPTS  TOKENS     DISK
  2 earlier    $1.00                                                   2        0   50.0k  2.0 KiB
  2026-11-20  $21.00  ████████████████████████████████████████         1        1   1.20M  1.0 KiB
  2026-11-23  $10.00  ███████████████████                              2        2    512k  2.0 KiB
  total       $32.00                                                   5        3   1.76M  4.9 KiB

Costs at API list prices (as of 23 Sep 2026); subscriptions are billed differently.
Shared history counted once (2 sessions share history). Disk: current.
No price is known for local-model (12.0k tokens): counted without cost.
`,
      stderr: '',
      exitCode: 0,
    });
  });

  test('by session, in a range', async () => {
    expect(await stats('--by session --since 2d --until 30min', { terminal: 80 })).toEqual({
      stdout: `\
  SESSION                            COST               PROMPTS  TOKENS     DISK
  3f2a91c0  Journal, "second" try  $10.00  ███████████        1    500k  1.0 KiB
  c8e4d1f0  Elsewhere                   –                     1   12.0k  1.0 KiB
  total                            $10.00                     2    512k  2.0 KiB

Costs at API list prices (as of 23 Sep 2026); subscriptions are billed
differently.
Shared history counted once (2 sessions share history). Disk: current.
No price is known for local-model (12.0k tokens): counted without cost.
--since 2d: from Sat 21 Nov 2026 06:46
--until 30min: before Mon 23 Nov 2026 06:16
`,
      stderr: '',
      exitCode: 0,
    });
  });

  test('--prices shows the current prices of the models in use', async () => {
    expect(await stats('--prices', { terminal: 80 })).toEqual({
      stdout: `\
  MODEL             INPUT  OUTPUT  CACHE READ  WRITE 5M  WRITE 1H
  claude-opus-5-5      $4     $20        $0.2        $5        $8
  claude-haiku-4-5     $1      $5        $0.1     $1.25        $2
  local-model           –       –           –         –         –

claude-opus-5-5: fast mode: input $8, output $40, cache read $0.4, 5m write $10,
1h write $16.

US dollars per million tokens, now; earlier responses are counted at the prices
of their time, with inference in the United States only at 1.1 times the price.
From @pydantic/genai-prices 0.1.8, 23 Sep 2026
From Claude Code 2.1.332, 29 Nov 2026
`,
      stderr: '',
      exitCode: 0,
    });
  });

  test('--prices explains how prices depend on the request, and where they differ from the public list', async () => {
    const models = ['claude-haiku-5-5', 'claude-sonnet-5-5', 'claude-sonnet-4-5', 'claude-mythos-5'];
    const index = fakeIndex([
      { responses: models.map((model, at) => aResponse(model, { model, usage: { output: 1000 - at } })) },
    ]);
    const { stdout } = await stats('--prices', { index, terminal: 120 });
    expect(stdout.split('\n').filter((line) => /^(claude|read)/.test(line))).toEqual([
      'claude-mythos-5: not in the public list.',
      'claude-sonnet-4-5: the public list differs: above 200,000 input tokens input $6, output $22.5, cache read ' +
        '$0.6, 5m write',
      'claude-sonnet-5-5: the public list differs: cache read $0.2.',
      'claude-haiku-5-5: above 100,000 input tokens per request: input $0.5, output $2.5, cache read $0.05, 5m ' +
        'write $0.625, 1h',
    ]);
    expect(stdout).toContain('From Claude Code 2.1.332, 29 Nov 2026\n');
  });

  test('--prices fits narrow screens, whatever the name', async () => {
    const index = fakeIndex([
      { responses: [aResponse('long', { model: 'us.anthropic.claude-haiku-4-5-20251001-v1:0' })] },
    ]);
    expect((await stats('--prices', { index, terminal: 60 })).stdout.split('\n').slice(0, 2)).toEqual([
      '  MODEL                  INPUT  OUTPUT  CACHE READ  WRITE 5M',
      '  us.anthropic.claude-…     $1      $5        $0.1     $1.25',
    ]);
  });

  test('--prices in a pipe prints one line per model', async () => {
    expect((await stats('--prices')).stdout).toBe(
      'claude-opus-5-5\t4\t20\t0.2\t5\t8\t0.01\nclaude-haiku-4-5\t1\t5\t0.1\t1.25\t2\t0.01\nlocal-model\t\t\t\t\t\t\n',
    );
  });

  test('--prices --json prints the prices as JSON', async () => {
    const printed = JSON.parse((await stats('--prices --json')).stdout) as { models: unknown[] };
    expect(validator('prices')(printed)).toBe('');
    expect(printed.models.slice(1)).toEqual([
      {
        model: 'claude-haiku-4-5',
        rates: { input: 1, output: 5, cacheRead: 0.1, cacheWrite: 1.25, cacheWrite1h: 2, webSearch: 0.01 },
        long: null,
        fast: null,
        source: PUBLIC,
        listed: null,
      },
      { model: 'local-model', rates: null, long: null, fast: null, source: null, listed: null },
    ]);
  });

  test('counts usage dated in the future by a wrong clock only in all and on its own day', async () => {
    const index = fakeIndex([
      {
        active: NOW - HOUR,
        responses: [
          aResponse('now', { timeMs: NOW - HOUR, usage: { output: 200_000 } }),
          aResponse('skewed', { timeMs: NOW + 40 * DAY, usage: { output: 100_000 } }),
        ],
      },
    ]);
    expect((await stats('', { index })).stdout.split('\n').map((line) => line.split('\t')[3])).toEqual([
      '200000',
      '200000',
      '200000',
      '300000',
      undefined,
    ]);
    expect((await stats('--by day', { index })).stdout).toContain('2027-01-02\t1\t0\t100000\t');
  });

  test('prints how many sessions are in the trash, and that they are not counted', async () => {
    const configDir = emptyConfigDir();
    const [gone, here] = ['aaaaaaaa-0000-4000-8000-000000000001', 'bbbbbbbb-0000-4000-8000-000000000002'];
    for (const id of [gone, here]) writeSession(configDir, id);
    const world = { configDirs: resolveConfigDirs({ explicit: [configDir], env: {}, home: '/nowhere', cwd: '/' }) };
    await run(['rm', gone, '--yes'], world);
    expect((await run(['stats'], { ...world, terminal: 100 })).stdout).toContain(
      'Shared history counted once. Disk: current; 1 in the trash not counted.\n',
    );
  });

  test('reports that there is nothing to count', async () => {
    expect(await stats('', { terminal: 80, index: fakeIndex([]) })).toEqual({
      stdout: '',
      stderr:
        'No sessions: /home/me/.claude has no projects folder yet. Claude Code creates it with the first prompt; ' +
        'ccsess create creates an empty session.\n',
      exitCode: 0,
    });
  });
});

describe('stats in a pipe', () => {
  test('prints four lines of figures', async () => {
    expect(await stats('')).toEqual({
      stdout:
        'today\t2\t2\t512000\t10\t2000\n7 days\t3\t3\t1712000\t31\t3000\n30 days\t3\t3\t1712000\t31\t3000\n' +
        'all\t5\t3\t1762000\t32\t5000\n',
      stderr: '',
      exitCode: 0,
    });
  });

  test('--by prints one line per row, all rows unless a limit is given', async () => {
    expect((await stats('--by project -L 2')).stdout.match(/^.*code\/ccsess.*\n.*work\/etl.*\n$/)).not.toBeNull();
    expect(JSON.parse((await stats('--by project -L 1 --json')).stdout)).toMatchObject({
      rows: [{ key: `${HOME}/code/ccsess` }],
      totals: { sessions: 5 },
    });
    expect((await stats('--by project -L 1 --csv')).stdout.split('\r\n')).toHaveLength(3);
    expect((await stats('--by project')).stdout).toBe(
      [
        `${HOME}/code/ccsess\t2\t2\t1700000\t31\t2000\t`,
        `${HOME}/work/etl\t1\t0\t50000\t1\t1000\t`,
        '\t1\t0\t0\t0\t1000\t',
        `${HOME}/code/api\t1\t1\t12000\t\t1000\t`,
        '',
      ].join('\n'),
    );
  });

  test('--csv prints a heading, and quotes values where necessary', async () => {
    const { stdout } = await stats('--by session --csv');
    expect(stdout.split('\r\n').slice(0, 3)).toEqual([
      'key,title,cwd,sessions,prompts,responses,inputTokens,outputTokens,cacheReadTokens,cacheWriteTokens,' +
        'totalTokens,costUsd,unpricedTokens,footprintBytes',
      `${PARENT},Plan,/home/me/code/ccsess,1,1,2,0,1200000,0,0,1200000,21,0,1000`,
      '3f2a91c0-7d1e-4f6a-9b57-2c4e8a1d0f33,"Journal, ""second"" ' +
        'try",/home/me/code/ccsess,1,1,1,0,500000,0,0,500000,10,0,1000',
    ]);
    expect(stdout.endsWith('\r\n')).toBe(true);
  });
});

describe('stats by several groupings at once', () => {
  const several = '--by day --by model';

  test('prints a row for each combination, in the order of the first grouping', async () => {
    const { by, rows, totals } = await json(several);
    expect(by).toEqual(['day', 'model']);
    expect(rows.map(({ key, keys, costUsd, prompts, session }) => [key, keys, costUsd, prompts, session])).toEqual([
      ['2026-10-14', ['2026-10-14', 'claude-opus-5-5'], 1, null, null],
      ['2026-11-20', ['2026-11-20', 'claude-opus-5-5'], 20, null, null],
      ['2026-11-20', ['2026-11-20', 'claude-haiku-4-5'], 1, null, null],
      ['2026-11-23', ['2026-11-23', 'claude-opus-5-5'], 10, null, null],
      ['2026-11-23', ['2026-11-23', 'local-model'], null, null, null],
    ]);
    expect(totals).toMatchObject({ costUsd: 32, sessions: 5 });
  });

  test('orders groups other than times by the cost of all their rows', async () => {
    const { rows } = await json('--by project --by week --by session');
    expect(rows.map(({ keys, costUsd }) => [keys, costUsd])).toEqual([
      [[`${HOME}/code/ccsess`, '2026-11-16', PARENT], 21],
      [[`${HOME}/code/ccsess`, '2026-11-23', '3f2a91c0-7d1e-4f6a-9b57-2c4e8a1d0f33'], 10],
      [[`${HOME}/work/etl`, '2026-10-12', 'aaaa0000-4a5b-4c6d-8e7f-8a9b0c1d2e3f'], 1],
      [[null, null, 'bbbb0000-5a6b-4c7d-8e8f-9a0b1c2d3e4f'], 0],
      [[`${HOME}/code/api`, '2026-11-23', 'c8e4d1f0-52ab-4c7e-8f0e-6a1b9d3c7e21'], null],
    ]);
    expect(rows[0]).toMatchObject({ prompts: 1, session: { title: 'Plan' } });
  });

  test('treats a grouping named twice as one, whose name is a string in JSON', async () => {
    expect(await json('--by model --by model')).toEqual(await json('--by model'));
    expect(await json('--by model')).toMatchObject({
      by: 'model',
      rows: [{ key: 'claude-opus-5-5', keys: ['claude-opus-5-5'] }, {}, {}],
    });
  });

  test('prints a column for each grouping in a pipe and in CSV', async () => {
    expect((await stats(several)).stdout.split('\n').slice(0, 2)).toEqual([
      '2026-10-14\tclaude-opus-5-5\t1\t\t50000\t1\t\t',
      '2026-11-20\tclaude-opus-5-5\t1\t\t1000000\t20\t\t',
    ]);
    expect((await stats(`${several} --csv`)).stdout.split('\r\n').slice(0, 2)).toEqual([
      'day,model,title,cwd,sessions,prompts,responses,inputTokens,outputTokens,cacheReadTokens,cacheWriteTokens,' +
        'totalTokens,costUsd,unpricedTokens,footprintBytes',
      '2026-10-14,claude-opus-5-5,,,1,,1,0,50000,0,0,50000,1,0,',
    ]);
  });

  test('names the combination on a terminal', async () => {
    const { stdout } = await stats(several, { terminal: 100 });
    expect(stdout.split('\n')[0]).toMatch(/^ {2}DAY · MODEL +COST/);
    expect(stdout).toMatch(/^ {2}2026-11-23 · local-model +–/m);
  });

  test('refuses unknown groupings', async () => {
    expect(await stats('--by day --by colour')).toMatchObject({ stdout: '', exitCode: 2 });
  });
});

test('stats counts tool calls by tool, each in the row of its response', async () => {
  const work = aResponse('work', { tools: ['Bash', 'Edit', 'Bash'], timeMs: NOW - 3 * DAY });
  const index = fakeIndex([
    { id: PARENT, title: 'Plan', responses: [work, aResponse('idle', { timeMs: NOW - HOUR })] },
    {
      id: 'cccc0000-0000-4000-8000-000000000001',
      forkedFrom: PARENT,
      responses: [{ ...work, inherited: true }, aResponse('more', { tools: ['', 'Edit'], timeMs: NOW - HOUR })],
    },
  ]);
  const counted = async (args: string): Promise<{ rows: { keys: string[]; tools: object | null }[]; totals: object }> =>
    JSON.parse((await stats(`${args} --json`, { index })).stdout) as never;
  expect(validator('stats')(await counted('--by day'))).toBe('');
  expect(await counted('--by day')).toMatchObject({
    rows: [{ tools: { Bash: 2, Edit: 1 } }, { tools: { '(none named)': 1, Edit: 1 } }],
    totals: { tools: { Bash: 2, Edit: 2, '(none named)': 1 } },
  });
  expect((await counted('--by session --since 1d')).totals).toMatchObject({ tools: { Edit: 1 } });
  expect((await counted('--by model')).rows.map(({ tools }) => tools)).toEqual([null]);
  expect((await stats('', { index, terminal: 100 })).stdout).toContain('Tool calls: Bash 2, Edit 2, (none named) 1.\n');
});

test('stats lists the sessions that own no usage', async () => {
  const copy = 'cccc0000-0000-4000-8000-000000000001';
  const index = fakeIndex([
    { id: PARENT, responses: [aResponse('one')], sent: [prompt('p1', NOW - DAY)] },
    {
      id: copy,
      forkedFrom: PARENT,
      responses: [aResponse('one', { inherited: true })],
      sent: [prompt('p1', NOW - DAY)],
    },
    { id: 'dddd0000-0000-4000-8000-000000000001', active: null },
  ]);
  const { totals } = JSON.parse((await stats('--json', { index })).stdout) as { totals: { owningNothing: object[] } };
  expect(totals.owningNothing).toEqual([expect.objectContaining({ id: copy })]);
  expect((await stats('', { index, terminal: 100 })).stdout).toContain(
    'Sessions without usage of their own: cccc0000.\n',
  );
});

describe('stats --json', () => {
  test('sums dollars without floating-point residue', async () => {
    const index = fakeIndex([{ responses: ['a', 'b', 'c'].map((id) => aResponse(id, { usage: { output: 5000 } })) }]);
    expect(JSON.parse((await stats('--json', { index })).stdout)).toMatchObject({ totals: { costUsd: 0.3 } });
    const [session] = JSON.parse((await run(['list', '--json'], { index })).stdout) as object[];
    expect(session).toMatchObject({ costUsd: 0.3, own: { costUsd: 0.3 } });
  });

  test('groups by day over all time by default', async () => {
    const { rows, totals, ...frame } = await json('');
    expect(frame).toEqual({
      schemaVersion: 1,
      by: 'day',
      since: null,
      until: null,
      timeZone: null,
      prices: [PUBLIC, OWN],
    });
    expect(rows.map(({ key, sessions, costUsd }) => [key, sessions, costUsd])).toEqual([
      ['2026-10-14', 1, 1],
      ['2026-11-20', 1, 21],
      ['2026-11-23', 2, 10],
      [null, 1, 0],
    ]);
    expect(totals).toEqual({
      sessions: 5,
      prompts: 3,
      responses: 5,
      tools: {},
      tokens: { input: 0, output: 1_762_000, cacheRead: 0, cacheWrite: 0, total: 1_762_000 },
      costUsd: 32,
      unpricedTokens: 12_000,
      footprintBytes: 5000,
      unpriced: [{ model: 'local-model', tokens: 12_000 }],
      sharingSessions: 2,
      owningNothing: [],
    });
  });

  test.each([
    ['week', ['2026-10-12', '2026-11-16', '2026-11-23', null]],
    ['month', ['2026-10', '2026-11', null]],
    ['model', ['claude-opus-5-5', 'claude-haiku-4-5', 'local-model']],
    ['branch', ['main', 'fix', null]],
    ['kind', ['interactive', 'headless']],
    [
      'session',
      [
        PARENT,
        '3f2a91c0-7d1e-4f6a-9b57-2c4e8a1d0f33',
        'aaaa0000-4a5b-4c6d-8e7f-8a9b0c1d2e3f',
        'bbbb0000-5a6b-4c7d-8e8f-9a0b1c2d3e4f',
        'c8e4d1f0-52ab-4c7e-8f0e-6a1b9d3c7e21',
      ],
    ],
  ])('--by %s', async (by, keys) => {
    const { rows, totals } = await json(`--by ${by}`);
    expect(rows.map(({ key }) => key)).toEqual(keys);
    const sum = (name: string): number => rows.reduce((total, row) => total + Number(row[name] ?? 0), 0);
    expect([sum('responses'), sum('costUsd'), sum('unpricedTokens')]).toEqual([
      totals['responses'],
      totals['costUsd'],
      totals['unpricedTokens'],
    ]);
    if (by !== 'model')
      expect([sum('prompts'), sum('footprintBytes')]).toEqual([totals['prompts'], totals['footprintBytes']]);
  });

  test('a response of two sessions counts once, whichever of them is selected', async () => {
    expect((await json('--by session -p ~/code/**')).totals).toMatchObject({ responses: 4, costUsd: 31 });
    const fork = SESSIONS.filter(({ branch }) => branch === 'fix');
    expect(JSON.parse((await stats('--json', { index: fakeIndex(fork) })).stdout)).toMatchObject({
      totals: { responses: 2, costUsd: 30, sharingSessions: 0 },
    });
  });

  test('--tz determines the days, and the meaning of dates', async () => {
    expect((await json('--tz +18:00')).rows.map(({ key }) => key)).toEqual([
      '2026-10-15',
      '2026-11-21',
      '2026-11-23',
      null,
    ]);
    expect(await json('--tz Asia/Tokyo --since 2026-11-21')).toMatchObject({
      since: '2026-11-20T15:00:00.000Z',
      timeZone: 'Asia/Tokyo',
    });
  });

  test('--since and --until limit the responses by time', async () => {
    expect((await json('--since 2026-11-20 --until 2026-11-21')).totals).toMatchObject({
      sessions: 1,
      prompts: 1,
      responses: 2,
      costUsd: 21,
      footprintBytes: 1000,
    });
  });

  test('--prices FILE takes prices from the file', async () => {
    const folder = temporaryFolder('stats');
    const path = join(folder, 'prices.json');
    writeFileSync(path, JSON.stringify({ models: { 'local-*': { input: 1, output: 10 } } }));
    expect(await json(`--prices ${path}`)).toMatchObject({
      prices: [{ name: path, date: null }, PUBLIC, OWN],
      totals: { costUsd: expect.closeTo(32.12, 9) as number, unpriced: [] },
    });
  });
});

test.each([
  ['--by hour', 'ccsess: --by hour: not one of day, week, month, project, model, branch, kind, session.\n'],
  ['--tz Mars/Base', 'ccsess: --tz Mars/Base: unknown time zone; examples: Europe/Berlin, UTC, +02:00.\n'],
  [
    '--since soon',
    "ccsess: --since soon: not an age. Write 30d, 1d12h or '3 days' (units: s min h d w mo y), yesterday, or " +
      '2026-11-01.\n',
  ],
  [
    '--since 2026-02-30',
    'ccsess: --since 2026-02-30: no such date or time. Write 2026-11-01, or 2026-11-01T08:30:00Z (seconds and ' +
      'zone included).\n',
  ],
  [
    '--csv --json',
    '{"error":{"code":"USAGE","message":"--json and --csv cannot be combined.","hint":null,"exitCode":2}}\n',
  ],
  [
    '--prices --by day',
    'ccsess: --prices without a file shows the prices themselves: name a file, or leave out --by.\n',
  ],
  ['--prices --csv', 'ccsess: --prices without a file shows the prices themselves: name a file, or leave out --csv.\n'],
  ['--prices /nowhere.json', 'ccsess: --prices /nowhere.json: no such file.\n'],
])('stats %s is refused', async (args, stderr) => {
  expect(await stats(args)).toEqual({ stdout: '', stderr, exitCode: 2 });
});
