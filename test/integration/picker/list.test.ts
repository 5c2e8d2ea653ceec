import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeSessions } from '../../e2e/sample-home.js';
import { IDLE } from '../../support/context.js';
import { KEYS, ctrl } from '../../support/terminal.js';
import { IDS, SAMPLES, newHome, settled, shows, start } from './picker-home.js';

describe('the list of the picker', () => {
  it('is read again when a session becomes live, and keeps the selection, marks and filter', async () => {
    const home = newHome(SAMPLES);
    const registry = join(home, '.claude/sessions');
    mkdirSync(registry);
    const system = { ...IDLE, pidExists: () => true, startTime: () => '1' };
    const { screen, outcome } = start(['pick'], { home, system });
    await shows(screen, 'Fix prune race');
    await screen.type('e', KEYS.down, '\u0000', KEYS.up);
    await shows(screen, '1 marked');
    const selected = /^▌.*$/m.exec(await settled(screen))?.[0] ?? '?';
    const live = { pid: 4242, sessionId: IDS[5], procStart: '1', startedAt: 0, status: 'idle' };
    writeFileSync(join(registry, '4242.json'), JSON.stringify(live));
    await shows(screen, /● .*Backfill/);
    expect(screen.picture).toContain(selected);
    expect(screen.picture).toMatch(/^ ccsess pick › e /);
    expect(screen.picture).toContain('1 marked');
    await screen.type(ctrl('c'));
    await outcome;
  });

  it('shows how far in the future a session is dated', async () => {
    const at = '2026-12-30T12:00:00.000Z';
    const home = newHome([{ id: IDS[0] ?? '', at, prompt: 'x', title: 'Clock ahead' }]);
    const { screen, outcome } = start(['pick'], { home });
    await shows(screen, / \+5w +Clock ahead/);
    await screen.type(ctrl('c'));
    await outcome;
  });

  it('is read again when the window gets the focus back', async () => {
    const home = newHome(SAMPLES);
    const { screen, outcome } = start(['pick'], { home });
    await shows(screen, 'Fix prune race');
    writeSessions(home, [
      { id: `7${IDS[0]?.slice(1)}`, at: '2026-11-24T11:30:00.000Z', prompt: 'x', title: 'Fresh one' },
    ]);
    await screen.type('\u001b[I');
    await settled(screen);
    expect(screen.picture).not.toContain('Fresh one');
    await screen.type('\u001b[O', '\u001b[I');
    await shows(screen, 'Fresh one');
    await screen.type(ctrl('c'));
    await outcome;
  });

  it('shows the sessions of the current git branch', async () => {
    const home = newHome(SAMPLES);
    const cwd = join(home, 'repository/folder');
    mkdirSync(cwd, { recursive: true });
    mkdirSync(join(home, 'repository/.git'));
    writeFileSync(join(home, 'repository/.git/HEAD'), 'ref: refs/heads/feat/invoice\n');
    const { screen, outcome } = start(['pick'], { home, cwd });
    await shows(screen, 'Fix prune race');
    await screen.type(ctrl('b'));
    await shows(screen, /feat\/invoice · .* · 1 session$/m);
    expect(screen.picture).toContain('請求書');
    await screen.type(ctrl('b'));
    await shows(screen, 'Fix prune race');
    writeFileSync(join(home, 'repository/.git/HEAD'), '0123456789012345678901234567890123456789\n');
    await screen.type(ctrl('b'));
    await shows(screen, 'The current folder is not on a git branch.');
    await screen.type(ctrl('c'));
    await outcome;
  });
});
