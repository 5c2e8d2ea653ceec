import type * as Fs from 'node:fs';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { IDLE, run } from '../support/context.js';
import { movingHome, sessionId } from '../support/moving.js';

/** How many calls that set times of an open file fail as on a broken disk, from the next one on. */
const disk = vi.hoisted(() => ({ failures: 0 }));

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof Fs>();
  const futimesSync: typeof fs.futimesSync = (...args) => {
    if (disk.failures-- > 0) throw Object.assign(new Error('EIO: i/o error, futime'), { code: 'EIO' });
    fs.futimesSync(...args);
  };
  const mocked = { ...fs, futimesSync };
  return { ...mocked, default: mocked };
});

beforeEach(() => void (disk.failures = 0));

test.each([[1], [2]])(
  'a session whose times cannot be put back stays as it was, and so does memory/: %i',
  async (n) => {
    const home = movingHome();
    home.make('new');
    const transcript = home.session(1, 'old');
    const memory = home.at('old', 'memory/MEMORY.md');
    mkdirSync(dirname(memory));
    writeFileSync(memory, 'remember');
    const [tree, times, bytes] = [home.tree(), home.times(), readFileSync(transcript, 'utf8')];
    disk.failures = n;
    const world = { home: home.home, cwd: home.home, system: IDLE, now: Date.UTC(2026, 10, 21) };
    const { stdout, stderr, exitCode } = await run(
      ['move', join(home.home, 'old'), join(home.home, 'new'), '--yes'],
      world,
    );
    expect(stdout + stderr).toContain(`${sessionId(1).slice(0, 8)} stays: EIO: i/o error, futime.`);
    expect(stdout + stderr).toContain('memory/ stays in projects/');
    expect(stdout + stderr).toContain(': sessions stay there.');
    expect(stdout + stderr).not.toContain('has its own');
    expect(exitCode).not.toBe(0);
    expect(readFileSync(transcript, 'utf8')).toBe(bytes);
    expect(home.tree()).toEqual(tree);
    if (n === 1) expect(home.times()).toEqual(times);
  },
);
