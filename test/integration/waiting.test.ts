import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { IDLE, run } from '../support/context.js';
import { ctrl } from '../support/terminal.js';
import { AT, newHome, settled, shows, start } from './picker/picker-home.js';

const ASKS = '000000a5-0000-4000-8000-000000000001';
const RESTS = '000000b6-0000-4000-8000-000000000001';
const SAMPLES = [
  { id: RESTS, at: '2026-11-24T11:30:00.000Z', prompt: 'Newer, with its turn ended' },
  { id: ASKS, at: '2026-11-24T11:00:00.000Z', prompt: 'Remove the old builds' },
];
/** The processes of the recorded file and of the other one. */
const SYSTEM = {
  ...IDLE,
  pidExists: (pid: number) => pid === 13539 || pid === 42,
  startTime: (pid: number) => (pid === 42 ? '7' : '1161060'),
  pidDomain: () => 'linux:0:pid:[4026531836]',
};

/** A home with a session that waits, by the recorded registry file, and a newer one that is idle. */
function homeOf(file: string): string {
  const home = newHome(SAMPLES);
  const registry = join(home, '.claude/sessions');
  mkdirSync(registry);
  const recorded = new URL(`../../fixtures/registry/${file}`, import.meta.url);
  writeFileSync(join(registry, '13539.json'), readFileSync(recorded));
  const idle = { pid: 42, sessionId: RESTS, procStart: '7', startedAt: 0, status: 'idle' };
  writeFileSync(join(registry, '42.json'), JSON.stringify(idle));
  return home;
}

describe('a session that waits for an answer, as Claude Code recorded it', () => {
  const world = (home: string): object => ({ home, cwd: home, now: AT, system: SYSTEM });

  it.each([
    ['waiting-permission.json', 'permission prompt'],
    ['waiting-ask.json', 'input needed'],
  ])('%s: the list, its JSON and the page show it', async (file, waitingFor) => {
    const home = homeOf(file);
    const list = await run(['list', '--live'], { ...world(home), terminal: 60 });
    expect(list.stderr).toBe('');
    expect(list.exitCode).toBe(0);
    expect(list.stdout).toMatch(/^● 000000b6 +live +“Newer.*\n● 000000a5 +asks +“Remove the old builds”$/m);
    const json = await run(['list', '--live', '--json'], world(home));
    const sessions = JSON.parse(json.stdout) as { live: object }[];
    expect(sessions.map(({ live }) => live)).toEqual([
      { pid: 42, status: 'idle' },
      { pid: 13539, status: 'waiting', waitingFor },
    ]);
    const page = await run(['show', ASKS, '--no-pager'], { ...world(home), terminal: 100 });
    expect(page).toMatchObject({ stderr: '', exitCode: 0 });
    expect(page.stdout).toContain(`● live: pid 13539, waiting (${waitingFor})`);
  });

  it('is the first one in the picker, before a newer one whose turn has ended', async () => {
    const home = homeOf('waiting-permission.json');
    const { screen, outcome } = start(['pick'], { home, cwd: home, system: SYSTEM, columns: 160 });
    await shows(screen, 'Remove the old builds');
    const picture = await settled(screen);
    expect(picture).toMatch(/^▌ ● 000000a5 asks +“Remove/m);
    expect(picture).toMatch(/^ {2}● 000000b6 idle +“Newer/m);
    expect(picture).toContain('waiting: permission prompt · pid 13539');
    // The question is answered.
    const file = join(home, '.claude/sessions/13539.json');
    writeFileSync(
      file,
      readFileSync(file, 'utf8')
        .replace('"waiting"', '"busy"')
        .replace(/,"waitingFor":"[^"]*"/, ''),
    );
    await shows(screen, /Waiting for you {2}1[^]*Live {2}1[^]*000000a5 busy/);
    await shows(screen, '● busy · pid 13539');
    await screen.type(ctrl('c'));
    expect(await outcome).toEqual({ stdout: '', stderr: '', exitCode: 130 });
  });
});
