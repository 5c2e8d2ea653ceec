// Programs append lines, each confirmed as written, while commands list and change their sessions.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ccsess, helper } from './program.mjs';
import { makeHome, projectDir, sessionId, writeSession } from './sessions.mjs';

const SESSIONS = 12;
const FOLDERS = ['a', 'b'];
const WRITERS = 2;

/** One round is one append. */
export async function torture({ random, rounds, isOver, scratch }) {
  const home = makeHome(scratch, 'home', FOLDERS);
  for (let n = 1; n <= SESSIONS; n++) {
    writeSession(home, 'a', n, { turns: 10, results: n % 2 === 0, rest: n % 3 === 0, random });
  }
  const dirs = FOLDERS.map((folder) => projectDir(home, folder));
  const writer = () =>
    helper(
      'appends-writer.mjs',
      { kind: 'plain', count: Math.ceil(rounds / WRITERS), dirs, sessions: SESSIONS, seed: random.hex(8) },
      { home },
    );
  const writers = Array.from({ length: WRITERS }, writer);
  let isDone = false;
  const results = Promise.all(writers.map(({ result }) => result)).finally(() => (isDone = true));
  const isFinished = () => isDone;
  const failures = [];
  const runs = new Map();
  const commands = commandsFor(home, random);
  const loop = async (names) => {
    while (!isFinished()) {
      const name = random.pick(names);
      const run = await ccsess(commands[name](), { home });
      runs.set(name, (runs.get(name) ?? 0) + 1);
      const isInternal = /internal error|a defect of ccsess/.test(run.stderr) || run.signal !== null;
      if (isInternal) failures.push(`${name}: ${run.signal ?? run.stderr.trim()}`);
      if (isOver()) for (const { stop } of writers) stop();
    }
  };
  await Promise.all([loop(['list', 'fork', 'tag']), loop(['move', 'back', 'prune', 'rm', 'restore'])]);
  const written = await results;
  await ccsess(['recover'], { home });
  const { stdout } = await ccsess(['trash', '--json'], { home });
  const trashed = JSON.parse(stdout).map(({ id }) => id);
  for (const id of trashed) {
    const { code, stderr } = await ccsess(['restore', id, '--keep-times'], { home });
    if (code !== 0) failures.push(`restore ${id} ended with ${code}: ${stderr.trim()}`);
  }
  const keys = written.flatMap((one) => one.keys);
  failures.push(...written.flatMap((one) => one.failures), ...compared(dirs, keys));
  const total = [...runs.values()].reduce((sum, count) => sum + count, 0);
  return { counts: { appends: keys.length, 'commands run': total }, failures };
}

function commandsFor(home, random) {
  const any = () => sessionId(random.whole(1, SESSIONS));
  const [a, b] = FOLDERS.map((folder) => join(home, folder));
  return {
    list: () => ['list', '--json'],
    fork: () => ['fork', any()],
    tag: () => ['tag', any(), `t${random.whole(1, 99)}`],
    move: () => ['move', a, b, '--yes'],
    back: () => ['move', b, a, '--yes'],
    prune: () => ['prune', '--older-than', '1s', '--min-idle', '0s', '--yes'],
    rm: () => ['rm', any(), '--yes'],
    restore: () => ['restore', any()],
  };
}

/** Every line is in the project dirs, and none is cut or joined to another. */
function compared(dirs, keys) {
  const failures = [];
  const found = new Set();
  for (const path of dirs.flatMap(transcriptsIn)) {
    for (const line of readFileSync(path, 'utf8').split('\n')) {
      try {
        if (line !== '') found.add(JSON.parse(line).key);
      } catch {
        failures.push(`torn line in ${path}: ${line.slice(0, 80)}`);
      }
    }
  }
  return [...failures, ...keys.filter((key) => !found.has(key)).map((key) => `lost: ${key}`)];
}

function transcriptsIn(dir) {
  try {
    return readdirSync(dir)
      .filter((name) => name.endsWith('.jsonl'))
      .map((name) => join(dir, name));
  } catch {
    return [];
  }
}
