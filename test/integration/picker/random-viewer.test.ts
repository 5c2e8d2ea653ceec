import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KEYS, ctrl, type TestTerminal } from '../../support/terminal.js';
import { writeSessions } from '../../e2e/sample-home.js';
import { rounds } from '../../support/rounds.js';
import { answerLine, promptLine } from '../../support/transcripts.js';
import { IDS, SAMPLES, newHome, shows, start } from './picker-home.js';

/** Keys of the viewer, with words to search for; those that leave it are tried too. */
const KEY = fc.constantFrom(
  ...[...'jkbdugGnNtTFyIY[]? '],
  ...['f', 'fy', 'fy', 'fn', 'y', 'q'],
  ...['/', '/', 'reply', 'out', '請求', 'zzz'].flatMap((text) => [text, `/${text}${KEYS.enter}`]),
  ...['up', 'down', 'pageDown', 'pageUp', 'home', 'end', 'backspace', 'f1', 'esc'].map(
    (name) => KEYS[name as keyof typeof KEYS],
  ),
);
const CHANGE = fc.constantFrom('remove', 'append', 'add', 'resize', 'nothing', 'nothing');

const [FIRST = ''] = IDS;
const ADDED = '99999999-0000-4000-8000-000000000000';
const FOLDER = '.claude/projects/-home-me-app';

/** Prompts with answers that fill more than one screen. */
function turns(id: string, count: number): string {
  let text = '';
  let parentUuid: string | null = `${id.slice(0, 35)}2`;
  for (let turn = 0; turn < count; turn++)
    for (const entry of [promptLine(`ask ${turn}`), answerLine(`m${turn}`, `reply **${turn}**\n\n- out\n- in`)]) {
      const parsed = JSON.parse(entry) as { uuid: string };
      text += `${JSON.stringify({ ...parsed, parentUuid, sessionId: id })}\n`;
      parentUuid = parsed.uuid;
    }
  return text;
}

/** All transcripts of the home with their contents. */
function transcripts(home: string): Map<string, string> {
  const names = readdirSync(join(home, '.claude/projects'), { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => name.endsWith('.jsonl'));
  return new Map(files.map((name) => [name, readFileSync(join(home, '.claude/projects', name), 'utf8')]));
}

function isViewing(screen: TestTerminal): boolean {
  return screen.isTakenOver && !(screen.rows[0] ?? '').includes('pick ›');
}

/** Opens the selected session, or waits for the reason why it cannot be shown. */
async function open(screen: TestTerminal): Promise<void> {
  await screen.type(ctrl('v'));
  await expect.poll(() => isViewing(screen) || isReported(screen), { timeout: 20_000 }).toBe(true);
}

/** Returns true if the last row of the picker has the result of an action instead of keys. */
function isReported({ picture }: TestTerminal): boolean {
  return !picture.endsWith('F1 all keys') && !picture.endsWith('Working …');
}

async function reported(screen: TestTerminal): Promise<void> {
  await expect.poll(() => isReported(screen), { timeout: 20_000 }).toBe(true);
}

describe('random keys in the viewer that the picker opened', () => {
  it('never crash it, and change no transcript; the only new ones are forks that were confirmed', async () => {
    const step = fc.tuple(fc.array(KEY, { minLength: 1, maxLength: 6 }), CHANGE);
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 10 }),
        fc.constantFrom(ctrl('c'), 'end'),
        async (steps, leave) => {
          const home = newHome(SAMPLES);
          const path = join(home, FOLDER, `${FIRST}.jsonl`);
          appendFileSync(path, turns(FIRST, 12));
          const before = transcripts(home);
          const forks = new Set<string>();
          const { screen, outcome } = start(['pick'], { home, columns: 60, rows: 12 });
          await shows(screen, 'ccsess pick');
          for (const [keys, change] of steps) {
            if (!isViewing(screen)) await open(screen);
            let last = '';
            for (const key of keys) if (isViewing(screen)) await screen.type((last = key));
            // A viewer that `y` closed forks, and the result is reported.
            if (!isViewing(screen) && last.endsWith('y')) await reported(screen);
            const [, fork] = /Forked as ([0-9a-f]{8})/.exec(screen.picture) ?? [];
            if (fork !== undefined) forks.add(fork);
            if (change === 'remove') rmSync(path, { force: true });
            if (change === 'append' && existsSync(path)) appendFileSync(path, turns(FIRST, 1));
            if (change === 'add') writeSessions(home, [{ id: ADDED, at: '2026-11-24T11:59:00.000Z', prompt: 'New' }]);
            if (change === 'resize') await screen.resize({ columns: 30 + keys.length * 15, rows: 2 + 4 * keys.length });
          }
          if (leave === 'end') screen.emit('end');
          // Ctrl-C stops a search that is still running before it leaves.
          else for (let press = 0; press < 2 && screen.isListening; press++) await screen.type(leave);
          expect(await outcome).toEqual({ stdout: '', stderr: '', exitCode: 130 });
          await screen.settle();
          expect(screen.isTakenOver).toBe(false);
          expect(screen.modes).toEqual({ bracketedPaste: false, wraparound: true });
          const after = transcripts(home);
          const added = [...after.keys()].filter((name) => !before.has(name) && !name.includes(ADDED));
          expect(added.map((name) => basename(name).slice(0, 8)).sort()).toEqual([...forks].sort());
          for (const [name, text] of before)
            if (!name.includes(FIRST)) expect(after.get(name)).toBe(text);
            else if (after.has(name)) expect(after.get(name)?.startsWith(text)).toBe(true);
        },
      ),
      { numRuns: rounds(15) },
    );
  });
});
