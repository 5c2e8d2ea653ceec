import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { manySamples } from '../../e2e/sample-home.js';
import { run } from '../../support/context.js';
import { KEYS, alt, ctrl } from '../../support/terminal.js';
import { AT, IDS, SAMPLES, newHome, settled, shows, start } from './picker-home.js';

const [FIRST = '', SECOND = '', THIRD = ''] = IDS;

describe('ccsess pick', () => {
  it('prints the id of the chosen session and restores the terminal', async () => {
    const { screen, outcome } = start(['pick']);
    await shows(screen, 'Fix prune race');
    await screen.type(KEYS.down, KEYS.enter);
    expect(await outcome).toEqual({ stdout: `${SECOND}\n`, stderr: '', exitCode: 0 });
    expect(screen.isTakenOver).toBe(false);
    expect(screen.picture).toBe('before\n$');
  });

  it('filters by the typed words, best match first', async () => {
    const { screen, outcome } = start(['pick', 'login']);
    await shows(screen, 'login loop');
    await settled(screen);
    expect(screen.picture).not.toContain('Backfill');
    await screen.type(KEYS.enter);
    expect(await outcome).toMatchObject({ stdout: `${SECOND}\n` });
  });

  it('finds sessions by their conversations', async () => {
    const { screen, outcome } = start(['pick']);
    await shows(screen, 'Fix prune race');
    await screen.type('redirects ever');
    await shows(screen, 'login loop');
    await screen.type(KEYS.enter);
    expect(await outcome).toMatchObject({ stdout: `${SECOND}\n` });
  });

  it('finds misspelt titles, and stores the filters that its search of conversations makes', async () => {
    const { screen, outcome, home } = start(['pick']);
    await shows(screen, 'Fix prune race');
    await screen.type('jounral');
    await shows(screen, /2 of 6 sessions\n[^]*Fix prune race/);
    await screen.type(ctrl('c'));
    await outcome;
    expect(readdirSync(join(home, 'cache')).filter((name) => name.endsWith('.filters'))).toHaveLength(1);
  });

  it('prints all marked sessions', async () => {
    const { screen, outcome } = start(['pick']);
    await shows(screen, 'Fix prune race');
    await screen.type('\u0000', KEYS.down, '\u0000');
    await shows(screen, /2 marked · \d/);
    await screen.type(KEYS.enter);
    expect((await outcome).stdout).toBe(`${FIRST}\n${THIRD}\n`);
  });

  it('clears the filter on Esc, and leaves on a second one', async () => {
    const { screen, outcome } = start(['pick', 'login']);
    await shows(screen, 'login loop');
    await screen.type(KEYS.esc);
    await shows(screen, 'Backfill');
    await screen.type(KEYS.esc);
    expect(await outcome).toEqual({ stdout: '', stderr: '', exitCode: 130 });
  });

  it('needs a terminal', async () => {
    expect(await run(['pick'], { home: newHome(SAMPLES) })).toEqual({
      stdout: '',
      stderr: 'ccsess: the picker needs a terminal with cursor movement: use ccsess list.\n',
      exitCode: 2,
    });
  });

  it.each([[[]], [['pick']], [['resume']]])(
    '%j reports sessions that cannot be read, instead of claiming that there are none',
    async (args) => {
      const home = newHome([]);
      mkdirSync(join(home, '.claude'), { recursive: true });
      writeFileSync(join(home, '.claude/projects'), 'a file instead of a folder');
      const { outcome } = start(args, { home });
      expect(await outcome).toEqual({
        stdout: '',
        stderr: 'ccsess: Cannot be read (ENOTDIR): ~/.claude/projects\nccsess: no sessions can be read.\n',
        exitCode: 4,
      });
    },
  );

  it('names a folder that cannot be read before the screen is taken over', async () => {
    const home = newHome(SAMPLES);
    writeFileSync(join(home, '.claude/sessions'), 'a file instead of a folder');
    const { screen, outcome } = start(['pick'], { home });
    await shows(screen, 'Fix prune race');
    await screen.type(ctrl('c'));
    expect((await outcome).stderr).toBe('ccsess: Cannot be read (ENOTDIR): ~/.claude/sessions\n');
  });

  it('reports an invalid configuration before it draws', async () => {
    const home = newHome(SAMPLES);
    mkdirSync(join(home, '.config/ccsess'), { recursive: true });
    writeFileSync(join(home, '.config/ccsess/config.json'), '{"picker":{"keys":{"trash":"x"}}}');
    const { screen, outcome } = start(['pick'], { home });
    expect(await outcome).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('picker.keys.trash: "x" is not a key') as string,
    });
    expect(screen.written).toBe('');
  });

  it('remembers the scope, and works if it cannot be stored', async () => {
    const cwd = '/home/me/app';
    const first = start(['pick'], { cwd });
    await shows(first.screen, 'Fix prune race');
    expect(first.screen.picture).not.toContain('login loop');
    await first.screen.type(KEYS.tab);
    await shows(first.screen, 'login loop');
    await first.screen.type(ctrl('c'));
    await first.outcome;
    expect(readFileSync(join(first.home, 'state/picker.json'), 'utf8')).toBe('{"scope":"everywhere","preview":true}\n');
    const second = start(['pick'], { cwd, home: first.home });
    await shows(second.screen, 'login loop');
    await second.screen.type(ctrl('c'));
    await second.outcome;
    const third = start(['pick'], { cwd, stateDir: '/proc/nowhere' });
    await shows(third.screen, 'Fix prune race');
    await third.screen.type(KEYS.tab);
    await shows(third.screen, 'login loop');
    await third.screen.type(ctrl('c'));
    expect(await third.outcome).toMatchObject({ exitCode: 130 });
  });
});

describe('actions of the picker', () => {
  const transcript = (home: string, id: string): string => join(home, '.claude/projects/-home-me-app', `${id}.jsonl`);

  it('moves sessions to the trash after a confirmation, and undoes it', async () => {
    const { screen, outcome, home } = start(['pick']);
    await shows(screen, 'Fix prune race');
    await screen.type(ctrl('d'));
    await shows(screen, /Move "Fix prune race in the trash journal" \(\S+ KiB\) to the trash\? y yes {2}n no/);
    await screen.type('n');
    await shows(screen, 'Nothing was changed.');
    expect(existsSync(transcript(home, FIRST))).toBe(true);
    await screen.type(ctrl('d'), 'y');
    await shows(screen, 'Moved to the trash: "Fix prune race in the trash journal".  (alt-u: undo)');
    expect(existsSync(transcript(home, FIRST))).toBe(false);
    await screen.type(alt('u'));
    await shows(screen, 'Restored "Fix prune race in the trash journal".');
    expect(existsSync(transcript(home, FIRST))).toBe(true);
    await screen.type(ctrl('c'));
    await outcome;
  });

  it('renames, tags, pins and archives, and undoes that', async () => {
    const { screen, outcome } = start(['pick'], { columns: 160 });
    await shows(screen, 'Fix prune race');
    await screen.type(ctrl('r'));
    await shows(screen, /Title \(empty: none\): Fix prune race .* enter save {2}esc cancel {2}\^u clear/);
    await screen.type(ctrl('u'), 'New name', KEYS.enter);
    await shows(screen, /11111111 .*New name/);
    await shows(screen, 'Renamed 11111111 to "New name" (was "Fix prune race in the trash journal").  (alt-u: undo)');
    await screen.type(alt('u'));
    await shows(screen, /11111111 .*Fix prune race/);
    await screen.type(alt('t'), 'nightly', KEYS.enter);
    await shows(screen, /11111111 .*#nightly/);
    await screen.type(ctrl('t'));
    await shows(screen, 'Pinned');
    await shows(screen, /Pinned {2}1 [^\n]*\n▌ ◆ 11111111/);
    await screen.type(alt('u'));
    await shows(screen, 'Unpinned 11111111');
    await screen.type(ctrl('x'));
    await shows(screen, 'Archived 11111111');
    expect(screen.rows[0]).toContain('· 5');
    await screen.type(alt('u'));
    await shows(screen, 'Unarchived 11111111');
    await screen.type(ctrl('c'));
    await outcome;
  });

  it('forks the session and selects the fork', async () => {
    const { screen, outcome } = start(['pick']);
    await shows(screen, 'Fix prune race');
    await screen.type(ctrl('f'));
    await shows(screen, /Forked as [0-9a-f]{8}\. {2}\(alt-u: undo\)/);
    const fork = /Forked as ([0-9a-f]{8})/.exec(screen.picture)?.[1] ?? '?';
    await screen.type(KEYS.enter);
    expect((await outcome).stdout.slice(0, 8)).toBe(fork);
  });

  it('selects a fork among the found sessions even before its title is read', async () => {
    const { screen, outcome } = start(['pick', 'journal']);
    await shows(screen, 'Fix prune race');
    await settled(screen);
    await screen.type(ctrl('f'));
    await shows(screen, /Forked as/);
    const fork = /Forked as ([0-9a-f]{8})/.exec(screen.picture)?.[1] ?? '?';
    await settled(screen);
    await screen.type(KEYS.enter);
    expect((await outcome).stdout.slice(0, 8)).toBe(fork);
  });

  it('reports a session that is gone, and shows those that exist', async () => {
    const { screen, outcome, home } = start(['pick']);
    await shows(screen, 'Fix prune race');
    rmSync(transcript(home, FIRST));
    await screen.type(ctrl('t'));
    await shows(screen, "no session '11111111'");
    expect(screen.picture).not.toContain('Fix prune race');
    await screen.type(ctrl('c'));
    await outcome;
  });

  it('copies the id and the path', async () => {
    const { screen, outcome, home } = start(['pick']);
    await shows(screen, 'Fix prune race');
    await screen.type(ctrl('y'));
    await shows(screen, `Copied the id ${FIRST}`);
    await screen.type(alt('y'));
    const copied = [...screen.written.matchAll(/\u001b\]52;c;([^\u0007]*)\u0007/g)].map(([, text = '']) =>
      Buffer.from(text, 'base64').toString(),
    );
    expect(copied).toEqual([FIRST, transcript(home, FIRST)]);
    await screen.type(ctrl('c'));
    await outcome;
  });

  it('sorts by size and cost', async () => {
    const { screen, outcome } = start(['pick', '--sort', 'size']);
    await shows(screen, 'by size');
    await screen.type(ctrl('s'));
    await shows(screen, 'by cost');
    await screen.type(ctrl('s'));
    await settled(screen);
    expect(screen.picture).not.toContain('by ');
    await screen.type(ctrl('c'));
    await outcome;
  });

  it('sorts by size once all sizes are known, with the largest selected unless the selection was moved', async () => {
    const large = { id: '99999999-0000-4000-8000-000000000000', at: '2026-10-01T09:00:00.000Z', title: 'Large' };
    const samples = [...manySamples(60), { ...large, prompt: 'x'.repeat(50_000) }];
    const { screen, outcome } = start(['pick', '--sort', 'size'], { samples });
    await shows(screen, /▌.* Large/);
    await settled(screen);
    expect(screen.rows[2]).toMatch(/^▌ .* Large/);
    await screen.type(KEYS.enter);
    expect(await outcome).toEqual({ stdout: `${large.id}\n`, stderr: '', exitCode: 0 });
  });

  it('runs a command of the configuration without a shell', async () => {
    const home = newHome(SAMPLES);
    mkdirSync(join(home, '.config/ccsess'), { recursive: true });
    const run = [
      process.execPath,
      '-e',
      `require("fs").writeFileSync(${JSON.stringify(join(home, 'seen'))}, process.argv.slice(1).join())`,
      '{id}',
      '$(x) {cwd}',
    ];
    writeFileSync(
      join(home, '.config/ccsess/config.json'),
      JSON.stringify({
        picker: {
          commands: [
            { key: 'alt-e', run },
            { key: 'alt-f', label: 'fails', run: ['/nowhere/x'] },
          ],
        },
      }),
    );
    const { screen, outcome } = start(['pick'], { home, env: { PATH: '/bin' } });
    await shows(screen, 'Fix prune race');
    await screen.type(alt('e'));
    await expect
      .poll(() => existsSync(join(home, 'seen')) && readFileSync(join(home, 'seen'), 'utf8'))
      .toBe(`${FIRST},$(x) /home/me/app`);
    await shows(screen, 'Fix prune race');
    await screen.type(alt('f'));
    await shows(screen, 'fails cannot be started');
    await screen.type(ctrl('c'));
    await outcome;
  });
});

describe('commands that take a session', () => {
  it.each([
    [['path'], (home: string) => `${join(home, '.claude/projects/-home-me-code-web', `${SECOND}.jsonl`)}\n`],
    [['path', '--cwd'], () => '/home/me/code/web\n'],
  ])('%j asks for it with the picker', async (args, expected) => {
    const { screen, outcome, home } = start(args);
    await shows(screen, 'ccsess path');
    await screen.type('login');
    await shows(screen, /1 of 6/);
    await screen.type(KEYS.enter);
    expect(await outcome).toEqual({ stdout: expected(home), stderr: '', exitCode: 0 });
  });

  it('rename asks for the title as well', async () => {
    const { screen, outcome } = start(['rename'], { answers: ['Release 1.4'] });
    await shows(screen, 'ccsess rename');
    await screen.type('release', KEYS.enter);
    expect(await outcome).toEqual({
      stdout: 'Renamed 55555555 to "Release 1.4".\n',
      stderr: 'New title of "Write the release notes for 1.4, with the journal in them":\n',
      exitCode: 0,
    });
  });

  it('archive acts on all marked sessions, and changes nothing else', async () => {
    const { screen, outcome } = start(['archive']);
    await shows(screen, 'ccsess archive');
    await screen.type('\u0000', '\u0000', ctrl('d'), ctrl('t'), KEYS.enter);
    expect(await outcome).toEqual({ stdout: 'Archived 2 sessions.\n', stderr: '', exitCode: 0 });
  });

  it('without a terminal that is an error', async () => {
    expect(await run(['path'], { home: newHome(SAMPLES) })).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('no session given') as string,
    });
  });
});

describe('ccsess without a command', () => {
  it('opens the picker on a terminal, and resumes the chosen session', async () => {
    const launches: string[][] = [];
    const home = newHome(SAMPLES);
    const bin = join(home, 'claude');
    writeFileSync(bin, '#!/bin/sh\n', { mode: 0o755 });
    const claude = ({ args }: { args: readonly string[] }): { exitCode: number } => {
      launches.push([...args]);
      return { exitCode: 7 };
    };
    const { screen, outcome } = start([], { home, claude, env: { CCSESS_CLAUDE_BIN: bin } });
    await shows(screen, 'enter resume');
    await screen.type(KEYS.enter);
    expect(await outcome).toMatchObject({ stdout: '', exitCode: 7 });
    expect(launches).toEqual([[`--resume=${FIRST}`]]);
  });

  it('prints help in a pipe, and where there is no terminal to draw on', async () => {
    const help = /^Usage: ccsess <command>/;
    const home = newHome(SAMPLES);
    expect((await run([], { home })).stdout).toMatch(help);
    expect((await run([], { home, terminal: 80 })).stdout).toMatch(help);
  });

  it('reports why there is nothing to show', async () => {
    const { screen, outcome } = start([], { samples: [] });
    expect(await outcome).toMatchObject({
      stdout: '',
      exitCode: 0,
      stderr: expect.stringContaining('No sessions') as string,
    });
    expect(screen.written).toBe('');
  });

  it('offers to search for words that are not a command', async () => {
    const declined = start(['prune-race', 'journal'], { answers: [false] });
    expect(await declined.outcome).toEqual({
      stdout: '',
      stderr:
        "ccsess: unknown command 'prune-race'; see ccsess --help.\n" +
        'Look for "prune-race journal" in the sessions? [y/N]\n',
      exitCode: 2,
    });
    const { screen, outcome } = start(['release', 'notes'], { answers: [true] });
    await shows(screen, /release notes .*1 of 6/);
    await screen.type(ctrl('c'));
    expect(await outcome).toMatchObject({ exitCode: 130 });
    expect(await run(['release'], { home: newHome(SAMPLES), now: AT })).toMatchObject({ exitCode: 2 });
  });
});
