import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listPrompts } from '../../src/index.js';
import type { PromptRecord } from '../../src/sessions/prompts/prompt-record.js';
import { readTranscriptPrompts } from '../../src/transcript/prompts/transcript-prompts.js';
import { run, type Outcome, type World } from '../support/context.js';
import { readRecords } from '../support/expected-session.js';
import { fixtureHome, fixtureNames } from '../support/fixtures.js';
import { answerLine, line, promptLine, temporaryHome, type Members } from '../support/transcripts.js';
import { validator } from '../unit/schema/schemas.js';

const A = 'aaaaaaaa-0000-4000-8000-000000000001';
const B = 'bbbbbbbb-0000-4000-8000-000000000002';
const GONE = 'cccccccc-0000-4000-8000-000000000003';
const NOW = Date.parse('2026-11-23T07:00:00.000Z');

function at(minute: number): string {
  return `2026-11-20T10:${String(minute).padStart(2, '0')}:00.000Z`;
}
function prompt(text: string, minute: number, members: Members = {}): string {
  return promptLine(text, { timestamp: at(minute), parentUuid: null, ...members });
}
function queued(operation: string, content: string, minute: number): string {
  return line({ type: 'queue-operation', operation, timestamp: at(minute), sessionId: A, content });
}
function typed(display: string, minute: number, members: Members = {}): string {
  const line = {
    display,
    pastedContents: {},
    timestamp: Date.parse(at(minute)),
    project: '/home/dev/app',
    sessionId: GONE,
  };
  return `${JSON.stringify({ ...line, ...members })}\n`;
}

/** Two sessions, a fork among them, and a history with a third one that is gone. */
function home(): string {
  return temporaryHome({
    [`projects/-home-dev-app/${A}.jsonl`]: [
      prompt('first of A', 1, { uuid: 'a1' }),
      prompt('abandoned', 2, { uuid: 'a2', parentUuid: 'a1' }),
      prompt('second of A', 3, { uuid: 'a3', parentUuid: 'a1' }),
      queued('enqueue', 'never seen', 9),
    ].join(''),
    [`projects/-home-dev-app/${B}.jsonl`]: [
      prompt('first of A', 1, { uuid: 'b1', forkedFrom: { sessionId: A, messageUuid: 'a1' } }),
      prompt('own of B', 6, { uuid: 'b2', parentUuid: 'b1', cwd: '/home/dev/other' }),
    ].join(''),
    'history.jsonl': [
      typed('first of A', 1, { sessionId: A }),
      typed('look at [Pasted text #1 +2 lines] and [Pasted text #2 +9 lines]', 4, {
        pastedContents: {
          1: { id: 1, type: 'text', contentHash: '00112233aabbccdd' },
          2: { contentHash: '../../etc' },
        },
      }),
      typed('/exit', 5),
      'not json\n',
      typed('own of B', 6, { sessionId: undefined, project: '/home/dev/other' }),
      typed('of an old version', 7, { sessionId: undefined, project: '/home/dev/old' }),
    ].join(''),
    'paste-cache/00112233aabbccdd.txt': 'the\npaste',
  }).path;
}

function prompts(configDir: string, args: string[] = [], world: World = {}): Promise<Outcome> {
  return run(['prompts', ...args, '--config-dir', configDir], { now: NOW, ...world });
}

async function records(configDir: string, args: string[] = []): Promise<PromptRecord[]> {
  const { stdout, stderr, exitCode } = await prompts(configDir, [...args, '--json']);
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
  const found: unknown = JSON.parse(stdout);
  expect(validator('prompts')(found)).toBe('');
  return found as PromptRecord[];
}

describe('ccsess prompts', () => {
  test('lists what was typed once, newest first, even of sessions that are gone and never delivered', async () => {
    expect(await prompts(home())).toEqual({
      stdout: [
        [at(9), A, '', 'undelivered', '/home/dev/app', 'never seen'],
        [at(7), '', '', 'sent', '/home/dev/old', 'of an old version'],
        [at(6), B, '2', 'sent', '/home/dev/app', 'own of B'],
        [at(4), GONE, '', 'sent', '/home/dev/app', 'look at the paste and [Pasted text #2 +9 lines]'],
        [at(3), A, '2', 'sent', '/home/dev/app', 'second of A'],
        [at(2), A, '', 'sent', '/home/dev/app', 'abandoned'],
        [at(1), A, '1', 'sent', '/home/dev/app', 'first of A'],
      ]
        .map((fields) => `${fields.join('\t')}\n`)
        .join(''),
      stderr: '',
      exitCode: 0,
    });
  });

  test.each<[string[], string[]]>([
    [
      ['-L', '3'],
      ['never seen', 'of an old version', 'own of B'],
    ],
    [
      ['-L', '2', '--reverse'],
      ['of an old version', 'never seen'],
    ],
    [
      ['OF', 'a'],
      ['of an old version', 'second of A', 'first of A'],
    ],
    [
      ['--since', at(4), '--until', at(7)],
      ['own of B', 'look at the\npaste and [Pasted text #2 +9 lines]'],
    ],
    [['-p', '/home/dev/ol*'], ['of an old version']],
    // Of a session that is gone, only the folder is known.
    [
      ['--branch', 'main', '-L', '2'],
      ['never seen', 'own of B'],
    ],
  ])('%j narrows', async (args, expected) => {
    expect((await records(home(), args)).map(({ text }) => text)).toEqual(expected);
  });

  test('lists a copied prompt in the fork if its parent is gone', async () => {
    const configDir = home();
    rmSync(join(configDir, 'projects/-home-dev-app', `${A}.jsonl`));
    const found = (await records(configDir)).filter(({ text }) => text === 'first of A');
    expect(found).toMatchObject([{ sessionId: B, prompt: 1, source: 'transcript' }]);
  });

  test('shows a table on a terminal, without headless sessions', async () => {
    const configDir = home();
    const path = join(configDir, 'projects/-home-dev-app', `${B}.jsonl`);
    writeFileSync(path, prompt('sent by\n\u001b[31ma program', 8, { entrypoint: 'sdk-cli' }));
    const screen = await prompts(configDir, ['-L', '4'], { terminal: 100 });
    expect(screen.stdout.split('\n')).toEqual([
      '  WHEN              SESSION   #  PROMPT                                   PROJECT',
      '  Fri 20 Nov 10:09  aaaaaaaa     (not delivered) never seen               /home/dev/app',
      '  Fri 20 Nov 10:07  –            of an old version                        …me/dev/old (session gone)',
      '  Fri 20 Nov 10:06  –            own of B                                 …/dev/other (session gone)',
      '  Fri 20 Nov 10:04  cccccccc     look at the paste and [Pasted text #2 …  …me/dev/app (session gone)',
      '',
      'newest 4 prompts · 3 of sessions that are gone · 1 never delivered · all: -L 0',
      'left out: 1 headless or teammate session: -a',
      '',
    ]);
    const all = await prompts(configDir, ['-a', 'program'], { terminal: 100 });
    expect(all.stdout).toContain('sent by a program');
  });

  test.each<[string[], string, number]>([
    [['--live', '--jsonl', '--limit', '-1'], 'ccsess: --limit -1: not a whole number (0 = all).\n', 2],
    [['-L', 'x'], 'ccsess: --limit x: not a whole number (0 = all).\n', 2],
    [['nowhere'], 'No prompts match nowhere.\n', 0],
  ])('%j is answered on stderr', async (args, stderr, exitCode) => {
    expect(await prompts(home(), args)).toEqual({ stdout: '', stderr, exitCode });
  });

  test('works without a history that cannot be read, and reports it', async () => {
    const configDir = home();
    rmSync(join(configDir, 'history.jsonl'));
    mkdirSync(join(configDir, 'history.jsonl'));
    const { stdout, stderr, exitCode } = await prompts(configDir);
    expect(stdout.split('\n')).toHaveLength(6);
    expect({ stderr, exitCode }).toEqual({
      stderr: `ccsess: Cannot be read (ENOTFILE): ${configDir}/history.jsonl\n`,
      exitCode: 0,
    });
  });
});

describe('a limit', () => {
  test.each(fixtureNames('recorded'))('gives the newest of all prompts in %s', async (name) => {
    const configDir = fixtureHome(`recorded/${name}`);
    const all = await records(configDir);
    const times = all.map(({ timestamp }) => timestamp ?? '');
    expect(times).toEqual([...times].sort().reverse());
    for (const limit of [1, 2, 5]) expect(await records(configDir, ['-L', String(limit)])).toEqual(all.slice(0, limit));
    expect(await listPrompts({ configDir, cacheDir: null, now: () => NOW })).toEqual(all);
  });

  test('reads as many prompts from each transcript as its session has', async () => {
    for (const name of fixtureNames('recorded')) {
      for (const { id, prompts: count, transcript } of await readRecords(fixtureHome(`recorded/${name}`)))
        expect({ id, count: readTranscriptPrompts(transcript, null).prompts.length }).toEqual({ id, count });
    }
  });
});

test('lists two prompts that were typed in two sessions with one text at one time, and their copies once', async () => {
  const same = (uuid: string, members: Members = {}): string => prompt('the same', 1, { uuid, ...members });
  const { path } = temporaryHome({
    [`projects/-home-dev-app/${A}.jsonl`]: same('a1'),
    [`projects/-home-dev-app/${B}.jsonl`]: same('b1'),
    'projects/-home-dev-app/dddddddd-0000-4000-8000-000000000004.jsonl': same('a1') + prompt('own', 2, { uuid: 'd1' }),
    'projects/-home-dev-app/eeeeeeee-0000-4000-8000-000000000005.jsonl':
      same('e1', { forkedFrom: { sessionId: B, messageUuid: 'b1' } }) + prompt('own', 3, { uuid: 'e2' }),
  });
  const listed = (await records(path)).filter(({ text }) => text === 'the same');
  expect(listed.map(({ sessionId, messageUuid }) => [sessionId, messageUuid])).toEqual([
    [A, 'a1'],
    [B, 'b1'],
  ]);
});

test('a queued note of Claude Code is not a prompt, wherever its mark is', async () => {
  const note = (members: Members, attachment: Members): string =>
    line({
      type: 'attachment',
      uuid: 'q1',
      parentUuid: null,
      timestamp: at(2),
      sessionId: A,
      attachment: { type: 'queued_command', prompt: 'a note', commandMode: 'prompt', ...attachment },
      ...members,
    });
  for (const text of [note({ isMeta: true }, {}), note({}, { isMeta: true })]) {
    const { path } = temporaryHome({
      [`projects/-home-dev-app/${A}.jsonl`]: prompt('typed', 1, { uuid: 'a1' }) + text,
    });
    expect((await records(path)).map((record) => record.text)).toEqual(['typed']);
  }
});

test('prompts that forks of the Agent SDK copied, with new uuids and a new last time, count once', async () => {
  const C = 'cccccccc-0000-4000-8000-00000000000c';
  const copied = (text: string, minute: number, uuid: string, from: [sessionId: string, messageUuid: string]): string =>
    prompt(text, minute, { uuid, forkedFrom: { sessionId: from[0], messageUuid: from[1] }, entrypoint: 'sdk-ts' });
  const answer = (uuid: string, parentUuid: string): string =>
    answerLine('m1', 'ok', { uuid, parentUuid, timestamp: at(1), requestId: 'r1' });
  const { path } = temporaryHome({
    [`projects/-home-dev-app/${A}.jsonl`]:
      prompt('one', 1, { uuid: 'a1' }) + answer('a9', 'a1') + prompt('two', 2, { uuid: 'a2' }),
    [`projects/-home-dev-app/${B}.jsonl`]:
      copied('one', 1, 'b1', [A, 'a1']) + answer('b9', 'b1') + copied('two', 30, 'b2', [A, 'a2']),
    [`projects/-home-dev-app/${C}.jsonl`]:
      copied('one', 31, 'c1', [B, 'b1']) + answer('c9', 'c1') + prompt('own', 40, { uuid: 'c2', parentUuid: 'c9' }),
  });
  expect((await records(path, ['-a'])).map(({ sessionId, text }) => [sessionId, text])).toEqual([
    [C, 'own'],
    [A, 'two'],
    [A, 'one'],
  ]);
  const { stdout } = await run(['stats', '-p', '/home/dev/app', '--by', 'session', '--json', '--config-dir', path], {
    now: NOW,
  });
  const { rows } = JSON.parse(stdout) as { rows: { key: string; prompts: number }[] };
  expect(rows.map(({ key, prompts: count }) => [key, count])).toContainEqual([A, 2]);
  expect(rows.find(({ key }) => key === B)?.prompts ?? 0).toBe(0);
  expect(rows.find(({ key }) => key === C)?.prompts).toBe(1);
});

test('prompts in a fork that keeps the uuids of a fork by the Agent SDK count once', async () => {
  const C = 'cccccccc-0000-4000-8000-00000000000c';
  const answer = (uuid: string, parentUuid: string, more?: Members): string =>
    answerLine('m1', 'ok', { uuid, parentUuid, timestamp: at(1), requestId: 'r1', ...more });
  const from = (sessionId: string, messageUuid: string): Members => ({ forkedFrom: { sessionId, messageUuid } });
  const branch = { b1: from(B, 'b1'), b9: from(B, 'b9') };
  for (const marks of [branch, { b1: {}, b9: {} }]) {
    const { path } = temporaryHome({
      [`projects/-home-dev-app/${A}.jsonl`]: prompt('one', 1, { uuid: 'a1' }) + answer('a9', 'a1'),
      [`projects/-home-dev-app/${B}.jsonl`]:
        prompt('one', 1, { uuid: 'b1', ...from(A, 'a1') }) + answer('b9', 'b1', from(A, 'a9')),
      [`projects/-home-dev-app/${C}.jsonl`]:
        prompt('one', 1, { uuid: 'b1', ...marks.b1 }) +
        answer('b9', 'b1', marks.b9) +
        prompt('own', 40, { uuid: 'c2', parentUuid: 'b9' }),
    });
    const { stdout } = await run(['stats', '-p', '/home/dev/app', '--by', 'session', '--json', '--config-dir', path], {
      now: NOW,
    });
    const { rows } = JSON.parse(stdout) as { rows: { key: string; prompts: number }[] };
    expect(Object.fromEntries(rows.map(({ key, prompts: count }) => [key, count]))).toMatchObject({ [A]: 1, [C]: 1 });
    expect(rows.find(({ key }) => key === B)?.prompts ?? 0).toBe(0);
    expect((await records(path, ['-a'])).map(({ text }) => text)).toEqual(['own', 'one']);
    expect((await records(path, ['-a', '-L', '2'])).map(({ text }) => text)).toEqual(['own', 'one']);
  }
});

test('prompts of two sessions that name each other as their source are counted', async () => {
  const session = (uuid: string, sessionId: string, messageUuid: string): string =>
    prompt('one', 1, { uuid, forkedFrom: { sessionId, messageUuid } }) +
    answerLine('m1', 'ok', { uuid: `${uuid}9`, parentUuid: uuid, timestamp: at(1), requestId: 'r1' });
  const { path } = temporaryHome({
    [`projects/-home-dev-app/${A}.jsonl`]: session('a1', B, 'b1'),
    [`projects/-home-dev-app/${B}.jsonl`]: session('b1', A, 'a1'),
  });
  const { exitCode, stdout, stderr } = await run(['stats', '--by', 'session', '--json', '--config-dir', path], {
    now: NOW,
  });
  expect([exitCode, stderr]).toEqual([0, '']);
  const { rows } = JSON.parse(stdout) as { rows: { prompts: number }[] };
  expect(rows.map(({ prompts: count }) => count)).toEqual([1, 1]);
});

test('a prompt that a fork of the Agent SDK copied is listed there if its source is gone', async () => {
  const { path } = temporaryHome({
    [`projects/-home-dev-app/${B}.jsonl`]: prompt('one', 1, {
      uuid: 'b1',
      forkedFrom: { sessionId: A, messageUuid: 'a1' },
    }),
  });
  expect((await records(path)).map(({ sessionId, text }) => [sessionId, text])).toEqual([[B, 'one']]);
});
