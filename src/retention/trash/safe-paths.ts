import { readdirSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { requireInConfigDir } from '../../claude/layout.js';
import { CcsessError } from '../../system/errors.js';
import { option, phrase } from '../../system/phrase.js';
import { errorCode } from '../../system/problem.js';
import { requirePlainFolder, UnsafePath } from '../../system/safe-path.js';
import { ownUid } from '../../system/system.js';
import type { ConfigDir } from '../../claude/model.js';
import { ownFolder } from '../lock.js';
import type { TrashEntry } from './trash-entry.js';
import { statIfExists } from './tree.js';

/** Stands for the id of a session whose files do not name it. */
export const UNKNOWN_ID = '00000000-0000-0000-0000-000000000000';

/**
 * Throws `UnsafePath` unless the files of a trashed session may be moved between the trash and their original paths: no
 * link leads out of its config dirs, and its files are plain ones of this user. Called before any of them is moved.
 */
export function requireSafePaths(entry: TrashEntry): void {
  const { notes, session, folder } = entry;
  if (session.id === UNKNOWN_ID) throw new UnsafePath(`nothing says which session it was; its files are in ${folder}`);
  if (notes.refusal !== null) throw new UnsafePath(notes.refusal);
  for (const root of session.roots) {
    requireInConfigDir(root.configDir, root.path);
    for (const path of [entry.storedPath(root), entry.copyPath(root), entry.stagedPath(root)])
      requirePlain(path, root.path);
  }
  // Compressed files and parts that a killed run left.
  if (!entry.isBare) for (const name of entry.names) requirePlain(join(folder, name));
}

/** Returns true if `requireSafePaths` accepts an entry. */
export function hasSafePaths(entry: TrashEntry): boolean {
  try {
    requireSafePaths(entry);
    return true;
  } catch (error) {
    if (error instanceof UnsafePath) return false;
    throw error;
  }
}

/**
 * Throws `UnsafePath` if something other than a file or folder of this user exists at a path, or a folder where a
 * transcript belongs. Links below it are part of the session and are moved as links.
 */
export function requirePlain(path: string, original = ''): void {
  const stats = statIfExists(path);
  if (stats === undefined) return;
  const isPlain = stats.isFile() || (stats.isDirectory() && !original.endsWith('.jsonl'));
  if (!isPlain)
    throw new UnsafePath(`${path} is ${stats.isSymbolicLink() ? 'a link' : 'not what a session has there'}`);
  requireOwn(path, stats);
}

function requireOwn(path: string, stats: Stats | undefined): void {
  if (stats === undefined) return;
  if (stats.uid !== ownUid()) throw new UnsafePath(`${path} is owned by another user`);
  if (stats.isDirectory())
    for (const name of readdirSync(path)) requireOwn(join(path, name), statIfExists(join(path, name)));
}

/** Throws IO if ccsess's own folder in a config dir, or the trash in it, is a link. */
export function requireOwnFolders(configDirs: readonly ConfigDir[]): void {
  for (const configDir of configDirs) {
    try {
      requirePlainFolder(ownFolder(configDir));
      requirePlainFolder(join(ownFolder(configDir), 'trash'));
    } catch (error) {
      if (!(error instanceof UnsafePath)) throw unwritable(configDir, error);
      const hint = phrase`remove or rename it first; for a trash in another folder: ${option('trashDir', '<folder>')}`;
      throw new CcsessError('IO', `${error.message}: nothing was changed.`, { hint, cause: error });
    }
  }
}

function unwritable(configDir: ConfigDir, error: unknown): CcsessError {
  const code = errorCode(error) ?? 'unknown error';
  const message = `${ownFolder(configDir)} cannot be read (${code}): nothing was changed.`;
  return new CcsessError('IO', message, { cause: error });
}
