import { mkdirSync, renameSync, rmSync, truncateSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openSessionIndex } from '../../src/session-index/open.js';
import { A, CONVERSATION, Home } from '../support/amended.js';
import { IDLE } from '../support/context.js';

const FILE = `projects/-home-dev-app/${A}.jsonl`;
const MOVED = `projects/-home-dev-new/${A}.jsonl`;

/** An index with a session whose transcript was moved since; `text` is its former content. */
async function scene(text: string, then: (home: Home) => void) {
  const home = new Home({ [`-home-dev-app/${A}`]: text });
  const index = await openSessionIndex({ configDirs: [home.configDir], cacheDir: null, now: () => 0, system: IDLE });
  then(home);
  return { home, index };
}

const moveAway = (home: Home): void => {
  mkdirSync(dirname(home.path(MOVED)));
  renameSync(home.path(FILE), home.path(MOVED));
};
const remove = (home: Home): void => rmSync(home.path(FILE));

describe.each([
  ['whose transcript was read before', CONVERSATION],
  ['whose transcript vanished before it was read', ''],
])('of a session %s,', (_when, text) => {
  test.each([['tag'], ['rename'], ['fork'], ...(text === '' ? [['resume']] : [])])(
    '%s says that it was moved or is gone',
    async (command = '') => {
      const env = { CCSESS_CLAUDE_BIN: '/bin/true' };
      const words = [command, A, ...(['tag', 'rename'].includes(command) ? ['word'] : [])];
      const moved = await scene(text, moveAway);
      const { stderr, exitCode } = await moved.home.run(words, { index: moved.index, env });
      expect(stderr).toContain(`session ${A} was moved to another project meanwhile: ${moved.home.path(MOVED)}.`);
      expect(exitCode).toBe(4);
      const gone = await scene(text, remove);
      const outcome = await gone.home.run(words, { index: gone.index, env });
      expect(outcome.stderr).toContain(`session ${A} is gone: its transcript no longer exists.`);
      expect(outcome.exitCode).toBe(4);
      expect([gone.home.read(FILE), gone.home.read(MOVED)]).toEqual([null, null]);
    },
  );
});

describe.each([['tag'], ['rename']])('%s of a session that was read before', (command) => {
  test.each<[string, (home: Home) => void, string]>([
    [
      'emptied',
      (home) => truncateSync(home.path(FILE)),
      `session ${A} has no conversation, so Claude Code cannot open it: nothing was written.`,
    ],
    [
      'replaced by a folder',
      (home) => {
        remove(home);
        mkdirSync(home.path(FILE));
      },
      'cannot be written (EISDIR).',
    ],
  ])('fails if its transcript was %s', async (_what, then, message) => {
    const { home, index } = await scene(CONVERSATION, then);
    const { stderr, exitCode } = await home.run([command, A, 'word'], { index });
    expect(stderr).toContain(message);
    expect(exitCode).toBe(1);
  });
});
