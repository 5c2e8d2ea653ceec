import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findTranscripts } from '../../claude/scan/find-transcript.js';
import type { ConfigDir } from '../../claude/model.js';
import { isSessionId } from '../../claude/scan/scan.js';
import { isAbandoned, meantName } from '../../system/write-file.js';

/** Nothing takes that long to make: what is older was left by a crash. */
const LEFT_BEHIND_MS = 60 * 60 * 1000;

/**
 * Removes what crashed runs left in a folder under temporary names of sessions: their process has ended, or it is over
 * an hour old. Where the transcript of a fork never got its name, its side folder and saved files go too. Never throws.
 */
export function sweepTemporaries(folder: string, configDir: ConfigDir, nowMs: number): void {
  try {
    for (const name of readdirSync(folder)) {
      const meant = meantName(name)?.replace(/\.jsonl$/, '');
      if (meant === undefined || !isSessionId(meant)) continue;
      const path = join(folder, name);
      if (!isAbandoned(name) && nowMs - lstatSync(path).mtimeMs <= LEFT_BEHIND_MS) continue;
      if (lstatSync(path).isFile() && findTranscripts([configDir], meant).length === 0)
        for (const own of [join(folder, meant), join(configDir.path, 'file-history', meant)])
          rmSync(own, { recursive: true, force: true });
      rmSync(path, { recursive: true, force: true });
    }
  } catch {
    // A failed clean-up does not make the run fail.
  }
}
