import { dirname } from 'node:path';
import { CcsessError } from '../../system/errors.js';
import { statOrNull } from '../../system/stat.js';
import { errorCode, isDiskFull } from '../../system/problem.js';
import { realPathOrSelf } from '../../system/real-path.js';
import type { UndoCopy } from '../../retention/undo/undo-copies.js';
import type { Replacement } from './model.js';
import { FileChanged, isSameFile, saveFiles, type UndoHead } from './save.js';
import { deleteFile, StagedFile } from './stage.js';
import { call, phrase } from '../../system/phrase.js';

/**
 * Replaces all files or none, and returns the undo copy of their former content; null if there is nothing to replace.
 * New contents are written next to the files and then renamed; deletions come last, so a kill leaves each file in its
 * old or its new state. Throws IO after undoing everything.
 */
export function replaceFiles(replacements: readonly Replacement[], head: UndoHead, trashDir: string): UndoCopy | null {
  if (replacements.length === 0) return null;
  const copy = saveAll(replacements, head, trashDir);
  const staged: StagedFile[] = [];
  let replaced = 0;
  // As in Claude Code, deletions come last.
  const ordered = [...replacements.filter(hasContent), ...replacements.filter((one) => !hasContent(one))];
  try {
    for (const replacement of ordered.filter(hasContent)) {
      requireUnchanged(replacement);
      staged.push(new StagedFile(replacement.target.path, replacement.content));
    }
    for (const [at, replacement] of ordered.entries()) {
      requireUnchanged(replacement);
      replaced = at + 1;
      const file = staged[at];
      if (file !== undefined) file.publish();
      else deleteFile(replacement.target.path);
    }
  } catch (error) {
    const rest = rollBack(ordered.slice(0, replaced), replacements, copy);
    // Folders created for several files become empty only when the last of those files is discarded.
    for (const file of staged.toReversed()) file.discard();
    throw failureOf(error, copy, rest);
  }
  copy.setState('done');
  return copy;
}

function hasContent<T extends Replacement>(one: T): one is T & { content: NonNullable<T['content']> } {
  return one.content !== null;
}

function saveAll(replacements: readonly Replacement[], head: UndoHead, trashDir: string): UndoCopy {
  try {
    return saveFiles(replacements, head, trashDir);
  } catch (error) {
    throw failureOf(error, null, []);
  }
}

/** Checks a file again just before it is replaced. Throws `FileChanged`. */
function requireUnchanged({ target: { path, realParent, stats } }: Replacement): void {
  const parent = dirname(path);
  const isSameFolder = statOrNull(parent) === null || realPathOrSelf(parent) === realParent;
  if (!isSameFolder || !isSameFile(statOrNull(path), stats)) throw new FileChanged(path);
}

/** Restores the replaced files, the last first, and returns the paths of those that cannot be restored. */
function rollBack(
  replaced: readonly Replacement[],
  all: readonly Replacement[],
  copy: UndoCopy,
): { path: string; error: unknown }[] {
  const failed: { path: string; error: unknown }[] = [];
  for (const replacement of replaced.toReversed()) {
    const { path, stats } = replacement.target;
    const number = all.indexOf(replacement);
    const before = copy.manifest.files[number]?.before ?? null;
    try {
      if (isSameFile(statOrNull(path), stats)) continue;
      if (before === null) deleteFile(path);
      else new StagedFile(path, { from: copy.content(number), ...before }).publish();
    } catch (error) {
      failed.push({ path, error });
    }
  }
  if (failed.length === 0) copy.delete();
  return failed;
}

function failureOf(error: unknown, copy: UndoCopy | null, left: readonly { path: string; error: unknown }[]): unknown {
  const [first] = left;
  if (copy !== null && first !== undefined) {
    const why = errorCode(first.error) ?? 'unknown error';
    const message = `the rewind failed and ${first.path} could not be put back (${why}).`;
    return new CcsessError('IO', message, { hint: phrase`${call('undoRewind', [copy.id])}`, cause: error });
  }
  if (error instanceof FileChanged)
    return new CcsessError('IO', `${error.message}: nothing was changed.`, { hint: 'try again', cause: error });
  const code = errorCode(error);
  if (code === null) return error;
  const { path = '' } = error as NodeJS.ErrnoException;
  const hint = isDiskFull(error) ? { hint: 'free some space and try again' } : {};
  const what = code === 'EDAMAGED' ? 'a saved copy is damaged' : `${path || 'a file'} cannot be written (${code})`;
  return new CcsessError('IO', `${what}: nothing was changed.`, { cause: error, ...hint });
}
