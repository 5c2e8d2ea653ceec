import { describe, expect, it } from 'vitest';
import { KEYS, ctrl, paste } from '../../support/terminal.js';
import { settled, shows, start } from './picker-home.js';

const SIZES = [
  [40, 10],
  [60, 20],
  [100, 30],
  [160, 50],
] as const;

describe('the picture of the picker', () => {
  it.each(SIZES)('at %i×%i: the list', async (columns, rows) => {
    const { screen, outcome } = start(['pick'], { columns, rows });
    await expect(`${await settled(screen)}\n`).toMatchFileSnapshot(`screens/list-${columns}x${rows}.txt`);
    await screen.type(ctrl('c'));
    expect(await outcome).toEqual({ stdout: '', stderr: '', exitCode: 130 });
  });

  it.each(SIZES)('at %i×%i: filtered by a word of titles, prompts and contents', async (columns, rows) => {
    const { screen, outcome } = start(['pick'], { columns, rows });
    await screen.settle();
    await shows(screen, '›');
    await screen.type('journal');
    await expect(`${await settled(screen)}\n`).toMatchFileSnapshot(`screens/filtered-${columns}x${rows}.txt`);
    await screen.type(ctrl('c'));
    await outcome;
  });

  it('of a session found in its text: the match, then the end of the conversation', async () => {
    const { screen, outcome } = start(['pick']);
    await shows(screen, 'type to filter');
    await screen.type('journal', KEYS.down);
    await expect(`${await settled(screen)}\n`).toMatchFileSnapshot('screens/found-100x30.txt');
    await screen.type(ctrl('c'));
    await outcome;
  });

  it('the help, with and without a filter', async () => {
    const { screen, outcome } = start(['pick']);
    await shows(screen, 'type to filter');
    await screen.type('?');
    await expect(`${await settled(screen)}\n`).toMatchFileSnapshot('screens/help-100x30.txt');
    await screen.type('trash');
    expect((await settled(screen)).split('\n').slice(2, 4)).toEqual(['  ^d  move to the trash', '']);
    await screen.type(ctrl('c'));
    await outcome;
  });

  it.each([
    [10, 3],
    [1, 1],
    [1, 60],
    [500, 12],
  ])('fits a terminal of %i×%i', async (columns, rows) => {
    const { screen, outcome } = start(['pick'], { columns, rows });
    await shows(screen, /p/);
    await screen.type('log', KEYS.down, KEYS.f1, KEYS.esc);
    expect((await settled(screen)).split('\n').length).toBeLessThanOrEqual(rows);
    await screen.resize({ columns: 100, rows: 30 });
    await shows(screen, 'login loop');
    await screen.type(ctrl('c'));
    await outcome;
  });

  it('writes no control sequence of a title', async () => {
    const { screen, outcome } = start(['pick']);
    await shows(screen, 'Hostile');
    await settled(screen);
    expect(screen.written).not.toMatch(/\u001b\]|\u202e|\u0007|\u0000/);
    expect(screen.picture).toMatch(/ 2w {4}Hostile reversed/);
    await screen.type(ctrl('c'));
    await outcome;
  });

  it('accepts a paste of a megabyte as a filter', async () => {
    const { screen, outcome } = start(['pick']);
    await shows(screen, 'Fix prune');
    await screen.type(paste('login\n'.repeat(200_000)));
    await shows(screen, /No sessions match\.|login/);
    await screen.type(ctrl('c'));
    expect(await outcome).toMatchObject({ exitCode: 130 });
  });
});
