import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { resolveConfigDirs } from '../../src/claude/config-dir.js';
import type { ConfigDir } from '../../src/claude/model.js';
import { temporaryFolder } from './temporary.js';

/** Members given to a line builder; they win over its defaults. */
export type Members = Record<string, unknown>;

let serial = 0;

function uuid(): string {
  return `aaaaaaaa-0000-4000-8000-${String(++serial).padStart(12, '0')}`;
}

const COMMON = { isSidechain: false, cwd: '/home/dev/app', version: '2.1.330', gitBranch: 'main', entrypoint: 'cli' };

/** A prompt as Claude Code writes it. */
export function promptLine(text: string, members: Members = {}): string {
  return line({
    type: 'user',
    message: { role: 'user', content: text },
    uuid: uuid(),
    timestamp: '2026-11-20T10:00:00.000Z',
    ...COMMON,
    ...members,
  });
}

/** One answer line of the response `id`. */
export function answerLine(id: string, text: string, members: Members = {}): string {
  const usage = { input_tokens: 1, output_tokens: 2, cache_read_input_tokens: 3, cache_creation_input_tokens: 4 };
  const message = { id, role: 'assistant', model: 'claude-a', content: [{ type: 'text', text }], usage };
  return line({
    type: 'assistant',
    message,
    uuid: uuid(),
    timestamp: '2026-11-20T10:00:05.000Z',
    ...COMMON,
    ...members,
  });
}

/** Any entry. */
export function line(entry: Members): string {
  return `${JSON.stringify(entry)}\n`;
}

/** A temporary config dir with the given files (path below it → content). */
export function temporaryHome(files: Record<string, string | Buffer>): ConfigDir {
  const path = temporaryFolder('config');
  for (const [name, content] of Object.entries(files)) addFile(path, name, content);
  return configDirAt(path);
}

/** Writes a file below a folder, with the folders on the way. */
export function addFile(folder: string, name: string, content: string | Buffer): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

/** A config dir at a path. */
export function configDirAt(path: string): ConfigDir {
  return resolveConfigDirs({ explicit: [path], env: {}, home: '/nowhere', cwd: '/' })[0] as ConfigDir;
}
