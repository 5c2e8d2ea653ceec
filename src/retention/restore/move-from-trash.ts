import { renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolders } from '../../system/make-folders.js';
import { errorCode } from '../../system/problem.js';
import type { CopiedPart } from '../../transcript/late-lines.js';
import type { KeepReplaced } from '../replaced.js';
import { copyTree, flush } from '../trash/copy-tree.js';
import type { TrashedRoot } from '../trash/manifest.js';
import { keepDamaged } from '../trash/packing/salvage.js';
import { originalPath, type TrashEntry } from '../trash/trash-entry.js';
import { removeTree, statIfExists } from '../trash/tree.js';
import { isJoined, joinTranscripts } from './join-transcripts.js';
import { putBack } from './put-back.js';

/** How a session is moved out of the trash. */
export interface MoveOptions {
  /** Keeps remainders that joined transcripts replace. */
  keepReplaced: KeepReplaced;
  /** Called before a joined transcript is renamed to its path; may throw. */
  beforeJoining?(): void;
  /** True for the first attempt, so that there are no copies of an earlier one. */
  isFirst?: boolean;
}

/** Returns the original paths of a session at which something exists. */
export function takenPaths(entry: TrashEntry): string[] {
  return entry.session.roots.map(originalPath).filter((path) => statIfExists(path) !== undefined);
}

/** Returns true if the whole session is still in its entry and nothing of it elsewhere. */
export function isStillInTrash(entry: TrashEntry): boolean {
  const { roots } = entry.session;
  if (roots.some((root) => statIfExists(entry.storedPath(root)) === undefined)) return false;
  if (!areAllFree(roots.map((root) => entry.copyPath(root)))) return false;
  const [first] = roots;
  if (first !== undefined && meetsRemainder(entry, first))
    return !isJoined(entry.storedPath(first), originalPath(first));
  return roots.every((root) => statIfExists(originalPath(root)) === undefined);
}

/** Returns true for a trashed transcript at whose path another one exists. */
function meetsRemainder(entry: TrashEntry, root: TrashedRoot): boolean {
  const paths = [entry.storedPath(root), originalPath(root)];
  return root.path.endsWith('.jsonl') && paths.every((path) => statIfExists(path)?.isFile() === true);
}

/**
 * Moves a session's roots from its entry, in state `restoring` or `copied`, to their original paths, and removes the
 * entry; may be called again after a kill. Transcripts that exist there are joined by `joinTranscripts`, the rest by
 * `putBack`.
 */
export function moveFromTrash(
  entry: TrashEntry,
  { keepReplaced, beforeJoining: beforeReplacing = () => {}, isFirst = false }: MoveOptions,
): void {
  for (const root of entry.session.roots) {
    const original = originalPath(root);
    makeFolders(dirname(original));
    const stored = entry.storedPath(root);
    const temporary = `${entry.copyPath(root)}.joined`;
    let hasCopy = !isFirst;
    if (!isFirst) removeTree(temporary);
    if (entry.state !== 'copied' || areAllFree([entry.copyPath(root), original])) {
      const keepOld = (copied: CopiedPart): (() => void) => keepReplaced(root, copied);
      if (meetsRemainder(entry, root)) joinTranscripts(stored, original, { temporary, beforeReplacing, keepOld });
      try {
        putBack(stored, original);
      } catch (error) {
        if (errorCode(error) !== 'EXDEV') throw error;
        copyOut(entry, root);
        hasCopy = true;
      }
    }
    if (!hasCopy) continue;
    putBack(entry.copyPath(root), original);
    if (!entry.isBare) removeTree(copiedOf(stored));
  }
  keepDamaged(entry);
  entry.delete();
}

function areAllFree(paths: readonly string[]): boolean {
  return paths.every((path) => statIfExists(path) === undefined);
}

/**
 * Copies a root out of the trash. The stored root is marked once the copy is complete; only then may the copy be
 * renamed to its original path.
 */
function copyOut(entry: TrashEntry, root: TrashedRoot): void {
  const stored = entry.storedPath(root);
  const copy = entry.copyPath(root);
  removeTree(copy);
  copyTree(stored, copy);
  flush(dirname(copy));
  if (entry.isBare) entry.setState('copied');
  else renameSync(stored, copiedOf(stored));
}

function copiedOf(stored: string): string {
  return `${stored}.copied`;
}
