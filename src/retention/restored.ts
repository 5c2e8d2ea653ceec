import { mkdirSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { ConfigDir } from '../claude/model.js';
import { parseObject, readStart } from '../claude/small-file.js';
import { PRIVATE_FOLDER, replaceFile } from '../claude/write-file.js';
import { ownFolder } from './lock.js';

const MOST_BYTES = 4096;

/** Notes that a session was brought back, apart from its own files, which stay as they were byte for byte. */
export function markRestored(configDir: ConfigDir, id: string, nowMs: number): void {
  const file = markOf(configDir, id);
  mkdirSync(join(file, '..'), { recursive: true, mode: PRIVATE_FOLDER });
  replaceFile(file, `${JSON.stringify({ at: new Date(nowMs).toISOString() })}\n`);
}

/** When a session was last brought back from the trash, milliseconds; `null` if it never was. Never throws. */
export function restoredAt(configDir: ConfigDir, id: string): number | null {
  const at = parseObject(readStart(markOf(configDir, id), MOST_BYTES)?.text ?? '')?.['at'];
  const ms = typeof at === 'string' ? Date.parse(at) : NaN;
  return Number.isNaN(ms) ? null : ms;
}

/** The sessions that were ever brought back from the trash, by id. Never throws. */
export function restoredIds(configDir: ConfigDir): ReadonlySet<string> {
  try {
    return new Set(readdirSync(join(ownFolder(configDir), 'restored')).map((name) => basename(name, '.json')));
  } catch {
    return new Set();
  }
}

function markOf(configDir: ConfigDir, id: string): string {
  return join(ownFolder(configDir), 'restored', `${id}.json`);
}
