// Many small sessions, for what costs a step each. `node many.mjs rename FOLDER` gives each file below it another name
// and is the least that moving as many could take.
import { mkdirSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const AT = '2026-01-02T03:04:05.000Z';
const PROJECTS = 50;

/**
 * Makes a config dir with a number of sessions of one prompt and its answer, all of one old day; replaces what exists.
 */
export function makeSessions(configDir, count) {
  rmSync(configDir, { recursive: true, force: true });
  for (let n = 0; n < count; n++) {
    const cwd = `/home/me/project${n % PROJECTS}`;
    const folder = join(configDir, 'projects', cwd.replaceAll('/', '-'));
    if (n < PROJECTS) mkdirSync(folder, { recursive: true });
    const sessionId = `${n.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`;
    const common = { sessionId, cwd, timestamp: AT, version: '2.1.330', entrypoint: 'cli' };
    const lines = [
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
    ];
    const path = join(folder, `${sessionId}.jsonl`);
    writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    utimesSync(path, Date.parse(AT) / 1000, Date.parse(AT) / 1000);
  }
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
