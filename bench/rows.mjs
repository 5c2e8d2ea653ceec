// Measurements per size: the command, its peer, and the limits that must and should hold. A row whose peer is not
// installed is left out.
import {
  closeSync,
  existsSync,
  openSync,
  readSync,
  readdirSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { byNameRows, usualSession } from './by-name-rows.mjs';
import { removeIndex } from './index-files.mjs';
import { makeSessions } from './many.mjs';
import { scalingRows } from './scaling-rows.mjs';
import { contentRows } from './contents.mjs';
import { screenRows } from './screen.mjs';
import { searchRows } from './search-rows.mjs';

const bin = fileURLToPath(new URL('../bin/ccsess.js', import.meta.url));
const manyProgram = fileURLToPath(new URL('many.mjs', import.meta.url));
const sdkProgram = fileURLToPath(new URL('sdk.mjs', import.meta.url));
const MB = 1_000_000;
const CHANGE_BYTES = 150_000;
const MANY = 10_000;

/**
 * `[{ job, than, ours, theirs, must, aim, memory?: { must, aim }, pairs, warmUp?, measure?, before?, after? }]`. `must`
 * and `aim` are ratios, null for no limit. `measure` replaces the timing of processes. `warmUp` brings the index up to
 * date for commands that never write it. Size X has config dirs of its own.
 */
export function rowsFor(size, { configDir, cacheDir, peers, env }) {
  const ccsess = (...args) => [process.execPath, bin, ...args];
  if (size === 'X') return scalingRows({ cacheDir, ccsess, env });
  const projects = join(configDir, 'projects');
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

  const searches = searchRows({ ccsess, projects, cacheDir, hasRipgrep: peers.rg });
  const startUp = [
    {
      job: '`--version`',
      than: '`node -e 0`',
      ours: ccsess('--version'),
      theirs: [bareNode],
      must: 1.35,
      aim: 1.2,
      pairs: 21,
    },
    {
      job: '`--help`',
      than: '`node -e 0`',
      ours: ccsess('--help'),
      theirs: [bareNode],
      must: 1.35,
      aim: 1.2,
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
      { ...cold, job: 'cold index', than: 'ccusage 20', theirs: [ccusage], must: 1.1, aim: 0.9, pairs: 9 },
      {
        ...cold,
        job: 'cold index',
        than: 'SDK `listSessions()`',
        theirs: [sdk?.('list')],
        must: 0.4,
        aim: 0.4,
        pairs: 9,
      },
    ],
    M: () => [
      { ...warm, than: '`find` + `node -e 0`', theirs: [find, bareNode], must: 1.45, aim: 1.2 },
      {
        ...cold,
        job: 'cold index',
        than: 'ccusage 20',
        theirs: [ccusage],
        must: 0.6,
        aim: 0.45,
        memory: { must: 130 * MB, aim: 130 * MB },
      },
      {
        ...cold,
        job: 'cold index',
        than: '`wc -l`',
        theirs: [countLines],
        must: null,
        aim: 1.8,
        memory: { must: 130 * MB, aim: 130 * MB },
      },
      ...searches,
      ...contentRows(warm.ours, cacheDir),
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
          must: 1.6,
          aim: 1.3,
          memory: { must: 75 * MB, aim: 60 * MB },
        },
        {
          ...warm,
          than: 'SDK `listSessions({limit: 20})`',
          theirs: [sdk?.('list', '20')],
          must: 0.4,
          aim: 0.4,
          pairs: 5,
        },
        {
          ...warm,
          job: '`list -L 20`, one session changed (202 MB, 150 kB more)',
          than: 'the unchanged list',
          theirs: [warm.ours],
          must: 1.25,
          aim: 1.1,
          before: change.append,
          after: change.undo,
        },
        {
          job: '`show`, 202 MB',
          than: 'SDK `getSessionMessages`',
          ours: ccsess('show', big.id),
          theirs: [sdk?.('messages', big.id)],
          must: 0.17,
          aim: 0.1,
          memory: { must: 95 * MB, aim: 70 * MB },
          pairs: 5,
        },
        {
          job: '`show --tail 20`, 202 MB',
          than: '`node -e 0`',
          ours: ccsess('show', big.id, '--tail', '20'),
          theirs: [bareNode],
          must: 1.8,
          aim: 1.3,
          pairs: 15,
        },
        {
          job: '`prune --older-than 30d -n`, after `stats`',
          than: '`du -s`',
          ours: ccsess('prune', '--older-than', '30d', '-n'),
          // `stats` stores the sums of folders in the index; a dry run does not.
          warmUp: ccsess('stats'),
          theirs: [['du', '-s', projects]],
          must: 2.8,
          aim: 1.8,
          memory: { must: 100 * MB, aim: 100 * MB },
          pairs: 9,
        },
        ...byNameRows({ ccsess, warmList: warm.ours, session: usualSession(ccsess, env) }),
        ...screenRows(warm.ours),
        {
          job: '`stats`',
          than: 'a warm list',
          ours: ccsess('stats'),
          theirs: [warm.ours],
          must: 2,
          aim: 1.5,
          pairs: 9,
        },
        {
          job: `\`prune\` moves ${MANY.toLocaleString('en')} sessions`,
          than: 'as many renames',
          ours: ccsess('prune', '--config-dir', many, '--older-than', '30d', '--yes', '--quiet', '--no-compress'),
          theirs: [[process.execPath, manyProgram, 'rename', alike]],
          must: 10,
          aim: 5,
          pairs: 3,
          before: () => makeSessions(many, MANY),
        },
        {
          ...cold,
          job: 'cold index',
          than: 'ccusage 20',
          theirs: [ccusage],
          must: 0.5,
          aim: 0.35,
          memory: { must: 200 * MB, aim: 200 * MB },
        },
        {
          ...cold,
          job: 'cold index',
          than: '`wc -l`',
          theirs: [countLines],
          must: null,
          aim: 1.6,
          memory: { must: 200 * MB, aim: 200 * MB },
        },
        ...searches,
      ];
    },
  };
  return [...startUp, ...bySize[size]()].filter((row) => row.theirs.every(Boolean));
}

/** Runs a peer without network where that is possible; none needs it. */
function offline() {
  return spawnSync('unshare', ['-rn', 'true']).status === 0 ? ['unshare', '-rn'] : [];
}

/** Finds the peers that are installed in the folder that CCSESS_BENCH_PEERS names. */
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

/** The JSON that Claude Code passes to a status line command, limited to the members that are read. */
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

/** Appends whole lines of another transcript to one, as a running session would, and cuts them off again. */
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
