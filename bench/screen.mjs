// Drives the picker through a pseudo-terminal (`script` of util-linux) and times it: until the first frame, and from
// each key to its frame.
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../bin/ccsess.js', import.meta.url));
/** Size of the terminal. */
export const SCREEN = { columns: 140, rows: 40 };
/** Ends each frame; terminals that know it draw the frame at once. */
const END_OF_FRAME = '\u001b[?2026l';
/** Queries typed with the pauses of a fast typist; after each, the line is cleared. */
const QUERIES = [
  'module failed',
  'journal rename',
  'tool message',
  'xyzzyq',
  'describe index',
  'the',
  'path is',
  '請求',
];
const PAUSE_MS = 120;
/** A pause after the third letter, in which the search of the conversations begins. */
const LONG_PAUSE_MS = 350;
const LONG_PAUSE_AT = 3;
const CLEAR = '\u0015';
const CTRL_C = '\u0003';
const LOST_MS = 5000;
/** A key must be shown within this time. */
const MAX_KEY_MS = 50;

/** Rows like those of `rowsFor`; none without a pseudo-terminal. `warmUp` brings the index up to date. */
export function screenRows(warmUp) {
  if (!hasTerminal()) return [];
  const common = { ours: warmUp, warmUp, theirs: [] };
  return [
    { ...common, job: 'picker: open', than: 'a warm list', must: 1.3, aim: 1.1, pairs: 9, measure: measureOpening },
    {
      ...common,
      job: 'picker: key to frame, 99th percentile',
      than: `${MAX_KEY_MS} ms`,
      must: 1,
      aim: 0.32,
      measure: measureKeys,
    },
  ];
}

/** Returns true where a pseudo-terminal can be made. */
export function hasTerminal() {
  return process.platform === 'linux' && spawnSync('script', ['--version']).status === 0;
}

/**
 * Runs a command line of ccsess in a terminal; `frame()` resolves at the next end of a frame, `onOutput` passes on
 * everything that is written, as bytes.
 */
export function inTerminal(args, env) {
  const { columns, rows } = SCREEN;
  const command = `stty rows ${rows} cols ${columns}; exec '${process.execPath}' '${bin}' ${args.join(' ')}`;
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    env: { ...env, TERM: 'xterm-256color', SHELL: '/bin/sh' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const waiting = new Set();
  const wake = () => {
    for (const done of waiting) done();
  };
  let rest = '';
  let pass = () => {};
  child.stdout.setEncoding('latin1').on('data', (text) => {
    pass(text);
    const seen = rest + text;
    const isEnd = seen.includes(END_OF_FRAME);
    rest = isEnd ? '' : seen.slice(-END_OF_FRAME.length + 1);
    if (isEnd) wake();
  });
  const ended = new Promise((done) => child.once('close', done));
  child.once('close', wake);
  const frame = () =>
    new Promise((seen) => {
      const done = () => {
        clearTimeout(timer);
        waiting.delete(done);
        seen();
      };
      const timer = setTimeout(done, LOST_MS);
      waiting.add(done);
    });
  return { frame, ended, type: (keys) => child.stdin.write(keys), onOutput: (listener) => (pass = listener) };
}

function sleep(ms) {
  return new Promise((done) => void setTimeout(done, ms).unref());
}

/** Measures in turn the milliseconds until the picker's first frame and those of a warm list in the same terminal. */
async function measureOpening({ env, pairs }) {
  const rounds = [];
  for (let round = 0; round <= pairs; round++) {
    const begun = performance.now();
    const picker = inTerminal(['pick'], env);
    await picker.frame();
    const a = performance.now() - begun;
    picker.type(CTRL_C);
    await picker.ended;
    const list = performance.now();
    const other = inTerminal(['list', '-L', '20'], env);
    await other.ended;
    const b = performance.now() - list;
    if (round > 0) rounds.push({ a, b });
  }
  const middle = (values) => values.toSorted((x, y) => x - y)[values.length >> 1];
  return {
    ratio: middle(rounds.map(({ a, b }) => a / b)),
    oursMs: middle(rounds.map(({ a }) => a)),
    theirsMs: middle(rounds.map(({ b }) => b)),
    peakBytes: null,
  };
}

/** The 99th percentile of the time from a key to its frame, while conversations are searched. */
async function measureKeys({ env }) {
  const picker = inTerminal(['pick'], env);
  await picker.frame();
  const times = [];
  for (const query of QUERIES)
    for (const [at, key] of [...query, CLEAR].entries()) {
      const begun = performance.now();
      picker.type(key);
      await picker.frame();
      times.push(performance.now() - begun);
      await sleep(at + 1 === LONG_PAUSE_AT ? LONG_PAUSE_MS : PAUSE_MS);
    }
  picker.type(CTRL_C);
  await picker.ended;
  times.sort((a, b) => a - b);
  const oursMs = times[Math.ceil(times.length * 0.99) - 1];
  return { ratio: oursMs / MAX_KEY_MS, oursMs, theirsMs: MAX_KEY_MS, peakBytes: null };
}
