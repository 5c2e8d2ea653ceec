import { mkdirSync, renameSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '../../system/problem.js';
import { PRIVATE_FOLDER } from '../../system/write-file.js';
import { beginsWith, copyTree, flush } from '../trash/copy-tree.js';
import { appendRange } from '../restore/late-lines.js';
import { putBack } from '../restore/put-back.js';
import type { TrashedRoot } from '../trash/manifest.js';
import { originalPath, type TrashEntry } from '../trash/trash-entry.js';
import { isSameTree, type NodeKind, removeTree, statIfExists, treeOf } from '../trash/tree.js';

/**
 * Moves a session's roots into its entry, which is new and in state `moving`. For a trash on another file system, each
 * root is first renamed to its staged path and copied from there. Returns true if one was copied. Throws Node's errors;
 * `moveBack` then undoes what was done.
 */
export function moveToTrash(entry: TrashEntry): boolean {
  const [first] = entry.session.roots;
  if (entry.isBare && first !== undefined) {
    try {
      renameSync(originalPath(first), entry.storedPath(first));
      return false;
    } catch (error) {
      if (errorCode(error) !== 'EXDEV') throw error;
      entry.useFolder();
    }
  }
  let isCopied = false;
  mkdirSync(entry.folder, { mode: PRIVATE_FOLDER });
  for (const root of entry.session.roots) {
    const stored = entry.storedPath(root);
    try {
      renameSync(originalPath(root), stored);
    } catch (error) {
      if (errorCode(error) !== 'EXDEV') throw error;
      const staged = entry.stagedPath(root);
      renameSync(originalPath(root), staged);
      copyTree(staged, partOf(stored));
      renameSync(partOf(stored), stored);
      isCopied = true;
    }
  }
  return isCopied;
}

/**
 * Returns true if a session was written to while it was moved, or anything exists again at one of `paths`, so that it
 * must be moved back. `isCopied` is what `moveToTrash` returned.
 */
export function hasChanged(entry: TrashEntry, paths: readonly string[], isCopied: boolean): boolean {
  if (paths.some((path) => statIfExists(path) !== undefined)) return true;
  const isWaiting = (root: TrashedRoot): boolean => isCopied && statIfExists(entry.stagedPath(root)) !== undefined;
  return entry.session.roots.some(
    (root) => !isSameTree(root.nodes, treeOf(isWaiting(root) ? entry.stagedPath(root) : entry.storedPath(root))),
  );
}

/**
 * Finishes `moveToTrash`, even after a kill in state `moved`: the session is then in the trash alone. `isCopied` is
 * what `moveToTrash` returned, or true if that is not known.
 */
export function finishMove(entry: TrashEntry, isCopied: boolean): void {
  const { roots } = entry.session;
  const staged = isCopied ? roots.filter((root) => statIfExists(entry.stagedPath(root)) !== undefined) : [];
  if (staged.length > 0 && entry.state === 'moving') {
    flush(entry.folder);
    entry.setState('moved');
    flush(entry.runFolder);
  }
  // The transcript last, so that most of the session can be put back if the trash is gone after a kill.
  for (const root of staged.toReversed()) {
    carryLateLines(entry, root);
    removeTree(entry.stagedPath(root));
  }
  entry.setState('kept');
}

/**
 * Appends to a root's copy the lines that a program wrote to the original after the two were compared. After a kill the
 * copy may have some of them already.
 */
function carryLateLines(entry: TrashEntry, root: TrashedRoot): void {
  for (const { kind, path, bytes } of root.nodes) {
    if (kind !== 'file' || !(path === '' ? root.path : path).endsWith('.jsonl')) continue;
    const [from, to] = [join(entry.stagedPath(root), path), join(entry.storedPath(root), path)];
    const [late, copied] = [statIfExists(from), statIfExists(to)];
    if (late?.isFile() !== true || copied?.isFile() !== true) continue;
    if (copied.size < bytes || late.size <= copied.size) continue;
    appendRange(from, { start: copied.size, end: late.size }, to);
    utimesSync(to, late.atimeMs / 1000, late.mtimeMs / 1000);
  }
}

/**
 * Undoes `moveToTrash` at any stage; may be called again after a kill. The session is then whole at its path, and its
 * entry is gone.
 */
export function moveBack(entry: TrashEntry): void {
  for (const root of entry.session.roots) {
    const stored = entry.storedPath(root);
    const staged = entry.stagedPath(root);
    if (statIfExists(staged) !== undefined) {
      // The copy is deleted before the staged root is moved: without a staged root, the stored one is the original.
      removeTree(partOf(stored));
      removeTree(stored);
      putBack(staged, originalPath(root));
    } else if (!isBack(entry, root)) {
      putBack(stored, originalPath(root));
      putBack(staged, originalPath(root));
    }
  }
  entry.delete();
}

/**
 * Returns true if a root was put back while its entry could not be found (`stranded.ts`), so that the stored one is a
 * copy. The session may have been continued since then.
 */
function isBack(entry: TrashEntry, root: TrashedRoot): boolean {
  const [original, copy] = [originalPath(root), entry.storedPath(root)];
  const [there, stored] = [statIfExists(original), statIfExists(copy)];
  if (there === undefined || stored === undefined) return false;
  // Both paths name one file if `putBack` was killed before it removed one; a remainder may still have to be appended.
  if (there.ino === stored.ino && there.dev === stored.dev) return false;
  return treeOf(copy).every(({ kind, path }) => isKept(join(copy, path), join(original, path), kind));
}

/** Returns true if `putBack` would keep what is at the original path, and add nothing of the copy to it. */
function isKept(copy: string, original: string, kind: NodeKind): boolean {
  const there = statIfExists(original);
  if (kind === 'folder') return there?.isDirectory() === true;
  if (kind !== 'file') return there !== undefined;
  return there?.isFile() === true && (!original.endsWith('.jsonl') || beginsWith(original, copy));
}

function partOf(stored: string): string {
  return `${stored}.part`;
}
