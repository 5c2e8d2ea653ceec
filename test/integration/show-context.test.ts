import { describe, expect, test } from 'vitest';
import { answerLine, line, promptLine, temporaryHome } from '../support/transcripts.js';
import { run, type Outcome, type World } from '../support/context.js';
import { validator } from '../unit/schema/schemas.js';

const USAGE = { input_tokens: 5, output_tokens: 20, cache_read_input_tokens: 300, cache_creation_input_tokens: 4000 };

/** A conversation that was compacted: what is before the boundary is in the transcript, but not in the window. */
function homeOf(): string {
  let parentUuid: string | null = null;
  const chained = (text: string): string => {
    const entry = { ...(JSON.parse(text) as { uuid: string }), parentUuid };
    parentUuid = entry.uuid;
    return line(entry);
  };
  const call = (id: string, name: string, input: object): string =>
    answerLine(`m${id}`, '', {
      message: {
        id: `m${id}`,
        role: 'assistant',
        model: 'claude-a',
        usage: USAGE,
        content: [{ type: 'tool_use', id, name, input }],
      },
    });
  const result = (id: string, text: string): string =>
    promptLine('', { message: { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: text }] } });
  const before = [
    promptLine('old ask'),
    call('a', 'Read', { file_path: '/home/dev/app/a.ts' }),
    result('a', 'x'.repeat(400)),
    answerLine('n', 'old answer'),
  ].map(chained);
  const boundary = line({
    type: 'system',
    subtype: 'compact_boundary',
    uuid: 'cccccccc-0000-4000-8000-000000000001',
    parentUuid: null,
    logicalParentUuid: parentUuid,
    isSidechain: false,
    timestamp: '2026-11-20T10:01:00.000Z',
    compactMetadata: { trigger: 'manual', preTokens: 10 },
  });
  parentUuid = 'cccccccc-0000-4000-8000-000000000001';
  const after = [
    promptLine('the summary', { isCompactSummary: true }),
    promptLine('new ask é'),
    call('b', 'Read', { file_path: '/home/dev/app/a.ts' }),
    result('b', 'y'.repeat(1000)),
    call('c', 'Bash', { command: 'ls' }),
    result('c', 'z'.repeat(100)),
    answerLine('o', 'done', {
      message: {
        id: 'o',
        role: 'assistant',
        model: 'claude-a',
        usage: USAGE,
        content: [{ type: 'text', text: 'done' }],
      },
    }),
  ].map(chained);
  return temporaryHome({
    'projects/-home-dev-app/aaaaaaaa-0000-4000-8000-000000000001.jsonl': [...before, boundary, ...after].join(''),
  }).path;
}

function show(args: string[], world: World = {}): Promise<Outcome> {
  return run(['show', 'aaaaaaaa', '--context', ...args, '--config-dir', homeOf()], world);
}

const FILE_INPUT = '{"file_path":"/home/dev/app/a.ts"}'.length;

describe('show --context', () => {
  test('in a pipe prints the bytes of each kind, tool and file, in the live window and in total', async () => {
    const { stdout, stderr, exitCode } = await show([]);
    expect([stderr, exitCode]).toEqual(['', 0]);
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((text) => text.split('\t')),
    ).toEqual([
      ['kinds', 'tool results', '1100', '1500'],
      ['kinds', 'tool calls', String(FILE_INPUT + 16), String(2 * FILE_INPUT + 16)],
      ['kinds', 'summaries', '11', '11'],
      ['kinds', 'prompts', '10', '17'],
      ['kinds', 'answers', '4', '14'],
      ['tools', 'Read', String(1000 + FILE_INPUT), String(1400 + 2 * FILE_INPUT)],
      ['tools', 'Bash', '116', '116'],
      ['files', '/home/dev/app/a.ts', String(1000 + FILE_INPUT), String(1400 + 2 * FILE_INPUT)],
    ]);
  });

  test('prints JSON that its schema describes, with the tokens that the API counted', async () => {
    const printed = JSON.parse((await show(['--json'])).stdout) as {
      window: { measuredTokens: number };
      tools: { name: string; whole: { count: number } }[];
    };
    expect(validator('context')(printed)).toBe('');
    expect(printed.window.measuredTokens).toBe(4325);
    expect(printed.tools.map(({ name, whole }) => [name, whole.count])).toEqual([
      ['Read', 2],
      ['Bash', 1],
    ]);
  });

  test('on a terminal is a table of estimated tokens', async () => {
    const { stdout } = await show([], { terminal: 60 });
    expect(stdout).toMatch(/^ +WHAT +WINDOW +SHARE +WHOLE\n/);
    expect(stdout).toMatch(/\n +tool results +~275 +\d+% +~375\n/);
    expect(stdout).toContain('4,325 tokens');
    expect(Math.max(...stdout.split('\n').map((text) => text.length))).toBeLessThanOrEqual(60);
  });

  test.each(['--raw', '--files', '--jsonl', '--follow'])('is refused with %s', async (flag) => {
    const { stdout, stderr, exitCode } = await show([flag]);
    expect([stdout, exitCode]).toEqual(['', 2]);
    expect(stderr).toBe(`ccsess: --context and ${flag} cannot be combined.\n`);
  });
});
