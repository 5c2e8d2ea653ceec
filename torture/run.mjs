// npm run torture -- [PART...] [--seed N] [--rounds N] [--minutes N] [--only PATH[:LINE][,PATH...]]
// Runs the built program against kills, races and hostile input; one line per part, exit code 1 if anything was lost.
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Random } from '../bench/random.mjs';
import { root } from './program.mjs';

/** The parts, and what each counts as a round. */
const PARTS = {
  kills: { load: () => import('./kills.mjs'), rounds: 1000 },
  rewinds: { load: () => import('./rewinds.mjs'), rounds: 1000 },
  races: { load: () => import('./races.mjs'), rounds: 20_000 },
  appends: { load: () => import('./appends.mjs'), rounds: 20_000 },
  fuzz: { load: () => import('./fuzz.mjs'), rounds: 2000 },
  search: { load: () => import('./search.mjs'), rounds: 1000 },
  hostile: { load: () => import('./hostile.mjs'), rounds: 200 },
  mutants: { load: () => import('./mutants.mjs'), rounds: Infinity },
};
const MAX_FAILURES = 20;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    rounds: { type: 'string' },
    minutes: { type: 'string' },
    only: { type: 'string' },
  },
});
const unknown = positionals.find((name) => !(name in PARTS));
if (unknown !== undefined) {
  console.error(`torture: unknown part '${unknown}': one of ${Object.keys(PARTS).join(', ')}.`);
  process.exitCode = 2;
} else {
  requireBuild();
  for (const name of positionals.length > 0 ? positionals : Object.keys(PARTS)) await runPart(name);
}

async function runPart(name) {
  const { load, rounds } = PARTS[name];
  const { torture } = await load();
  const scratch = mkdtempSync(join(tmpdir(), `ccsess-torture-${name}-`));
  const startedMs = Date.now();
  const options = {
    random: new Random(`${name} ${values.seed}`),
    rounds: Number(values.rounds ?? rounds),
    isOver: () => values.minutes !== undefined && Date.now() - startedMs > Number(values.minutes) * 60_000,
    scratch,
    only: values.only,
  };
  try {
    const { counts, failures, lines = [] } = await torture(options);
    const seconds = Math.round((Date.now() - startedMs) / 1000);
    const facts = Object.entries(counts).map(
      ([noun, count]) => `${typeof count === 'number' ? count.toLocaleString('en') : count} ${noun}`,
    );
    console.log(
      `${name.padEnd(8)} ${facts.join(', ')}, ${failures.length} failures (seed ${values.seed}, ${seconds} s)`,
    );
    for (const line of lines) console.log(`  ${line}`);
    for (const failure of failures.slice(0, MAX_FAILURES)) console.log(`  ${failure}`);
    if (failures.length > MAX_FAILURES) console.log(`  and ${failures.length - MAX_FAILURES} more`);
    if (failures.length > 0) process.exitCode = 1;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Requires a build newer than the sources: an old build is never tested. */
function requireBuild() {
  const builtMs = statSync(join(root, 'dist/main.cjs'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const isStale = sources.some((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs > builtMs);
  if (isStale) throw new Error('dist/ is missing or older than src/: npm run build');
}
