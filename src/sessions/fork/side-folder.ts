import {
  chmodSync,
  constants,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  type Dirent,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import { childPath, isUndecodable, namesAsBytes } from '../../system/byte-path.js';
import { makeFolders } from '../../system/make-folders.js';
import { errorCode } from '../../system/problem.js';
import { temporaryNextTo } from '../../system/temporaries.js';
import { PRIVATE_FILE, PRIVATE_FOLDER } from '../../system/write-file.js';

/**
 * A folder built under a temporary name, so that it appears whole or not at all. If a later step fails, `discard`
 * removes it, published or not. Every step may throw Node's error.
 */
export class NewFolder {
  /** Folder for its files until it is published. */
  readonly path: string;
  readonly #finalPath: string;
  #isPublished = false;

  constructor(path: string) {
    this.#finalPath = path;
    this.path = temporaryNextTo(path);
    mkdirSync(this.path, { mode: PRIVATE_FOLDER });
  }

  /**
   * Renames it to its final name. Returns false, and changes nothing, if anything but an empty folder has that name.
   */
  publish(): boolean {
    try {
      renameSync(this.path, this.#finalPath);
      this.#isPublished = true;
      return true;
    } catch (error) {
      if (['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(errorCode(error) ?? '')) return false;
      throw error;
    }
  }

  /** Removes it, under its temporary or its final name. */
  discard(): void {
    rmSync(this.#isPublished ? this.#finalPath : this.path, { recursive: true, force: true });
  }
}

/**
 * Copies a file so that only its owner can read it, sharing blocks where the file system can. Creates the target's
 * folder.
 */
export function copyPrivately(from: string, to: string): void {
  makeFolders(dirname(to));
  copyBytes(from, to);
}

/**
 * Copies the entries of a folder whose names are not UTF-8 and thus no strings; folders among them with all they
 * contain. Copies nothing if the folder is gone.
 */
export function copyUndecodable(from: string, to: string): void {
  const names = namesIn(from).filter(isUndecodable);
  if (names.length > 0) makeFolders(to);
  for (const name of names) copyAll(childPath(from, name), childPath(to, name));
}

function copyAll(from: Buffer, to: Buffer): void {
  const stats = lstatSync(from);
  if (stats.isFile()) copyBytes(from, to);
  if (!stats.isDirectory()) return;
  mkdirSync(to, { mode: PRIVATE_FOLDER });
  for (const name of namesAsBytes(from)) copyAll(childPath(from, name), childPath(to, name));
}

function copyBytes(from: string | Buffer, to: string | Buffer): void {
  copyFileSync(from, to, constants.COPYFILE_FICLONE);
  chmodSync(to, PRIVATE_FILE);
}

function namesIn(folder: string): Buffer[] {
  try {
    return namesAsBytes(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/**
 * Files and folders in a folder. Links are left out, since they may lead to foreign files, and so are entries that
 * `copyUndecodable` copies. Empty if there is no such folder.
 */
export function filesAndFolders(folder: string): Dirent[] {
  try {
    const undecodable = new Set(namesAsBytes(folder).filter(isUndecodable).map(String));
    return readdirSync(folder, { withFileTypes: true }).filter(
      (entry) => (entry.isFile() || entry.isDirectory()) && !undecodable.has(entry.name),
    );
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '');
}

/** True for a regular file that is not a link. */
export function isFile(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;
  } catch {
    return false;
  }
}

/** Returns `path` if it is one plain file name, else null: a name read from a transcript must not lead elsewhere. */
export function plainName(path: unknown): string | null {
  return typeof path === 'string' && path !== '' && path === basename(path) && !/^\.\.?$|[\\\0]/.test(path)
    ? path
    : null;
}
