// Many small sessions, to measure what a step costs per session. `node many.mjs rename FOLDER` renames each file below
// FOLDER, which is the minimum of work to move this number of sessions.
import { mkdirSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Time of all sessions. */
export const AT = '2026-01-02T03:04:05.000Z';
const PROJECTS = 50;

/**
 * Makes a config dir with a number of sessions of one prompt and its answer, all of one old day. Replaces an existing
 * one.
 */
export function makeSessions(configDir, count, projects = PROJECTS) {
  rmSync(configDir, { recursive: true, force: true });
  for (let n = 0; n < count; n++) {
    const cwd = `/home/me/project${n % projects}`;
    const folder = join(configDir, 'projects', cwd.replaceAll('/', '-'));
    if (n < projects) mkdirSync(folder, { recursive: true });
    const sessionId = `${n.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`;
    const path = join(folder, `${sessionId}.jsonl`);
    writeFileSync(
      path,
      oneTurn(sessionId, cwd, n)
        .map((line) => `${line}\n`)
        .join(''),
    );
    utimesSync(path, Date.parse(AT) / 1000, Date.parse(AT) / 1000);
  }
}

/** The lines of a prompt and its answer; `n` makes them differ from those of others. */
export function oneTurn(sessionId, cwd, n) {
  const common = { sessionId, cwd, timestamp: AT, version: '2.1.330', entrypoint: 'cli' };
  return [
    {
      ...common,
      type: 'user',
      uuid: sessionId.replace('-8000-', '-8001-'),
      parentUuid: null,
      message: { role: 'user', content: `Prompt ${n}` },
    },
    {
      ...common,
      type: 'assistant',
      uuid: sessionId.replace('-8000-', '-8002-'),
      parentUuid: sessionId.replace('-8000-', '-8001-'),
      message: {
        id: `msg_${n}`,
        role: 'assistant',
        model: 'claude-opus-5-5',
        content: [{ type: 'text', text: 'Answer' }],
        usage: { input_tokens: 3, output_tokens: 5 },
      },
    },
  ].map((line) => JSON.stringify(line));
}

if (process.argv[2] === 'rename') {
  const projects = join(process.argv[3], 'projects');
  for (const project of readdirSync(projects)) {
    for (const name of readdirSync(join(projects, project))) {
      const path = join(projects, project, name);
      renameSync(path, path.endsWith('.moved') ? path.slice(0, -'.moved'.length) : `${path}.moved`);
    }
  }
}
