import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ctrl } from '../../support/terminal.js';
import { IDS, shows, start } from './picker-home.js';

const [FIRST = ''] = IDS;

describe('a conversation on the screen of the picker', () => {
  it('shows the conversation over itself, never the normal screen, and forks at a prompt of it', async () => {
    const { screen, outcome } = start(['pick']);
    await shows(screen, 'Fix prune race');
    await screen.type(ctrl('v'));
    await shows(screen, /^ Fix prune race in the trash j… · prompt 1 of 1 · end .*q quit$/m);
    expect(screen.picture).not.toContain('ccsess pick');
    await screen.type('q');
    await shows(screen, 'ccsess pick');
    await screen.type(ctrl('v'));
    await shows(screen, 'q quit');
    await screen.type('f');
    await shows(screen, 'Fork up to prompt 1 and its answer?');
    await screen.type('y');
    await shows(screen, /Forked as [0-9a-f]{8}\. {2}\(alt-u: undo\)/);
    expect(screen.written.match(/\u001b\[\?1049[hl]/g)).toEqual(['\u001b[?1049h']);
    await screen.type(ctrl('v'));
    await shows(screen, 'q quit');
    await screen.type(ctrl('c'));
    expect(await outcome).toEqual({ stdout: '', stderr: '', exitCode: 130 });
    expect(screen.picture).toBe('before\n$');
  });

  it('says why a conversation cannot be shown', async () => {
    const { screen, outcome, home } = start(['pick']);
    await shows(screen, 'Fix prune race');
    rmSync(join(home, '.claude/projects/-home-me-app', `${FIRST}.jsonl`));
    await screen.type(ctrl('v'));
    await shows(screen, /^ .*(?:gone|no such file).*$/im);
    expect(screen.picture).not.toContain('Fix prune race');
    await screen.type(ctrl('c'));
    await outcome;
  });

  it('ends with the terminal, even while a conversation is shown', async () => {
    const { screen, outcome } = start(['pick']);
    await shows(screen, 'Fix prune race');
    await screen.type(ctrl('v'));
    await shows(screen, 'q quit');
    screen.emit('end');
    expect(await outcome).toEqual({ stdout: '', stderr: '', exitCode: 130 });
  });

  it('forks nothing from a conversation while a command chooses', async () => {
    const { screen, outcome } = start(['archive']);
    await shows(screen, 'ccsess archive');
    await screen.type(ctrl('v'));
    await shows(screen, 'q quit');
    await screen.type('f');
    await shows(screen, 'Nothing is forked while a session is chosen');
    await screen.type('q', ctrl('c'));
    await outcome;
  });
});
