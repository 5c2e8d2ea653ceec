import { mkdirSync, renameSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolders } from '../../system/make-folders.js';
import { errorCode } from '../../system/problem.js';
import { temporaryNextTo } from '../../system/temporaries.js';
import { PRIVATE_FOLDER } from '../../system/write-file.js';
import type { CopiedPart } from '../../transcript/late-lines.js';
import type { KeepReplaced } from '../replaced.js';
import { copyTree, flush } from '../trash/copy-tree.js';
import { isJoined, joinTranscripts } from '../restore/join-transcripts.js';
import { appendRange } from '../restore/late-lines.js';
import { putBack } from '../restore/put-back.js';
import type { TrashedRoot } from '../trash/manifest.js';
import { hasSafePaths } from '../trash/safe-paths.js';
import { keepDamaged } from '../trash/salvage.js';
import { originalPath, type TrashEntry } from '../trash/trash-entry.js';
import { isSameTree, statIfExists, removeTree, treeOf } from '../trash/tree.js';

/**
 * Moves a session's roots into its entry, which is new and in state `moving`. To another file system, each root is
 * first renamed next to itself, to a name that no session can have, and copied from there into an entry with a folder.
 * Returns true if one was copied. Throws system errors; `moveBack` undoes what was done by then.
 */
export function moveIn(entry: TrashEntry): boolean {
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
    const inside = entry.storedPath(root);
    try {
      renameSync(originalPath(root), inside);
    } catch (error) {
      if (errorCode(error) !== 'EXDEV') throw error;
      const staged = entry.stagedPath(root);
      renameSync(originalPath(root), staged);
      copyTree(staged, partOf(inside));
      renameSync(partOf(inside), inside);
      isCopied = true;
    }
  }
  return isCopied;
}

/**
 * True if a session was written to while it was moved, or anything exists again at one of `paths`: then it must come
 * back. `isCopied` is what `moveIn` returned.
 */
export function hasChanged(entry: TrashEntry, paths: readonly string[], isCopied: boolean): boolean {
  if (paths.some((path) => statIfExists(path) !== undefined)) return true;
  return entry.session.roots.some((root) => {
    const staged = entry.stagedPath(root);
    const isWaiting = isCopied && statIfExists(staged) !== undefined;
    return !isSameTree(root.nodes, treeOf(isWaiting ? staged : entry.storedPath(root)));
  });
}

/**
 * Ends what `moveIn` began, also after a kill in state `moved`: the session is in the trash and nowhere else.
 * `isCopied` is what `moveIn` returned, or true where that is not known.
 */
export function finishMove(entry: TrashEntry, isCopied: boolean): void {
  const { roots } = entry.session;
  const staged = isCopied
    ? roots.map((root) => entry.stagedPath(root)).filter((path) => statIfExists(path) !== undefined)
    : [];
  if (staged.length > 0 && entry.state === 'moving') {
    flush(entry.folder);
    entry.setState('moved');
    flush(entry.runFolder);
  }
  // The transcript last: should the trash be gone after a kill, as much as can be is put back.
  for (const root of roots.toReversed()) {
    if (!staged.includes(entry.stagedPath(root))) continue;
    carryLateLines(entry, root);
    removeTree(entry.stagedPath(root));
  }
  entry.setState('kept');
}

/**
 * Appends to a root's copy the lines that a program wrote to the original after the two were compared. Where a kill cut
 * that short, the copy has some of them already.
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
 * Undoes `moveIn` at any stage; may be called again after a kill. The session is then whole at its path, and its entry
 * is gone.
 */
export function moveBack(entry: TrashEntry): void {
  for (const root of entry.session.roots) {
    const inside = entry.storedPath(root);
    const staged = entry.stagedPath(root);
    if (statIfExists(staged) !== undefined) {
      // The copy is deleted first: a root inside without one outside is not a copy.
      removeTree(partOf(inside));
      removeTree(inside);
      putBack(staged, originalPath(root));
    } else if (!isBack(entry, root)) {
      putBack(inside, originalPath(root));
      putBack(staged, originalPath(root));
    }
  }
  entry.delete();
}

/**
 * True if the session was put back while its entry could not be found (`stranded.ts`), so that the root inside is a
 * copy.
 */
function isBack(entry: TrashEntry, root: TrashedRoot): boolean {
  const paths = [originalPath(root), entry.storedPath(root)];
  const [there, inside] = paths.map(statIfExists);
  if (there === undefined || inside === undefined) return false;
  // Two names of one file: `putBack` was killed, and a remainder may wait.
  if (there.ino === inside.ino && there.dev === inside.dev) return false;
  return paths.every((path) => isSameTree(root.nodes, treeOf(path)));
}

/**
 * Finishes the deletion of an entry that was moved to be deleted, or that expired; may be called again after a kill.
 * The entry is then gone.
 */
export function deleteForGood(entry: TrashEntry): void {
  if (entry.state === 'kept') entry.setState('emptying');
  const waiting = entry.session.roots
    .map((root) => entry.stagedPath(root))
    .filter((path) => statIfExists(path) !== undefined);
  if (waiting.length > 0 && hasSafePaths(entry)) for (const path of waiting) removeTree(path);
  entry.delete();
}

/**
 * Sets a session aside, for which the disk needs no free space: each root is renamed next to its path, to a name that
 * no session can have, without an entry in the trash. Throws Node's error; `moveBack` undoes it, and after a kill
 * `putBackStranded`.
 */
export function setAside(entry: TrashEntry): void {
  for (const root of entry.session.roots) renameSync(originalPath(root), entry.stagedPath(root));
}

/**
 * Deletes a session that was set aside. Its transcript goes first, under a temporary name that the next run sweeps, so
 * that a kill leaves files without a session at most (`prune --orphans`). Throws Node's error.
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

/** Paths of a session's roots at which something exists, so that it cannot be restored. */
export function takenPaths(entry: TrashEntry): string[] {
  return entry.session.roots.map(originalPath).filter((path) => statIfExists(path) !== undefined);
}

/**
 * True if the whole session is still in its entry and nothing of it elsewhere: `moveOut` has not moved its first root.
 */
export function isWholeInEntry(entry: TrashEntry): boolean {
  const { roots } = entry.session;
  const [inside, beside] = [roots.map((root) => entry.storedPath(root)), roots.map((root) => entry.copyPath(root))];
  if (
    inside.some((path) => statIfExists(path) === undefined) ||
    beside.some((path) => statIfExists(path) !== undefined)
  )
    return false;
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

/** How a session is moved out of the trash. */
export interface MoveOutOptions {
  /** Keeps remainders that joined transcripts replace. */
  keepReplaced: KeepReplaced;
  /** Called before a joined transcript is renamed to its path; may throw. */
  beforeJoining?(): void;
  /** No attempt was made before, so that nothing waits next to the paths. */
  isFirst?: boolean;
}

/**
 * Moves a session's roots from its entry, in state `restoring` or `copied`, to their paths, or continues that after a
 * kill. Anything that exists there is joined with what comes back: transcripts by `joinTranscripts`, the rest by
 * `putBack`. The entry is then gone.
 */
export function moveOut(
  entry: TrashEntry,
  { keepReplaced, beforeJoining: beforeReplacing = () => {}, isFirst = false }: MoveOutOptions,
): void {
  for (const root of entry.session.roots) {
    const original = originalPath(root);
    makeFolders(dirname(original));
    const inside = entry.storedPath(root);
    const temporary = `${entry.copyPath(root)}.joined`;
    let isBeside = !isFirst;
    if (!isFirst) removeTree(temporary);
    if (entry.state !== 'copied' || isNowhere([entry.copyPath(root), original])) {
      const keepOld = (copied: CopiedPart): (() => void) => keepReplaced(root, copied);
      if (meetsRemainder(entry, root)) joinTranscripts(inside, original, { temporary, beforeReplacing, keepOld });
      try {
        putBack(inside, original);
      } catch (error) {
        if (errorCode(error) !== 'EXDEV') throw error;
        copyOut(entry, root);
        isBeside = true;
      }
    }
    if (!isBeside) continue;
    putBack(entry.copyPath(root), original);
    if (!entry.isBare) removeTree(copiedOf(inside));
  }
  keepDamaged(entry);
  entry.delete();
}

function isNowhere(paths: readonly string[]): boolean {
  return paths.every((path) => statIfExists(path) === undefined);
}

/**
 * Copies a root out of the trash. The original is marked once the copy is complete; only then may the copy be renamed
 * to its path.
 */
function copyOut(entry: TrashEntry, root: TrashedRoot): void {
  const inside = entry.storedPath(root);
  const staged = entry.copyPath(root);
  removeTree(staged);
  copyTree(inside, staged);
  flush(dirname(staged));
  if (entry.isBare) entry.setState('copied');
  else renameSync(inside, copiedOf(inside));
}

function partOf(inside: string): string {
  return `${inside}.part`;
}

function copiedOf(inside: string): string {
  return `${inside}.copied`;
}
