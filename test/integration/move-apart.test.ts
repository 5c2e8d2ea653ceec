import type * as Fs from 'node:fs';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { projectKey } from '../../src/claude/project-key.js';
import { IDLE, run } from '../support/context.js';
import { movingHome, sessionId } from '../support/moving.js';

/** `apart`: a folder that is on another file system. `fixed`: files and folders that cannot be renamed. */
const disk = vi.hoisted(() => ({ apart: '', fixed: [] as string[] }));

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof Fs>();
  const stat = (...args: Parameters<typeof fs.statSync>): unknown => {
    const stats = fs.statSync(...args);
    return stats !== undefined && args[0] === disk.apart ? Object.assign(stats, { dev: Number(stats.dev) + 1 }) : stats;
  };
  const rename: typeof fs.renameSync = (from, to) => {
    if (disk.fixed.includes(String(from))) throw Object.assign(new Error(`EIO: ${String(from)}`), { code: 'EIO' });
    fs.renameSync(from, to);
  };
  const mocked = { ...fs, statSync: stat, renameSync: rename };
  return { ...mocked, default: mocked };
});

beforeEach(() => void Object.assign(disk, { apart: '', fixed: [] }));

test.each([
  ['its new project dir', true],
  ['the projects folder, which does not have the new project dir yet,', false],
])('a session is not moved if %s is on another file system', async (_what, isMade) => {
  const home = movingHome();
  const target = join(home.home, '.claude/projects', projectKey(home.make('new')));
  const transcript = home.session(1, 'old');
  if (isMade) home.session(2, 'new');
  const before = home.tree();
  const move = (): ReturnType<typeof run> =>
    run(['move', '--session', sessionId(1), join(home.home, 'new'), '--yes'], {
      ...{ home: home.home, cwd: home.home, system: IDLE, now: Date.UTC(2026, 10, 21) },
    });
  disk.apart = isMade ? target : join(target, '..');
  expect(await move()).toMatchObject({
    exitCode: 1,
    stderr: `ccsess: ${transcript} is on another file system than its new path: ccsess does not copy sessions.\n`,
  });
  expect(home.tree()).toEqual(before);
  disk.apart = '';
  expect(await move()).toMatchObject({ exitCode: 0 });
  expect(statSync(join(target, `${sessionId(1)}.jsonl`)).isFile()).toBe(true);
});

test('a session that can be moved neither forward nor back is reported, and recovered by the next move', async () => {
  const home = movingHome();
  home.make('new');
  home.session(1, 'old');
  const [side, transcript] = [home.at('old', sessionId(1)), home.at('new', `${sessionId(1)}.jsonl`)];
  mkdirSync(side);
  writeFileSync(join(side, 'a.txt'), 'side');
  disk.fixed = [side, transcript];
  const move = (): ReturnType<typeof run> =>
    run(['move', '--session', sessionId(1), join(home.home, 'new'), '--yes'], {
      ...{ home: home.home, cwd: home.home, system: IDLE, now: Date.UTC(2026, 10, 21) },
    });
  const { stdout, stderr, exitCode } = await move();
  expect(stdout + stderr).toContain(`stays: EIO: ${transcript}; the next move recovers it.`);
  expect([exitCode === 0, existsSync(transcript)]).toEqual([false, true]);
  disk.fixed = [];
  await move();
  expect([existsSync(transcript), existsSync(side)]).toEqual([true, false]);
  expect(readFileSync(home.at('new', `${sessionId(1)}/a.txt`), 'utf8')).toBe('side');
});
