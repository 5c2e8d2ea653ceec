import { constants } from 'node:buffer';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { getSession } from '../../src/index.js';
import type * as Lines from '../../src/transcript/lines.js';
import { run, type Outcome } from '../support/context.js';
import { answerLine, line, promptLine } from '../support/transcripts.js';
import { temporaryFolder } from '../support/temporary.js';

const ID = '11111111-0000-4000-8000-000000000001';
const TORN = '11111111-0000-4000-8000-000000000002';
const home = temporaryFolder('huge');
const project = join(home, '.claude/projects/-home-me-app');
const transcript = join(project, `${ID}.jsonl`);
const MIB = 1024 * 1024;
const LENGTH = 2 * MIB + 1000;

/** Lowers the limit, which is 128 MiB. */
vi.mock('../../src/transcript/lines.js', async (importOriginal) => ({
  ...(await importOriginal<typeof Lines>()),
  MAX_LINE_BYTES: 2 * 1024 * 1024,
}));

/** Writes lines, replacing `@@` by a text that makes the line too long to be parsed. */
function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text.replaceAll('@@', 'a'.repeat(LENGTH)));
}

const at = (name: string, parent: string | null): Record<string, unknown> => ({
  uuid: `${name.repeat(8)}-0000-4000-8000-000000000000`,
  parentUuid: parent === null ? null : `${parent.repeat(8)}-0000-4000-8000-000000000000`,
  sessionId: ID,
  cwd: '/home/me/app',
});
const result = line({
  type: 'user',
  message: {
    role: 'user',
    content: [{ type: 'tool_result', tool_use_id: 't', is_error: true, content: 'Exit code 3\n@@' }],
  },
  ...at('3', '2'),
  isSidechain: false,
  toolUseResult: 'x',
});

beforeAll(() => {
  const call = answerLine('msg_1', '', {
    ...at('2', '1'),
    message: {
      id: 'msg_1',
      role: 'assistant',
      model: 'claude-a',
      content: [{ type: 'tool_use', id: 't', name: 'Bash', input: { command: 'run' } }],
      usage: { input_tokens: 5, output_tokens: 7 },
    },
  });
  put(
    transcript,
    promptLine('first', at('1', null)) +
      call +
      result +
      promptLine('second', at('4', '3')) +
      answerLine('msg_2', 'done', at('5', '4')),
  );
  put(
    join(project, ID, 'subagents/agent-a1.jsonl'),
    promptLine('@@', { isSidechain: true, agentId: 'a1', sessionId: ID }) +
      answerLine('msg_3', 'sub', { isSidechain: true }),
  );
  put(
    join(project, `${TORN}.jsonl`),
    promptLine('before', { ...at('1', null), sessionId: TORN }) +
      '{"type":"user","message":{"role":"user","content":"@@',
  );
});

function ccsess(...argv: string[]): Promise<Outcome> {
  return run(argv, { home, cwd: home });
}

test('the longest line that is parsed fits twice into the longest possible string', async () => {
  const { MAX_LINE_BYTES } = await vi.importActual<typeof Lines>('../../src/transcript/lines.js');
  expect([MAX_LINE_BYTES, 2 * MAX_LINE_BYTES < constants.MAX_STRING_LENGTH]).toEqual([128 * MIB, true]);
});

describe('a line that is too long to be parsed', () => {
  test('is counted, and reported with its position', async () => {
    const { stdout, stderr, exitCode } = await ccsess('list', '--json');
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    const records = JSON.parse(stdout) as { id: string; problems: object[] }[];
    expect(records.find(({ id }) => id === ID)).toMatchObject({
      title: 'first',
      prompts: 2,
      turns: 3,
      messageCount: 5,
      toolCalls: 1,
      subagents: 1,
      problems: [
        {
          code: 'line-too-long',
          message: 'a line of 2 MiB was counted; its long texts were not read',
          line: 3,
          file: transcript,
        },
        { code: 'line-too-long', line: 1, file: join(project, ID, 'subagents/agent-a1.jsonl') },
        { code: 'unknown-price' },
      ],
    });
    expect(records.find(({ id }) => id === TORN)).toMatchObject({
      title: 'before',
      prompts: 1,
      problems: [{ code: 'line-too-long', message: 'a line of 2 MiB that cannot be read', line: 2 }],
    });
  });

  test('is a single line on a page that is read from either end; --tools shows its beginning', async () => {
    for (const flags of [[], ['--tail', '4']]) {
      const { stdout, stderr, exitCode } = await ccsess('show', ID, ...flags);
      expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
      expect(stdout).toContain('▸ Bash run · exit 3 · 2.0 MiB\n');
      expect(stdout.endsWith('    done\n')).toBe(true);
    }
    const { stdout } = await ccsess('show', ID, '--tools');
    expect(stdout).toMatch(/│ Exit code 3\n {4} {2}│ a{65000,65536}… \[2,098,\d{3} bytes in all\]\n/);
    expect((await ccsess('show', TORN)).stdout).toContain('before');
  });

  test('is complete in a fork, with its subagents', async () => {
    const { stdout, stderr, exitCode } = await ccsess('fork', ID);
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    const fork = join(project, `${stdout.trim()}.jsonl`);
    expect(statSync(fork).size).toBeGreaterThan(LENGTH);
    expect(statSync(join(project, stdout.trim(), 'subagents/agent-a1.jsonl')).size).toBeGreaterThan(LENGTH);
    const { stdout: shown } = await ccsess('show', stdout.trim());
    expect(shown).toContain('▸ Bash run · exit 3 · 2.0 MiB\n');
    expect(readFileSync(fork, 'utf8').slice(-2000)).toContain('"text":"done"');
    rmSync(fork);
    rmSync(join(project, stdout.trim()), { recursive: true });
  });

  test('is complete in show --jsonl', async () => {
    const { stdout, exitCode } = await ccsess('show', ID, '--jsonl');
    expect(exitCode).toBe(0);
    const [, , message] = stdout
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text) as { kind: string; text: string; content: { content: string }[] });
    expect([message?.kind, message?.text.length, message?.content[0]?.content === message?.text]).toEqual([
      'tool-result',
      LENGTH + 'Exit code 3\n'.length,
      true,
    ]);
  });

  test('does not stop commands that change or move sessions', async () => {
    for (const argv of [
      ['rename', ID, 'New'],
      ['tag', ID, 'tag'],
      ['pin', ID],
      ['unpin', ID],
      ['stats', '--by', 'session'],
      ['prune', '--older-than', '1h', '-n'],
      ['rm', TORN, '--yes'],
      ['restore', TORN],
    ]) {
      const { stderr, exitCode } = await ccsess(...argv);
      expect({ argv, stderr, exitCode }).toEqual({ argv, stderr: '', exitCode: 0 });
    }
    expect(readFileSync(transcript, 'utf8').slice(-300)).toContain('"type":"tag","tag":"tag"');
  });

  test('is returned by the library with its long texts cut', async () => {
    const session = await getSession(ID, { configDir: join(home, '.claude'), cacheDir: null });
    const lengths: number[] = [];
    for await (const message of session?.messages() ?? []) lengths.push(message.text.length);
    expect(lengths[2]).toBeGreaterThan(65_000);
    expect(lengths[2]).toBeLessThan(66_000);
    let entries = 0;
    for await (const _ of session?.transcript.entries() ?? []) entries += 1;
    expect(entries).toBe(8);
  });
});
