import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { makeFolders } from '../../system/make-folders.js';
import { requirePlainFolder } from '../../system/safe-path.js';
import type { SessionId } from '../../claude/scan/scan.js';
import type { ConfigDir } from '../../claude/model.js';
import { parseObject, readStart } from '../../system/small-file.js';
import { replaceFile } from '../../system/write-file.js';
import { ownFolder } from '../lock.js';
import type { Reason } from '../model.js';
import { DAY_MS } from '../../system/time.js';

const MAX_BYTES = 4096;
/** How long a restored session is protected. */
const PROTECTED_MS = 30 * DAY_MS;

/** Notes that a session was brought back, apart from its own files, which stay as they were byte for byte. */
export function markRestored(configDir: ConfigDir, id: SessionId, nowMs: number): void {
  const file = markOf(configDir, id);
  for (const folder of [ownFolder(configDir), dirname(file)]) requirePlainFolder(folder);
  makeFolders(join(file, '..'));
  replaceFile(file, `${JSON.stringify({ at: new Date(nowMs).toISOString() })}\n`);
}

/** True if a session was restored from the trash so recently that no prune removes it; also in doubt. */
export function restoredReasons(configDir: ConfigDir, id: string, nowMs: number): Reason<'restored'>[] {
  const text = readStart(markOf(configDir, id), MAX_BYTES)?.text;
  if (text === undefined) return [];
  const at = parseObject(text)?.['at'];
  const ms = typeof at === 'string' ? Date.parse(at) : NaN;
  if (Number.isNaN(ms)) return [{ code: 'restored', detail: null }];
  return nowMs - ms < PROTECTED_MS ? [{ code: 'restored', detail: new Date(ms).toISOString() }] : [];
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
