import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bin, requireBuild } from '../support/built.js';
import { makeHome, writeSessions } from './sample-home.js';

const socket = `ccsess-e2e-${process.pid}`;
const home = makeHome();
const ids = ['aaaaaaaa', 'bbbbbbbb', 'cccccccc'].map((start) => `${start}-0000-4000-8000-000000000000`);

const tmux = (...args: string[]): string =>
  spawnSync('tmux', ['-L', socket, '-f', '/dev/null', ...args], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], TMUX_TMPDIR: home, LANG: 'C.UTF-8', TERM: 'xterm-256color' },
  }).stdout;
const available = process.env['CCSESS_E2E'] !== 'skip' || spawnSync('tmux', ['-V']).status === 0;
if (!available) process.stderr.write('\n!! NOT TESTED on a terminal: tmux is not installed\n\n');

/** Returns the screen after a command on a terminal of this width; `escapes` keeps colours. */
async function screen(
  width: number,
  args: readonly string[],
  options: { before?: string; env?: string; escapes?: boolean } = {},
): Promise<string[]> {
  requireBuild();
  const env = `env -i PATH="$PATH" HOME="${home}" TERM=xterm-256color LANG=C.UTF-8 PAGER=cat ${options.env ?? ''}`;
  const run = `"${process.execPath}" "${bin}" ${args.join(' ')}; echo "exit $?"; sleep 600`;
  const command = `${options.before ?? ''} ${env} ${run}`;
  tmux('new-session', '-d', '-s', 'screen', '-x', String(width), '-y', '50', command);
  const capture = (): string => tmux('capture-pane', '-p', ...(options.escapes === true ? ['-e'] : []), '-t', 'screen');
  await expect.poll(capture, { timeout: 300_000 }).toMatch(/exit \d+/);
  const lines = capture()
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
  tmux('kill-session', '-t', 'screen');
  return lines;
}

describe.skipIf(!available)('on a terminal', () => {
  writeSessions(home, [
    { id: ids[0]!, at: '2026-11-20T10:00:00.000Z', prompt: 'Short one' },
    {
      id: ids[1]!,
      at: '2026-11-20T09:00:00.000Z',
      prompt: 'x',
      title: `請求書のテンプレートを直す${'、もっと長い題名'.repeat(20)}`,
      branch: 'feat/invoice',
    },
    {
      id: ids[2]!,
      at: '2026-11-20T08:00:00.000Z',
      prompt: 'x',
      title: `مرحبا بالعالم 👩‍👩‍👧 ${'and a long tail '.repeat(20)}`,
      cwd: '/home/me/clients/a-project-with-a-long-name/deep/inside',
    },
  ]);
  // The server ends with its last session, which would race with the next session.
  beforeAll(() => void tmux('new-session', '-d', 'sleep 600'));
  afterAll(() => void tmux('kill-server'));

  it.each([
    [60, ['ID', 'ACTIVE', 'TITLE']],
    [80, ['ID', 'ACTIVE', 'TITLE', 'PROJECT', 'PROMPTS']],
    [160, ['ID', 'ACTIVE', 'TITLE', 'PROJECT', 'PROMPTS', 'SIZE', 'BRANCH', 'COST']],
  ])(
    'list at %i columns prints the expected columns, one row per session, within the width',
    async (width, columns) => {
      const lines = await screen(width, ['list']);
      const rows = lines.filter((line) => /[abc]{8}/.test(line));
      expect(lines[0]!.trim().split(/\s+/)).toEqual(columns);
      expect(rows.map((row) => /[abc]{8}/.exec(row)?.[0])).toEqual(ids.map((id) => id.slice(0, 8)));
      expect(rows[1]).toContain('請求書');
      expect(rows[1]).toContain('…');
      // A row that is too long would continue on the next line.
      expect(lines.indexOf(rows[2]!) - lines.indexOf(rows[0]!)).toBe(2);
      expect(lines.slice(lines.indexOf(rows[2]!) + 1)[0]).toMatch(/^3 sessions|^3 of 3|· /);
    },
  );

  it('assumes 80 columns on a terminal whose size was never set', async () => {
    const plain = await screen(80, ['list']);
    expect(await screen(80, ['list'], { before: 'stty cols 0;' })).toEqual(plain);
  });

  it('uses colours by default, but not with NO_COLOR or --color never', async () => {
    const coloured = (lines: string[]): boolean => lines.some((line) => line.includes('\u001B['));
    expect(coloured(await screen(100, ['list'], { escapes: true }))).toBe(true);
    expect(coloured(await screen(100, ['list'], { escapes: true, env: 'NO_COLOR=1' }))).toBe(false);
    expect(coloured(await screen(100, ['list', '--color', 'never'], { escapes: true }))).toBe(false);
  });

  it('show fits the page to the width', async () => {
    const lines = await screen(60, ['show', ids[0]!]);
    expect(lines.some((line) => line.includes('Short one'))).toBe(true);
    expect(lines.some((line) => line.includes(ids[0]!))).toBe(true);
  });
});
