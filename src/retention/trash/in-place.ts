import { renameSync } from 'node:fs';
import { temporaryBeside } from '../../system/write-file.js';
import { placeOf, type TrashEntry } from './trash-entry.js';
import { removeTree } from './tree.js';

/**
 * Sets a session aside without a byte of free space: each root takes a name beside its place that is no session's, with no
 * entry in the trash. Throws Node's error; `moveBack` undoes it, and after a kill `putBackStrays`.
 */
export function setAside(entry: TrashEntry): void {
  for (const root of entry.session.roots) renameSync(placeOf(root), entry.waiting(root));
}

/**
 * Deletes a session that was set aside. Its transcript goes first, under a temporary name that the next run sweeps, so
 * that a kill leaves files without a session at most (`prune --orphans`). Throws Node's error.
 */
export function deleteAside(entry: TrashEntry): void {
  const { id, roots } = entry.session;
  const transcript = roots.find(({ path }) => path.endsWith(`${id}.jsonl`));
  if (transcript !== undefined) {
    const doomed = temporaryBeside(placeOf(transcript));
    renameSync(entry.waiting(transcript), doomed);
    removeTree(doomed);
  }
  for (const root of roots) removeTree(entry.waiting(root));
}
