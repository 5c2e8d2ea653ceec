import { renameSync } from 'node:fs';
import { temporaryNextTo } from '../../system/temporaries.js';
import { hasSafePaths } from '../trash/safe-paths.js';
import { originalPath, type TrashEntry } from '../trash/trash-entry.js';
import { removeTree, statIfExists } from '../trash/tree.js';

/** Deletes an entry and the staged files of its session; may be called again after a kill. */
export function deleteForGood(entry: TrashEntry): void {
  if (entry.state === 'kept') entry.setState('emptying');
  const staged = entry.session.roots
    .map((root) => entry.stagedPath(root))
    .filter((path) => statIfExists(path) !== undefined);
  if (staged.length > 0 && hasSafePaths(entry)) for (const path of staged) removeTree(path);
  entry.delete();
}

/**
 * Renames each root of a session to its staged path, without an entry in the trash; this needs no free space. Throws
 * Node's error; `moveBack` undoes it, and after a kill `putBackStranded`.
 */
export function setAside(entry: TrashEntry): void {
  for (const root of entry.session.roots) renameSync(originalPath(root), entry.stagedPath(root));
}

/**
 * Deletes a session that was set aside. Its transcript is deleted first, under a temporary name that the next run
 * sweeps, so that a kill leaves at most leftovers (`orphans`). Throws Node's error.
 */
export function deleteAside(entry: TrashEntry): void {
  const { id, roots } = entry.session;
  const transcript = roots.find(({ path }) => path.endsWith(`${id}.jsonl`));
  if (transcript !== undefined) {
    const doomed = temporaryNextTo(originalPath(transcript));
    renameSync(entry.stagedPath(transcript), doomed);
    removeTree(doomed);
  }
  for (const root of roots) removeTree(entry.stagedPath(root));
}
