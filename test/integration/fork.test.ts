import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { A, BUSY, CONVERSATION, Home } from '../support/amended.js';
import { NOW } from '../support/builders.js';
import { run } from '../support/context.js';
import { fixtureHome } from '../support/fixtures.js';
import { line, type Members } from '../support/transcripts.js';

const C = 'aaaaaaaa-0000-4000-8000-00000000000c';
const PROJECT = 'projects/-home-dev-app';
const PARENT = `${PROJECT}/${A}.jsonl`;
const FORK = `${PROJECT}/${C}.jsonl`;

const common = {
  isSidechain: false,
  sessionId: A,
  cwd: '/home/dev/app',
  version: '2.1.330',
  gitBranch: 'main',
  entrypoint: 'cli',
  timestamp: '2026-11-20T10:00:00.000Z',
};
const uuid = (name: string): string => `${name.padEnd(8, '0')}-0000-4000-8000-000000000000`;
const place = (name: string, parent: string | null): Members => ({
  uuid: uuid(name),
  parentUuid: parent === null ? null : uuid(parent),
  ...common,
});
const user = (name: string, parent: string | null, text: string, more: Members = {}): string =>
  line({ type: 'user', message: { role: 'user', content: text }, ...place(name, parent), ...more });
const answer = (name: string, parent: string, response: string, content: Members[], more: Members = {}): string =>
  line({
    type: 'assistant',
    message: {
      id: response,
      role: 'assistant',
      model: 'claude-a',
      content,
      usage: { input_tokens: 1, output_tokens: 2 },
    },
    ...place(name, parent),
    ...more,
  });
const says = (text: string): Members[] => [{ type: 'text', text }];
const calls = (id: string): Members[] => [{ type: 'tool_use', id, name: 'Bash', input: {} }];
const result = (name: string, call: string, id: string, content: unknown = 'ok', more: Members = {}): string =>
  line({
    type: 'user',
    message: { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content }] },
    sourceToolAssistantUUID: uuid(call),
    ...place(name, call),
    ...more,
  });

/** Two turns; the second one calls two tools in parallel, whose results arrive in reverse order. */
const TURNS = [
  user('11', null, 'one'),
  answer('12', '11', 'msg_1', says('first')),
  user('21', '12', 'two'),
  answer('22', '21', 'msg_2', calls('toolu_a')),
  answer('23', '22', 'msg_2', calls('toolu_b')),
  result('25', '23', 'toolu_b'),
  result('24', '22', 'toolu_a'),
  answer('26', '24', 'msg_3', says('second')),
].join('');

let home: Home;
let transcript: string;
function parentIs(text: string): void {
  transcript = text;
  home = new Home({ [`-home-dev-app/${A}`]: text });
}
beforeEach(() => parentIs(TURNS));

/** Forks the parent as `C`, and returns the entries of the fork. */
async function fork(...flags: string[]): Promise<Members[]> {
  expect(await home.run(['fork', A, '--id', C, ...flags])).toEqual({ stdout: `${C}\n`, stderr: '', exitCode: 0 });
  expect(home.read(PARENT)).toBe(transcript);
  return entries(FORK);
}
function entries(file: string): Members[] {
  return (home.read(file) ?? '').split('\n').flatMap((text) => (text === '' ? [] : [JSON.parse(text) as Members]));
}
/** Returns the first two characters of each uuid, with those of its parent. */
function chain(found: readonly Members[]): string {
  return found
    .flatMap(({ uuid: own, parentUuid, type }) =>
      type === 'custom-title' || typeof own !== 'string'
        ? []
        : [`${own.slice(0, 2)}<${String(parentUuid).slice(0, 2)}`],
    )
    .join(' ');
}

describe('a fork', () => {
  test('equals, line by line, the copy that Claude Code creates for /branch', async () => {
    const configDir = fixtureHome('recorded/ui2');
    const [parent, branch] = ['0000000d-0000-4000-8000-000000000001', '4dca0935-7fbc-4aeb-b7fd-2e4251682096'] as const;
    const folder = join(configDir, 'projects/-home-dev-lab-work-ui2');
    const copied = (id: string): string[] =>
      readFileSync(join(folder, `${id}.jsonl`), 'utf8')
        .split('\n')
        .filter((text) => text.includes('"forkedFrom"'));
    expect((await run(['--config-dir', configDir, 'fork', parent, '--id', C])).stdout).toBe(`${C}\n`);
    expect(copied(C)).toEqual(copied(branch).map((text) => text.replaceAll(branch, C)));
    expect(readdirSync(join(configDir, 'file-history', C))).toEqual(
      readdirSync(join(configDir, 'file-history', branch)),
    );
    const names = readFileSync(join(folder, `${C}.jsonl`), 'utf8')
      .split('\n')
      .slice(0, 2)
      .map((text) => JSON.parse(text) as Members);
    const title = 'turn number 1 RUN_WRITE{/home/dev/lab/work/ui2/f.txt|v1}… (fork)';
    expect(names).toEqual([
      {
        type: 'custom-title',
        customTitle: title,
        sessionId: C,
        uuid: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
        timestamp: new Date(NOW).toISOString(),
      },
      { type: 'agent-name', agentName: title, sessionId: C },
    ]);
    const sidecar = { customTitle: title, by: 'auto', at: new Date(NOW).toISOString() };
    expect(JSON.parse(readFileSync(join(folder, C, 'custom-title.json'), 'utf8'))).toEqual(sidecar);
  });

  test('has the active branch with the origin of each entry, without cost, diagnostics and progress', async () => {
    parentIs(
      [
        line({ type: 'custom-title', customTitle: 'Rate limiter', sessionId: A }),
        user('11', null, 'one'),
        answer('1a', '11', 'msg_0', says('abandoned')),
        answer('12', '11', 'msg_1', says('first'), {
          sessionKind: 'bg',
          slug: 'plan',
          teamName: 'team',
          agentName: 'dev',
        }),
        line({ type: 'progress', ...place('pp', '12') }),
        user('s1', null, 'aside', { isSidechain: true }),
        line({ type: 'api-request', sessionId: A }),
        user('21', 'pp', 'two'),
        line({ type: 'cost-state', sessionId: A, totalCostUSD: 1 }),
        line({ type: 'tag', tag: 'nightly', sessionId: A }),
        line({ type: 'tools-used', tools: ['Bash'], sessionId: A }),
      ].join(''),
    );
    const found = await fork();
    expect(chain(found)).toBe('11<nu 12<11 21<12');
    expect(found.map(({ type }) => type)).toEqual([
      'custom-title',
      'agent-name',
      'user',
      'assistant',
      'user',
      'tools-used',
    ]);
    expect(found.every(({ sessionId }) => sessionId === C)).toBe(true);
    expect(found[3]).toMatchObject({
      message: { id: 'msg_1' },
      requestSessionId: A,
      forkedFrom: { sessionId: A, messageUuid: uuid('12') },
    });
    expect(Object.keys(found[3] ?? {})).not.toEqual(expect.arrayContaining(['sessionKind']));
    expect(Object.keys(found[3] ?? {})).not.toEqual(expect.arrayContaining(['slug']));
    expect(Object.keys(found[3] ?? {}).filter((name) => ['teamName', 'agentName'].includes(name))).toEqual([]);
    expect([
      home.stat(FORK).mode,
      home.stat(`${PROJECT}/${C}`).mode,
      home.stat(`${PROJECT}/${C}/custom-title.json`).mode,
    ]).toEqual(['600', '700', '600']);
  });

  test('counts the forks of a title in its own folder, not in a project dir of the same name elsewhere', async () => {
    const other = new Home({ [`-home-dev-app/${C}`]: CONVERSATION });
    const configDirs = [home.configDir, other.configDir];
    await home.run(['rename', A, 'Rate limiter']);
    await other.run(['rename', C, 'Rate limiter (fork)']);
    expect((await home.record(['fork', A], { configDirs }))['title']).toBe('Rate limiter (fork)');
    expect((await home.record(['fork', A], { configDirs }))['title']).toBe('Rate limiter (fork 2)');
  });

  test('has its own title, the given tag and the figures of its parent', async () => {
    await home.run(['rename', A, 'Rate limiter']);
    const title = async (...flags: string[]): Promise<unknown> => (await home.record(['fork', A, ...flags]))['title'];
    expect([await title(), await title(), await title('--title', 'Other'), await title()]).toEqual([
      'Rate limiter (fork)',
      'Rate limiter (fork 2)',
      'Other',
      'Rate limiter (fork 3)',
    ]);
    const [parent, copy] = [
      await home.record(['list', '--title', 'Rate limiter', '--sort', 'title']),
      await home.record(['fork', 'Rate limiter (fork)', '--tag', 'ideas', '--id', C]),
    ];
    const { prompts, turns, tokens, toolCalls } = parent;
    expect(copy).toMatchObject({
      id: C,
      title: 'Rate limiter (fork 4)',
      tag: 'ideas',
      prompts,
      turns,
      tokens,
      toolCalls,
      createdAt: new Date(NOW).toISOString(),
      lastActivityAt: new Date(NOW).toISOString(),
    });
    expect((await home.run(['show', C], { terminal: 200 })).stdout).toMatch(/forked from .* Rate limiter \(fork\)/);
    expect((await home.run(['show', A], { terminal: 300 })).stdout).toMatch(/forked into .* Rate limiter \(fork 2\)/);
  });

  test('copies as much of a live parent as has been written', async () => {
    parentIs(`${TURNS}{"type":"user","message":{"role":"user","cont`);
    home.hold(A);
    expect(await home.run(['fork', A, '--id', C], { system: BUSY })).toEqual({
      stdout: `${C}\n`,
      stderr: '',
      exitCode: 0,
    });
    expect(chain(entries(FORK))).toBe('11<nu 12<11 21<12 22<21 23<22 25<23 24<22 26<24');
    expect(home.read(PARENT)).toBe(transcript);
  });
});

describe('--at', () => {
  test.each([
    ['1', '11 12', 1],
    ['2', '11 12 21 22 23 25 24 26', 2],
    [uuid('11'), '11', 1],
    [uuid('26').toUpperCase(), '11 12 21 22 23 25 24 26', 2],
    ['1200', '11 12', 1],
    ['21000000-0000', '11 12 21', 2],
    // Any message among parallel calls keeps all of them, with their results.
    [uuid('22'), '11 12 21 22 23 25 24', 2],
    [uuid('23'), '11 12 21 22 23 25 24', 2],
    [uuid('25'), '11 12 21 22 23 25 24', 2],
    [uuid('24'), '11 12 21 22 23 25 24', 2],
  ])('%s keeps %s', async (at, kept, prompts) => {
    const found = await fork('--at', at);
    expect(
      chain(found)
        .split(' ')
        .map((link) => link.slice(0, 2))
        .join(' '),
    ).toBe(kept);
    expect(await home.record(['list'])).toMatchObject({ id: C, prompts });
  });

  test('keeps entries between the parts of a response, and none after its last part', async () => {
    const note = (name: string, parent: string): string =>
      line({ type: 'system', subtype: 'informational', content: 'x', ...place(name, parent) });
    const text = [
      user('11', null, 'one'),
      answer('12', '11', 'msg_1', calls('toolu_a')),
      note('13', '12'),
      result('14', '13', 'toolu_a'),
      note('15', '14'),
      answer('16', '15', 'msg_1', says('more')),
      note('17', '16'),
      answer('18', '17', 'msg_2', says('next')),
    ].join('');
    for (const [at, last] of [
      ['12', '16'],
      ['14', '16'],
      ['16', '16'],
      ['17', '17'],
      ['18', '18'],
    ] as const) {
      parentIs(text);
      const links = chain(await fork('--at', uuid(at))).split(' ');
      expect(links.at(-1)?.slice(0, 2)).toBe(last);
    }
  });

  test.each([
    ['1', '11<nu 12<11 13<12 14<13'],
    ['2', '11<nu 12<11 13<12 14<13 21<14'],
  ])('%s counts no message of a sidechain that the branch leads through: %s', async (at, links) => {
    parentIs(
      [
        user('11', null, 'one'),
        answer('12', '11', 'msg_1', says('first')),
        user('13', '12', 'a task', { isSidechain: true }),
        answer('14', '13', 'msg_2', says('done')),
        user('21', '14', 'two'),
      ].join(''),
    );
    expect(chain(await fork('--at', at))).toBe(links);
  });

  const queued = (name: string, parent: string): string =>
    line({ type: 'attachment', attachment: { type: 'queued_command', prompt: 'and' }, ...place(name, parent) });
  test.each([
    ['2', '11<nu 12<11 13<12 14<13'],
    [uuid('14'), '11<nu 12<11 13<12 14<13'],
    ['3', '11<nu 12<11 13<12 14<13 15<14 16<15'],
  ])('%s keeps a prompt that was typed during a response: %s', async (at, links) => {
    parentIs(
      [
        user('11', null, 'one'),
        answer('12', '11', 'msg_1', calls('toolu_a')),
        result('13', '12', 'toolu_a'),
        queued('14', '13'),
        queued('15', '14'),
        answer('16', '15', 'msg_2', says('first')),
      ].join(''),
    );
    expect(chain(await fork('--at', at))).toBe(links);
  });

  test('omits a prompt that was typed while the response still waited for a result', async () => {
    parentIs(
      [
        user('11', null, 'one'),
        answer('12', '11', 'msg_1', calls('toolu_a')),
        answer('13', '12', 'msg_1', calls('toolu_b')),
        result('14', '12', 'toolu_a'),
        queued('15', '14'),
        line({ ...(JSON.parse(result('16', '13', 'toolu_b')) as Members), parentUuid: uuid('15') }),
        answer('17', '16', 'msg_2', says('first')),
      ].join(''),
    );
    expect(chain(await fork('--at', '1'))).toBe('11<nu 12<11 13<12 14<12 16<14');
  });

  test.each([
    ['3', 'no prompt 3'],
    ['0', 'no prompt 0'],
    ['ffff0000', "no message 'ffff0000'"],
    ['ab', "no message 'ab'"],
  ])('refuses %s, which does not name a message', async (at, what) => {
    const hint = `its prompts are numbered 1 to 2: ccsess show ${A}`;
    const stderr = `ccsess: the active branch of the session has ${what}.\n  ${hint}\n`;
    expect(await home.run(['fork', A, '--at', at, '--id', C])).toEqual({ stdout: '', stderr, exitCode: 4 });
    expect(home.read(FORK)).toBeNull();
  });

  test('refuses the start of several uuids', async () => {
    parentIs(user('abcd1', null, 'x') + user('abcd2', 'abcd1', 'y'));
    expect(await home.run(['fork', A, '--at', 'abcd'])).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining(`\n  ${uuid('abcd1')}\n  ${uuid('abcd2')}\n`) as string,
    });
  });

  const kept = {
    preservedSegment: { headUuid: uuid('12'), anchorUuid: uuid('41'), tailUuid: uuid('13') },
    preservedMessages: { anchorUuid: uuid('41'), uuids: [uuid('12'), uuid('13')], allUuids: [uuid('12'), uuid('13')] },
  };
  const compacted = [
    user('11', null, 'one'),
    answer('12', '11', 'msg_1', says('first')),
    user('13', '12', 'more'),
    line({
      type: 'system',
      subtype: 'compact_boundary',
      compactMetadata: { trigger: 'manual', ...kept },
      logicalParentUuid: uuid('13'),
      ...place('40', null),
    }),
    user('41', '40', 'summary', { isCompactSummary: true }),
    user('51', '41', 'after'),
  ].join('');
  test.each([
    ['2', '40<nu 41<40 12<41 13<12 51<13', kept], // prompt 1 is the one the compaction kept
    [uuid('13'), '40<nu 41<40 12<41 13<12', kept],
    [
      uuid('12'),
      '40<nu 41<40 12<41',
      {
        preservedSegment: { ...kept.preservedSegment, tailUuid: uuid('12') },
        preservedMessages: { ...kept.preservedMessages, uuids: [uuid('12')], allUuids: [uuid('12')] },
      },
    ],
    [uuid('41'), '40<nu 41<40', {}],
    // The entry that marks a compaction does not make a conversation.
    [uuid('40'), '40<nu 41<40', {}],
  ])('%s of a compacted session: %s', async (at, links, metadata) => {
    parentIs(compacted);
    const found = await fork('--at', at);
    expect(chain(found)).toBe(links);
    expect(found[2]).toMatchObject({ logicalParentUuid: uuid('13') });
    expect(found[2]?.['compactMetadata']).toEqual({ trigger: 'manual', ...metadata });
  });
});
