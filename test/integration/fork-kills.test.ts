import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import type * as Fs from 'node:fs';
import type * as System from '../../src/system/system.js';
import { resolveConfigDirs } from '../../src/claude/config-dir.js';
import { IDLE, run, type Outcome, type World } from '../support/context.js';
import { emptyConfigDir, ofSession, PROJECT, snapshot, writeSession } from '../support/trees.js';

/** Number of changes to the disk before the process is killed. */
const power = vi.hoisted(() => ({ left: Infinity }));

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof Fs>();
  type Any = (...args: unknown[]) => unknown;
  const mortal =
    (real: Any): Any =>
    (...args) => {
      if (power.left-- <= 0) throw Object.assign(new Error('killed'), { code: 'EKILLED' });
      return real(...args);
    };
  const names = [
    'mkdirSync',
    'linkSync',
    'renameSync',
    'rmSync',
    'rmdirSync',
    'unlinkSync',
    'writeSync',
    'copyFileSync',
  ] as const;
  const mocked = { ...fs, ...Object.fromEntries(names.map((name) => [name, mortal(fs[name] as Any)])) };
  return { ...mocked, default: mocked };
});

// The killed run was this process itself: its pid must not count as running.
vi.mock('../../src/system/system.js', async (importOriginal) => ({
  ...(await importOriginal<typeof System>()),
  pidExists: () => false,
}));

beforeEach(() => void (power.left = Infinity));

const ONE = 'aaaaaaaa-0000-4000-8000-000000000001';
const NEW = 'bbbbbbbb-0000-4000-8000-000000000002';
/** A machine on which the process with pid 7 runs. */
const SYSTEM = { ...IDLE, pidExists: (pid: number) => pid === 7 };

function home(): { configDir: string; at: (path: string) => string; ccsess: (...argv: string[]) => Promise<Outcome> } {
  const configDir = emptyConfigDir();
  writeSession(configDir, ONE);
  const configDirs = resolveConfigDirs({ explicit: [configDir], env: {}, home: '/nowhere', cwd: '/' });
  const world: World = { configDirs, home: '/nowhere', cwd: '/', system: SYSTEM, now: Date.now() };
  return { configDir, at: (path) => join(configDir, path), ccsess: (...argv) => run(argv, world) };
}

test('after a fork was killed at any step, another one with its id succeeds and leaves no extra files', async () => {
  let orphans = 0;
  for (let left = 0; ; left++) {
    const { configDir, at, ccsess } = home();
    const before = snapshot(configDir);
    power.left = left;
    await ccsess('fork', ONE, '--id', NEW).catch(() => null);
    const isDone = power.left >= 0;
    power.left = Infinity;
    if (isDone) break;
    const isThere = existsSync(at(`projects/${PROJECT}/${NEW}.jsonl`));
    if (!isThere && existsSync(at(`projects/${PROJECT}/${NEW}`))) orphans += 1;
    expect((await ccsess('fork', ONE, '--id', NEW)).exitCode, `killed at step ${left}`).toBe(isThere ? 5 : 0);
    expect(ofSession(snapshot(configDir), ONE)).toEqual(ofSession(before, ONE));
  }
  expect(orphans).toBeGreaterThan(0);
});
