import { basename, dirname, join } from 'node:path';
import { isSafeRelativePath } from '../../system/safe-path.js';
import { requireEmpty, writeNewFolder, type CopiedFile } from '../rewind/new-folder.js';
import type { OrphanedFile, OrphanedHistory } from './find-orphans.js';

/** Folder for files whose path is unknown or cannot be created here; they are named by their hash. */
const UNKNOWN = '_unknown';
/** Maximum length of a file name in bytes: of the 255 that file systems allow, some are reserved for a version. */
const MAX_NAME_BYTES = 240;
/** Folder for all copies of a file except the newest. */
const OLDER = '_older';

/**
 * Writes all copies of orphaned file history into a new folder, which appears whole or not at all, and returns the
 * orphans with the paths of their copies. Each session has a folder, in which the newest copy of a file has the file's
 * path; older ones, and all copies of a file whose path later was a folder, are in `OLDER` with their versions. Throws
 * EXISTS unless the folder is missing or empty, and IO.
 */
export function writeOrphans(orphans: readonly OrphanedHistory[], toDir: string): OrphanedHistory[] {
  requireEmpty(toDir);
  const contents: CopiedFile[] = [];
  const written = orphans.map((orphan) => {
    const folders = new Set(orphan.files.flatMap((file) => foldersAbove(relativePathOf(file))));
    return {
      ...orphan,
      files: orphan.files.map((file) => ({
        ...file,
        copies: file.copies.map((copy, at) => {
          const name = relativePathOf(file);
          const isNewest = at === 0 && !folders.has(name);
          const path = join(orphan.sessionId, isNewest ? name : join(OLDER, `${name}@v${copy.version}`));
          contents.push({ path, from: join(orphan.folder, `${file.hash}@v${copy.version}`) });
          return { ...copy, writtenTo: join(toDir, path) };
        }),
      })),
    };
  });
  writeNewFolder(toDir, contents);
  return written;
}

function relativePathOf({ path, hash }: OrphanedFile): string {
  const below = path?.replace(/^\//, '') ?? '';
  const isWritable = isSafeRelativePath(below) && Buffer.byteLength(basename(below)) <= MAX_NAME_BYTES;
  return isWritable ? below : join(UNKNOWN, hash);
}

/** Returns the folders of a relative path, nearest first. */
function foldersAbove(path: string): string[] {
  const parent = dirname(path);
  return parent === '.' ? [] : [parent, ...foldersAbove(parent)];
}
