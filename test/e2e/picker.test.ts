import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bin, requireBuild } from '../support/built.js';
import { makeHome, writeSessions } from './sample-home.js';

const socket = `ccsess-picker-${process.pid}`;
const home = makeHome();
const ids = ['aaaaaaaa', 'bbbbbbbb', 'cccccccc'].map((start) => `${start}-0000-4000-8000-000000000000`);

function tmux(...args: string[]): string {
  return spawnSync('tmux', ['-L', socket, '-f', '/dev/null', ...args], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], TMUX_TMPDIR: home, LANG: 'C.UTF-8', TERM: 'xterm-256color' },
  }).stdout;
}

const available = process.env['CCSESS_E2E'] !== 'skip' || spawnSync('tmux', ['-V']).status === 0;

/** Starts an interactive shell in a terminal of this size, in which `ccsess` is the built program. */
async function shell(columns: number, rows: number, term = 'tmux-256color'): Promise<void> {
  requireBuild();
  const env = `env -i PATH="$PATH" HOME="${home}" TERM=${term} LANG=C.UTF-8 HISTFILE=`;
  tmux(
    'new-session',
    '-d',
    '-s',
    'picker',
    '-x',
    String(columns),
    '-y',
    String(rows),
    `${env} bash --norc --noprofile`,
  );
  type(`PS1='> '; ccsess() { "${process.execPath}" "${bin}" "$@"; }; clear`, 'Enter');
  await shows(/^>$/m);
}

function type(...keys: string[]): void {
  tmux('send-keys', '-t', 'picker', ...keys);
}

function screen(): string {
  return tmux('capture-pane', '-p', '-t', 'picker');
}

async function shows(pattern: RegExp): Promise<string> {
  await expect.poll(screen, { timeout: 30_000 }).toMatch(pattern);
  return screen();
}

describe.skipIf(!available)('the picker in a terminal', () => {
  beforeAll(() => {
    writeSessions(home, [
      { id: ids[0]!, at: '2026-11-20T10:00:00.000Z', prompt: 'Short one' },
      { id: ids[1]!, at: '2026-11-20T09:00:00.000Z', prompt: 'x', title: '請求書のテンプレートを直す' },
      { id: ids[2]!, at: '2026-11-20T08:00:00.000Z', prompt: 'x', title: 'Flags 🇩🇪 and families 👩‍👩‍👧 in a title' },
    ]);
    // tmux's server ends with its last session, which would race with the next session.
    tmux('new-session', '-d', 'sleep 600');
  });
  afterEach(() => void tmux('kill-session', '-t', 'picker'));
  afterAll(() => {
    tmux('kill-server');
    rmSync(home, { recursive: true, force: true });
  });

  it.each([
    [40, 10],
    [60, 20],
    [100, 30],
    [160, 50],
  ])('at %i×%i prints the id of the session chosen, and leaves the screen as it was', async (columns, rows) => {
    await shell(columns, rows);
    type('stty -g > ~/before; id=$(ccsess pick)', 'Enter');
    const list = await shows(/Flags/);
    expect(list.split('\n').filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(rows);
    type('Down', 'Enter');
    await shows(/pick\)\n>/);
    type('clear; echo "got $id"; stty -g | cmp - ~/before && echo same', 'Enter');
    expect(await shows(/same/)).toContain(`got ${ids[1]!.slice(0, 30)}`);
  });

  it('filters what is typed, and Ctrl-C leaves at once', async () => {
    await shell(100, 30);
    type('ccsess; echo "exit $?"', 'Enter');
    await shows(/type to filter/);
    type('請求');
    await shows(/1 of 3/);
    type('C-c');
    expect(await shows(/exit 130/)).not.toContain('1 of 3');
  });

  it.each(['TERM', 'HUP', 'INT'])('restores the terminal when SIG%s ends it', async (signal) => {
    await shell(100, 30);
    type('stty -g > ~/before; ccsess pick', 'Enter');
    await shows(/type to filter/);
    spawnSync('sh', ['-c', `kill -${signal} $(pgrep -P $(tmux -L ${socket} list-panes -t picker -F '#{pane_pid}'))`], {
      env: { PATH: process.env['PATH'], TMUX_TMPDIR: home },
    });
    await shows(/ccsess pick[^]*\n.*>/);
    type('clear; stty -g | cmp - ~/before && echo same', 'Enter');
    expect(await shows(/same/)).not.toContain('filter');
  });

  it.each([
    ['the picker', 'pick', /type to filter/],
    ['a viewer that follows its file', 'show cccccccc --follow', /following/],
  ])('restores the terminal and ends when an error is thrown in %s', async (_, command, open) => {
    writeFileSync(join(home, 'hook.cjs'), `process.on('SIGUSR2', () => { throw new Error('thrown by the test'); });`);
    await shell(100, 10);
    type(`stty -g > ~/before; NODE_OPTIONS="--require $HOME/hook.cjs" ccsess ${command}; echo "exit $?"`, 'Enter');
    await shows(open);
    spawnSync('sh', ['-c', `kill -USR2 $(pgrep -P $(tmux -L ${socket} list-panes -t picker -F '#{pane_pid}'))`], {
      env: { PATH: process.env['PATH'], TMUX_TMPDIR: home },
    });
    expect(await shows(/exit 1/)).toContain('internal error: thrown by the test');
    type('clear; stty -g | cmp - ~/before && echo same', 'Enter');
    await shows(/same/);
  });

  it('stops on Ctrl-Z, and comes back with fg', async () => {
    await shell(100, 30);
    type('ccsess pick', 'Enter');
    await shows(/type to filter/);
    type('Short', 'C-z');
    expect(await shows(/Stopped/)).not.toContain('1 of 3');
    type('clear; fg', 'Enter');
    await shows(/Short[^]*1 of 3/);
    type('Enter');
    await shows(new RegExp(ids[0]!));
  });

  it('shows a conversation in the viewer, which stops and comes back, and restores the terminal', async () => {
    await shell(60, 10);
    type('stty -g > ~/before; ccsess show cccccccc', 'Enter');
    await shows(/prompt 1 of 1 · end/);
    type('g');
    await shows(/^Flags 🇩🇪 and families/m);
    type('C-z');
    await shows(/Stopped/);
    type('clear; fg', 'Enter');
    await shows(/^Flags 🇩🇪 and families/m);
    type('/Yes', 'Enter');
    await shows(/Yes\./);
    type('q');
    await expect.poll(screen, { timeout: 30_000 }).not.toMatch(/q quit|\? keys/);
    type('clear; ccsess pick; echo "exit $?"', 'Enter');
    await shows(/type to filter/);
    type('C-v');
    await shows(/prompt 1 of 1 · end/);
    type('C-c');
    await shows(/exit 130/);
    type('clear; stty -g | cmp - ~/before && echo same', 'Enter');
    await shows(/same/);
  });

  it('does not start where there is no cursor movement', async () => {
    await shell(100, 30, 'dumb');
    type('ccsess pick; echo "exit $?"', 'Enter');
    expect(await shows(/exit 2/)).toContain('the picker needs a terminal with cursor movement: use ccsess list.');
  });
});
