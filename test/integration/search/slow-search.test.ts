import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { resolveConfigDirs } from '../../../src/claude/config-dir.js';
import { openSessionIndex } from '../../../src/session-index/open.js';
import type { SessionIndex } from '../../../src/session-index/session-index.js';
import { parseQuery } from '../../../src/search/query/parse-query.js';
import { searchSessions, type SearchOptions } from '../../../src/search/search.js';
import { hungAfterMs, rounds } from '../../support/rounds.js';
import { readTexts, slowSearch, type SlowQuery } from '../../support/slow-search.js';
import { temporaryFolder } from '../../support/temporary.js';

const KINDS = ['prompt', 'answer', 'thinking', 'tool', 'result'] as const;

/** The config dir of a small corpus of the bench, or the one that CCSESS_TEST_CORPUS names. */
function corpus(): string {
  const named = process.env['CCSESS_TEST_CORPUS'];
  if (named !== undefined) return named;
  const folder = temporaryFolder('corpus');
  const generator = new URL('../../../bench/generate.mjs', import.meta.url).pathname;
  execFileSync(process.execPath, [generator, 'T', folder]);
  return join(folder, 'config');
}

/** A piece of some text, whole or as words, perhaps with one letter changed, and the query that describes it. */
function queryFor(texts: readonly string[]): fc.Arbitrary<{ written: string; parts: SlowQuery }> {
  return fc
    .tuple(
      fc.integer({ min: 0, max: texts.length - 1 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer({ min: 2, max: 40 }),
      fc.constantFrom('phrase', 'words', 'changed', 'regexp'),
      fc.boolean(),
    )
    .map(([of, where, length, form, isUpper]) => {
      const text = texts[of] ?? '';
      const from = Math.floor(where * Math.max(1, text.length - length));
      const found = text.slice(from, from + length).replace(/\p{Surrogate}/gu, ' ');
      // The matching of blanks and letters is covered by other tests.
      const piece =
        (isUpper ? found.toUpperCase() : found)
          .replace(/[ßẞſ\u212a]/g, 'x')
          .replace(/\0/g, ' ')
          .trim() || 'const';
      if (form === 'phrase') return { written: phrase(piece), parts: [piece] };
      if (form === 'changed') return { written: phrase(`${piece}~`), parts: [`${piece}~`] };
      const words = piece.split(/\s+/).slice(0, 3);
      if (form === 'words') return { written: words.map(phrase).join(' '), parts: words };
      const source = words.map((word: string) => word.replace(/[^a-z]/gi, '.')).join('\\s+');
      return { written: `/${source}/i`, parts: [new RegExp(source, 'i')] };
    });
}

function phrase(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

async function search(index: SessionIndex, query: string, options: SearchOptions): Promise<Record<string, object>> {
  const found: Record<string, object> = {};
  const scope = { kinds: KINDS, allBranches: true, limit: 0 };
  for await (const { row, counts } of searchSessions(index, index.rows, parseQuery(query), { ...scope, ...options }))
    found[row.file.id] = counts;
  return found;
}

test(
  'finds what a slow search finds, with and without filters',
  async () => {
    const configDir = corpus();
    const cacheDir = temporaryFolder('cache');
    const sessions = readTexts(configDir);
    const texts = [...sessions.values()].flatMap((session) =>
      Object.values(session).flatMap((some) => some.map(({ text }) => text)),
    );
    const configDirs = resolveConfigDirs({ explicit: [configDir], env: {}, home: '/nowhere', cwd: '/' });
    const index = await openSessionIndex({ configDirs, cacheDir, now: () => Date.now() });
    // The files count as written long ago, so that filters of them are stored.
    const filters = { directory: cacheDir, nowMs: Date.now() + 60_000 };
    let matched = 0;
    let unmatched = 0;
    await fc.assert(
      fc.asyncProperty(queryFor(texts), async ({ written, parts }) => {
        const expected = slowSearch(sessions, parts);
        if (Object.keys(expected).length > 0) matched += 1;
        else unmatched += 1;
        expect({ written, found: await search(index, written, { filters }) }).toEqual({ written, found: expected });
        expect(await search(index, written, {})).toEqual(expected);
      }),
      { numRuns: rounds(12) },
    );
    expect(Math.min(matched, unmatched)).toBeGreaterThan(rounds(12) / 15);
  },
  hungAfterMs(),
);
