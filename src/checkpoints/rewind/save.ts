import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { statOrNull } from '../../system/stat.js';
import { PRIVATE_FILE, writeAll } from '../../system/write-file.js';
import { flush } from '../../retention/trash/copy-tree.js';
import { removeTree } from '../../retention/trash/tree.js';
import type { SavedFile, UndoManifest } from '../../retention/undo/model.js';
import { writeUndoManifest } from '../../retention/undo/manifest.js';
import { makeUndoFolder, UndoCopy } from '../../retention/undo/undo-copies.js';
import { piecesOf } from '../contents.js';
import type { Replacement } from './model.js';
import { countMissing } from './stage.js';

/** The description of an undo copy, without the members that are only known once it is written. */
export type UndoHead = Omit<UndoManifest, 'schemaVersion' | 'id' | 'files'>;

/** Thrown for a file that was written after it was checked and before it was replaced. */
export class FileChanged extends Error {
  constructor(readonly path: string) {
    super(`${path} was changed while it was being rewound`);
    this.name = 'FileChanged';
  }
}

/**
 * Saves the current content of files in the trash before any of them is replaced, flushed, as an undo copy in the state
 * `applying`. Throws Node's error, or `FileChanged`, and then leaves nothing behind.
 */
export function saveFiles(replacements: readonly Replacement[], head: UndoHead, trashDir: string): UndoCopy {
  const { id, parent, folder } = makeUndoFolder(trashDir, Date.parse(head.savedAt));
  try {
    const files = replacements.map(({ target, content }, number): SavedFile => {
      const { trackingPath, path, stats } = target;
      const madeFolders = content === null ? 0 : countMissing(path);
      if (stats === null) return { path: trackingPath, before: null, madeFolders };
      const sha256 = copyPrivately(path, join(folder, String(number)));
      if (!isSameFile(statOrNull(path), stats)) throw new FileChanged(path);
      const before = { bytes: stats.size, mode: stats.mode & 0o7777, mtimeMs: stats.mtimeMs, sha256 };
      return { path: trackingPath, before, madeFolders };
    });
    const manifest: UndoManifest = { schemaVersion: 1, id, ...head, files };
    writeUndoManifest(folder, manifest);
    flush(folder);
    renameSync(folder, join(parent, `${id}.applying`));
    flush(parent);
    return new UndoCopy(parent, manifest, 'applying');
  } catch (error) {
    removeTree(folder);
    throw error;
  }
}

/** Copies a file so that only its owner can read it, and returns the hash of its content. */
function copyPrivately(from: string, to: string): string {
  const fd = openSync(to, 'wx', PRIVATE_FILE);
  try {
    const hash = createHash('sha256');
    for (const piece of piecesOf(from)) {
      hash.update(piece);
      writeAll(fd, piece);
    }
    fsyncSync(fd);
    return hash.digest('hex');
  } finally {
    closeSync(fd);
  }
}

/** Returns true if a file is unchanged since it was checked. */
export function isSameFile(now: Stats | null, then: Stats | null): boolean {
  if (now === null || then === null) return now === then;
  const isSameContent = now.size === then.size && now.mtimeMs === then.mtimeMs && now.ctimeMs === then.ctimeMs;
  return isSameContent && now.ino === then.ino && now.mode === then.mode && now.isFile();
}
