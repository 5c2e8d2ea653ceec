import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { findTranscripts } from '../claude/scan/find-transcript.js';
import type { ConfigDir } from '../claude/model.js';
import { isSessionId } from '../claude/scan/scan.js';
import { abandonedIn, removeQuietly, sweepTemporaries } from '../system/temporaries.js';

const SIDECARS = ['custom-title.json', 'archived.json', 'pinned.json'];

/**
 * Removes the temporary files that killed runs left in project dirs, side folders and `file-history`, and the files of
 * forks whose transcript never appeared. To be called under the lock, with no move or removal unfinished. Never throws.
 */
export function sweepConfigDir(configDir: ConfigDir): void {
  sweepNewSessions(join(configDir.path, 'file-history'), configDir);
  for (const project of foldersIn(configDir.projectsRoot)) {
    sweepNewSessions(project, configDir);
    for (const name of foldersIn(project)) sweepTemporaries(name, (meant) => SIDECARS.includes(meant));
  }
}

/**
 * Removes temporary files of sessions from a project dir or `file-history`. Where a transcript never got its name, the
 * side folder and saved files of that fork go too: without the lock, only those of the session `only`. Never throws.
 */
export function sweepNewSessions(folder: string, configDir: ConfigDir, only?: string): void {
  for (const { name, meant, isBusy } of abandonedIn(folder, (each) => isSessionId(each.replace(/\.jsonl$/, '')))) {
    const id = meant.replace(/\.jsonl$/, '');
    const path = join(folder, name);
    const isFork = id !== meant && isThere(path);
    if (isFork && !isBusy && findTranscripts([configDir], id).length === 0) {
      const orphans = [join(folder, id), join(configDir.path, 'file-history', id)].filter(isThere);
      if (only !== undefined && only !== id && orphans.length > 0) continue;
      for (const own of orphans) removeQuietly(own);
    }
    removeQuietly(path);
  }
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function foldersIn(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(path, name));
  } catch {
    return [];
  }
}
