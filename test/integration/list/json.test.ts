import { describe, expect, test } from 'vitest';
import { aResponse, fakeIndex } from '../../support/builders.js';
import { run } from '../../support/context.js';
import { list, SESSIONS } from '../../support/list-sessions.js';

describe('list --json', () => {
  test('is one line in a pipe', async () => {
    expect(await list('-L 1 --json')).toEqual({
      stdout:
        '[{"schemaVersion":1,"configDir":"/home/me/.claude","id":"3f2a91c0-7d1e-4f6a-9b57-2c4e8a1d0f33",' +
        '"title":"Fix prune race in the trash ' +
        'journal","titleSource":"custom","firstPrompt":null,"lastPrompt":null,"cwd":"/home/me/code/ccsess",' +
        '"cwds":["/home/me/code/ccsess"],"cwdExists":true,"repository":null,"projectDir":"-home-me-code-ccsess",' +
        '"transcript":"/home/me/.claude/projects/-home-me-code-ccsess/3f2a91c0-7d1e-4f6a-9b57-2c4e8a1d0f33.jsonl",' +
        '"kind":"interactive","entrypoint":"cli","gitBranch":"fix/journal","version":"2.1.330","models":[],' +
        '"createdAt":"2026-11-23T06:44:51.000Z","lastActivityAt":"2026-11-23T06:44:51.000Z",' +
        '"modifiedAt":"2026-11-23T06:44:51.000Z","expiresAt":"2026-12-23T06:44:51.000Z","prompts":31,"turns":1,' +
        '"messageCount":2,"toolCalls":0,"tools":{},"compactions":0,"subagents":0,"tokens":{"input":703500,' +
        '"output":0,"cacheRead":0,"cacheWrite":0,"total":703500},"costUsd":14.07,"own":{"tokens":{"input":0,' +
        '"output":567000,"cacheRead":0,"cacheWrite":0,"total":567000},"costUsd":11.34},"reportedCostUsd":null,' +
        '"lastStopReason":"end_turn","lastError":null,"transcriptBytes":1000,"footprintBytes":4299161,"tag":null,' +
        '"pinned":false,"archived":false,"live":{"pid":48213,"status":"idle"},' +
        '"forkedFrom":{"id":"9be01d77-3c11-4a0f-8d2e-5f6a7b8c9d0e","messageUuid":null},"team":null,' +
        '"problems":[]}]\n',
      stderr: '',
      exitCode: 0,
    });
  });

  test('is indented on a terminal, with all members', async () => {
    const { stdout } = await list('--json', { terminal: 80 });
    const records: unknown = JSON.parse(stdout);
    expect(stdout).toBe(`${JSON.stringify(records, null, 2)}\n`);
    expect(records).toHaveLength(SESSIONS.length);
  });

  test('as --jsonl is an object per line', async () => {
    const { stdout, exitCode } = await list('--jsonl');
    expect(exitCode).toBe(0);
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { id: string }).id),
    ).toEqual(SESSIONS.map(({ id }) => id));
  });
});

describe('list --csv', () => {
  test('is a line per session, with a heading and costs', async () => {
    const index = fakeIndex([
      {
        id: '3f2a91c0-7d1e-4f6a-9b57-2c4e8a1d0f33',
        title: '=1, "two"',
        responses: [aResponse('a', { usage: { output: 16_000 } })],
      },
    ]);
    const { stdout, stderr, exitCode } = await run(['list', '--csv'], { index });
    const [heading = '', line = '', ...rest] = stdout.split('\r\n');
    expect({ stderr, exitCode, rest }).toEqual({ stderr: '', exitCode: 0, rest: [''] });
    expect(heading.split(',').slice(0, 4)).toEqual(['id', 'title', 'kind', 'cwd']);
    expect(line.startsWith(`3f2a91c0-7d1e-4f6a-9b57-2c4e8a1d0f33,"'=1, ""two""",interactive,`)).toBe(true);
    const at = heading.split(',').indexOf('costUsd') + 1;
    expect(
      line
        .replace('"\'=1, ""two"""', 'title')
        .split(',')
        .slice(at - 1, at + 1),
    ).toEqual(['0.32', '0.32']);
  });

  test.each([[['--json', '--csv']], [['--jsonl', '--csv']]])('%j is refused', async (flags) => {
    expect(await run(['list', ...flags], { index: fakeIndex([]) })).toMatchObject({ stdout: '', exitCode: 2 });
  });
});
