import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { resolveConfigDirs } from '../../src/claude/config-dir.js';
import { openSessionIndex } from '../../src/session-index/open.js';
import { allTexts, countMatches, queryFor } from './search-queries.js';
import { readTexts, slowSearch } from './slow-search.js';

/** A comparison of searches with many random queries. */
export interface SearchRounds {
  configDir: string;
  cacheDir: string;
  seed: number;
  rounds: number;
  isOver: () => boolean;
  /** Compare with the slow search, which keeps all texts in memory; else only answers with filters and without. */
  isCompared: boolean;
}

/** Number of sessions from which queries are taken if not all texts are in memory. */
const SAMPLED = 100;

/** Searches for random pieces of the texts of a config dir, with one index, and returns what differs. */
export async function searchRounds(
  rounds: SearchRounds,
): Promise<{ queries: number; found: number; failures: string[] }> {
  const { configDir, cacheDir, isCompared } = rounds;
  const sessions = readTexts(configDir, isCompared ? Infinity : SAMPLED);
  const texts = allTexts(sessions.values());
  const configDirs = resolveConfigDirs({ explicit: [configDir], env: {}, home: '/nowhere', cwd: '/' });
  const index = await openSessionIndex({ configDirs, cacheDir, now: () => Date.now() });
  // The files count as written long ago, so that filters of them are stored.
  const filters = { directory: cacheDir, nowMs: Date.now() + 60_000 };
  const failures: string[] = [];
  let [queries, found] = [0, 0];
  for (const { written, parts } of fc.sample(queryFor(texts), { seed: rounds.seed, numRuns: rounds.rounds })) {
    if (rounds.isOver()) break;
    const answer = await countMatches(index, written, { filters });
    const expected = isCompared ? slowSearch(sessions, parts) : await countMatches(index, written, {});
    queries += 1;
    if (Object.keys(answer).length > 0) found += 1;
    if (!isDeepStrictEqual(answer, expected)) failures.push(`${written}: ${difference(answer, expected)}`);
  }
  return { queries, found, failures };
}

/** The first session with another answer. */
function difference(answer: Record<string, object>, expected: Record<string, object>): string {
  const id = [...Object.keys(answer), ...Object.keys(expected)].find(
    (one) => !isDeepStrictEqual(answer[one], expected[one]),
  );
  return `${id}: ${JSON.stringify(answer[id ?? ''])}, expected ${JSON.stringify(expected[id ?? ''])}`;
}
