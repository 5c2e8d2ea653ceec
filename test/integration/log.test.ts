import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { workLog } from '../../src/index.js';
import type { WorkLog } from '../../src/sessions/log/log-record.js';
import { run, type Outcome, type World } from '../support/context.js';
import { fixtureHome, fixtureNames } from '../support/fixtures.js';
import { answerLine, line, promptLine, temporaryHome, type Members } from '../support/transcripts.js';
import { validator } from '../unit/schema/schemas.js';

const A = 'aaaaaaaa-0000-4000-8000-000000000001';
const B = 'bbbbbbbb-0000-4000-8000-000000000002';
const C = 'cccccccc-0000-4000-8000-000000000003';
const GONE = 'dddddddd-0000-4000-8000-000000000004';
const NOW = Date.parse('2026-11-20T18:00:00.000Z');
const DAY = 24 * 60 * 60 * 1000;

/** A time on that day, or the day before with a minus sign. */
function at(time: string): string {
  return time.startsWith('-') ? `2026-11-19T${time.slice(1)}:00.000Z` : `2026-11-20T${time}:00.000Z`;
}
function prompt(text: string, time: string, members: Members = {}): string {
  return promptLine(text, { timestamp: at(time), parentUuid: null, ...members });
}
/** A response that costs one dollar at list prices. */
function answer(id: string, time: string, members: Members = {}): string {
  const usage = { input_tokens: 0, output_tokens: 50_000 };
  const message = { id, role: 'assistant', model: 'claude-opus-5', content: [{ type: 'text', text: 'ok' }], usage };
  return answerLine(id, '', { message, timestamp: at(time), ...members });
}
/** A call of a tool on a file, and its result. */
function change(tool: string, path: string, time: string, members: Members = {}): string {
  const id = `call-${tool}-${path}-${time}`;
  const common = { timestamp: at(time), cwd: '/home/dev/app', isSidechain: false, ...members };
  const call = { type: 'tool_use', id, name: tool, input: { file_path: path } };
  const result = { type: 'tool_result', tool_use_id: id, content: 'done' };
  return (
    line({
      ...common,
      type: 'assistant',
      uuid: `${id}-1`,
      message: { id: `m-${id}`, role: 'assistant', content: [call] },
    }) + line({ ...common, type: 'user', uuid: `${id}-2`, message: { role: 'user', content: [result] } })
  );
}

const INHERITED = { forkedFrom: { sessionId: A, messageUuid: 'a2' } };

/** Two sessions of one folder, one of them a fork of the other, a headless one elsewhere, and one that is gone. */
function home(): string {
  return temporaryHome({
    [`projects/-home-dev-app/${A}.jsonl`]: [
      line({ type: 'custom-title', customTitle: 'Fix the *race*', sessionId: A }),
      prompt('long ago', '-09:00', { uuid: 'a1' }),
      answer('r1', '-09:01'),
      prompt('Write the journal\nfirst', '09:00', { uuid: 'a2', parentUuid: 'a1' }),
      answer('r2', '09:10'),
      change('Write', '/home/dev/app/src/a.ts', '09:11'),
      change('Edit', 'src/a.ts', '09:12'),
      change('Read', '/home/dev/app/src/b.ts', '09:13'),
      prompt('Now the same for restore', '10:00', { uuid: 'a3', parentUuid: 'a2' }),
      line({
        type: 'queue-operation',
        operation: 'enqueue',
        timestamp: at('10:05'),
        sessionId: A,
        content: 'not sent',
      }),
    ].join(''),
    [`projects/-home-dev-app/${B}.jsonl`]: [
      prompt('Write the journal\nfirst', '09:00', { uuid: 'a2', sessionId: B, ...INHERITED }),
      answer('r2', '09:10', { sessionId: B, ...INHERITED }),
      change('Write', '/home/dev/app/src/a.ts', '09:11', { sessionId: B, ...INHERITED }),
      prompt('Second try', '11:00', { uuid: 'b2', parentUuid: 'a2', sessionId: B }),
      answer('r3', '11:30', { sessionId: B }),
      change('Edit', '/home/dev/app/src/c.ts', '11:31', { sessionId: B }),
    ].join(''),
    [`projects/-srv-job/${C}.jsonl`]: [
      prompt('Nightly', '12:00', { cwd: '/srv/job', entrypoint: 'sdk-cli' }),
      answer('r4', '12:01', { cwd: '/srv/job', entrypoint: 'sdk-cli' }),
    ].join(''),
    'history.jsonl': `${JSON.stringify({
      display: 'of a session that is gone',
      pastedContents: {},
      timestamp: Date.parse(at('08:00')),
      project: '/home/dev/old',
      sessionId: GONE,
    })}\n`,
  }).path;
}

function log(configDir: string, args: string[] = [], world: World = {}): Promise<Outcome> {
  return run(['log', ...args, '--config-dir', configDir], { now: NOW, ...world });
}

async function record(configDir: string, args: string[] = []): Promise<WorkLog> {
  const { stdout, stderr, exitCode } = await log(configDir, [...args, '--json']);
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
  const found: unknown = JSON.parse(stdout);
  expect(validator('log')(found)).toBe('');
  return found as WorkLog;
}

/** The ids of a log, by folder. */
function idsOf({ projects }: WorkLog): [cwd: string | null, ids: (string | null)[]][] {
  return projects.map(({ cwd, sessions }) => [cwd, sessions.map(({ id }) => id)]);
}

describe('ccsess log', () => {
  test('holds what each session did in the last 24 hours, without what it inherited', async () => {
    const found = await record(home());
    expect(found).toMatchObject({ since: at('-18:00'), until: null, omitted: 0 });
    expect(idsOf(found)).toEqual([
      ['/srv/job', [C]],
      ['/home/dev/app', [B, A]],
      ['/home/dev/old', [GONE]],
    ]);
    const [b, a] = found.projects[1]?.sessions ?? [];
    expect(a).toMatchObject({
      title: 'Fix the *race*',
      titleSource: 'custom',
      kind: 'interactive',
      gitBranch: 'main',
      firstAt: at('09:00'),
      lastAt: at('10:05'),
      costUsd: 1.25,
      unpricedTokens: 0,
      prompts: [
        { prompt: 2, timestamp: at('09:00'), text: 'Write the journal\nfirst' },
        { prompt: 3, timestamp: at('10:00'), text: 'Now the same for restore' },
      ],
      files: [{ path: '/home/dev/app/src/a.ts', writes: 1, edits: 1 }],
      source: 'transcript',
    });
    expect(b).toMatchObject({
      firstAt: at('11:00'),
      lastAt: at('11:31'),
      costUsd: 1.25,
      prompts: [{ text: 'Second try' }],
      files: [{ path: '/home/dev/app/src/c.ts', writes: 0, edits: 1 }],
    });
    expect(found.projects[2]?.sessions).toMatchObject([
      {
        projectDir: null,
        title: null,
        kind: null,
        costUsd: null,
        prompts: [{ prompt: null }],
        files: [],
        source: 'history',
      },
    ]);
    expect(found.totals).toEqual({ sessions: 4, prompts: 5, costUsd: 3.75, unpricedTokens: 0, filesChanged: 2 });
  });

  test.each(fixtureNames('recorded'))('costs what stats counts: %s', async (name) => {
    const configDir = fixtureHome(`recorded/${name}`);
    const { costUsd, unpricedTokens } = (await record(configDir, ['--since', '2000-01-01'])).totals;
    const { stdout } = await run(['stats', '--since', '2000-01-01', '--json', '--config-dir', configDir], { now: NOW });
    expect(JSON.parse(stdout)).toMatchObject({ totals: { costUsd, unpricedTokens } });
  });

  test('counts what a fork without a mark copied at the session that made it, also if that went on later', async () => {
    // As `--fork-session` and `/fork` leave it: the same lines with another id.
    const own = (id: string): string =>
      prompt('Write it', '09:00', { uuid: 'a2', sessionId: id }) +
      answer('r2', '09:10', { sessionId: id }) +
      change('Write', '/home/dev/app/src/a.ts', '09:11', { sessionId: id });
    const rest = { [A]: prompt('More', '12:00', { sessionId: A }), [B]: prompt('Fork', '11:00', { sessionId: B }) };
    const later = Object.entries(rest).map(([id, more]) => [`projects/-home-dev-app/${id}.jsonl`, own(id) + more]);
    const found = await record(temporaryHome(Object.fromEntries(later) as Record<string, string>).path);
    expect(found.projects[0]?.sessions).toMatchObject([
      { id: A, costUsd: 1.25, prompts: [{ text: 'Write it' }, { text: 'More' }], files: [{ writes: 1 }] },
      { id: B, costUsd: 0, prompts: [{ text: 'Fork' }], files: [] },
    ]);
  });

  test.each([40, 60, 80])('fits %d columns, also with days of another year', async (terminal) => {
    const texts = [prompt('A long time ago', '-09:00').replace('2026-', '2025-'), prompt('Now', '09:00')];
    const { path } = temporaryHome({ [`projects/-home-dev-app/${A}.jsonl`]: texts.join('') });
    const { stdout } = await log(path, ['--since', '2y'], { terminal });
    expect(stdout.split('\n').filter((text) => text.length > terminal)).toEqual([]);
    expect(stdout).not.toContain('FILES');
  });

  test('gives a fork what it has of a session that is gone', async () => {
    const configDir = home();
    rmSync(join(configDir, 'projects/-home-dev-app', `${A}.jsonl`));
    const [session] = (await record(configDir, ['-p', '/home/dev/app'])).projects[0]?.sessions ?? [];
    expect(session).toMatchObject({
      id: B,
      firstAt: at('09:00'),
      costUsd: 2.5,
      prompts: [{ text: 'Write the journal\nfirst' }, { text: 'Second try' }],
      files: [{ path: '/home/dev/app/src/a.ts' }, { path: '/home/dev/app/src/c.ts' }],
    });
  });

  test.each<[string[], [string, string[]][]]>([
    [['-L', '1'], [['/srv/job', [C]]]],
    [['--kind', 'interactive', '--reverse'], [['/home/dev/app', [A, B]]]],
    [['--since', at('11:00'), '-p', '/home/dev/*'], [['/home/dev/app', [B]]]],
    [
      ['--until', at('09:00')],
      [
        ['/home/dev/old', [GONE]],
        ['/home/dev/app', [A]],
      ],
    ],
    [['--since', at('-00:00'), '--until', at('-23:00')], [['/home/dev/app', [A]]]],
    [['--touched', '/home/dev/app/src/c.ts'], [['/home/dev/app', [B]]]],
    [['--title', 'race', '--tag', 'x'], []],
  ])('%j narrows', async (args, expected) => {
    expect(idsOf(await record(home(), args))).toEqual(expected);
  });

  test('is a line a session below its folder on a terminal, without headless sessions', async () => {
    const configDir = home();
    expect(await log(configDir, [], { terminal: 110 })).toEqual({
      stdout: `\
  WHEN         SESSION    COST  FILES  WORK
/home/dev/app  2 sessions · $2.50 · 2 files
  11:00–11:31  bbbbbbbb  $1.25      1  Second try
  09:00–10:05  aaaaaaaa  $1.25      1  Fix the *race* · Write the journal first · Now the same for restore
/home/dev/old
  08:00        dddddddd                (session gone) · of a session that is gone

3 sessions · 4 prompts · $2.50 · 2 files changed · left out: 1 headless or teammate session: -a
Since Thu 19 Nov 2026 18:00, unless --since says otherwise
`,
      stderr: '',
      exitCode: 0,
    });
    const args = ['-a', '--since', '3d', '-L', '3'];
    const narrow = await log(configDir, args, { terminal: 40, now: NOW + DAY });
    expect(narrow.stdout.split('\n')).toEqual([
      '  WHEN              COST  WORK',
      '/srv/job',
      '  Fri 12:00–12:01  $1.25  Nightly',
      '/home/dev/app',
      '  Fri 11:00–11:31  $1.25  Second try',
      '  Thu – Fri        $2.50  Fix the *race…',
      '',
      'newest 3 of 4 sessions · 5 prompts',
      '$5.00 · 2 files changed',
      '--since 3d: from Wed 18 Nov 2026 18:00',
      '',
    ]);
  });

  test('is Markdown in a pipe, in which no text of a session is markup', async () => {
    const configDir = temporaryHome({
      [`projects/-home-dev-app/${A}.jsonl`]: [
        line({
          type: 'custom-title',
          customTitle: '![x](http://e) <b>_a_ `c` C:\\* & &lt; ~~s~~ snake_case',
          sessionId: A,
        }),
        ...['one', 'two', '\u001b[31mthree\u202e', `${'word '.repeat(30)}`, 'five'].map((text, nth) =>
          prompt(text, `-09:0${nth}`),
        ),
        prompt('six', '09:00'),
      ].join(''),
      [`projects/-home-dev-app/${B}.jsonl`]: prompt('**only** one', '10:00'),
    }).path;
    expect(await log(configDir, ['--since', '3d'], { home: '/home/dev' })).toEqual({
      stdout: `## ~/app

- **\\*\\*only\\*\\* one** (Fri 20 Nov 10:00)
- **!\\[x](http://e) \\<b>\\_a\\_ \\\`c\\\` C:\\\\\\* & \\&lt; ~\\~s\\~\\~ snake_case** (Thu 19 Nov 09:00 – Fri 20 Nov 09:00): one · two · three · 3 more

2 sessions · 7 prompts
`,
      stderr: '',
      exitCode: 0,
    });
  });

  test('shows headless sessions where there is nothing else', async () => {
    expect((await log(home(), ['-p', '/srv/job'])).stdout).toContain('## /srv/job');
  });

  test('says when the last work was if there is none in the span', async () => {
    expect(await log(home(), [], { now: NOW + 9 * DAY })).toEqual({
      stdout: '',
      stderr:
        'No work since Sat 28 Nov 2026 18:00. The last work before that was on Fri 20 Nov 2026: --since 2026-11-20.\n',
      exitCode: 0,
    });
  });

  test.each([
    [['--json', '--md'], '--json and --md cannot be combined.'],
    [['--since', '2d', '--until', '3d'], '--until 3d: not after --since 2d.'],
    [
      ['--since', 'soon'],
      "--since soon: not an age. Write 30d, 1d12h or '3 days' (units: s min h d w mo y), yesterday, or a date.",
    ],
    [['-L', 'x'], '--limit x: not a whole number (0 = all).'],
  ])('refuses %j', async (args, message) => {
    const { stderr, exitCode } = await log(home(), args);
    expect([stderr.includes(message), exitCode]).toEqual([true, 2]);
  });

  test('reads on past damage and reports a transcript that it cannot read', async () => {
    const configDir = home();
    const path = join(configDir, 'projects/-home-dev-app', `${A}.jsonl`);
    writeFileSync(path, `{"type":"user","uu\n\0\0\n${prompt('after \u001b]0;x\u0007damage', '13:00')}{"torn`);
    const { stdout } = await log(configDir, [], { terminal: 100 });
    expect(stdout).toContain('after damage');
    rmSync(path);
    mkdirSync(path);
    const { stdout: rest, stderr } = await log(configDir, ['--kind', 'interactive', '--json']);
    expect(JSON.parse(rest)).toMatchObject({ totals: { sessions: 1, prompts: 2 } });
    expect(stderr).toContain('not a regular file');
  });
});

test('workLog gives the library what --json prints, and refuses what it does not know', async () => {
  const configDir = home();
  const options = { configDir, cacheDir: null, now: () => NOW };
  expect(await workLog({ ...options, kind: 'interactive', limit: 1 })).toEqual(
    await record(configDir, ['--kind', 'interactive', '-L', '1']),
  );
  await expect(workLog({ ...options, text: 'x' } as object)).rejects.toThrow('unknown option text');
  const signal = AbortSignal.abort();
  await expect(workLog({ ...options, signal })).rejects.toThrow('aborted');
});
