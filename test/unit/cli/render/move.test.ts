import { Chalk } from 'chalk';
import { describe, expect, test } from 'vitest';
import { dryRunLine, moveLine, movedLines, planLines } from '../../../../src/cli/render/move.js';
import type { MovePlan, SessionMove } from '../../../../src/sessions/move/move.js';
import { HOME, NOW } from '../../../support/builders.js';

const screen = { width: 80, color: new Chalk({ level: 0 }), home: HOME, invocation: 'ccsess', now: NOW };

const goes = (n: number, from: string | null, to: string, more: Partial<SessionMove> = {}): SessionMove => ({
  configDir: `${HOME}/.claude`,
  id: `${n}f2a91c0-7d1e-4f6a-9b57-2c4e8a1d0f33`,
  title: 'Fix the journal',
  lastActivityAt: null,
  footprintBytes: 1024 ** 2 * n,
  fromCwd: from,
  toCwd: to,
  toCwdExists: true,
  fromProjectDir: '-old',
  toProjectDir: '-new',
  status: 'planned',
  error: null,
  ...more,
});

const plan = (moves: SessionMove[], more: Partial<MovePlan> = {}): MovePlan => ({
  schemaVersion: 1,
  dryRun: true,
  from: `${HOME}/old`,
  to: `${HOME}/new`,
  moves,
  memory: [],
  unplaced: [],
  readers: [],
  ...more,
});

describe('a plan', () => {
  test('at 80 columns: folders with their sessions, long ones cut at their start', async () => {
    const deep = 'packages/some/very/long/way/down/to/a/folder';
    const moves = [
      goes(2, `${HOME}/old`, `${HOME}/new`),
      goes(3, `${HOME}/old`, `${HOME}/new`),
      goes(9, `${HOME}/old/${deep}`, `${HOME}/new/${deep}`, { toCwdExists: false }),
      goes(1, null, `${HOME}/new`),
    ];
    const memory = [{ configDir: '/c', fromProjectDir: '-old', toProjectDir: '-new', status: 'stays' as const }];
    const some = { configDir: '/c', id: 'x', projectDir: '-old' };
    expect([
      ...(await planLines(plan(moves, { memory, unplaced: [some], readers: [some, some] }), screen)),
      dryRunLine(plan(moves)),
    ]).toEqual([
      '  FROM                           SESSIONS     SIZE  TO',
      '  ~/old                                 2  5.0 MiB  ~/new',
      '  …ry/long/way/down/to/a/folder         1  9.0 MiB  …way/down/to/a/folder (gone)',
      '  projects/-old                         1  1.0 MiB  ~/new',
      '',
      'memory/ stays in projects/-old: the new folder has its own.',
      '1 session that records no folder is kept where it is: its project dir is shared.',
      '2 forks elsewhere will read their large tool results in the new folder.',
      '(gone): not found below the new folder; its sessions are moved all the same.',
      'Only the sessions are moved, not the folders.',
      'Would move 4 sessions, 15 MiB. Nothing was changed.',
    ]);
  });

  test('for one session names it, without control characters', async () => {
    const lines = await planLines(
      plan([goes(3, `${HOME}/old`, `${HOME}/n\u001b[31mew`, { title: 'A\u001b]0;x\u0007 title\nof two' })]),
      screen,
    );
    expect(lines.slice(0, 4)).toEqual([
      '3f2a91c0  A title of two',
      '',
      '  FROM   SESSIONS     SIZE  TO',
      '  ~/old         1  3.0 MiB  ~/new',
    ]);
  });
});

describe('the result', () => {
  test('names the first few sessions that stayed, and why', () => {
    const moves = [
      goes(2, '/old', '/new', { status: 'moved' }),
      ...[1, 3, 4, 5, 6, 7].map((n) =>
        goes(n, '/old', '/new', { status: 'live', error: { code: 'LIVE', message: 'somebody has it' } }),
      ),
    ];
    expect(movedLines(plan(moves, { dryRun: false }), screen)).toEqual([
      'Moved 1 of 7 sessions, 2.0 MiB, to ~/new.',
      ...[1, 3, 4, 5, 6].map((n) => `${n}f2a91c0 stays: somebody has it.`),
      'and 1 more',
      'Claude Code will ask whether you trust the new folder.',
    ]);
  });

  test('is one line in a pipe', () => {
    expect(moveLine(goes(1, null, '/new\n', { status: 'moved' }))).toBe(
      '1f2a91c0-7d1e-4f6a-9b57-2c4e8a1d0f33\t\t/new \tmoved\n',
    );
  });
});
