// Appends lines while `ccsess move` moves their sessions to and fro: no acknowledged line may be lost.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ccsess, helper } from './program.mjs';
import { makeHome, projectDir, sessionId, writeSession } from './sessions.mjs';

const SESSIONS = 16;
const FOLDERS = ['a', 'b'];
/** Share of the appends of each writer; the rest is written by plain programs. */
const OURS = 0.1;
const SDK = 0.1;
const PLAIN_WRITERS = 2;

/** One round is one append. */
export async function torture({ random, rounds, isOver, scratch }) {
  const home = makeHome(scratch, 'home', FOLDERS);
  for (let n = 1; n <= SESSIONS; n++) writeSession(home, 'a', n, { turns: 60, results: true, random });
  const peers = process.env.CCSESS_BENCH_PEERS;
  const share = (part) => Math.ceil(rounds * part);
  const writer = (kind, count) => {
    const dirs = FOLDERS.map((folder) => projectDir(home, folder));
    return helper(
      'appends-writer.mjs',
      { kind, count, dirs, sessions: SESSIONS, seed: random.hex(8), peers },
      { home },
    );
  };
  const plain = share(1 - OURS - (peers === undefined ? 0 : SDK)) / PLAIN_WRITERS;
  const writers = [
    writer('ours', share(OURS)),
    ...Array.from({ length: PLAIN_WRITERS }, () => writer('plain', Math.ceil(plain))),
  ];
  if (peers !== undefined) writers.push(writer('sdk', share(SDK)));
  let isDone = false;
  const results = Promise.all(writers.map(({ result }) => result)).finally(() => (isDone = true));
  const failures = [];
  let moves = 0;
  const isFinished = () => isDone;
  while (!isFinished()) {
    const [from, to] = moves % 2 === 0 ? FOLDERS : FOLDERS.toReversed();
    const { code, stderr } = await ccsess(['move', join(home, from), join(home, to), '--yes'], { home });
    if (code !== 0) failures.push(`move ended with ${code}: ${stderr.trim()}`);
    moves += 1;
    if (isOver()) for (const { stop } of writers) stop();
  }
  const written = await results;
  await ccsess(['recover'], { home });
  const acknowledged = written.flatMap(({ keys }) => keys);
  failures.push(...written.flatMap(({ failures: found }) => found), ...compared(home, acknowledged), ...litter(home));
  return {
    counts: { appends: acknowledged.length, moves, 'by the SDK': peers === undefined ? 'none' : share(SDK) },
    failures,
  };
}

function compared(home, acknowledged) {
  const counts = new Map();
  const failures = [];
  for (let n = 1; n <= SESSIONS; n++) {
    const found = FOLDERS.map((folder) => join(projectDir(home, folder), `${sessionId(n)}.jsonl`)).flatMap(textOf);
    if (found.length !== 1) failures.push(`session ${n} is in ${found.length} folders`);
    for (const line of found.flatMap((text) => text.split('\n')).filter((text) => text !== '')) {
      try {
        const { key, tag, customTitle } = JSON.parse(line);
        const name = key ?? tag ?? customTitle;
        if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
      } catch {
        failures.push(`torn line: ${line.slice(0, 80)}`);
      }
    }
  }
  for (const key of acknowledged) if (!counts.has(key)) failures.push(`lost: ${key}`);
  for (const [key, count] of counts) if (count > 1 && key.startsWith('plain')) failures.push(`doubled: ${key}`);
  return failures;
}

function textOf(path) {
  try {
    return [readFileSync(path, 'utf8')];
  } catch {
    return [];
  }
}

function litter(home) {
  const left = readdirSync(join(home, '.claude'), { recursive: true }).filter((name) =>
    /\.tmp$|^\.ccsess\/(?!reserve$)./.test(name),
  );
  return left.map((name) => `left behind: ${name}`);
}
