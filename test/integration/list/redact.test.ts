import { expect, test } from 'vitest';
import { fakeIndex } from '../../support/builders.js';
import { run } from '../../support/context.js';
import { promptLine, temporaryHome } from '../../support/transcripts.js';

const SECRET = `ghp_${'a1B2'.repeat(9)}`;
const index = fakeIndex([
  { id: '3f2a91c0-7d1e-4f6a-9b57-2c4e8a1d0f33', title: `Try ${SECRET} again`, prompts: 1, tag: 'nightly' },
]);

test.each([[[]], [['--json']], [['--jsonl']], [['--csv']], [['--table']], [['--group-by', 'project']]])(
  'list --redact %j masks secrets, and without it they are shown',
  async (form) => {
    const { stdout, exitCode } = await run(['list', '--redact', ...form], { index, terminal: 160 });
    expect([exitCode, stdout.includes(SECRET), stdout.includes('[redacted: ')]).toEqual([0, false, true]);
    expect((await run(['list', ...form], { index, terminal: 160 })).stdout).toContain(SECRET);
  },
);

test('masked text can still be found', async () => {
  const { stdout } = await run(['list', '--redact', SECRET], { index });
  expect(stdout).toContain('3f2a91c0');
});

test.each([
  ['prompts', []],
  ['prompts', ['--json']],
  ['prompts', ['--jsonl']],
  ['prompts', ['--table']],
  ['log', ['--since', '2026-11-01']],
  ['log', ['--since', '2026-11-01', '--json']],
  ['log', ['--since', '2026-11-01', '--table']],
])('%s --redact %j masks secrets, and without it they are shown', async (command, form) => {
  const name = 'projects/-home-dev-app/3f2a91c0-7d1e-4f6a-9b57-2c4e8a1d0f33.jsonl';
  const { path } = temporaryHome({ [name]: promptLine(`Try ${SECRET}`) });
  const words = [command, ...form, '--config-dir', path];
  const { stdout, exitCode } = await run([...words, '--redact'], { terminal: 160 });
  expect([exitCode, stdout.includes(SECRET), stdout.includes('[redacted: ')]).toEqual([0, false, true]);
  expect((await run(words, { terminal: 160 })).stdout).toContain(SECRET);
});
