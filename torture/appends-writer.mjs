// One writer of appends.mjs: sends the keys of acknowledged lines.
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { Random } from '../bench/random.mjs';
import { root } from './program.mjs';
import { sessionId } from './sessions.mjs';

const MAX_HOLD_MS = 10;
const AT_ONCE = 4;
const APPEND = constants.O_WRONLY | constants.O_APPEND;
/** States that a session may have while it is being moved; anything else is an error. */
const AWAY = /was moved to another project|is gone|no session|not found|ENOENT/i;

const state = { isStopped: false };
process.on('message', async (task) => {
  if (task === 'stop') state.isStopped = true;
  else {
    process.send(await write(task), () => process.disconnect());
  }
});

async function write({ kind, count, dirs, sessions, seed, peers }) {
  const random = new Random(`${kind} ${seed}`);
  const keys = [];
  const failures = [];
  const ways = { plain: () => appendPlain, ours: () => tagOurs(), sdk: () => tagSdk(peers) };
  const append = await ways[kind]();
  let left = count;
  const one = async () => {
    while (left > 0 && !state.isStopped) {
      const key = `${kind}-${seed}-${left}`;
      left -= 1;
      try {
        if (
          await append({ key, id: sessionId(random.whole(1, sessions)), dirs, holdMs: random.between(0, MAX_HOLD_MS) })
        )
          keys.push(key);
      } catch (error) {
        if (!AWAY.test(error.message)) failures.push(`${kind}: ${error.message}`);
      }
    }
  };
  await Promise.all(Array.from({ length: kind === 'plain' ? AT_ONCE : 1 }, one));
  return { keys, failures };
}

/** As any program appends to a file that must be there: open, wait, write, close. */
async function appendPlain({ key, id, dirs, holdMs }) {
  const fd = openExisting(dirs.map((dir) => join(dir, `${id}.jsonl`)));
  if (fd === null) return false;
  await sleep(holdMs);
  writeSync(fd, `${JSON.stringify({ type: 'system', subtype: 'informational', key, sessionId: id })}\n`);
  closeSync(fd);
  return true;
}

function openExisting(paths) {
  for (const path of paths) {
    try {
      return openSync(path, APPEND);
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
    }
  }
  return null;
}

async function tagOurs() {
  const { getSession } = await import(pathToFileURL(join(root, 'dist/index.js')).href);
  let calls = 0;
  return async ({ key, id }) => {
    const session = await getSession(id);
    if (session === null) return false;
    // The change is done before the record is read anew, which fails if the session has been moved since.
    const change = calls++ % 2 === 0 ? session.tag(key) : session.rename(key);
    await change;
    return true;
  };
}

async function tagSdk(peers) {
  const sdk = await import(pathToFileURL(join(peers, 'node_modules/@anthropic-ai/claude-agent-sdk/sdk.mjs')).href);
  let calls = 0;
  return async ({ key, id }) => {
    await (calls++ % 2 === 0 ? sdk.tagSession(id, key) : sdk.renameSession(id, key));
    return true;
  };
}
