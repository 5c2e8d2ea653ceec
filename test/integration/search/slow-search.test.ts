import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { resolveConfigDirs } from '../../../src/claude/config-dir.js';
import { openSessionIndex } from '../../../src/session-index/open.js';
import { hungAfterMs, rounds } from '../../support/rounds.js';
import { allTexts, countMatches, queryFor } from '../../support/search-queries.js';
import { readTexts, slowSearch } from '../../support/slow-search.js';
import { temporaryFolder } from '../../support/temporary.js';

/** The config dir of a small corpus of the bench, or the one that CCSESS_TEST_CORPUS names. */
function corpus(): string {
  const named = process.env['CCSESS_TEST_CORPUS'];
  if (named !== undefined) return named;
  const folder = temporaryFolder('corpus');
  const generator = new URL('../../../bench/generate.mjs', import.meta.url).pathname;
  execFileSync(process.execPath, [generator, 'T', folder]);
  return join(folder, 'config');
}

test(
  'finds what a slow search finds, with and without filters',
  async () => {
    const configDir = corpus();
    const cacheDir = temporaryFolder('cache');
    const sessions = readTexts(configDir);
    const texts = allTexts(sessions.values());
    const configDirs = resolveConfigDirs({ explicit: [configDir], env: {}, home: '/nowhere', cwd: '/' });
    const index = await openSessionIndex({ configDirs, cacheDir, now: () => Date.now() });
    // Filters are stored only for files that were written some time ago.
    const filters = { directory: cacheDir, nowMs: Date.now() + 60_000 };
    let matched = 0;
    let unmatched = 0;
    await fc.assert(
      fc.asyncProperty(queryFor(texts), async ({ written, parts }) => {
        const expected = slowSearch(sessions, parts);
        if (Object.keys(expected).length > 0) matched += 1;
        else unmatched += 1;
        expect({ written, found: await countMatches(index, written, { filters }) }).toEqual({
          written,
          found: expected,
        });
        expect(await countMatches(index, written, {})).toEqual(expected);
      }),
      { numRuns: rounds(12) },
    );
    expect(Math.min(matched, unmatched)).toBeGreaterThan(rounds(12) / 15);
  },
  hungAfterMs(),
);
