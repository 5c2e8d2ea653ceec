import { realpathSync, type Stats } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path';
import type { SessionRecord } from '../session-index/record.js';
import { isFolder, statOrNull } from '../system/stat.js';
import { realPathOrSelf } from '../system/real-path.js';
import { isSafeRelativePath } from '../system/safe-path.js';
import type { Backup } from './model.js';

/** Why a tracked path is not written: the rules of Claude Code's own rewind, and the folder that the session is of. */
export type TargetRefusal = 'unsafe-path' | 'symlink' | 'hard-link' | 'not-a-file' | 'folder-changed';

/** A tracked path on this disk. */
export interface Target {
  /** As Claude Code tracks it: relative to the session's folder, or absolute. */
  trackingPath: string;
  /** Absolute; for an unsafe path the path as it is tracked. */
  path: string;
  /** Real path of the folder that holds the file or is to hold it. */
  realParent: string;
  /** Not in the session's folder, or in a hidden folder of the user's home. */
  isOutside: boolean;
  refusal: TargetRefusal | null;
  /** The file as it is; null if there is none. */
  stats: Stats | null;
}

/** The folder of a session, by which its relative paths are resolved. */
export interface SessionFolders {
  cwd: string;
  realCwd: string;
  /** Folders it was in earlier that are gone, since it moved: files tracked there are looked for in `cwd`. */
  oldFolders: readonly string[];
  realHome: string;
}

/** Returns the folder of a session; null if it records none. */
export function foldersOfSession(
  { cwd, cwds }: Pick<SessionRecord, 'cwd' | 'cwds'>,
  home: string,
): SessionFolders | null {
  if (cwd === null || !isAbsolute(cwd)) return null;
  const oldFolders = cwds.filter((folder) => folder !== cwd && isAbsolute(folder) && !isFolder(folder));
  return { cwd: resolve(cwd), realCwd: realPathOrSelf(cwd), oldFolders, realHome: realPathOrSelf(home) };
}

/**
 * Finds the file of a tracked path, and says whether it may be written: only a regular file with one name, or none, in
 * a folder that is really the one that one of its backups names. Nothing is followed that is a link.
 */
export function findTarget(trackingPath: string, backups: Iterable<Backup>, folders: SessionFolders): Target {
  const path = pathOf(trackingPath, folders);
  const unsafe = { trackingPath, path: trackingPath, realParent: '', isOutside: true, stats: null };
  if (path === null) return { ...unsafe, refusal: 'unsafe-path' };
  const realParent = realFolder(dirname(path));
  if (realParent === null) return { ...unsafe, path, refusal: 'folder-changed' };
  const stats = statOrNull(path);
  const target = {
    trackingPath,
    path,
    realParent,
    isOutside: isOutside(join(realParent, basename(path)), folders),
    stats,
  };
  if (!isExpected(realParent, path, backups, folders)) return { ...target, refusal: 'folder-changed' };
  return { ...target, refusal: stats === null ? null : refusalOf(stats) };
}

/** Absolute path of a tracked one; null for a path that is not written as Claude Code writes them. */
function pathOf(trackingPath: string, { cwd, oldFolders }: SessionFolders): string | null {
  if (isSafeRelativePath(trackingPath)) return join(cwd, trackingPath);
  if (trackingPath.includes('\0') || !isAbsolute(trackingPath) || resolve(trackingPath) !== trackingPath) return null;
  if (dirname(trackingPath) === trackingPath) return null;
  const old = oldFolders.find((folder) => isBelow(trackingPath, folder));
  return old === undefined ? trackingPath : join(cwd, trackingPath.slice(old.length));
}

function isExpected(realParent: string, path: string, backups: Iterable<Backup>, folders: SessionFolders): boolean {
  for (const { realParentDir } of backups) {
    const expected = realParentDir === null ? realPathAsWritten(path, folders) : mapped(realParentDir, folders);
    if (expected === realParent) return true;
  }
  return false;
}

/** The folder of a file whose real folder is not on record: without links below the session's folder. */
function realPathAsWritten(path: string, { cwd, realCwd }: SessionFolders): string {
  return isBelow(path, cwd) ? dirname(join(realCwd, path.slice(cwd.length))) : dirname(path);
}

/** A recorded real folder, as it is since the session's folder moved. */
function mapped(realParentDir: string, { realCwd, oldFolders }: SessionFolders): string {
  const old = oldFolders.find((folder) => realParentDir === folder || isBelow(realParentDir, folder));
  return old === undefined ? realParentDir : join(realCwd, realParentDir.slice(old.length));
}

function refusalOf(stats: Stats): TargetRefusal | null {
  if (stats.isSymbolicLink()) return 'symlink';
  if (!stats.isFile()) return 'not-a-file';
  return stats.nlink > 1 ? 'hard-link' : null;
}

/**
 * Returns true for a path that a transcript alone may not choose: it names its folder itself, so that a folder above
 * the user's home and what is hidden in the home (keys, shells, settings) need the user's word.
 */
function isOutside(realPath: string, { realCwd, realHome }: SessionFolders): boolean {
  if (!isBelow(realPath, realCwd) || isBelow(realHome, realCwd)) return true;
  return isBelow(realPath, realHome) && realPath.slice(realHome.length + 1).startsWith('.');
}

function isBelow(path: string, folder: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/**
 * Real path of a folder that need not exist; null if something on the way is not a folder, or cannot be looked at.
 */
function realFolder(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    const isThere = statOrNull(path) !== null;
    if (isThere || dirname(path) === path) return null;
    const above = realFolder(dirname(path));
    return above === null || (!isFolder(above) && statOrNull(above) !== null) ? null : join(above, basename(path));
  }
}
