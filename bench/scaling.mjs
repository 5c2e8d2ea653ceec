// Homes that are extreme in one way each, in two sizes, one half of the other: for commands whose time and memory must
// not grow faster than the home.
import { closeSync, existsSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSession } from './corpus-session.mjs';
import { AT, makeSessions, oneTurn } from './many.mjs';

/** Raised whenever a shape changes, so that old ones are not taken for new ones. */
const REVISION = 1;
const MB = 1_000_000;
const ID = '0a0a0a0a-0000-4000-8000-000000000000';

/** The shapes: amount of the larger home, and the function that makes one. */
const SHAPES = {
  sessions: { most: 100_000, make: (configDir, count) => makeSessions(configDir, count, 1) },
  projects: { most: 5_000, make: (configDir, count) => makeSessions(configDir, 4 * count, count) },
  transcript: { most: 2_000 * MB, make: makeTranscript },
  line: { most: 100 * MB, make: makeLine },
  subagents: { most: 20_000, make: makeSubagents },
};

/**
 * Returns two config dirs of a shape, one with the whole amount and one with half of it, made first if they do not
 * exist. `id` is the session of shapes that have only one.
 */
export function shape(name) {
  const { most, make } = SHAPES[name];
  const [whole, half] = [most, most / 2].map((amount) => {
    const folder = join(
      process.env.CCSESS_BENCH_DIR || join(tmpdir(), 'ccsess-bench'),
      `X-${REVISION}`,
      `${name}-${amount}`,
    );
    const done = join(folder, 'complete');
    if (existsSync(done)) return join(folder, 'config');
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    make(join(folder, 'config'), amount);
    writeFileSync(done, '');
    return join(folder, 'config');
  });
  return { whole, half, id: ID };
}

function makeTranscript(configDir, bytes) {
  const cwd = '/home/me/big';
  writeSession(configDir, { index: 0, id: ID, bytes, cwd, projectDir: '-home-me-big', startMs: Date.parse(AT) });
}

/** One session with a tool result of this many bytes in one line. */
function makeLine(configDir, bytes) {
  const { file, lines } = sessionIn(configDir);
  const target = openSync(file, 'w');
  writeSync(target, `${lines[0]}\n${lines[1]}\n`);
  const result = {
    ...JSON.parse(lines[0]),
    uuid: '0a0a0a0a-0000-4000-8003-000000000000',
    parentUuid: JSON.parse(lines[1]).uuid,
    message: { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'HERE' }] },
  };
  const [start, end] = JSON.stringify(result).split('HERE');
  const piece = 'Some output of a tool. '.repeat(50_000);
  writeSync(target, start);
  for (let written = 0; written < bytes; written += piece.length)
    writeSync(target, piece.slice(0, Math.min(piece.length, bytes - written)));
  writeSync(target, `${end}\n`);
  closeSync(target);
}

/** One session with this many subagents. */
function makeSubagents(configDir, count) {
  const { file, lines } = sessionIn(configDir);
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  const folder = join(file.slice(0, -'.jsonl'.length), 'subagents');
  mkdirSync(folder, { recursive: true });
  for (let n = 0; n < count; n++) {
    const agentId = `a${n.toString(16).padStart(16, '0')}`;
    const agent = oneTurn(ID, '/home/me/one', n).map((line) => ({ ...JSON.parse(line), isSidechain: true, agentId }));
    const text = agent.map((entry, at) => `${JSON.stringify({ ...entry, uuid: `${agentId}-${at}` })}\n`).join('');
    writeFileSync(join(folder, `agent-${agentId}.jsonl`), text);
  }
}

function sessionIn(configDir) {
  const folder = join(configDir, 'projects', '-home-me-one');
  mkdirSync(folder, { recursive: true });
  return { file: join(folder, `${ID}.jsonl`), lines: oneTurn(ID, '/home/me/one', 0) };
}
