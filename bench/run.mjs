// npm run bench -- [S] [M] [L] [--corpus CONFIG_DIR] [--only TEXT] [--no-write]
// Checks the built program against the corpus's truth, measures it against its peers and writes RESULTS.md. See
// README.md.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, release, tmpdir, totalmem, type } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { differences } from './check.mjs';
import { corpus } from './generate.mjs';
import { compare, runOnce } from './measure.mjs';
import { findPeers, rowsFor } from './rows.mjs';

const results = fileURLToPath(new URL('RESULTS.md', import.meta.url));
const EXACTNESS = {
  true: 'Every figure of `list --json` equals the truth of the corpus.',
  false: '**`list --json` differs from the truth of the corpus.**',
  null: 'Not checked against a truth.',
};
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { corpus: { type: 'string' }, only: { type: 'string' }, 'no-write': { type: 'boolean' } },
});
const sizes = positionals.length > 0 ? positionals : ['S'];
const peers = findPeers(process.env.CCSESS_BENCH_PEERS);
const missing = [!peers.sdk && 'the Claude Agent SDK', !peers.ccusage && 'ccusage', !peers.rg && 'ripgrep'].filter(
  Boolean,
);
if (missing.length > 0) console.log(`Not measured: ${missing.join(', ')} (bench/README.md says how to install them).`);

for (const size of sizes) {
  const configDir = values.corpus === undefined ? join(await corpus(size), 'config') : resolve(values.corpus);
  const isExact = checkTruth(dirname(configDir));
  const rows = await measureAll(size, configDir);
  const section = report(size, rows, isExact);
  console.log(section);
  if (!values['no-write'] && values.only === undefined && values.corpus === undefined) keep(size, section);
  if (isExact === false || rows.some(({ verdict }) => verdict === 'MISSED')) process.exitCode = 1;
}

/** True if every figure is right; `null` for a foreign corpus, whose truth is not known. */
function checkTruth(folder) {
  if (values.corpus !== undefined) return null;
  const found = differences(folder);
  for (const difference of found.slice(0, 10)) console.log(difference);
  return found.length === 0;
}

async function measureAll(size, configDir) {
  // Nothing of the real home is in reach: neither of ours nor of a peer.
  const scratch = mkdtempSync(join(tmpdir(), 'ccsess-bench-home-'));
  const cacheDir = join(scratch, 'cache');
  const env = {
    PATH: process.env.PATH,
    HOME: scratch,
    XDG_CACHE_HOME: cacheDir,
    CLAUDE_CONFIG_DIR: configDir,
    LANG: 'C.UTF-8',
    TZ: 'UTC',
  };
  mkdirSync(cacheDir);
  const measured = [];
  const wanted = rowsFor(size, { configDir, cacheDir, peers }).filter(
    (row) => values.only === undefined || `${row.job} ${row.than}`.includes(values.only),
  );
  try {
    for (const row of wanted) {
      process.stderr.write(`${size}: ${row.job} against ${row.than} …\n`);
      const undo = row.after ?? (() => {});
      process.once('SIGINT', undo);
      // A cold row may have gone before: the index is brought up to date, untimed.
      if (!row.job.startsWith('cold')) await runOnce(row.warmUp ?? row.ours, env);
      try {
        measured.push(judge(row, await compare({ ...row, env })));
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

function judge(row, figures) {
  if (row.must === null) return { ...row, ...figures, verdict: '–' };
  const within = (level) =>
    figures.ratio <= row[level] &&
    (row.memory === undefined || figures.peakBytes === null || figures.peakBytes <= row.memory[level]);
  return { ...row, ...figures, verdict: within('aim') ? 'aim' : within('must') ? 'must' : 'MISSED' };
}

function report(size, rows, isExact) {
  const ratio = (value) => `${value.toFixed(2)} ×`;
  const ms = (value) => (value < 1000 ? `${value.toFixed(0)} ms` : `${(value / 1000).toFixed(2)} s`);
  const mib = (bytes) => (bytes === null ? '–' : `${Math.round(bytes / 1024 / 1024)} MiB`);
  const target = (row, level) =>
    row[level] === null ? '–' : `${row[level]} ×${row.memory === undefined ? '' : `, ${mib(row.memory[level])}`}`;
  return [
    `## ${size}`,
    '',
    `${new Date().toISOString().slice(0, 10)}, ${cpus()[0]?.model.trim() ?? 'unknown'} (${cpus().length} cores), ` +
      `${Math.round(totalmem() / 2 ** 30)} GiB, ${type()} ${release()}, Node ${process.versions.node}.`,
    EXACTNESS[String(isExact)],
    '',
    '| job | than | must | aim | measured | ours | theirs | our memory | |',
    '|---|---|---|---|---|---|---|---|---|',
    ...rows.map(
      (row) =>
        `| ${row.job} | ${row.than} | ${target(row, 'must')} | ${target(row, 'aim')} | **${ratio(row.ratio)}** | ` +
        `${ms(row.oursMs)} | ${ms(row.theirsMs)} | ${mib(row.peakBytes)} | ${row.verdict} |`,
    ),
    '',
  ].join('\n');
}

/** Replaces one size's section and keeps the others. */
function keep(size, section) {
  const head =
    '# Results\n\n' +
    'Made by `npm run bench -- S M L` (how: [README.md](README.md)). Ratios are medians over pairs run in turn, ' +
    'whole processes, warm page cache;\n' +
    'the last column says whether the aim or only the must is met. Times are medians; memory is the peak of all ' +
    'runs.\n';
  const old = existsSync(results)
    ? readFileSync(results, 'utf8')
        .split(/^(?=## )/m)
        .slice(1)
    : [];
  const sections = new Map(old.map((text) => [/^## (\S+)/.exec(text)?.[1], text.trimEnd()]));
  sections.set(size, section.trimEnd());
  const order = ['S', 'M', 'L'].filter((name) => sections.has(name));
  writeFileSync(results, `${head}\n${order.map((name) => sections.get(name)).join('\n\n')}\n`);
}
