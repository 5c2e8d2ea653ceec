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
import { isSameTree, look, removeTree, treeOf } from '../trash/tree.js';

/**
 * Moves a session's roots into its entry, which is new and in state `moving`. To another file system, each root is
 * first renamed next to itself, to a name that no session can have, and copied from there into an entry with a folder.
 * Returns true if one was copied. Throws system errors; `moveBack` undoes what was done by then.
 */
export function moveIn(entry: TrashEntry): boolean {
  const [first] = entry.session.roots;
  if (entry.isBare && first !== undefined) {
    try {
      renameSync(originalPath(first), entry.inside(first));
      return false;
    } catch (error) {
      if (errorCode(error) !== 'EXDEV') throw error;
      entry.needFolder();
    }
  }
  let isCopied = false;
  mkdirSync(entry.folder, { mode: PRIVATE_FOLDER });
  for (const root of entry.session.roots) {
    const inside = entry.inside(root);
    try {
      renameSync(originalPath(root), inside);
    } catch (error) {
      if (errorCode(error) !== 'EXDEV') throw error;
      const staged = entry.waiting(root);
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
  if (paths.some((path) => look(path) !== undefined)) return true;
  return entry.session.roots.some((root) => {
    const staged = entry.waiting(root);
    const isWaiting = isCopied && look(staged) !== undefined;
    return !isSameTree(root.nodes, treeOf(isWaiting ? staged : entry.inside(root)));
  });
}

/**
 * Ends what `moveIn` began, also after a kill in state `moved`: the session is in the trash and nowhere else.
 * `isCopied` is what `moveIn` returned, or true where that is not known.
 */
export function finishMove(entry: TrashEntry, isCopied: boolean): void {
  const { roots } = entry.session;
  const staged = isCopied ? roots.map((root) => entry.waiting(root)).filter((path) => look(path) !== undefined) : [];
  if (staged.length > 0 && entry.state === 'moving') {
    flush(entry.folder);
    entry.enter('moved');
    flush(entry.runFolder);
  }
  // The transcript last: should the trash be gone after a kill, as much as can be is put back.
  for (const root of roots.toReversed()) {
    if (!staged.includes(entry.waiting(root))) continue;
    carryLateLines(entry, root);
    removeTree(entry.waiting(root));
  }
  entry.enter('kept');
}

/**
 * Appends to a root's copy the lines that a program wrote to the original after the two were compared. Where a kill cut
 * that short, the copy has some of them already.
 */
function carryLateLines(entry: TrashEntry, root: TrashedRoot): void {
  for (const { kind, path, bytes } of root.nodes) {
    if (kind !== 'file' || !(path === '' ? root.path : path).endsWith('.jsonl')) continue;
    const [from, to] = [join(entry.waiting(root), path), join(entry.inside(root), path)];
    const [late, copied] = [look(from), look(to)];
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
    const inside = entry.inside(root);
    const staged = entry.waiting(root);
    if (look(staged) !== undefined) {
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
  const paths = [originalPath(root), entry.inside(root)];
  const [there, inside] = paths.map(look);
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
  if (entry.state === 'kept') entry.enter('emptying');
  const waiting = entry.session.roots.map((root) => entry.waiting(root)).filter((path) => look(path) !== undefined);
  if (waiting.length > 0 && hasSafePaths(entry)) for (const path of waiting) removeTree(path);
  entry.delete();
}

/**
 * Sets a session aside, for which the disk needs no free space: each root is renamed next to its path, to a name that
 * no session can have, without an entry in the trash. Throws Node's error; `moveBack` undoes it, and after a kill
 * `putBackStranded`.
 */
export function setAside(entry: TrashEntry): void {
  for (const root of entry.session.roots) renameSync(originalPath(root), entry.waiting(root));
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
    renameSync(entry.waiting(transcript), doomed);
    removeTree(doomed);
  }
  for (const root of roots) removeTree(entry.waiting(root));
}

/** Paths of a session's roots at which something exists, so that it cannot be restored. */
export function takenPaths(entry: TrashEntry): string[] {
  return entry.session.roots.map(originalPath).filter((path) => look(path) !== undefined);
}

/**
 * True if the whole session is still in its entry and nothing of it elsewhere: `moveOut` has not moved its first root.
 */
export function isWholeInEntry(entry: TrashEntry): boolean {
  const { roots } = entry.session;
  const [inside, beside] = [roots.map((root) => entry.inside(root)), roots.map((root) => entry.nextTo(root))];
  if (inside.some((path) => look(path) === undefined) || beside.some((path) => look(path) !== undefined)) return false;
  const [first] = roots;
  if (first !== undefined && meetsRemainder(entry, first)) return !isJoined(entry.inside(first), originalPath(first));
  return roots.every((root) => look(originalPath(root)) === undefined);
}

/** Returns true for a trashed transcript at whose path another one exists. */
function meetsRemainder(entry: TrashEntry, root: TrashedRoot): boolean {
  const paths = [entry.inside(root), originalPath(root)];
  return root.path.endsWith('.jsonl') && paths.every((path) => look(path)?.isFile() === true);
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
    const inside = entry.inside(root);
    const temporary = `${entry.nextTo(root)}.joined`;
    let isBeside = !isFirst;
    if (!isFirst) removeTree(temporary);
    if (entry.state !== 'copied' || isNowhere([entry.nextTo(root), original])) {
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
    putBack(entry.nextTo(root), original);
    if (!entry.isBare) removeTree(copiedOf(inside));
  }
  keepDamaged(entry);
  entry.delete();
}

function isNowhere(paths: readonly string[]): boolean {
  return paths.every((path) => look(path) === undefined);
}

/**
 * Copies a root out of the trash. The original is marked once the copy is complete; only then may the copy be renamed
 * to its path.
 */
function copyOut(entry: TrashEntry, root: TrashedRoot): void {
  const inside = entry.inside(root);
  const staged = entry.nextTo(root);
  removeTree(staged);
  copyTree(inside, staged);
  flush(dirname(staged));
  if (entry.isBare) entry.enter('copied');
  else renameSync(inside, copiedOf(inside));
}

function partOf(inside: string): string {
  return `${inside}.part`;
}

function copiedOf(inside: string): string {
  return `${inside}.copied`;
}
