import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { expectSessions, readRecords, type Row, sessions } from '../support/expected-session.js';
import { fixtureHome } from '../support/fixtures.js';

const NONE = { entrypoint: null, cwds: [], gitBranch: null, version: null, models: [] };

describe('transcripts of older versions', () => {
  // 1: sidechains inside the file (their tokens count, their messages do not), an interruption, commands and a shell
  // line. 2: a resume that repeated the history in a new file. 3: an answer written twice, under two uuids.
  it('reads 1.0: no entrypoint, summaries, sidechains inside the file', async () => {
    const truth = sessions(
      {
        projectDir: '-home-me-garden',
        cwd: '/home/me/garden',
        gitBranch: 'main',
        version: '1.0.60',
        models: ['claude-opus-4-20250514'],
        entrypoint: null,
      },
      [
        [
          '10000000-0000-4000-8000-000000000001',
          'interactive',
          ['summary', 'Planning the vegetable beds'],
          [3, 4, 7, 1, 0, 0],
          [20, 69, 300, 500],
          '2025-07-19T10:00:01.000Z',
          '2025-07-19T10:00:18.000Z',
          { models: ['claude-opus-4-20250514', 'claude-sonnet-4-20250514'] },
        ],
        [
          '10000000-0000-4000-8000-000000000002',
          'interactive',
          ['summary', 'Tomatoes and beans'],
          [2, 2, 4, 0, 0, 0],
          [8, 17, 400, 200],
          '2025-07-20T10:00:01.000Z',
          '2025-07-20T10:00:04.000Z',
        ],
        [
          '10000000-0000-4000-8000-000000000003',
          'interactive',
          ['prompt', 'say hello'],
          [2, 2, 4, 0, 0, 0],
          [8, 11, 0, 200],
          '2025-07-19T10:00:01.000Z',
          '2025-07-19T10:00:05.000Z',
          { gitBranch: null, version: '1.0.51' },
        ],
      ],
    );
    await expectSessions(fixtureHome('old/v1'), truth);
  });

  // 1: two flat agent files belong to it by the session id in their lines. 2: nothing to resume. 3: a warm-up.
  it('reads 2.0: legacy agent files next to the sessions', async () => {
    const models = ['claude-sonnet-4-5-20250929'];
    const truth = sessions(
      {
        projectDir: '-home-me-shop',
        cwd: '/home/me/shop',
        gitBranch: 'main',
        version: '2.0.28',
        models,
        entrypoint: null,
      },
      [
        [
          '20000000-0000-4000-8000-000000000001',
          'interactive',
          ['prompt', 'count the orders'],
          [2, 4, 7, 2, 1, 2],
          [20, 55, 120, 500],
          '2025-10-08T10:00:01.000Z',
          '2025-10-08T10:09:00.000Z',
          { version: '2.0.31', models: [...models, 'claude-haiku-4-5-20251001'] },
        ],
        [
          '20000000-0000-4000-8000-000000000002',
          'interactive',
          ['summary', 'Sorting the invoices'],
          [0, 0, 0, 0, 0, 0],
          [0, 0, 0, 0],
          null,
          null,
          NONE,
        ],
        [
          '20000000-0000-4000-8000-000000000003',
          'interactive',
          [null, null],
          [0, 0, 0, 0, 0, 0],
          [4, 3, 0, 100],
          '2025-10-09T10:00:01.000Z',
          '2025-10-09T10:00:02.000Z',
        ],
      ],
    );
    await expectSessions(fixtureHome('old/v2'), truth);
  });

  // 1: progress entries nest whole messages, with times, tokens and tool calls that are not the session's.
  // 2: an SDK host, a prompt of one image, an answer Claude Code made up, three tags.
  it('reads 2.1 before 2.1.330: progress entries, unknown types', async () => {
    const truth = sessions(
      {
        projectDir: '-home-me-api',
        cwd: '/home/me/api',
        gitBranch: 'main',
        version: '2.1.62',
        models: [],
        entrypoint: null,
      },
      [
        [
          '21000000-0000-4000-8000-000000000001',
          'interactive',
          ['ai', 'Find the slow query'],
          [1, 2, 4, 1, 0, 1],
          [16, 573, 125, 400],
          '2026-03-25T09:59:59.000Z',
          '2026-03-25T10:31:00.000Z',
          { models: ['claude-opus-4-6', 'claude-haiku-4-5-20251001'] },
        ],
        [
          '21000000-0000-4000-8000-000000000002',
          'headless',
          ['prompt', 'Image'],
          [1, 1, 1, 0, 0, 0],
          [0, 0, 0, 0],
          '2026-06-17T10:00:01.000Z',
          '2026-06-17T10:00:02.000Z',
          { version: '2.1.179', entrypoint: 'sdk-ts', tag: 'weekly' },
        ],
      ],
    );
    await expectSessions(fixtureHome('old/v21'), truth);
  });
});

describe('damaged transcripts', () => {
  /** Two questions and two answers, unless damage took some. */
  function damaged(
    n: number,
    prompts: number,
    answers: number,
    lastSecond: number,
    problems: string[] = [],
    title = 'question 1',
  ): Row {
    return [
      `30000000-0000-4000-8000-0000000000${String(n).padStart(2, '0')}`,
      'interactive',
      ['prompt', title],
      [prompts, prompts, prompts + answers, 0, 0, 0],
      [4 * answers, 10 * answers, 0, 100 * answers],
      '2026-05-01T10:00:01.000Z',
      `2026-05-01T10:00:0${lastSecond}.000Z`,
      { problems },
    ];
  }

  function nothing(n: number, problems: string[] = []): Row {
    return [
      `30000000-0000-4000-8000-0000000000${String(n)}`,
      'interactive',
      [null, null],
      [0, 0, 0, 0, 0, 0],
      [0, 0, 0, 0],
      null,
      null,
      { ...NONE, problems },
    ];
  }

  it('reads what is intact and reports the rest', async () => {
    const usual = {
      projectDir: '-home-me-lab',
      cwd: '/home/me/lab',
      gitBranch: 'main',
      version: '2.1.100',
      models: ['claude-sonnet-4-6'],
    };
    const truth = sessions(usual, [
      damaged(1, 2, 2, 4), // no newline at the end
      damaged(2, 2, 2, 4, ['glued-records']),
      damaged(3, 2, 2, 4, ['nul-run']), // NUL bytes before an entry
      damaged(4, 2, 2, 4, ['nul-run']), // a line of NUL bytes
      damaged(5, 1, 1, 2, [], 'half a smile \ud83d!'), // half a surrogate pair, escaped
      damaged(6, 1, 1, 2, [], 'raw \ufffd\ufffd\ufffd bytes'), // the same half as three bytes that are not UTF-8
      damaged(7, 2, 2, 4), // byte order mark
      damaged(8, 2, 2, 4), // CRLF
      damaged(9, 2, 1, 3, ['torn-tail']),
      damaged(10, 2, 1, 4, ['damaged-line']), // torn in the middle
      damaged(11, 2, 1, 4, ['glued-records', 'damaged-line']), // torn, the next entry in the same line
      nothing(12), // no bytes
      nothing(13), // one empty line
      nothing(14, ['damaged-line', 'damaged-line', 'damaged-line', 'damaged-line']), // a log
      damaged(15, 2, 2, 4), // empty lines between
      damaged(16, 1, 1, 2, ['not-an-object', 'not-an-object', 'not-an-object', 'not-an-object']),
      damaged(17, 1, 1, 2), // other spacing, other order of members
    ]);
    await expectSessions(fixtureHome('old/damage'), truth);
  });

  it('reports file, line and byte offset', async () => {
    const records = await readRecords(fixtureHome('old/damage'));
    for (const { problems, transcript } of records) {
      const bytes = readFileSync(transcript);
      for (const { file, line, byteOffset } of problems) {
        expect(file).toBe(transcript);
        const before = bytes.subarray(0, byteOffset ?? 0);
        expect(before.toString('latin1').split('\n').length, transcript).toBe(line);
      }
    }
    const where = Object.fromEntries(
      records.map(({ id, problems }) => [Number(id.slice(-2)), problems.map(({ line }) => line)]),
    );
    expect(where).toMatchObject({
      2: [2],
      3: [3],
      4: [3],
      9: [4],
      10: [2],
      11: [2, 2],
      14: [1, 2, 3, 4],
      16: [3, 4, 5, 6],
    });
  });
});

describe('unusual shapes', () => {
  // 1: the first entry has no folder, then three are recorded. 2: the same id in two project dirs, one of them shared
  // by two folders (3). 4: two entries written twice. 5: parents in a circle. 6: parents that are missing. 7: wrong
  // types.
  it('reads them by the rules', async () => {
    const opus = { gitBranch: 'main', version: '2.1.100', models: ['claude-opus-4-20250514'] };
    const truth = [
      ...sessions({ projectDir: '-home-me-work', cwd: '/home/me/work', ...opus }, [
        [
          '40000000-0000-4000-8000-000000000001',
          'interactive',
          ['prompt', 'first'],
          [2, 2, 4, 0, 0, 0],
          [8, 2, 0, 200],
          '2026-05-02T09:00:00.000Z',
          '2026-05-02T10:00:04.000Z',
          { cwds: ['/home/me/work/sub', '/home/me/work', '/home/me/other'] },
        ],
        [
          '40000000-0000-4000-8000-000000000004',
          'interactive',
          ['prompt', 'same uuid'],
          [2, 2, 4, 0, 0, 0],
          [8, 4, 0, 200],
          '2026-05-05T10:00:01.000Z',
          '2026-05-05T10:00:04.000Z',
        ],
        [
          '40000000-0000-4000-8000-000000000005',
          'interactive',
          ['prompt', 'round'],
          [2, 2, 3, 0, 0, 0],
          [4, 2, 0, 100],
          '2026-05-06T10:00:01.000Z',
          '2026-05-06T10:00:03.000Z',
        ],
        [
          '40000000-0000-4000-8000-000000000006',
          'interactive',
          ['prompt', 'an orphan'],
          [2, 2, 3, 0, 0, 0],
          [4, 2, 0, 100],
          '2026-05-07T10:00:01.000Z',
          '2026-05-07T10:00:03.000Z',
        ],
        [
          '40000000-0000-4000-8000-000000000007',
          'interactive',
          ['prompt', 'real prompt'],
          [1, 2, 5, 0, 0, 0],
          [0, 0, 0, 2],
          '2026-05-08T10:00:01.000Z',
          '2026-05-08T10:00:03.000Z',
          { models: ['m'], problems: ['odd-usage'] },
        ],
      ]),
      ...sessions({ projectDir: '-home-me-a-b', cwd: '/home/me/a_b', ...opus }, [
        [
          '40000000-0000-4000-8000-000000000002',
          'interactive',
          ['prompt', 'lossy folder'],
          [1, 1, 2, 0, 0, 0],
          [4, 2, 0, 100],
          '2026-05-03T10:00:01.000Z',
          '2026-05-03T10:00:02.000Z',
        ],
        [
          '40000000-0000-4000-8000-000000000003',
          'interactive',
          ['prompt', 'the other folder of this key'],
          [1, 1, 2, 0, 0, 0],
          [4, 2, 0, 100],
          '2026-05-04T10:00:01.000Z',
          '2026-05-04T10:00:02.000Z',
          { cwd: '/home/me/a-b' },
        ],
      ]),
      ...sessions({ projectDir: '-home-me-copy', cwd: '/home/me/copy', ...opus }, [
        [
          '40000000-0000-4000-8000-000000000002',
          'interactive',
          ['prompt', 'lossy folder'],
          [2, 2, 3, 0, 0, 0],
          [4, 2, 0, 100],
          '2026-05-03T10:00:01.000Z',
          '2026-05-03T10:00:03.000Z',
          { cwds: ['/home/me/a_b', '/home/me/copy'] },
        ],
      ]),
    ];
    await expectSessions(fixtureHome('old/shape'), truth);
  });

  it('counts the todo list of 1.0 to the footprint', async () => {
    const home = fixtureHome('old/v1');
    const [first] = await readRecords(home);
    const todo = `${home}/todos/${first?.id}-agent-${first?.id}.json`;
    expect(existsSync(todo)).toBe(true);
    expect(first?.footprintBytes).toBe((first?.transcriptBytes ?? 0) + readFileSync(todo).length);
  });
});
