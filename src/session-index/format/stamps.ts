import type { FileStamp, FolderStamp } from '../../claude/model.js';
import { layoutOf, NUMBER } from './layout.js';

/** State of a file, by which changes to it are noticed. */
export const FILE_STAMP = layoutOf({ size: NUMBER, mtimeMs: NUMBER, ctimeMs: NUMBER, ino: NUMBER });

/** State of a folder, by which added and removed names are noticed. */
export const FOLDER_STAMP = layoutOf({ ino: NUMBER, mtimeMs: NUMBER, ctimeMs: NUMBER });

// The functions below do what `Layout.read` does, in a form fast enough for every file of every list.

/** Returns the file's state stored at a position. */
export function fileStampAt(from: Float64Array, start: number): FileStamp {
  const { at } = FILE_STAMP;
  return {
    size: from[start + at.size] ?? NaN,
    mtimeMs: from[start + at.mtimeMs] ?? NaN,
    ctimeMs: from[start + at.ctimeMs] ?? NaN,
    ino: from[start + at.ino] ?? NaN,
  };
}

/** Returns true if the file's state stored at a position is this one. */
export function isFileStampAt(from: Float64Array, start: number, { size, mtimeMs, ctimeMs, ino }: FileStamp): boolean {
  const { at } = FILE_STAMP;
  return (
    from[start + at.size] === size &&
    from[start + at.mtimeMs] === mtimeMs &&
    from[start + at.ctimeMs] === ctimeMs &&
    from[start + at.ino] === ino
  );
}

/** Returns the folder's state stored at a position. */
export function folderStampAt(from: Float64Array, start: number): FolderStamp {
  const { at } = FOLDER_STAMP;
  return {
    ino: from[start + at.ino] ?? NaN,
    mtimeMs: from[start + at.mtimeMs] ?? NaN,
    ctimeMs: from[start + at.ctimeMs] ?? NaN,
  };
}

/** Returns true if the folder's state stored at a position is this one. */
export function isFolderStampAt(from: Float64Array, start: number, { mtimeMs, ctimeMs, ino }: FolderStamp): boolean {
  const { at } = FOLDER_STAMP;
  return from[start + at.mtimeMs] === mtimeMs && from[start + at.ctimeMs] === ctimeMs && from[start + at.ino] === ino;
}
