import type * as Fs from 'node:fs';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { IDLE, run } from '../support/context.js';
import { movingHome, relocated, sessionId, spilled, type MovingHome } from '../support/moving.js';
import { addFile, line } from '../support/transcripts.js';
import { temporaryFolder } from '../support/temporary.js';

/**
 * Power of the process: after `left` changes to the disk it counts as killed, and none of its later calls has an
 * effect. `before` runs before each change, with the real file system.
 */
const power = vi.hoisted(() => ({ left: Infinity, used: 0, before: (_fs: typeof Fs): void => {}, links: true }));

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof Fs>();
  const killed = (): Error => Object.assign(new Error('killed'), { code: 'EKILLED' });
  const spend = (): void => {
    if (power.left <= 0) throw killed();
    power.before(fs);
    power.left -= 1;
    power.used += 1;
  };
  type Any = (...args: unknown[]) => unknown;
  const mortal =
    (real: Any): Any =>
    (...args) => {
      spend();
      return real(...args);
    };
  const link: typeof fs.linkSync = (...args) => {
    if (!power.links) throw Object.assign(new Error('EPERM: link'), { code: 'EPERM' });
    fs.linkSync(...args);
  };
  const names = [
    'mkdirSync',
    'rmdirSync',
    'rmSync',
    'renameSync',
    'chmodSync',
    'utimesSync',
    'futimesSync',
    'writeSync',
  ] as const;
  const wrapped = Object.fromEntries(names.map((name) => [name, mortal(fs[name] as Any)]));
  const mocked = { ...fs, ...wrapped, fsyncSync: () => {}, linkSync: mortal(link as Any) };
  return { ...mocked, default: mocked };
});

if (existsSync('/dev/shm')) {
  process.env['TMPDIR'] = '/dev/shm';
  process.env['TMPDIR'] = temporaryFolder('move-kills');
}

/** Number of changes by the move during which a program keeps a transcript open before it writes to it. */
const HOLD = 3;

/** A home with a session that has kept output, and a fork of it that reads this output. */
function home(): MovingHome {
  const at = movingHome();
  const result = at.at('app', `${sessionId(1)}/tool-results/b1.txt`);
  addFile('/', result, 'aaa');
  at.session(1, 'app', [spilled(result)]);
  at.session(2, 'app', [
    spilled(result),
    line({ type: 'user', uuid: 'u', forkedFrom: { sessionId: sessionId(1), messageUuid: 'm' } }),
  ]);
  for (const name of ['app', 'new']) at.make(name);
  return at;
}

const pathsOf = (at: MovingHome, n: number): string[] =>
  ['app', 'new'].map((name) => at.at(name, `${sessionId(n)}.jsonl`));

/** Programs that append to both sessions: each opens the transcript, and writes its line some changes later. */
function appenders(at: MovingHome) {
  const open: { fd: number; line: string; due: number }[] = [];
  const written: string[] = [];
  let changes = 0;
  const write = (fs: typeof Fs, isDue: (due: number) => boolean): void => {
    for (const program of open.splice(0)) {
      if (!isDue(program.due)) open.push(program);
      else {
        fs.writeSync(program.fd, program.line);
        fs.closeSync(program.fd);
        written.push(program.line);
      }
    }
  };
  return {
    written,
    step: (fs: typeof Fs): void => {
      changes += 1;
      write(fs, (due) => due <= changes);
      for (const n of [1, 2]) {
        const path = pathsOf(at, n).find((each) => fs.existsSync(each));
        if (path === undefined) continue;
        const text = line({ type: 'system', sessionId: sessionId(n), key: `${n}-${changes}` });
        open.push({
          fd: fs.openSync(path, fs.constants.O_WRONLY | fs.constants.O_APPEND),
          line: text,
          due: changes + HOLD,
        });
      }
    },
    finish: (fs: typeof Fs): void => write(fs, () => true),
  };
}

beforeEach(() => void Object.assign(power, { left: Infinity, used: 0, before: () => {}, links: true }));

const move = (at: MovingHome) =>
  run(['move', '--session', sessionId(1), 'new', '--yes'], { home: at.home, system: IDLE, cwd: at.home });

/** Moves the session while programs append to it, kills the move at a step, and runs `recover`. */
async function killedAt(
  step: number,
  { programs }: { programs: boolean },
): Promise<{ at: MovingHome; written: string[] }> {
  const fs = await vi.importActual<typeof Fs>('node:fs');
  const at = home();
  const { step: append, finish, written } = appenders(at);
  power.used = 0;
  power.left = step;
  if (programs) power.before = append;
  await move(at).catch(() => {});
  power.before = () => {};
  power.left = Infinity;
  finish(fs);
  expect((await run(['recover'], { home: at.home, system: IDLE })).exitCode).toBe(0);
  return { at, written };
}

function textOf(at: MovingHome, n: number): string {
  const found = pathsOf(at, n).filter((path) => existsSync(path));
  expect(found, `session ${n}`).toHaveLength(1);
  return readFileSync(found[0] ?? '', 'utf8');
}

function leftovers({ home }: MovingHome): string[] {
  const names = readdirSync(join(home, '.claude'), { recursive: true, encoding: 'utf8' });
  return names.filter(
    (name) => /\.tmp$|^\.ccsess\/(?!reserve$)./.test(name) && !/^\.ccsess\/\.[a-z.]+\.[0-9a-f]+\.tmp$/.test(name),
  );
}

test('a kill at any step of a move neither loses nor duplicates lines that programs append meanwhile', async () => {
  const steps = async (): Promise<number> => (await killedAt(Infinity, { programs: true }), power.used);
  const all = await steps();
  expect(all).toBeGreaterThan(20);
  for (let step = 0; step <= all; step++) {
    const { at, written } = await killedAt(step, { programs: true });
    const lines = [1, 2].flatMap((n) =>
      textOf(at, n)
        .split('\n')
        .map((text) => `${text}\n`),
    );
    expect(lines.filter((text) => text.includes('"key"')).sort(), `killed at step ${step}`).toEqual(written.sort());
    expect(leftovers(at), `killed at step ${step}`).toEqual([]);
  }
});

test('a kill at any step leaves the sessions as they were before the move or as they are after it', async () => {
  const { at: done } = await killedAt(Infinity, { programs: false });
  const steps = power.used;
  const said = ({ home }: MovingHome, text: string): string =>
    text
      .replace(/aaaaaaaa-0000-4000-8000-\d{12}/g, 'uuid')
      .replaceAll(home, '~')
      .replaceAll(home.replace(/[^a-zA-Z0-9]/g, '-'), '-');
  const after = [1, 2].map((n) => said(done, textOf(done, n)));
  expect(after[0]).toContain('-new/');
  for (let step = 0; step < steps; step++) {
    const { at } = await killedAt(step, { programs: false });
    const isMoved = existsSync(pathsOf(at, 1)[1] ?? '');
    if (isMoved) expect([1, 2].map((n) => said(at, textOf(at, n)))).toEqual(after);
    else expect(textOf(at, 1)).not.toContain(relocated(1, at.folder('new')));
    expect(at.times(), `killed at step ${step}`).toEqual(done.times());
    expect(leftovers(at)).toEqual([]);
  }
});

test('without hard links a move neither loses nor duplicates lines that programs append meanwhile', async () => {
  power.links = false;
  const { at, written } = await killedAt(Infinity, { programs: true });
  const lines = [1, 2].flatMap((n) =>
    textOf(at, n)
      .split('\n')
      .map((text) => `${text}\n`),
  );
  expect(lines.filter((text) => text.includes('"key"')).sort()).toEqual(written.sort());
  expect(leftovers(at)).toEqual([]);
});
