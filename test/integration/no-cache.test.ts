import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openSessionIndex } from '../../src/session-index/open.js';
import { clearIndex, indexStatus } from '../../src/session-index/status.js';
import { promptLine, temporaryHome } from '../support/transcripts.js';
import { temporaryFolder } from '../support/temporary.js';

const folder = temporaryFolder('no-cache');
const ID = '00000000-0000-4000-8000-00000000000a';

writeFileSync(join(folder, 'file'), 'x');
symlinkSync('nowhere', join(folder, 'dead'));
symlinkSync('circle', join(folder, 'circle'));
mkdirSync(join(folder, 'taken'));
writeFileSync(join(folder, 'taken/ccsess'), 'x');
const places = [
  join(folder, 'file'),
  join(folder, 'file/below'),
  join(folder, 'dead'),
  join(folder, 'circle'),
  join(folder, 'taken'),
  `/${'n'.repeat(300)}`,
  '/dev/null',
  '/dev/full',
  '/proc',
  '/proc/self',
  '/proc/nobody',
  '/sys',
];

describe('a cache folder that cannot be used is ignored without an error', () => {
  test.each(
    places.filter((place) => !/^\/(?:dev|proc|sys)/.test(place) || existsSync(place) || place === '/proc/nobody'),
  )('at %s', async (place) => {
    for (const files of [{ [`projects/p/${ID}.jsonl`]: promptLine('here') }, {}, { 'projects/p/notes.txt': '' }]) {
      const configDirs = [temporaryHome(files)];
      const cacheDir = join(place, 'ccsess');
      const index = await openSessionIndex({ configDirs, cacheDir, now: () => Date.now() + 60_000 });
      expect([index.rows.length, index.problems, index.records(index.rows, { footprint: true }).length]).toEqual([
        Object.keys(files).filter((name) => name.endsWith('.jsonl')).length,
        [],
        index.rows.length,
      ]);
      expect(index.withSharedResponses(index.rows.slice(0, 1))).toHaveLength(index.rows.length);
      expect(indexStatus(cacheDir, configDirs)).toMatchObject([{ sessions: null, bytes: 0 }]);
      expect(clearIndex(cacheDir, configDirs)).toBe(0);
    }
  });
});
