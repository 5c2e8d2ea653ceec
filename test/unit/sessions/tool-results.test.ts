import type * as Fs from 'node:fs';
import { chmodSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, test, vi } from 'vitest';
import { resolveConfigDirs } from '../../../src/claude/config-dir.js';
import { projectKey } from '../../../src/claude/project-key.js';
import { sessionIdOf } from '../../../src/claude/scan/scan.js';
import { ReplacedTranscripts } from '../../../src/retention/replaced.js';
import { followToolResults } from '../../../src/sessions/move/tool-results.js';
import { safeName } from '../../../src/system/safe-path.js';
import { IDLE } from '../../support/context.js';
import { movingHome, sessionId, spilled } from '../../support/moving.js';
import { promptLine } from '../../support/transcripts.js';

/** Lengths of the writes, and the flushes and renames of temporary files. */
const disk = vi.hoisted(() => ({ writes: [] as number[], steps: [] as string[] }));

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof Fs>();
  const writeSync = (fd: number, bytes: Uint8Array, ...more: number[]): number => {
    disk.writes.push(bytes.length);
    return fs.writeSync(fd, bytes, ...more);
  };
  const note = (step: string, path: string): void => {
    if (path.endsWith('.tmp')) disk.steps.push(`${step} ${basename(path).split('.')[1] ?? ''}`);
  };
  const fsyncSync: typeof fs.fsyncSync = (fd) => {
    note('flush', fs.readlinkSync(`/proc/self/fd/${fd}`));
    fs.fsyncSync(fd);
  };
  const renameSync: typeof fs.renameSync = (from, to) => {
    note('rename', String(from));
    fs.renameSync(from, to);
  };
  const mocked = { ...fs, writeSync, fsyncSync, renameSync };
  return { ...mocked, default: mocked };
});

const KIB = 1024;
const MAX_BATCH = KIB * KIB;

/**
 * Has a moved session, of mode 640 and with a tool result and `lines`, follow that result. Returns its transcript, and
 * the text that this must have afterwards.
 */
function followed(lines: readonly string[], { hasResults = true } = {}): { path: string; expected: string } {
  const home = movingHome();
  const result = home.at('old', `${sessionId(1)}/tool-results/a.txt`);
  const path = home.session(1, 'new', [spilled(result), ...lines]);
  chmodSync(path, 0o640);
  if (hasResults) mkdirSync(home.at('new', `${sessionId(1)}/tool-results`), { recursive: true });
  const before = readFileSync(path, 'utf8');
  const [configDir] = resolveConfigDirs({ explicit: [], env: {}, home: home.home, cwd: home.home });
  if (configDir === undefined) throw new Error('there is no config dir');
  const [from, to] = ['old', 'new'].map((name) => safeName(projectKey(home.folder(name))));
  if (from === undefined || to === undefined) throw new Error('there are no project dirs');
  // A legacy agent file that is gone by now.
  const agents = [safeName('agent-gone.jsonl')];
  const moved = [
    { id: sessionIdOf(sessionId(1)), from, to, cwd: home.folder('new'), size: before.length, mtimeMs: 0, agents },
  ];
  Object.assign(disk, { writes: [], steps: [] });
  followToolResults(
    configDir,
    { moved, readers: [], isBusy: () => false },
    new ReplacedTranscripts(configDir, { system: IDLE, now: () => 0 }),
  );
  return { path, expected: before.replaceAll(result, home.at('new', `${sessionId(1)}/tool-results/a.txt`)) };
}

test('a transcript is rewritten in portions of a MiB, and not held in memory as a whole', () => {
  const longLine = promptLine('x'.repeat(300 * KIB));
  const { path, expected } = followed(Array.from({ length: 12 }, () => longLine));
  expect(readFileSync(path, 'utf8')).toBe(expected);
  const portions = disk.writes.filter((length) => length > KIB * 100);
  expect(portions).toHaveLength(3);
  expect(Math.max(...portions)).toBeLessThanOrEqual(MAX_BATCH + longLine.length);
});

test('a rewritten transcript is on the disk before it replaces the old one', () => {
  const { path, expected } = followed([]);
  expect(readFileSync(path, 'utf8')).toBe(expected);
  expect(disk.steps.filter((step) => step.endsWith(sessionId(1)))).toEqual(
    ['flush', 'rename'].map((step) => `${step} ${sessionId(1)}`),
  );
});

test('a rewritten transcript keeps its mode', () => {
  const { path, expected } = followed([]);
  expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual([expected, 0o640]);
});

test('a transcript is not even copied if its session has no tool results of its own', () => {
  const { path, expected } = followed([], { hasResults: false });
  expect(readFileSync(path, 'utf8')).not.toBe(expected);
  expect([disk.writes, disk.steps]).toEqual([[], []]);
});
