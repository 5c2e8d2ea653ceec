import { describe, expect, test } from 'vitest';
import { run, type Outcome } from '../support/context.js';
import { answerLine, line, promptLine, temporaryHome } from '../support/transcripts.js';

const ID = 'aaaaaaaa-0000-4000-8000-000000000001';
/** Put together here, so that the repository itself holds nothing that looks like a secret. */
const TOKEN = `ghp_${'aB3dE5gH7jK9'.repeat(3)}`;
const KEY = ['-----BEGIN PRIVATE KEY-----', 'QUJD'.repeat(16), '-----END PRIVATE KEY-----'].join('\n');
const CALL = {
  id: 'msg_1',
  role: 'assistant',
  model: 'claude-a',
  content: [{ type: 'tool_use', id: 'toolu_1', name: 'Bash', input: { command: `curl -H "t: ${TOKEN}"` } }],
  usage: { input_tokens: 1, output_tokens: 2 },
};
const RESULT = [{ type: 'tool_result', tool_use_id: 'toolu_1', content: `${KEY}\nheld by ${TOKEN}` }];

function home(): string {
  return temporaryHome({
    [`projects/-home-dev-app/${ID}.jsonl`]: [
      promptLine(`deploy with ${TOKEN}`, { uuid: 'u1', parentUuid: null }),
      answerLine('msg_1', '', { uuid: 'u2', parentUuid: 'u1', message: CALL }),
      promptLine('', { uuid: 'u3', parentUuid: 'u2', message: { role: 'user', content: RESULT } }),
      answerLine('msg_2', `It is ${TOKEN}.`, { uuid: 'u4', parentUuid: 'u3' }),
      line({ type: 'custom-title', customTitle: `Rotate ${TOKEN}`, sessionId: ID }),
    ].join(''),
  }).path;
}

function show(configDir: string, ...args: string[]): Promise<Outcome> {
  return run(['show', ID, ...args, '--config-dir', configDir]);
}

describe('show --redact', () => {
  test.each([[['--tools']], [['--tail', '9', '--tools']], [['--json']], [['--jsonl']]])(
    'masks secrets everywhere: %j',
    async (args) => {
      const configDir = home();
      const plain = await show(configDir, ...args);
      const { stdout, stderr, exitCode } = await show(configDir, ...args, '--redact');
      expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
      expect(plain.stdout).toContain(TOKEN);
      expect(plain.stdout).toContain('QUJDQUJD');
      expect(stdout).not.toContain(TOKEN);
      expect(stdout).not.toContain('QUJDQUJD');
      expect(stdout).toContain('[redacted: GitHub token]');
      expect(stdout).toContain('[redacted: private key]');
    },
  );

  test('changes nothing else of the JSON', async () => {
    const configDir = home();
    const masked: unknown = JSON.parse((await show(configDir, '--json', '--redact')).stdout);
    const plain = (await show(configDir, '--json')).stdout
      .replaceAll(TOKEN, '[redacted: GitHub token]')
      .replaceAll(JSON.stringify(KEY).slice(1, -1), '[redacted: private key]');
    expect(masked).toEqual(JSON.parse(plain));
  });

  test('is refused for the bytes of the transcript', async () => {
    expect(await show(home(), '--raw', '--redact')).toEqual({
      stdout: '',
      stderr: 'ccsess: --raw and --redact cannot be combined.\n',
      exitCode: 2,
    });
  });
});

test.each([['-L0'], ['--json'], ['--csv'], ['--table']])(
  'stats --by session --redact %s masks titles',
  async (...args) => {
    const stats = (...more: string[]): Promise<Outcome> =>
      run(
        ['stats', '--by', 'session', ...args, ...more, '--config-dir', home()],
        args[0] === '--table' ? { terminal: 160 } : {},
      );
    expect((await stats()).stdout).toContain(TOKEN.slice(0, 12));
    const { stdout, stderr, exitCode } = await stats('--redact');
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    expect(stdout).not.toContain(TOKEN.slice(0, 12));
    expect(stdout).toContain('[redacted: GitHub');
  },
);
