import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isSessionId } from '../../claude/scan/scan.js';
import { isAbandoned, meantName } from '../../system/write-file.js';

/** Nothing takes that long to make: what is older was left by a crash. */
const LEFT_BEHIND_MS = 60 * 60 * 1000;

/**
 * Removes what crashed runs left in a folder under temporary names of sessions: their process has ended, or it is over an
 * hour old. Never throws.
 */
export function sweepTemporaries(folder: string, nowMs: number): void {
  try {
    for (const name of readdirSync(folder)) {
      const meant = meantName(name)?.replace(/\.jsonl$/, '');
      if (meant === undefined || !isSessionId(meant)) continue;
      const path = join(folder, name);
      if (isAbandoned(name) || nowMs - lstatSync(path).mtimeMs > LEFT_BEHIND_MS)
        rmSync(path, { recursive: true, force: true });
    }
  } catch {
    // Tidying up is no reason to fail.
  }
}
