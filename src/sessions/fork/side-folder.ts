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
import { temporaryBeside } from '../../system/temporaries.js';
import { PRIVATE_FILE, PRIVATE_FOLDER } from '../../system/write-file.js';

/**
 * A folder in the making under a temporary name: it appears whole, with all that was put into it, or not at all.
 * Whoever makes one calls `discard` in the end, however it went. Every step may throw Node's error.
 */
export class NewFolder {
  /** Folder for its files until it is published. */
  readonly path: string;
  readonly #finalPath: string;
  #isPublished = false;

  constructor(path: string) {
    this.#finalPath = path;
    this.path = temporaryBeside(path);
    mkdirSync(this.path, { mode: PRIVATE_FOLDER });
  }

  /** Gives it its name. False if something has it already that is not an empty folder; that stays as it is. */
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

  /** Removes it, under whichever name it has. */
  discard(): void {
    rmSync(this.#isPublished ? this.#finalPath : this.path, { recursive: true, force: true });
  }
}

/** Copies a file for its owner alone, sharing its blocks where the file system can; the folder it goes to is made. */
export function copyPrivately(from: string, to: string): void {
  makeFolders(dirname(to));
  copyBytes(from, to);
}

/**
 * Copies the files of a folder whose names are not UTF-8, which no string can name, and the whole of such folders; the
 * others are left to the caller. Nothing if the folder is gone.
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
 * Names in a folder, without links, which may lead to foreign files, and without those that `copyUndecodable` copies.
 * None if there is no such folder.
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

/** `path` as one plain file name, or null: what is read from a transcript must not lead elsewhere. */
export function plainName(path: unknown): string | null {
  return typeof path === 'string' && path !== '' && path === basename(path) && !/^\.\.?$|[\\\0]/.test(path)
    ? path
    : null;
}
