import type * as Fs from 'node:fs';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { beforeEach, expect, test, vi } from 'vitest';
import type { TranscriptFile } from '../../../src/claude/model.js';
import { pinSession } from '../../../src/retention/keep/pins.js';
import { A, CONVERSATION, Home } from '../../support/amended.js';

/** Another program, right after the pin is in its place. */
const other = vi.hoisted(() => ({ act: (): void => {} }));

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof Fs>();
  const linkSync: typeof fs.linkSync = (...args) => {
    fs.linkSync(...args);
    other.act();
  };
  const mocked = { ...fs, linkSync };
  return { ...mocked, default: mocked };
});

beforeEach(() => void (other.act = () => {}));

const SIDE = `projects/-home-dev-app/${A}`;

test.each<[string, (home: Home) => void]>([
  ['removed', (home) => rmSync(home.path(`${SIDE}.jsonl`))],
  [
    'moved with its side folder',
    (home) => {
      for (const end of ['.jsonl', '']) renameSync(home.path(SIDE + end), home.path(`projects/moved${end}`));
    },
  ],
])('a session that is %s while it is pinned is reported as gone, and no side folder is left', (_how, act) => {
  const home = new Home({ [`-home-dev-app/${A}`]: CONVERSATION });
  const file = { id: A, path: home.path(`${SIDE}.jsonl`) } as TranscriptFile;
  other.act = () => act(home);
  expect(() => pinSession(file, { now: () => 0 })).toThrow(`session ${A} could not be pinned: it is gone.`);
  expect(existsSync(home.path(SIDE))).toBe(false);
});
