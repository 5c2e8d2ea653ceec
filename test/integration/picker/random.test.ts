import { appendFileSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeSessions } from '../../e2e/sample-home.js';
import { rounds } from '../../support/rounds.js';
import { allowOpenFiles } from '../../support/temporary.js';
import { KEYS, alt, ctrl, paste } from '../../support/terminal.js';
import { IDS, SAMPLES, newHome, settled, shows, start } from './picker-home.js';

/** The random keys; keys that choose or leave are pressed only at the end. */
const KEY = fc.constantFrom(
  ...['up', 'down', 'pageDown', 'pageUp', 'home', 'end', 'left', 'backspace', 'tab', 'f1'].map(
    (name) => KEYS[name as keyof typeof KEYS],
  ),
  ...[...'abdfklnoprstvwxy'].map(ctrl),
  ...[...'atuiy<>'].map(alt),
  '\u0000',
  'y',
  'n',
  'login',
  '請求',
  ' ',
  '?',
  '\u001b',
  '\u001b[999~',
  ...['\u001b[O', '\u001b[I', 'q', 'g', 't'],
  paste('a\nb'),
);
const CHANGE = fc.constantFrom('remove', 'add', 'append', 'resize', 'nothing', 'nothing');

/** The result of a change, or the reason why there was none. */
const RESULT = /\(alt-u: undo\)$|^ (?!enter|Working).*\.$/;

function changeHome(home: string, change: string): void {
  const project = join(home, '.claude/projects/-home-me-app');
  const [some] = existsSync(project) ? readdirSync(project).filter((name) => name.endsWith('.jsonl')) : [];
  if (change === 'remove' && some !== undefined) rmSync(join(project, some));
  if (change === 'append' && some !== undefined) appendFileSync(join(project, some), '{"type":"torn');
  if (change === 'add') writeSessions(home, [{ id: IDS[1]!, at: '2026-11-24T11:59:00.000Z', prompt: 'New' }]);
}

/** The start of the title in the row of the selection; null if the list is empty. */
function selectedTitle(picture: string): string | null {
  return (
    /^▌.{9}“?(.{1,12})/mu
      .exec(picture)?.[1]
      ?.trimEnd()
      .replace(/[…”].*/, '') ?? null
  );
}

describe('random keys', () => {
  it('never crash the picker, whatever happens to the sessions, and the terminal is restored', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.array(KEY, { minLength: 1, maxLength: 4 }), CHANGE), { maxLength: 12 }),
        fc.constantFrom(ctrl('c'), 'SIGTERM', 'end'),
        async (steps, leave) => {
          const home = newHome(SAMPLES);
          const { screen, outcome } = start(['pick'], { home });
          await shows(screen, 'ccsess pick');
          for (const [keys, change] of steps) {
            await screen.type(...keys);
            // A single ESC at the end of a read waits for more input.
            if (keys.at(-1) === '\u001b') await new Promise((resolve) => void setTimeout(resolve, 60));
            changeHome(home, change);
            if (change === 'resize') await screen.resize({ columns: 20 + keys.length * 30, rows: 3 + keys.length * 9 });
          }
          if (leave === 'SIGTERM' && screen.isListening) {
            // If a signal ends the process, the viewer does not close its files: the system does.
            allowOpenFiles();
            screen.emit('SIGTERM');
            await screen.settle();
            expect(screen.died).toBe('SIGTERM');
          } else {
            if (leave !== ctrl('c')) screen.emit('end');
            else await screen.type(leave);
            // Two Esc may have closed the picker before. Nothing is ever chosen, since Enter was not pressed.
            expect(await outcome).toEqual({ stdout: '', stderr: '', exitCode: 130 });
          }
          await screen.settle();
          expect(screen.isTakenOver).toBe(false);
          expect(screen.modes).toEqual({ bracketedPaste: false, wraparound: true });
        },
      ),
      { numRuns: rounds(25) },
    );
  });

  it('act on the session that the screen shows, whatever happens to the others', async () => {
    const move = fc.constantFrom(KEYS.up, KEYS.down, KEYS.pageDown, KEYS.tab, 'e', ctrl('s'), KEYS.backspace);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.array(move, { maxLength: 3 }), CHANGE), { minLength: 1, maxLength: 4 }),
        fc.constantFrom(ctrl('t'), ctrl('x'), ctrl('d')),
        async (steps, action) => {
          const home = newHome(SAMPLES);
          const { screen, outcome } = start(['pick'], { home });
          await shows(screen, 'ccsess pick');
          for (const [keys, change] of steps) {
            await screen.type(...keys);
            changeHome(home, change);
            await screen.type(ctrl('l'));
            await settled(screen);
            const selected = selectedTitle(screen.picture);
            if (selected === null) continue;
            await screen.type(action);
            if (action === ctrl('d')) {
              await shows(screen, /to the trash\? y yes/);
              expect(screen.rows.at(-1)).toContain(selected);
              await screen.type('y');
            }
            await expect.poll(() => screen.rows.at(-1), { timeout: 20_000 }).toMatch(RESULT);
            expect(screen.rows.at(-1)).toContain(selected);
          }
          await screen.type(ctrl('c'));
          expect(await outcome).toMatchObject({ stdout: '', stderr: '', exitCode: 130 });
        },
      ),
      { numRuns: rounds(8) },
    );
  });
});
