// npm run bench -- [S] [M] [L] [X] [options]; --help says what they do. Checks the built program against the corpus's
// truth, measures it against its peers and writes RESULTS.md with its pictures. See README.md.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { differences } from './check.mjs';
import { corpus } from './generate.mjs';
import { compare, runOnce } from './measure.mjs';
import { keep, machine, sectionOf, writeResults } from './report.mjs';
import { findPeers, rowsFor } from './rows.mjs';

const SIZES = ['T', 'S', 'M', 'L', 'X'];
const TRUTHS = {
  true: 'Every figure of `list --json` and the sums of `stats --json` equal the truth of the corpus.',
  false: '**`list --json` or `stats --json` differs from the truth of the corpus.**',
  null: null,
};
const HELP = `Usage: npm run bench -- [size...] [options]      (npm run build first; a quiet machine)

Sizes (default: S)
  S   300 sessions, 111 MB: a minute
  M   3,000 sessions, 2.1 GB: some minutes
  L   20,000 sessions, 6.8 GB: a quarter of an hour
  X   homes that are extreme in one way, compared with half the size: half an hour, 6 GB of disk
  T   40 sessions, to test the bench itself

Options
  --only <text>          only the rows whose name has this text; RESULTS.md stays
  --no-write             leave RESULTS.md and its pictures alone
  --corpus <config dir>  measure another config dir, unchecked, with the rows of the size
  --render               write RESULTS.md and its pictures from the figures in results.json, and measure nothing
  --help                 print this

All of it: npm run bench -- S M L X
Peers and folders: bench/README.md. Exit code 1: a figure is wrong, or a "must" is missed.
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    corpus: { type: 'string' },
    only: { type: 'string' },
    'no-write': { type: 'boolean' },
    render: { type: 'boolean' },
    help: { type: 'boolean' },
  },
});
const unknown = positionals.find((size) => !SIZES.includes(size));
if (values.help) process.stdout.write(HELP);
else if (unknown !== undefined) {
  process.stderr.write(`no size ${unknown}: one of ${SIZES.join(', ')}\n`);
  process.exitCode = 2;
} else if (values.render) writeResults();
else await bench(positionals.length > 0 ? positionals : ['S']);

async function bench(sizes) {
  const peers = findPeers(process.env.CCSESS_BENCH_PEERS);
  const names = [!peers.sdk && 'the Claude Agent SDK', !peers.ccusage && 'ccusage', !peers.rg && 'ripgrep'];
  const missing = names.filter(Boolean);
  if (missing.length > 0)
    console.log(`Not measured: ${missing.join(', ')} (bench/README.md says how to install them).`);
  for (const size of sizes) {
    const configDir = await configDirOf(size);
    const isExact = configDir === null || values.corpus !== undefined ? null : isAsInTruth(dirname(configDir));
    const rows = await measureAll(size, configDir, peers);
    const result = { ...machine(), truth: TRUTHS[String(isExact)], rows };
    console.log(sectionOf(size, result));
    if (!values['no-write'] && values.only === undefined && values.corpus === undefined && size !== 'T')
      keep(size, result);
    if (isExact === false || rows.some(({ verdict }) => verdict === 'MISSED')) process.exitCode = 1;
  }
}

/** The config dir to measure; null for size X, which has several of its own. */
async function configDirOf(size) {
  if (values.corpus !== undefined) return resolve(values.corpus);
  return size === 'X' ? null : join(await corpus(size), 'config');
}

function isAsInTruth(folder) {
  const found = differences(folder);
  for (const difference of found.slice(0, 10)) console.log(difference);
  return found.length === 0;
}

async function measureAll(size, configDir, peers) {
  // Neither ccsess nor a peer can reach the real home.
  const scratch = mkdtempSync(join(tmpdir(), 'ccsess-bench-home-'));
  const cacheDir = join(scratch, 'cache');
  const env = {
    PATH: process.env.PATH,
    HOME: scratch,
    XDG_CACHE_HOME: cacheDir,
    CLAUDE_CONFIG_DIR: configDir ?? join(scratch, '.claude'),
    LANG: 'C.UTF-8',
    TZ: 'UTC',
  };
  mkdirSync(cacheDir);
  mkdirSync(join(scratch, '.claude'));
  const measured = [];
  try {
    const wanted = rowsFor(size, { configDir, cacheDir, peers, env }).filter(
      (row) => values.only === undefined || `${row.job} ${row.than}`.includes(values.only),
    );
    for (const row of wanted) {
      process.stderr.write(`${size}: ${row.job} against ${row.than} …\n`);
      const undo = row.after ?? (() => {});
      process.once('SIGINT', undo);
      // The row before may have removed the index: it is brought up to date first, untimed.
      if (!row.job.startsWith('cold')) await runOnce(row.warmUp ?? row.ours, env);
      try {
        measured.push(judge(row, await (row.measure ?? compare)({ ...row, env })));
      } finally {
        process.off('SIGINT', undo);
        undo();
      }
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return measured;
}

/** The results of a row as they are saved: names, limits, figures, and whether the limits are met. */
function judge({ job, than, must, aim, memory = null }, figures) {
  const isLight = (level) => memory === null || figures.peakBytes === null || figures.peakBytes <= memory[level];
  const within = (level, limit) => limit !== null && figures.ratio <= limit && isLight(level);
  const isMissed = (must !== null && figures.ratio > must) || !isLight('must');
  const verdict = isMissed ? 'MISSED' : within('aim', aim) ? 'aim' : must === null ? '–' : 'must';
  return { job, than, must, aim, memory, ...figures, verdict };
}
