import { join } from 'node:path';
import { isSafeRelativePath } from '../../system/safe-path.js';
import { requireEmpty, writeNewFolder, type CopiedFile } from '../rewind/new-folder.js';
import type { OrphanedFile, OrphanedHistory } from './find-orphans.js';

/** Folder for files whose paths are not known, under their hashes. */
const UNKNOWN = '_unknown';
/** Folder for all copies of a file but the newest. */
const OLDER = '_older';

/**
 * Writes all copies of orphaned file history into a new folder, which appears whole or not at all: in a folder for each
 * session the newest copy of each file under its path, the older ones with their versions. Returns the orphans with the
 * places of their copies. Throws EXISTS unless the folder is missing or empty, and IO.
 */
export function writeOrphans(orphans: readonly OrphanedHistory[], toDir: string): OrphanedHistory[] {
  requireEmpty(toDir);
  const contents: CopiedFile[] = [];
  const written = orphans.map((orphan) => ({
    ...orphan,
    files: orphan.files.map((file) => ({
      ...file,
      copies: file.copies.map((copy, at) => {
        const name = placeOf(file);
        const path = join(orphan.sessionId, at === 0 ? name : join(OLDER, `${name}@v${copy.version}`));
        contents.push({ path, from: join(orphan.folder, `${file.hash}@v${copy.version}`) });
        return { ...copy, writtenTo: join(toDir, path) };
      }),
    })),
  }));
  writeNewFolder(toDir, contents);
  return written;
}

function placeOf({ path, hash }: OrphanedFile): string {
  const below = path?.replace(/^\//, '') ?? '';
  return isSafeRelativePath(below) ? below : join(UNKNOWN, hash);
}
