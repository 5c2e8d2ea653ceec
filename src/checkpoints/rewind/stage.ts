import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  futimesSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { basename, dirname } from 'node:path';
import { statOrNull } from '../../system/stat.js';
import { errorCode } from '../../system/problem.js';
import { removeQuietly, sweepTemporaries, temporaryNextTo } from '../../system/temporaries.js';
import { PRIVATE_FILE, writeAll } from '../../system/write-file.js';
import { piecesOf } from '../contents.js';
import type { NewContent } from './model.js';

/** The new content of a file under a temporary name next to it. */
export class StagedFile {
  readonly #temporary: string;
  /** Folders that were created for it, topmost first. */
  readonly madeFolders: readonly string[];

  /**
   * Throws Node's error, or one with code `EDAMAGED` if the content is not the expected one, and then leaves nothing
   * behind.
   */
  constructor(
    readonly path: string,
    content: NewContent,
  ) {
    this.madeFolders = makeParents(path);
    this.#temporary = temporaryNextTo(path);
    try {
      write(this.#temporary, content, path);
    } catch (error) {
      this.discard();
      throw error;
    }
  }

  /** Renames it to the file's path, which has either the old or the new content at all times. */
  publish(): void {
    renameSync(this.#temporary, this.path);
  }

  /** Removes the temporary file, if it still exists, and the created folders that are empty. */
  discard(): void {
    removeQuietly(this.#temporary);
    removeEmpty(this.madeFolders);
  }
}

function write(temporary: string, { from, mode, mtimeMs, sha256 }: NewContent, path: string): void {
  const fd = openSync(temporary, 'wx', PRIVATE_FILE);
  try {
    const hash = createHash('sha256');
    for (const piece of piecesOf(from)) {
      hash.update(piece);
      writeAll(fd, piece);
    }
    if (sha256 !== null && hash.digest('hex') !== sha256)
      throw Object.assign(new Error(`damaged: ${from}`), { code: 'EDAMAGED' });
    keepOwner(fd, path);
    fchmodSync(fd, mode);
    if (mtimeMs !== null) futimesSync(fd, mtimeMs / 1000, mtimeMs / 1000);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Keeps the owner of a file that root replaces. */
function keepOwner(fd: number, path: string): void {
  const stats = statOrNull(path) ?? statOrNull(dirname(path));
  if (stats === null) return;
  try {
    fchownSync(fd, stats.uid, stats.gid);
  } catch (error) {
    if (errorCode(error) !== 'EPERM') throw error;
  }
}

/** Creates the missing folders above a path and returns them, topmost first. */
function makeParents(path: string): string[] {
  const missing: string[] = [];
  for (let folder = dirname(path); statOrNull(folder) === null && dirname(folder) !== folder; folder = dirname(folder))
    missing.unshift(folder);
  const made: string[] = [];
  try {
    for (const folder of missing) {
      mkdirSync(folder);
      made.push(folder);
    }
    return made;
  } catch (error) {
    removeEmpty(made);
    throw error;
  }
}

/** Returns the number of folders above a path that do not exist. */
export function countMissing(path: string): number {
  let missing = 0;
  for (let folder = dirname(path); statOrNull(folder) === null && dirname(folder) !== folder; folder = dirname(folder))
    missing += 1;
  return missing;
}

/** Removes the folders that are empty, the last first. Never throws. */
export function removeEmpty(folders: readonly string[]): void {
  for (const folder of folders.toReversed()) {
    try {
      rmdirSync(folder);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') return;
    }
  }
}

/** Returns the `count` folders directly above a path, topmost first. */
export function foldersAbove(path: string, count: number): string[] {
  const folders: string[] = [];
  for (let folder = dirname(path); folders.length < count && dirname(folder) !== folder; folder = dirname(folder))
    folders.unshift(folder);
  return folders;
}

/** Deletes a file, if it exists. Throws Node's error. */
export function deleteFile(path: string): void {
  rmSync(path, { force: true });
}

/** Removes the temporary files of killed runs next to these files. Never throws. */
export function sweepNextTo(paths: readonly string[]): void {
  const names = new Map<string, Set<string>>();
  for (const path of paths) {
    const known = names.get(dirname(path));
    if (known === undefined) names.set(dirname(path), new Set([basename(path)]));
    else known.add(basename(path));
  }
  for (const [folder, meant] of names) sweepTemporaries(folder, (name) => meant.has(name));
}
