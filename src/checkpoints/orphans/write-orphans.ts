import { basename, dirname, join } from 'node:path';
import { isSafeRelativePath } from '../../system/safe-path.js';
import { requireEmpty, writeNewFolder, type CopiedFile } from '../rewind/new-folder.js';
import type { OrphanedFile, OrphanedHistory } from './find-orphans.js';

/** Folder for files whose paths are not known or cannot be made here, under their hashes. */
const UNKNOWN = '_unknown';
/** Bytes that leave room for a version in the name of a file; file systems take 255. */
const MAX_NAME_BYTES = 240;
/** Folder for all copies of a file but the newest. */
const OLDER = '_older';

/**
 * Writes all copies of orphaned file history into a new folder, which appears whole or not at all: in a folder for each
 * session the newest copy of each file under its path, the older ones with their versions. Returns the orphans with the
 * paths of their copies. A file whose path later was a folder is among the older ones with all its copies. Throws
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

/** Returns the folders of a relative path, the nearest first. */
function foldersAbove(path: string): string[] {
  const parent = dirname(path);
  return parent === '.' ? [] : [parent, ...foldersAbove(parent)];
}
