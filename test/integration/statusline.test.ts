import { rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run, type Outcome, type World } from '../support/context.js';
import { line, promptLine, temporaryHome } from '../support/transcripts.js';
import { validator } from '../unit/schema/schemas.js';

const ID = '3f2a91c0-7d1e-4f6a-9b57-2c4e8a1d0f33';
const NAME = `projects/-home-dev-app/${ID}.jsonl`;
const DAY = 24 * 60 * 60 * 1000;
const NOW = Date.parse('2026-11-20T18:00:00.000Z');

/** A config dir with a session that was last written to `daysAgo` days before now. */
function home(
  daysAgo: number,
  lines: readonly string[] = [promptLine('Fix it')],
  files: Record<string, string> = {},
): string {
  const { path } = temporaryHome({ [NAME]: lines.join(''), ...files });
  const time = new Date(NOW - daysAgo * DAY);
  utimesSync(join(path, NAME), time, time);
  return path;
}

/** The input of Claude Code 2.1.332, as far as it is read. */
function input(configDir: string, members: object = {}): object {
  return {
    session_id: ID,
    transcript_path: join(configDir, NAME),
    session_name: 'Fix prune race',
    cwd: '/home/me/code/app',
    model: { id: 'claude-opus-5-5', display_name: 'Opus 5.5' },
    workspace: { current_dir: '/home/me/code/app/src', project_dir: '/home/me/code/app', added_dirs: [] },
    cost: { total_cost_usd: 1.2, total_lines_added: 0 },
    context_window: { used_percentage: 41.6 },
    ...members,
  };
}

function statusline(
  configDir: string,
  stdin: object | string,
  args: string[] = [],
  world: World = {},
): Promise<Outcome> {
  const text = typeof stdin === 'string' ? stdin : JSON.stringify(stdin);
  return run(['statusline', '--config-dir', configDir, ...args], { now: NOW, stdin: text, ...world });
}

async function printed(
  configDir: string,
  stdin: object | string,
  args: string[] = [],
  world: World = {},
): Promise<string> {
  const { stdout, stderr, exitCode } = await statusline(configDir, stdin, args, world);
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
  return stdout;
}

describe('ccsess statusline', () => {
  test('prints id, title, cost, and in its last week the expiry', async () => {
    const [far, near] = [home(22), home(25.5)];
    expect(await printed(far, input(far))).toBe('3f2a91c0 Fix prune race · $1.20\n');
    expect(await printed(near, input(near))).toBe('3f2a91c0 Fix prune race · $1.20 · expires in 4d\n');
  });

  test('prints the time left by the settings, and none for a pinned session', async () => {
    const configDir = home(1, undefined, { 'settings.json': '{"cleanupPeriodDays": 1}' });
    expect(await printed(configDir, input(configDir, { cost: {} }))).toBe('3f2a91c0 Fix prune race · expires now\n');
    const pinned = home(29, undefined, { [NAME.replace('.jsonl', '/pinned.json')]: '{}' });
    expect(await printed(pinned, input(pinned))).toBe('3f2a91c0 Fix prune race · $1.20\n');
  });

  test('prints a session before its first prompt', async () => {
    const configDir = home(0);
    rmSync(join(configDir, NAME));
    const start = input(configDir, { session_name: undefined, cost: { total_cost_usd: 0 } });
    expect(await printed(configDir, start)).toBe('3f2a91c0\n');
  });

  const long = `${'x'.repeat(70_000)}`;
  test.each<[string, string[], string]>([
    [
      'its first prompt',
      [promptLine('/model', { isMeta: true }), promptLine('Fix it'), promptLine('Then that')],
      '“Fix it”',
    ],
    ['its last prompt', [promptLine('Fix it'), line({ type: 'last-prompt', lastPrompt: 'Then  that' })], '“Then that”'],
    ['a generated title', [promptLine('a'), line({ type: 'ai-title', aiTitle: 'Made' }), promptLine(long)], 'Made'],
    [
      'the last given title',
      [
        line({ type: 'custom-title', customTitle: 'Old' }),
        promptLine(long),
        '{"type":"custom-title","cus\n',
        line({ type: 'custom-title', customTitle: 'New' }),
        line({ type: 'ai-title', aiTitle: 'Made' }),
      ],
      'New',
    ],
    ['nothing, as it has a line longer than is read', [promptLine(long)], ''],
  ])('names a session without a name by %s', async (_, lines, title) => {
    const configDir = home(0, lines);
    const text = await printed(configDir, input(configDir, { session_name: undefined, cost: null }));
    expect(text).toBe(`3f2a91c0${title === '' ? '' : ` ${title}`}\n`);
  });

  test('takes the title from the sidecar if the transcript has none', async () => {
    const configDir = home(0, undefined, { [NAME.replace('.jsonl', '/custom-title.json')]: '{"customTitle":"Side"}' });
    expect(await printed(configDir, input(configDir, { session_name: 7 }))).toBe('3f2a91c0 Side · $1.20\n');
  });

  test.each([
    [40, '3f2a91c0 修正の競合を直す、… · $1.20\n'],
    [20, '3f2a91c0 修正の競… · $1.20\n'],
  ])('cuts the title at %i columns', async (terminal, expected) => {
    const configDir = home(0);
    expect(
      await printed(configDir, input(configDir, { session_name: '修正の競合を直す、そして' }), [], { terminal }),
    ).toBe(expected);
  });

  test('prints the fields of --format', async () => {
    const configDir = home(25.5);
    const format = '{id8}|{title}|{cost}|{expires}|{folder}|{cwd}|{model}|{context}';
    expect(await printed(configDir, input(configDir), ['--format', format], { home: '/home/me' })).toBe(
      '3f2a91c0|Fix prune race|$1.20|4d|~/code/app/src|/home/me/code/app/src|Opus 5.5|42%\n',
    );
    expect(await statusline(configDir, '{}', ['--format', '{folders}'])).toMatchObject({
      stdout: '',
      stderr: expect.stringContaining('did you mean {folder}?') as unknown,
      exitCode: 2,
    });
  });

  test('prints JSON that its schema describes', async () => {
    const configDir = home(25.5);
    const values: unknown[] = [];
    for (const stdin of [input(configDir), 'x']) values.push(JSON.parse(await printed(configDir, stdin, ['--json'])));
    expect(values.map(validator('statusline'))).toEqual(['', '']);
    expect(values).toMatchObject([
      { id: ID, title: 'Fix prune race', isPromptTitle: false, costUsd: 1.2, expiresAt: '2026-11-25T06:00:00.000Z' },
      { id: null, title: null, costUsd: null, expiresAt: null, transcript: null },
    ]);
  });

  test.each<[string, (configDir: string) => object | string]>([
    ['nothing', () => ''],
    ['no JSON', () => '{"session_id":'],
    ['another value', () => '[1]'],
    ['other members', () => ({ a: 1 })],
    ['an invalid id', (configDir) => input(configDir, { session_id: '../../etc' })],
    ['ids of another type', (configDir) => input(configDir, { session_id: { toString: 1 }, transcript_path: 7 })],
  ])('prints nothing for %s', async (_, stdin) => {
    const configDir = home(0);
    expect(await printed(configDir, stdin(configDir))).toBe('');
  });

  test('prints no control sequence, and reads no file that is not the transcript of the session', async () => {
    const configDir = home(0);
    const hostile = 'a\u001b]0;x\u0007\u001b[31m\nb\u202ec';
    expect(await printed(configDir, input(configDir, { session_name: hostile }))).toBe('3f2a91c0 a bc · $1.20\n');
    const other = join(configDir, 'other.jsonl');
    writeFileSync(other, promptLine('secret'));
    for (const path of [other, '/dev/zero', `/proc/self/fd/${ID}.jsonl`, configDir])
      expect(await printed(configDir, input(configDir, { session_name: '', transcript_path: path }))).toBe(
        '3f2a91c0 · $1.20\n',
      );
  });

  test.each([[{ total_cost_usd: -1 }], [{ total_cost_usd: '1.20' }], [{ total_cost_usd: null }], [[]], ['$1']])(
    'leaves out the cost %j',
    async (cost) => {
      const configDir = home(0);
      expect(await printed(configDir, input(configDir, { cost }))).toBe('3f2a91c0 Fix prune race\n');
    },
  );

  test('explains how to set it up if a person runs it', async () => {
    const configDir = home(0);
    expect(await run(['statusline', '--config-dir', configDir], { terminal: 80 })).toEqual({
      stdout: '',
      stderr:
        'ccsess: statusline reads JSON from Claude Code on stdin: put ' +
        '"statusLine": {"type": "command", "command": "ccsess statusline"} into its settings.json.\n',
      exitCode: 2,
    });
  });
});
