// Measurements per size: the command, its peer, and the limits that must and should hold. A row whose peer is not
// installed is left out.
import {
  closeSync,
  existsSync,
  openSync,
  readSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeSessions } from './many.mjs';

const bin = fileURLToPath(new URL('../bin/ccsess.js', import.meta.url));
const manyProgram = fileURLToPath(new URL('many.mjs', import.meta.url));
const sdkProgram = fileURLToPath(new URL('sdk.mjs', import.meta.url));
const MiB = 1024 * 1024;
const CHANGE_BYTES = 150_000;
const MANY = 10_000;
/** A text that no corpus holds. */
const ABSENT = 'zqxj_not_there_7731';

/**
 * `[{ job, than, ours, theirs, must, aim, memory?: { must, aim }, pairs, warmUp?, before?, after? }]`; must and aim are
 * ratios, null where nothing is asked. `warmUp` brings the index up to date where ours itself never writes it.
 */
export function rowsFor(size, { configDir, cacheDir, peers }) {
  const projects = join(configDir, 'projects');
  const ccsess = (...args) => [process.execPath, bin, ...args];
  const find = ['find', projects, '-name', '*.jsonl', '-printf', '%s %T@ %p\\n'];
  const bareNode = [process.execPath, '-e', '0'];
  const countLines = ['sh', '-c', `find "$0" -name '*.jsonl' -print0 | wc -l --files0-from=-`, projects];
  const sdk = peers.sdk ? (...args) => [...offline(), process.execPath, sdkProgram, peers.folder, ...args] : null;
  const ccusage = peers.ccusage
    ? [
        ...offline(),
        process.execPath,
        join(peers.folder, 'node_modules/ccusage/src/cli.js'),
        'session',
        '--offline',
        '--json',
      ]
    : null;
  const cold = { ours: ccsess('list', '-L', '20'), before: () => removeIndex(cacheDir), pairs: 5 };
  const warm = { job: 'warm `list -L 20`', ours: ccsess('list', '-L', '20'), pairs: 15 };

  const statusInput = join(cacheDir, '..', 'statusline.json');
  writeFileSync(statusInput, statusLineInput(projects));

  const rg = peers.rg ? (...args) => noneFound('rg', ...args, ABSENT, projects) : null;
  const search = (...args) => ccsess('search', ABSENT, '-l', ...args);
  const first = { before: () => removeFilters(cacheDir), memory: { must: 250 * MiB, aim: 150 * MiB }, pairs: 5 };
  const searches = [
    {
      ...first,
      job: '`search`, first time',
      than: '`rg -lF`',
      ours: search(),
      theirs: [rg?.('-lF')],
      must: 4.5,
      aim: 1.5,
    },
    {
      ...first,
      job: '`search`, first time',
      than: '`grep -rlF`',
      ours: search(),
      theirs: [noneFound('grep', '-rlF', ABSENT, projects)],
      must: 2,
      aim: 0.6,
    },
    {
      ...first,
      job: '`search -i`, first time',
      than: '`rg -il`',
      ours: search('-i'),
      theirs: [rg?.('-il')],
      must: 5,
      aim: 2,
    },
    {
      job: '`search`, again',
      than: '`rg -lF`',
      ours: search(),
      theirs: [rg?.('-lF')],
      must: 1.5,
      aim: 0.35,
      memory: { must: 200 * MiB, aim: 150 * MiB },
      pairs: 9,
    },
  ];
  const startUp = [
    {
      job: '`--version`',
      than: '`node -e 0`',
      ours: ccsess('--version'),
      theirs: [bareNode],
      must: 1.5,
      aim: 1.25,
      pairs: 21,
    },
    {
      job: '`--help`',
      than: '`node -e 0`',
      ours: ccsess('--help'),
      theirs: [bareNode],
      must: 1.5,
      aim: 1.25,
      pairs: 21,
    },
    {
      job: '`statusline`',
      than: '`node -e 0`',
      ours: withInput(statusInput, ...ccsess('statusline')),
      theirs: [withInput(statusInput, ...bareNode)],
      must: 1.5,
      aim: 1.3,
      pairs: 21,
    },
  ];
  const bySize = {
    T: () => [{ ...warm, than: '`find` + `node -e 0`', theirs: [find, bareNode], must: 3, aim: 2 }],
    S: () => [
      { ...cold, job: 'cold index', than: 'ccusage 20', theirs: [ccusage], must: 1.3, aim: 1, pairs: 9 },
      {
        ...cold,
        job: 'cold index',
        than: 'SDK `listSessions()`',
        theirs: [sdk?.('list')],
        must: 0.5,
        aim: 0.3,
        pairs: 9,
      },
    ],
    M: () => [
      { ...warm, than: '`find` + `node -e 0`', theirs: [find, bareNode], must: 1.6, aim: 1.3 },
      {
        ...cold,
        job: 'cold index',
        than: 'ccusage 20',
        theirs: [ccusage],
        must: 0.67,
        aim: 0.45,
        memory: { must: 200 * MiB, aim: 130 * MiB },
      },
      {
        ...cold,
        job: 'cold index',
        than: '`wc -l`',
        theirs: [countLines],
        must: 2.5,
        aim: 1.8,
        memory: { must: 200 * MiB, aim: 130 * MiB },
      },
      ...searches,
    ],
    L: () => {
      const [big, other] = biggestTranscripts(projects);
      const change = changer(big, other);
      const [many, alike] = ['many', 'alike'].map((name) => join(cacheDir, '..', name));
      for (const folder of [many, alike]) makeSessions(folder, MANY);
      return [
        {
          ...warm,
          than: '`find -printf`',
          theirs: [find],
          must: 2,
          aim: 1.5,
          memory: { must: 100 * MiB, aim: 75 * MiB },
        },
        {
          ...warm,
          than: 'SDK `listSessions({limit: 20})`',
          theirs: [sdk?.('list', '20')],
          must: 0.5,
          aim: 0.4,
          pairs: 5,
        },
        {
          ...warm,
          job: '`list -L 20`, one session changed (202 MB, 150 kB more)',
          than: 'the unchanged list',
          theirs: [warm.ours],
          must: 1.3,
          aim: 1.1,
          before: change.append,
          after: change.undo,
        },
        {
          job: '`show`, 202 MB',
          than: 'SDK `getSessionMessages`',
          ours: ccsess('show', big.id),
          theirs: [sdk?.('messages', big.id)],
          must: 0.2,
          aim: 0.12,
          memory: { must: 120 * MiB, aim: 70 * MiB },
          pairs: 5,
        },
        {
          job: '`show --tail 20`, 202 MB',
          than: '`node -e 0`',
          ours: ccsess('show', big.id, '--tail', '20'),
          theirs: [bareNode],
          must: 2,
          aim: 1.3,
          pairs: 15,
        },
        {
          job: '`prune --older-than 30d -n`',
          than: '`du -s`',
          ours: ccsess('prune', '--older-than', '30d', '-n'),
          warmUp: warm.ours,
          theirs: [['du', '-s', projects]],
          must: 3.5,
          aim: 2.2,
          memory: { must: 120 * MiB, aim: 90 * MiB },
          pairs: 9,
        },
        { job: '`stats`', than: 'a warm list', ours: ccsess('stats'), theirs: [warm.ours], must: 3, aim: 2, pairs: 9 },
        {
          job: `\`prune\` moves ${MANY.toLocaleString('en')} sessions`,
          than: 'as many renames',
          ours: ccsess('prune', '--config-dir', many, '--older-than', '30d', '--yes', '--quiet', '--no-compress'),
          theirs: [[process.execPath, manyProgram, 'rename', alike]],
          must: null,
          aim: null,
          pairs: 3,
          before: () => makeSessions(many, MANY),
        },
        {
          ...cold,
          job: 'cold index',
          than: 'ccusage 20',
          theirs: [ccusage],
          must: 0.6,
          aim: 0.4,
          memory: { must: 300 * MiB, aim: 200 * MiB },
        },
        {
          ...cold,
          job: 'cold index',
          than: '`wc -l`',
          theirs: [countLines],
          must: 2.5,
          aim: 1.6,
          memory: { must: 300 * MiB, aim: 200 * MiB },
        },
        ...searches,
      ];
    },
  };
  return [...startUp, ...bySize[size]()].filter((row) => row.theirs.every(Boolean));
}

/** Peers need no network, so they get none where that can be arranged. */
function offline() {
  return spawnSync('unshare', ['-rn', 'true']).status === 0 ? ['unshare', '-rn'] : [];
}

/** A command that ends with 1 where it finds nothing, which is no failure. */
function noneFound(program, ...args) {
  return ['sh', '-c', '"$0" "$@" || [ $? = 1 ]', program, ...args];
}

/** Removes what searches left behind, and leaves the index. */
function removeFilters(cacheDir) {
  const folder = join(cacheDir, 'ccsess');
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder).filter((name) => name.endsWith('.filters'))) rmSync(join(folder, name));
}

/** Removes the index and leaves the program's compiled code, which the uncounted first round of `compare` makes. */
function removeIndex(cacheDir) {
  const folder = join(cacheDir, 'ccsess');
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder).filter((name) => !name.startsWith('code-'))) rmSync(join(folder, name));
}

/** Which peers are installed below the folder CCSESS_BENCH_PEERS names. */
export function findPeers(folder) {
  const hasRipgrep = spawnSync('rg', ['--version']).status === 0;
  const has = (path) => Boolean(folder) && existsSync(join(folder, 'node_modules', path));
  return {
    folder,
    sdk: has('@anthropic-ai/claude-agent-sdk/sdk.mjs'),
    ccusage: has('ccusage/src/cli.js'),
    rg: hasRipgrep,
  };
}

/** A command that reads a file on its standard input. */
function withInput(file, ...command) {
  return ['sh', '-c', 'file=$1; shift; exec "$@" <"$file"', 'sh', file, ...command];
}

/** The JSON that Claude Code gives to a status line command, as far as it is read. */
function statusLineInput(projects) {
  const [{ path, id }] = biggestTranscripts(projects);
  const cost = { total_cost_usd: 1.2 };
  return JSON.stringify({ session_id: id, transcript_path: path, session_name: 'Fix the race', cwd: '/', cost });
}

function biggestTranscripts(projects) {
  return readdirSync(projects)
    .flatMap((project) =>
      readdirSync(join(projects, project))
        .filter((name) => /^[0-9a-f-]{36}\.jsonl$/.test(name))
        .map((name) => join(projects, project, name)),
    )
    .map((path) => ({ path, id: path.slice(-42, -6), bytes: statSync(path).size }))
    .sort((a, b) => b.bytes - a.bytes);
}

/** Lets a transcript grow as a running session would, with whole lines of another one, and shrink again. */
function changer(big, other) {
  const { size, atimeMs, mtimeMs } = statSync(big.path);
  const piece = Buffer.alloc(CHANGE_BYTES);
  let from = 1_000_000;
  return {
    append() {
      const source = openSync(other.path, 'r');
      const target = openSync(big.path, 'a');
      readSync(source, piece, 0, CHANGE_BYTES, from);
      writeSync(target, piece.subarray(piece.indexOf(10) + 1, piece.lastIndexOf(10) + 1));
      closeSync(source);
      closeSync(target);
      from += CHANGE_BYTES;
    },
    undo() {
      truncateSync(big.path, size);
      utimesSync(big.path, atimeMs / 1000, mtimeMs / 1000);
    },
  };
}
