// Sessions to try things on, in a home of their own.
import { mkdirSync, realpathSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Two months ago: sessions that a prune may remove. */
const START_MS = Math.floor(Date.now() / 86_400_000 - 60) * 86_400_000;

/** Claude Code's name for the project dir of a folder. */
export function projectKey(folder) {
  return folder.replace(/[^a-zA-Z0-9]/g, '-');
}

/** The n-th session id. */
export function sessionId(n) {
  return `7075e000-0000-4000-8000-${String(n).padStart(12, '0')}`;
}

/** Makes a home below `scratch`, with folders to work in. */
export function makeHome(scratch, name, folders) {
  mkdirSync(join(scratch, name), { recursive: true });
  const home = realpathSync(join(scratch, name));
  for (const folder of folders) mkdirSync(join(home, folder), { recursive: true });
  return home;
}

/** Path of the project dir of a folder of a home. */
export function projectDir(home, folder) {
  return join(home, '.claude/projects', projectKey(join(home, folder)));
}

/** Writes a file for its owner alone, and the folders above it. */
export function writePrivate(path, content) {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, content, { mode: 0o600 });
  utimesSync(path, START_MS / 1000, START_MS / 1000);
}

/**
 * Writes a session with `turns` prompts and answers. With `results`, each of its tool results is in a file; with
 * `rest`, it has all else that can belong to a session.
 */
export function writeSession(home, folder, n, { turns = 4, results = false, rest = false, random }) {
  const id = sessionId(n);
  const dir = projectDir(home, folder);
  const cwd = join(home, folder);
  const lines = [];
  let parentUuid = null;
  const add = (entry) => {
    const uuid = `${id.slice(0, 24)}${random.hex(12)}`;
    const timestamp = new Date(START_MS + lines.length * 1000).toISOString();
    lines.push(
      JSON.stringify({
        parentUuid,
        isSidechain: false,
        userType: 'external',
        cwd,
        sessionId: id,
        version: '2.1.330',
        ...entry,
        uuid,
        timestamp,
      }),
    );
    parentUuid = uuid;
  };
  for (let turn = 1; turn <= turns; turn++) {
    add({ type: 'user', message: { role: 'user', content: `Prompt ${turn} of ${n}` } });
    const content = [{ type: 'text', text: `Answer ${turn}. ${'x'.repeat(random.whole(0, 400))}` }];
    const usage = { input_tokens: random.whole(1, 9999), output_tokens: random.whole(1, 999) };
    add({
      type: 'assistant',
      message: { id: `msg_${n}_${turn}`, role: 'assistant', model: 'claude-opus-4-5', content, usage },
      requestId: `req_${n}_${turn}`,
    });
    if (!results) continue;
    const file = join(dir, id, 'tool-results', `b${turn}.txt`);
    if (turn < 4) writePrivate(file, `output ${turn}`);
    const result = {
      type: 'tool_result',
      tool_use_id: `toolu_${turn}`,
      content: `<persisted-output>\nFull output saved to: ${file}\n`,
    };
    add({
      type: 'user',
      message: { role: 'user', content: [result] },
      toolUseResult: { persistedOutputPath: file, persistedOutputSize: 40_000 },
    });
  }
  const transcript = join(dir, `${id}.jsonl`);
  writePrivate(transcript, `${lines.join('\n')}\n`);
  if (rest) writeRest(home, dir, id, n);
  utimesSync(transcript, START_MS / 1000, START_MS / 1000 + n);
  return transcript;
}

function writeRest(home, dir, id, n) {
  const claude = join(home, '.claude');
  const task = {
    type: 'user',
    isSidechain: true,
    sessionId: id,
    agentId: `a${n}`,
    uuid: sessionId(n + 500),
    message: { role: 'user', content: 'Look' },
  };
  const agent = `${JSON.stringify(task)}\n`;
  writePrivate(join(dir, id, 'subagents', `agent-a${n}.jsonl`), agent);
  writePrivate(join(dir, id, 'subagents', `agent-a${n}.meta.json`), '{"agentType":"general"}');
  writePrivate(join(dir, id, 'custom-title.json'), `{"customTitle":"Title ${n}"}`);
  writePrivate(join(claude, 'file-history', id, '0123456789abcdef@v1'), 'checkpoint');
  writePrivate(join(claude, 'todos', `${id}-agent-${id}.json`), '[{"content":"do it","status":"pending"}]');
  writePrivate(join(claude, 'tasks', id, '1.json'), '{"subject":"task"}');
  writePrivate(join(claude, 'session-env', id, 'hook-0.sh'), 'export A=1\n');
}
