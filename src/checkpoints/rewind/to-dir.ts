import { join } from 'node:path';
import { isSafeRelativePath } from '../../system/safe-path.js';
import { findBackup, historyFolder } from '../contents.js';
import { countLines } from '../line-changes.js';
import type { Checkpoint } from '../model.js';
import { headOf, recordOf, type CheckpointSession } from '../report.js';
import { stateOf } from '../state.js';
import { requireEmpty, writeNewFolder, type CopiedFile } from './new-folder.js';
import type { RewindPlan, RewoundFile, SkippedFile } from './model.js';
import type { RewindOptions } from './plan.js';
import { skipped } from './skips.js';

/** Folder for files outside the session's folder. */
const OUTSIDE = '_outside';

/** A plan to copy a state into a new folder. */
export interface PreparedCopy {
  plan: RewindPlan;
  contents: readonly CopiedFile[];
}

/**
 * Plans writing the files of a state into a new folder, under their paths relative to the session's folder; nothing is
 * written. Throws EXISTS unless the folder is missing or empty.
 */
export async function planCopy(
  { record, row, history }: CheckpointSession,
  checkpoint: Checkpoint,
  toDir: string,
  { outside, isIncluded }: RewindOptions,
): Promise<PreparedCopy> {
  requireEmpty(toDir);
  const folder = historyFolder(row.file);
  const files: RewoundFile[] = [];
  const skips: SkippedFile[] = [];
  const contents: CopiedFile[] = [];
  for (const [trackingPath, backup] of stateOf(history, checkpoint)) {
    if (!isIncluded(trackingPath) || backup?.name === null) continue;
    const destination = destinationOf(trackingPath);
    const skip = (reason: SkippedFile['reason']): unknown =>
      skips.push(skipped({ trackingPath, path: trackingPath }, reason));
    const found = backup === null ? null : findBackup(folder, backup);
    if (destination === null) skip('unsafe-path');
    else if (destination.isOutside && !outside) skip('outside');
    else if (found === null) skip('no-first-version');
    else if ('refusal' in found) skip(found.refusal);
    else {
      const { insertions, deletions, kind } = await countLines(null, found.path);
      const lines = kind === 'text' ? { insertions, deletions } : { insertions: null, deletions: null };
      const absolutePath = join(toDir, destination.path);
      const about = { outside: destination.isOutside, changedSince: false, fingerprint: '' };
      files.push({ path: trackingPath, absolutePath, action: 'create', ...lines, kind, ...about });
      contents.push({ path: destination.path, from: found.path, mode: found.stats.mode & 0o777 });
    }
  }
  const plan: RewindPlan = {
    ...headOf(record),
    dryRun: true,
    checkpoint: recordOf(checkpoint),
    toDir,
    canRewind: true,
    error: null,
    filesChanged: files.map(({ absolutePath }) => absolutePath),
    insertions: files.reduce((sum, { insertions }) => sum + (insertions ?? 0), 0),
    deletions: 0,
    skippedLinks: 0,
    files,
    skipped: skips,
    unchanged: 0,
    warnings: [],
    undo: null,
    fork: null,
  };
  return { plan, contents };
}

/** Returns the path in the new folder for a tracked path; null for a path that Claude Code does not write. */
function destinationOf(trackingPath: string): { path: string; isOutside: boolean } | null {
  if (isSafeRelativePath(trackingPath)) return { path: trackingPath, isOutside: false };
  const below = trackingPath.replace(/^\//, '');
  return isSafeRelativePath(below) ? { path: join(OUTSIDE, below), isOutside: true } : null;
}

/** Writes the files of a state into a new folder, which appears whole or not at all. Throws IO. */
export function applyCopy({ plan, contents }: PreparedCopy): RewindPlan {
  writeNewFolder(plan.toDir ?? '', contents);
  return { ...plan, dryRun: false };
}
