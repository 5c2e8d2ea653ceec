// Random queries: the search finds what a slow search finds that was written apart from it, or, in corpora too large to
// be held, the same with and without filters. --only names a config dir; without it a small corpus is made.
import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { root } from './program.mjs';

/** Up to here all texts are held in memory for the slow search. */
const MAX_HELD_BYTES = 400 * 1024 * 1024;

/** One round is one query. */
export async function torture({ random, rounds, isOver, scratch, only }) {
  const configDir = only ?? smallCorpus(join(scratch, 'corpus'));
  const { searchRounds } = await bundled(join(root, 'test/support/search-rounds.ts'), join(scratch, 'rounds.cjs'));
  const isCompared = transcriptBytes(join(configDir, 'projects')) <= MAX_HELD_BYTES;
  const cacheDir = join(scratch, 'cache');
  const seed = random.whole(1, 2 ** 31 - 1);
  const { queries, found, failures } = await searchRounds({ configDir, cacheDir, seed, rounds, isOver, isCompared });
  const noun = isCompared ? 'queries compared with a slow search' : 'queries with and without filters';
  return { counts: { [noun]: queries, 'with matches': found }, failures };
}

function smallCorpus(folder) {
  execFileSync(process.execPath, [join(root, 'bench/generate.mjs'), 'T', folder]);
  return join(folder, 'config');
}

function transcriptBytes(projects) {
  return readdirSync(projects, { recursive: true })
    .filter((name) => name.endsWith('.jsonl'))
    .reduce((sum, name) => sum + statSync(join(projects, name)).size, 0);
}

/** A TypeScript module with all that it imports. */
async function bundled(entry, outfile) {
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    define: { 'import.meta.url': JSON.stringify(pathToFileURL(outfile).href) },
    logLevel: 'error',
  });
  return import(pathToFileURL(outfile).href);
}
