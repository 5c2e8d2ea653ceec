import type { ConfigDir } from '../../claude/model.js';
import { parseDuration } from '../../grammar/age.js';
import { errorCode, fileProblem, messageOf, type Problem } from '../../system/problem.js';
import { readUndoCopies, type UndoCopy } from './undo-copies.js';

/** Undo copies that were deleted for good. */
export interface DeletedCopies {
  ids: string[];
  freedBytes: number;
  /** Copies that could not be deleted, or not completely. */
  problems: Problem[];
}

/** Deletes undo copies. Called under the lock. Never throws. */
export function deleteUndoCopies(copies: readonly UndoCopy[]): DeletedCopies {
  const deleted: DeletedCopies = { ids: [], freedBytes: 0, problems: [] };
  for (const copy of copies) {
    const { bytes } = copy;
    try {
      copy.delete();
      deleted.ids.push(copy.id);
      deleted.freedBytes += bytes;
    } catch (error) {
      const why = errorCode(error) ?? 'unknown error';
      deleted.problems.push(fileProblem('not-deleted', `Not deleted (${why}).`, copy.folder));
    }
  }
  return deleted;
}

/** Returns the undo copies that may be deleted; that of an interrupted rewind may not, since it can still be undone. */
export function removableCopies(
  configDirs: readonly ConfigDir[],
  trashDir: string | null,
  beforeMs: number | null,
): UndoCopy[] {
  const isOld = ({ manifest }: UndoCopy): boolean => beforeMs === null || Date.parse(manifest.savedAt) < beforeMs;
  return readUndoCopies(configDirs, trashDir).copies.filter((copy) => copy.state !== 'applying' && isOld(copy));
}

/** Deletes the undo copies that are older than a plan's `trashTtl`. Never throws. */
export async function expireUndoCopies(
  trashTtl: string,
  { configDirs, trashDir, now }: { configDirs: readonly ConfigDir[]; trashDir: string | null; now: number },
): Promise<DeletedCopies> {
  if (trashTtl === 'never') return { ids: [], freedBytes: 0, problems: [] };
  try {
    const beforeMs = now - (await parseDuration(trashTtl, now, 'trashTtl'));
    return deleteUndoCopies(removableCopies(configDirs, trashDir, beforeMs));
  } catch (error) {
    const why = messageOf(error);
    return { ids: [], freedBytes: 0, problems: [fileProblem('not-deleted', `Not deleted: ${why}`, trashDir ?? '')] };
  }
}
