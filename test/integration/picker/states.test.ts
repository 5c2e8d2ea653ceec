import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { IDLE } from '../../support/context.js';
import { KEYS, ctrl } from '../../support/terminal.js';
import { IDS, SAMPLES, newHome, settled, shows, start, type Running } from './picker-home.js';

const MARK = '\u0000';
const SMALL = { columns: 40, rows: 10 };

/** Starts the picker in a folder with two of the sessions; one there and one elsewhere wait, a third one works. */
function startBusy(size: { columns: number; rows: number }): Running {
  const cwd = join(newHome([]), 'app');
  mkdirSync(cwd);
  const samples = SAMPLES.map((sample, at) => ({ ...sample, ...(at === 0 || at === 4 ? { cwd } : {}) }));
  const home = newHome(samples);
  const registry = join(home, '.claude/sessions');
  mkdirSync(registry);
  const states = [
    { session: 0, status: 'waiting', waitingFor: 'permission prompt' },
    { session: 1, status: 'idle' },
    { session: 5, status: 'busy' },
  ];
  for (const { session, ...state } of states) {
    const pid = 4240 + session;
    const entry = { pid, sessionId: IDS[session], procStart: '1', startedAt: 0, ...state };
    writeFileSync(join(registry, `${pid}.json`), JSON.stringify(entry));
  }
  const system = { ...IDLE, pidExists: () => true, startTime: () => '1' };
  return start([], { home, cwd, system, ...size });
}

async function leave({ screen, outcome }: Running): Promise<void> {
  await screen.type(ctrl('c'));
  await outcome;
}

describe('the picture of a state', () => {
  it.each([
    [40, 10],
    [60, 20],
    [100, 30],
    [160, 50],
  ])('at %i×%i: live sessions of this folder, then of all', async (columns, rows) => {
    const running = startBusy({ columns, rows });
    const { screen } = running;
    await shows(screen, 'Fix prune race');
    const here = await settled(screen);
    expect(here).not.toContain('Backfill');
    expect(here).toMatch(/● .*asks .*Fix prune race/);
    // The waiting session of another folder is only mentioned if there is room.
    expect(here.includes('1 waiting elsewhere')).toBe(columns >= 100);
    await screen.type(KEYS.tab);
    await shows(screen, 'Backfill');
    const all = await settled(screen);
    expect(all).not.toContain('waiting elsewhere');
    expect(all.includes('Waiting for you')).toBe(rows > 10);
    expect(all).toMatch(/● .*asks .*[^]*● .*idle .*[^]*● .*busy /);
    await leave(running);
  });

  it('names what the selected session waits for, on a line that is never cut', async () => {
    const running = startBusy({ columns: 92, rows: 20 });
    await shows(running.screen, '│ ● waiting: permission prompt · pid 4240');
    await leave(running);
  });

  it('shows the branch instead of the folder while the first row names the folder', async () => {
    const running = startBusy({ columns: 60, rows: 20 });
    const { screen } = running;
    await shows(screen, /^▌ +fix\/journal +1 prompt/m);
    await screen.type(KEYS.tab);
    await shows(screen, /^▌ +\S*app .* 1 prompt/m);
    await leave(running);
  });

  it('names the scope on a narrow screen, while words are typed too', async () => {
    const running = startBusy(SMALL);
    const { screen } = running;
    await shows(screen, /^ › type to filter .* here ‹tab› · 2$/m);
    await screen.type('prune');
    await shows(screen, /^ › prune .* here ‹tab› · 1 of 2$/m);
    await screen.type(KEYS.tab);
    await shows(screen, /^ › prune .* all · 1 of 6$/m);
    await leave(running);
  });

  it('does not replace the figures of a session by a match in its text if its title shows the words', async () => {
    const samples = [
      { id: IDS[0]!, at: '2026-11-24T11:00:00.000Z', prompt: 'Backfill the rest', title: 'Backfill' },
      { id: IDS[1]!, at: '2026-11-23T11:00:00.000Z', prompt: `Start ${'long '.repeat(20)}backfill now` },
    ];
    const running = start([], { columns: 60, rows: 20, samples });
    const { screen } = running;
    await shows(screen, 'Backfill');
    await screen.type('backfill');
    // The second title is cut before the word, which the row shows instead of figures.
    await shows(screen, 'in text: ');
    const picture = await settled(screen);
    expect(picture).toMatch(/^▌ .* Backfill$[^]*^▌ .* 1 prompt /m);
    expect(picture).toMatch(/^ .* in text: .*backfill now/m);
    await leave(running);
  });

  it('says in lists of one line per session why each one was found, if its title does not show the word', async () => {
    const running = start([], SMALL);
    const { screen } = running;
    await shows(screen, 'Fix prune race');
    for (const [query, row] of [
      ['journal', /^▌ {3}1h {4}…ne race in the trash journal$/m],
      ['etl', /^▌ {3}12w {3}Backfill +…\S*\/etl \(gone\)$/m],
      ['invoice', /^▌ .* feat\/invoice$/m],
      ['55555555', /^▌ .*“Write the …” +55555555-000/m],
      ['yes', /^ .* Backfill +Yes\.$/m],
    ] as const) {
      await screen.type(query);
      await shows(screen, row);
      await screen.type(KEYS.esc);
    }
    await leave(running);
  });

  it('shows the figure that a list of one line per session is sorted by', async () => {
    const running = start([], SMALL);
    await shows(running.screen, 'Fix prune race');
    await running.screen.type(ctrl('s'));
    await shows(running.screen, 'by size');
    await expect(`${await settled(running.screen)}\n`).toMatchFileSnapshot('screens/by-size-40x10.txt');
    await leave(running);
  });

  it('asks before marked sessions are trashed, in words that leave room for the answers', async () => {
    const running = start([], SMALL);
    const { screen } = running;
    await shows(screen, 'Fix prune race');
    await screen.type(MARK, MARK);
    await shows(screen, '2 marked');
    await screen.type(ctrl('d'));
    await expect(`${await settled(screen)}\n`).toMatchFileSnapshot('screens/confirm-40x10.txt');
    await screen.type('n');
    await screen.type(KEYS.down);
    await screen.resize({ columns: 100, rows: 30 });
    await shows(screen, '2 marked');
    // Enter resumes one session, so it is not offered for two.
    expect(await settled(screen)).not.toContain('enter resume');
    await leave(running);
  });

  it('offers for marked sessions the keys that act on all of them', async () => {
    const running = start([], { columns: 60, rows: 20 });
    const { screen } = running;
    await shows(screen, 'Fix prune race');
    await screen.type(MARK, MARK);
    await shows(screen, /^ 2 marked · .*B {3}\^d trash {2}\^x archive {2}F1 all keys$/m);
    await leave(running);
    const rm = start(['rm'], { columns: 60, rows: 20 });
    await shows(rm.screen, 'Fix prune race');
    await rm.screen.type(MARK, MARK);
    await shows(rm.screen, /^ 2 marked · .*B {3}enter rm {2}\^space mark {2}F1 all keys$/m);
    await leave(rm);
  });

  it('names the session that is to be trashed, on a narrow screen too', async () => {
    const running = start([], SMALL);
    await shows(running.screen, 'Fix prune race');
    await running.screen.type(ctrl('d'));
    await shows(running.screen, / Trash "Fix prune r…"\? y yes {2}n no$/m);
    // The whole title is shown rather than more of the words around it.
    await running.screen.resize({ columns: 62, rows: 10 });
    await shows(running.screen, / Trash "Fix prune race in the trash journal"\? y yes {2}n no$/m);
    await leave(running);
  });

  it.each([1, 3, 4])('asks and reports in the first row if the window has only %i rows', async (rows) => {
    const running = start([], { columns: 40, rows });
    const { screen } = running;
    await shows(screen, 'type to filter');
    await screen.type(ctrl('d'));
    await shows(screen, /^ Trash "Fix prune r…"\? y yes {2}n no$/m);
    await screen.type('n');
    await shows(screen, /^ Nothing was changed\.$/m);
    await screen.type(ctrl('r'));
    await shows(screen, /^ Title: .*trash journal$/m);
    await screen.type(KEYS.esc);
    await shows(screen, 'type to filter');
    await screen.type(ctrl('v'));
    await shows(screen, 'prompt 1 of 1');
    await screen.type('f');
    await shows(screen, /^ ?Fork up to prompt 1/m);
    await screen.type('n', 'q');
    await shows(screen, 'type to filter');
    await leave(running);
  });

  it('asks for a title on a narrow screen with the title in view', async () => {
    const running = start([], SMALL);
    await shows(running.screen, 'Fix prune race');
    await running.screen.type(ctrl('r'));
    await shows(running.screen, /^ Title: .*trash journal$/m);
    await leave(running);
  });

  it('names the keys that may find sessions where none match', async () => {
    const running = startBusy({ columns: 60, rows: 20 });
    const { screen } = running;
    await shows(screen, 'Fix prune race');
    await screen.type('zzzqqq');
    await shows(screen, 'No sessions match.');
    expect((await settled(screen)).split('\n').slice(3, 7)).toEqual([
      '   No sessions match.',
      '   tab    look in all folders',
      '   alt-i  show headless, archived too',
      '   esc    clear the filter',
    ]);
    await leave(running);
  });

  it('shows all of the help on a narrow screen, and how much of it is below', async () => {
    const running = start(['pick'], SMALL);
    const { screen } = running;
    await shows(screen, 'Fix prune race');
    await screen.type('?');
    await expect(`${await settled(screen)}\n`).toMatchFileSnapshot('screens/help-40x10.txt');
    for (let page = 0; page < 12; page++) await screen.type(KEYS.pageDown);
    expect(await settled(screen)).toContain('read the sessions again');
    expect(screen.picture).not.toContain(' more');
    await leave(running);
  });

  it('says how many sessions are below the visible ones', async () => {
    const running = start([], { columns: 60, rows: 8 });
    const { screen } = running;
    await shows(screen, /^─+ ↓ 2 more ─$/m);
    await screen.type(KEYS.down.repeat(5));
    await shows(screen, /^▌ .*Backfill/m);
    expect(screen.picture).not.toContain(' more');
    await screen.resize({ columns: 100, rows: 10 });
    await screen.type(KEYS.up.repeat(5));
    expect(screen.picture).not.toContain(' more');
    await screen.resize({ columns: 100, rows: 9 });
    await shows(screen, /^─+ ↓ 1 more ─$/m);
    await leave(running);
  });

  it('offers no keys for sessions where there are none', async () => {
    const running = startBusy({ columns: 100, rows: 20 });
    await shows(running.screen, 'enter resume');
    await running.screen.type('zzzqqq');
    await shows(running.screen, 'No sessions match.');
    expect((await settled(running.screen)).split('\n').at(-1)).toBe(' ^o preview  F1 all keys');
    await leave(running);
  });

  it('says why the preview is not shown where there is no room for it', async () => {
    const running = start(['pick'], { columns: 60, rows: 20 });
    await shows(running.screen, 'Fix prune race');
    await running.screen.type(ctrl('o'));
    await shows(running.screen, 'This window is too small for the preview.');
    await running.screen.resize({ columns: 100, rows: 30 });
    await shows(running.screen, /│ Fix prune race/);
    expect(await settled(running.screen)).not.toContain('too small');
    await leave(running);
  });
});
