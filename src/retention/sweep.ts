import { closeSync, lstatSync, openSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { findTranscripts } from '../claude/scan/find-transcript.js';
import type { ConfigDir } from '../claude/model.js';
import { isSessionId } from '../claude/scan/scan.js';
import { abandonedIn, removeQuietly, sweepTemporaries, temporaryNextTo } from '../system/temporaries.js';
import { PRIVATE_FILE } from '../system/write-file.js';
import { ownFolder } from './lock.js';
import { exists } from '../system/stat.js';

const SIDECARS = ['custom-title.json', 'archived.json', 'pinned.json'];

/** Empty file in ccsess's own folder; its mtime is the start of the last sweep that left nothing in side folders. */
const SWEPT = 'swept';
/** Number of side folders from which the file saves more time than it costs. */
const MIN_FOLDERS = 100;
/** Resolution of times on the coarsest file systems. */
const COARSE_MS = 2000;

/**
 * Removes the temporary files that killed runs left in project dirs, side folders and `file-history`, and the files of
 * forks whose transcript never appeared. To be called under the lock, with no move or removal unfinished. Never throws.
 */
export function sweepConfigDir(configDir: ConfigDir): void {
  sweepNewSessions(join(configDir.path, 'file-history'), configDir);
  for (const project of foldersIn(configDir.projectsRoot)) sweepNewSessions(project, configDir);
  sweepSideFolders(configDir);
}

/** Lists only folders that changed since the last sweep: listing thousands of them takes a second. */
function sweepSideFolders(configDir: ConfigDir): void {
  const swept = join(ownFolder(configDir), SWEPT);
  const sweptMs = modifiedMs(swept) ?? -Infinity;
  const changed = foldersIn(configDir.projectsRoot)
    .flatMap(foldersIn)
    .filter((folder) => (modifiedMs(folder) ?? Infinity) >= sweptMs - COARSE_MS);
  const begun = changed.length < MIN_FOLDERS ? null : beginSweep(swept);
  const left = changed.filter((folder) => !sweepTemporaries(folder, (finalName) => SIDECARS.includes(finalName)));
  endSweep(begun, left.length === 0 ? swept : null);
}

/** Creates a file whose mtime is the start of the sweep, by the clock of the file system; null if it cannot. */
function beginSweep(swept: string): string | null {
  const path = temporaryNextTo(swept);
  try {
    closeSync(openSync(path, 'wx', PRIVATE_FILE));
    return path;
  } catch {
    return null;
  }
}

function endSweep(begun: string | null, swept: string | null): void {
  if (begun === null) return;
  try {
    if (swept !== null) return renameSync(begun, swept);
  } catch {
    // The next sweep lists every folder again.
  }
  removeQuietly(begun);
}

function modifiedMs(path: string): number | null {
  try {
    return lstatSync(path).mtimeMs;
  } catch {
    return null;
  }
}

/**
 * Removes temporary files of sessions from a project dir or `file-history`, with the side folder and saved files of a
 * fork that was never finished. Without the lock, `only` limits these to one session. Never throws.
 */
export function sweepNewSessions(folder: string, configDir: ConfigDir, only?: string): void {
  for (const { name, finalName, isBusy } of abandonedIn(folder, (each) => isSessionId(each.replace(/\.jsonl$/, '')))) {
    const id = finalName.replace(/\.jsonl$/, '');
    const path = join(folder, name);
    const isFork = id !== finalName && exists(path);
    if (isFork && !isBusy && findTranscripts([configDir], id).length === 0) {
      const orphans = [join(folder, id), join(configDir.path, 'file-history', id)].filter(exists);
      if (only !== undefined && only !== id && orphans.length > 0) continue;
      for (const own of orphans) removeQuietly(own);
    }
    removeQuietly(path);
  }
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
