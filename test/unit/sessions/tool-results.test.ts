import type * as Fs from 'node:fs';
import { mkdirSync, readFileSync } from 'node:fs';
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

const writes = vi.hoisted((): number[] => []);

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof Fs>();
  const writeSync = (fd: number, bytes: Uint8Array, ...more: number[]): number => {
    writes.push(bytes.length);
    return fs.writeSync(fd, bytes, ...more);
  };
  const mocked = { ...fs, writeSync };
  return { ...mocked, default: mocked };
});

const KIB = 1024;
const MAX_BATCH = KIB * KIB;

test('a transcript is rewritten in portions of a MiB, and not held in memory as a whole', () => {
  const home = movingHome();
  const result = home.at('old', `${sessionId(1)}/tool-results/a.txt`);
  const longLine = promptLine('x'.repeat(300 * KIB));
  const path = home.session(1, 'new', [spilled(result), ...Array.from({ length: 12 }, () => longLine)]);
  mkdirSync(home.at('new', `${sessionId(1)}/tool-results`), { recursive: true });
  const before = readFileSync(path, 'utf8');
  const [configDir] = resolveConfigDirs({ explicit: [], env: {}, home: home.home, cwd: home.home });
  if (configDir === undefined) throw new Error('there is no config dir');
  const [from, to] = ['old', 'new'].map((name) => safeName(projectKey(home.folder(name))));
  if (from === undefined || to === undefined) throw new Error('there are no project dirs');
  const moved = [
    { id: sessionIdOf(sessionId(1)), from, to, cwd: home.folder('new'), size: before.length, mtimeMs: 0, agents: [] },
  ];
  writes.length = 0;
  followToolResults(
    configDir,
    { moved, readers: [], isBusy: () => false },
    new ReplacedTranscripts(configDir, { system: IDLE, now: () => 0 }),
  );
  expect(readFileSync(path, 'utf8')).toBe(
    before.replaceAll(result, home.at('new', `${sessionId(1)}/tool-results/a.txt`)),
  );
  const portions = writes.filter((length) => length > KIB * 100);
  expect(portions).toHaveLength(3);
  expect(Math.max(...portions)).toBeLessThanOrEqual(MAX_BATCH + longLine.length);
});
