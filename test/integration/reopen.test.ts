import { describe, expect, test } from 'vitest';
import { addFile, answerLine, promptLine, temporaryHome } from '../support/transcripts.js';
import { IDLE, run, type World } from '../support/context.js';
import { temporaryFolder } from '../support/temporary.js';
import { validator } from '../unit/schema/schemas.js';

const NOW = Date.parse('2026-11-20T12:00:00.000Z');
const HOUR = 3_600_000;
const [A, B, C] = [1, 2, 3].map((n) => `aaaaaaaa-0000-4000-8000-00000000000${n}`) as [string, string, string];

/** A config dir with three sessions of one folder, and registry files of processes. */
function home(processes: Record<number, object>): { world: World; path: string; cwd: string } {
  const cwd = temporaryFolder('work');
  const session = (id: string): string =>
    promptLine(`ask ${id.slice(-1)}`, { cwd, parentUuid: null, sessionId: id }) +
    answerLine('m', 'yes', { cwd, sessionId: id, timestamp: '2026-11-20T10:00:05.000Z' });
  const { path } = temporaryHome(
    Object.fromEntries([A, B, C].map((id) => [`projects/-work/${id}.jsonl`, session(id)])),
  );
  for (const [pid, entry] of Object.entries(processes)) {
    addFile(path, `sessions/${pid}.json`, JSON.stringify({ pid: Number(pid), procStart: '1', ...entry }));
  }
  const system = {
    ...IDLE,
    pidExists: (pid: number) => pid === 77,
    startTime: () => '1',
    bootedAtMs: () => NOW - HOUR,
  };
  return { world: { now: NOW, system, env: { CCSESS_CLAUDE_BIN: '/bin/claude' } }, path, cwd };
}

function reopen(at: ReturnType<typeof home>, args: string[], world: World = {}) {
  return run(['reopen', ...args, '--config-dir', at.path], { ...at.world, ...world });
}

describe('reopen', () => {
  const left = {
    10: { sessionId: A, updatedAt: NOW - 2 * HOUR + 10_000 },
    11: { sessionId: B, updatedAt: NOW - HOUR / 2 },
    12: { sessionId: A, updatedAt: NOW - 3 * HOUR },
  };

  test('lists sessions whose process is gone, newest first, each once, and marks those before the boot', async () => {
    const at = home(left);
    const { stdout, stderr, exitCode } = await reopen(at, []);
    expect([stderr, exitCode]).toEqual(['', 0]);
    expect(stdout).toBe(
      `${B}\t2026-11-20T11:30:00.000Z\t\t11\t${at.cwd}\task 2\n` +
        `${A}\t2026-11-20T10:00:10.000Z\tbefore-boot\t10\t${at.cwd}\task 1\n`,
    );
  });

  test.each([
    ['whose process runs', { 77: { sessionId: A, updatedAt: NOW } }],
    ['older than 7 days', { 10: { sessionId: A, updatedAt: NOW - 7 * 24 * HOUR - 1 } }],
    ['that were opened again and closed since', { 10: { sessionId: A, updatedAt: NOW - 3 * HOUR } }],
    ['without a transcript', { 10: { sessionId: 'bbbbbbbb-0000-4000-8000-000000000009', updatedAt: NOW } }],
    ['of another machine', { 10: { sessionId: A, updatedAt: NOW, pidDomain: 'linux:other:pid:[1]' } }],
    ['whose file does not name the session', { 10: { updatedAt: NOW } }],
    ['whose file has an impossible time', { 10: { sessionId: A, updatedAt: 1e300 } }],
    [
      'that another process has open now',
      { 10: { sessionId: A, updatedAt: NOW - HOUR }, 77: { sessionId: A, updatedAt: NOW } },
    ],
  ])('leaves out sessions %s', async (_, processes) => {
    expect(await reopen(home(processes as Record<number, object>), [])).toEqual({
      stdout: '',
      stderr: 'ccsess: no session was left open in the last 7 days.\n',
      exitCode: 0,
    });
  });

  test('prints a command for each with --print-command', async () => {
    const at = home(left);
    const { stdout } = await reopen(at, ['--print-command']);
    const command = (id: string): string => `cd ${at.cwd} && CLAUDE_CONFIG_DIR=${at.path} /bin/claude --resume=${id}`;
    expect(stdout).toBe(`${command(B)}\n${command(A)}\n`);
  });

  test('is JSON by its schema', async () => {
    const { stdout } = await reopen(home(left), ['--json']);
    const printed = JSON.parse(stdout) as { sessions: { pid: number; isBeforeBoot: boolean }[] };
    expect(validator('reopen')(printed)).toBe('');
    expect(printed.sessions.map(({ pid, isBeforeBoot }) => [pid, isBeforeBoot])).toEqual([
      [11, false],
      [10, true],
    ]);
  });

  test('resumes the one that is chosen at the terminal', async () => {
    const at = home(left);
    const started: string[] = [];
    const { stderr, exitCode } = await reopen(at, ['--claude-bin', process.execPath], {
      terminal: 80,
      answers: [1],
      claude: ({ args, cwd }) => {
        started.push(cwd, ...args);
        return { exitCode: 3 };
      },
    });
    expect(stderr).toContain('ask 1 · before this boot');
    expect([started, exitCode]).toEqual([[at.cwd, `--resume=${A}`], 3]);
  });
});
