import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { largeResult } from '../../../src/transcript/messages/large-result.js';
import type { SessionMessage } from '../../../src/transcript/messages/message.js';
import { readMessageEntries, readMessages, type MessageSelection } from '../../../src/transcript/messages/messages.js';
import { line, type Members } from '../../support/transcripts.js';
import { temporaryFolder } from '../../support/temporary.js';

const folder = temporaryFolder('messages');

function file(lines: readonly (string | Members)[]): string {
  const path = join(folder, 'transcript.jsonl');
  writeFileSync(path, lines.map((one) => (typeof one === 'string' ? one : line(one))).join(''));
  return path;
}
async function messages(
  lines: readonly (string | Members)[],
  selection: MessageSelection = { which: 'active' },
): Promise<SessionMessage[]> {
  const found: SessionMessage[] = [];
  for await (const message of readMessages(file(lines), selection)) found.push(message);
  return found;
}
function user(uuid: string, parentUuid: string | null, content: unknown, members: Members = {}): Members {
  return {
    parentUuid,
    isSidechain: false,
    type: 'user',
    message: { role: 'user', content },
    uuid,
    timestamp: '2026-11-20T10:00:00.000Z',
    ...members,
  };
}
function answer(uuid: string, parentUuid: string, content: unknown[], members: Members = {}): Members {
  return {
    parentUuid,
    isSidechain: false,
    type: 'assistant',
    message: { id: uuid, model: 'claude-a', content },
    uuid,
    timestamp: '2026-11-20T10:00:05Z',
    ...members,
  };
}

describe('a message', () => {
  test('of a person is a prompt, and that of the model an answer', async () => {
    const thinking = { type: 'thinking', thinking: 'hm' };
    const lines = [
      user('u1', null, 'why?'),
      answer('a1', 'u1', [thinking, { type: 'text', text: 'So.' }, { type: 'text', text: 'Yes.' }]),
    ];
    expect(await messages(lines)).toEqual([
      {
        ...{
          uuid: 'u1',
          parentUuid: null,
          role: 'user',
          kind: 'prompt',
          prompt: 1,
          timestamp: '2026-11-20T10:00:00.000Z',
        },
        ...{ model: null, text: 'why?', content: [{ type: 'text', text: 'why?' }] },
      },
      {
        ...{
          uuid: 'a1',
          parentUuid: 'u1',
          role: 'assistant',
          kind: 'answer',
          prompt: 1,
          timestamp: '2026-11-20T10:00:05.000Z',
        },
        ...{
          model: 'claude-a',
          text: 'So.\nYes.',
          content: [thinking, { type: 'text', text: 'So.' }, { type: 'text', text: 'Yes.' }],
        },
      },
    ]);
  });

  test.each([
    [
      user('u', null, [
        { type: 'tool_result', content: 'a' },
        { type: 'tool_result', content: [{ type: 'text', text: 'b' }, { type: 'image' }] },
      ]),
      'tool-result',
      'a\nb',
    ],
    [user('u', null, 'note', { isMeta: true }), 'meta', 'note'],
    [user('u', null, '<command-name>/clear</command-name>'), 'meta', '<command-name>/clear</command-name>'],
    [user('u', null, 'summary', { isCompactSummary: true }), 'compact-summary', 'summary'],
    [{ type: 'system', subtype: 'informational', content: 'hello', uuid: 'u', parentUuid: null }, 'system', 'hello'],
  ])('%j is %s', async (entry, kind, text) => {
    expect((await messages([entry])).map((message) => [message.kind, message.text])).toEqual([[kind, text]]);
  });

  test('typed while Claude worked is a prompt; an event delivered in the same form is left out', async () => {
    const queued = (uuid: string, attachment: Members): Members => ({
      type: 'attachment',
      uuid,
      parentUuid: 'a1',
      attachment: { type: 'queued_command', ...attachment },
    });
    const lines = [
      user('u1', null, 'go'),
      answer('a1', 'u1', []),
      queued('t1', { prompt: 'and tests' }),
      { ...queued('t2', { prompt: 'x', commandMode: 'task-notification' }), parentUuid: 't1' },
    ];
    expect((await messages(lines)).map(({ kind, role, prompt, text }) => [kind, role, prompt, text])).toEqual([
      ['prompt', 'user', 1, 'go'],
      ['answer', 'assistant', 1, ''],
      ['prompt', 'user', 2, 'and tests'],
    ]);
  });

  test('has no timestamp if its time cannot be parsed', async () => {
    expect((await messages([user('u', null, 'x', { timestamp: 'yesterday' })]))[0]?.timestamp).toBeNull();
  });
});

describe('which messages', () => {
  const conversation = [
    user('u1', null, '1'),
    answer('a1', 'u1', []),
    user('u2', 'a1', '2'),
    user('u3', 'a1', '3'),
    answer('a3', 'u3', []),
  ];
  const uuids = async (selection: MessageSelection): Promise<string> =>
    (await messages(conversation, selection)).map(({ uuid, prompt }) => `${uuid ?? ''}:${prompt}`).join(' ');

  test('the active branch, or all in file order', async () => {
    expect(await uuids({ which: 'active' })).toBe('u1:1 a1:1 u3:2 a3:2');
    expect(await uuids({ which: 'all' })).toBe('u1:1 a1:1 u2:2 u3:3 a3:3');
  });

  test('the first or last ones, with prompts numbered over the messages returned', async () => {
    expect(await uuids({ which: 'active', head: 3 })).toBe('u1:1 a1:1 u3:2');
    expect(await uuids({ which: 'active', tail: 3 })).toBe('a1:0 u3:1 a3:1');
    expect(await uuids({ which: 'active', tail: 3, head: 1 })).toBe('a1:0');
    expect(await uuids({ which: 'all', tail: 0 })).toBe('');
  });

  test('prompts of sidechains have no number of their own', async () => {
    const lines = [user('u1', null, '1'), user('u2', null, 'agent', { isSidechain: true }), answer('a1', 'u1', [])];
    expect((await messages(lines, { which: 'all' })).map(({ prompt }) => prompt)).toEqual([1, 1, 1]);
    expect((await messages(lines, { which: 'active', sidechains: true })).map(({ uuid }) => uuid)).toEqual([
      'u1',
      'a1',
    ]);
  });
});

describe('damage', () => {
  const [one, two, three] = [user('u1', null, '1'), answer('a1', 'u1', []), user('u2', 'a1', '2', { sessionId: 's' })];

  test.each([
    [
      'NUL bytes around and within',
      [`\0\0${line(one)}`, `${line(two).slice(0, 30)}\0${line(two).slice(30)}`, line(three).replace('\n', '\0\n')],
    ],
    [
      'a byte order mark and CRLF',
      [`\ufeff${line(one).replace('\n', '\r\n')}`, line(two).replace('\n', '\r\n'), line(three)],
    ],
    ['whole records glued', [line(one).trimEnd() + line(two), line(three).trimEnd()]],
    ['a record glued to a torn one', [line(one), line(two), line(user('x', 'a1', 'lost')).slice(0, 150) + line(three)]],
  ])('%s loses no message', async (_name, lines) => {
    expect((await messages(lines)).map(({ uuid }) => uuid)).toEqual(['u1', 'a1', 'u2']);
  });

  test('a plain log has no messages', async () => {
    expect(await messages(['[12:00] INFO started\n', 'stack {"id":1}\n'])).toEqual([]);
  });
});

describe('large tool results', () => {
  const text = 'x "quoted" ]},"uuid":"no" \n'.repeat(400);
  const large = (members: Members = {}, block: Members = {}): Members => ({
    ...{ parentUuid: 'a1', isSidechain: false, promptId: 'p', type: 'user' },
    message: {
      role: 'user',
      content: [{ tool_use_id: 'call', type: 'tool_result', content: text, is_error: false, ...block }],
    },
    ...{
      uuid: 'r1',
      timestamp: '2026-11-20T10:00:00.000Z',
      toolUseResult: { stdout: text },
      sourceToolAssistantUUID: 'a1',
      sessionId: 's',
    },
    ...members,
  });
  const known = (entry: Members) => largeResult(Buffer.from(line(entry).trimEnd()));

  test('are recognised by the beginning and the end of their line', () => {
    expect(known(large())).toEqual({
      ...{
        uuid: 'r1',
        parentUuid: 'a1',
        isSidechain: false,
        timeMs: Date.parse('2026-11-20T10:00:00.000Z'),
        toolUseId: 'call',
        isError: false,
        exitCode: null,
      },
      bytes: JSON.stringify(text).length + ',"is_error":false}'.length,
    });
    expect(known(large({}, { is_error: true, content: `Exit code 2\n${text}` }))).toMatchObject({
      isError: true,
      exitCode: 2,
    });
    expect(known(large({ toolUseResult: { stdout: text, persistedOutputSize: 108894 } }))).toMatchObject({
      bytes: 108894,
    });
  });

  test('are parsed like other entries if their form is unusual', () => {
    const others = [
      large({ sourceToolAssistantUUID: 'a2' }),
      large({ type: 'assistant' }),
      large({ parentUuid: null }),
      user('u', null, text),
      large({}, { type: 'text' }),
    ];
    for (const entry of others) expect(known(entry)).toBeNull();
    expect(
      largeResult(
        Buffer.from(
          line(large()).trimEnd() + line(large({ parentUuid: 'a9', sourceToolAssistantUUID: 'a9' })).trimEnd(),
        ),
      ),
    ).toBeNull();
  });

  test('become ordinary messages, unless the brief form is requested', async () => {
    const lines = [
      user('u1', null, 'go'),
      answer('a1', 'u1', [{ type: 'tool_use', id: 'call', name: 'Bash', input: {} }]),
      large(),
      answer('a2', 'r1', []),
    ];
    const found = await messages(lines);
    expect(found.map(({ uuid, kind }) => [uuid, kind])).toEqual([
      ['u1', 'prompt'],
      ['a1', 'answer'],
      ['r1', 'tool-result'],
      ['a2', 'answer'],
    ]);
    expect(found[2]?.text).toBe(text);
    const brief = [...readMessageEntries(file(lines), { which: 'active', brief: true })];
    expect(brief.map(({ large: result, message }) => result?.toolUseId ?? message.uuid)).toEqual([
      'u1',
      'a1',
      'call',
      'a2',
    ]);
  });

  test('of over a mebibyte are not parsed in brief form, even if their form is unusual', () => {
    const long = 'x'.repeat(1024 * 1024);
    const unusual = (members: Members, content: string): Members => ({
      ...large({ ...members, timestamp: '2026-11-20T10:00:00.000Z' }, { is_error: true, content }),
      toolUseResult: undefined,
    });
    const { parentUuid, ...moved } = unusual({ sourceToolAssistantUUID: undefined }, `Exit code 2\n${long}`);
    const lines = [
      user('u1', null, 'go'),
      answer('a1', 'u1', [{ type: 'tool_use', id: 'call', name: 'Bash', input: {} }]),
      { ...moved, parentUuid },
      user('u2', 'r1', [{ type: 'text', text: long }]),
    ];
    const brief = [...readMessageEntries(file(lines), { which: 'active', brief: true })];
    expect(brief.map((found) => found.large)).toEqual([
      null,
      null,
      {
        ...{ uuid: 'r1', parentUuid: 'a1', isSidechain: false, timeMs: Date.parse('2026-11-20T10:00:00.000Z') },
        ...{ toolUseId: 'call', isError: true, exitCode: 2, bytes: long.length + '"Exit code 2\\n"'.length },
      },
      null,
    ]);
    expect(brief[3]?.message.text).toBe(long);
  });

  test('are recognised with any content', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.boolean(), fc.jsonValue(), (content, isError, result) => {
        const entry = large(
          { toolUseResult: result },
          { content: content.repeat(Math.ceil(9000 / content.length)), is_error: isError },
        );
        expect(known(entry)).toMatchObject({ uuid: 'r1', parentUuid: 'a1', toolUseId: 'call', isError });
      }),
    );
  });
});
