import { realpathSync, type Stats } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path';
import type { SessionRecord } from '../session-index/record.js';
import { isFolder, statOrNull } from '../system/stat.js';
import { realPathOrSelf } from '../system/real-path.js';
import { isSafeRelativePath } from '../system/safe-path.js';
import type { Backup } from './model.js';

/** Reason why a tracked path is not written, by the rules of Claude Code's own rewind. */
export type TargetRefusal = 'unsafe-path' | 'symlink' | 'hard-link' | 'not-a-file' | 'folder-changed';

/** A tracked path on this disk. */
export interface Target {
  /** As tracked by Claude Code: relative to the session's folder, or absolute. */
  trackingPath: string;
  /** Absolute; for an unsafe path, the tracked path. */
  path: string;
  /** Real path of the folder that contains or will contain the file. */
  realParent: string;
  /** Not in the session's folder, or in a hidden folder of the user's home. */
  isOutside: boolean;
  refusal: TargetRefusal | null;
  /** The current file; null if there is none. */
  stats: Stats | null;
}

/** The folder of a session, against which its relative paths are resolved. */
export interface SessionFolders {
  cwd: string;
  realCwd: string;
  /** Former folders of the session that no longer exist, since it was moved: files tracked there are now in `cwd`. */
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
 * Finds the file of a tracked path and decides whether it may be written: only a regular file without further hard
 * links, or none, in a folder that really is the one that a backup records. Links are never followed.
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

/** Returns the absolute path of a tracked one; null for a path in a form that Claude Code does not write. */
function pathOf(trackingPath: string, { cwd, oldFolders }: SessionFolders): string | null {
  if (isSafeRelativePath(trackingPath)) return join(cwd, trackingPath);
  if (trackingPath.includes('\0') || !isAbsolute(trackingPath) || resolve(trackingPath) !== trackingPath) return null;
  if (dirname(trackingPath) === trackingPath) return null;
  const old = oldFolders.find((folder) => isBelow(trackingPath, folder));
  return old === undefined ? trackingPath : join(cwd, trackingPath.slice(old.length));
}

function isExpected(realParent: string, path: string, backups: Iterable<Backup>, folders: SessionFolders): boolean {
  for (const { realParentDir } of backups) {
    const expected = realParentDir === null ? realPathAsWritten(path, folders) : movedFolder(realParentDir, folders);
    if (expected === realParent) return true;
  }
  return false;
}

/** Returns the expected real folder of a file if none is recorded: without links below the session's folder. */
function realPathAsWritten(path: string, { cwd, realCwd }: SessionFolders): string {
  return isBelow(path, cwd) ? dirname(join(realCwd, path.slice(cwd.length))) : dirname(path);
}

/** Returns a recorded real folder in its present place, if the session's folder has moved. */
function movedFolder(realParentDir: string, { realCwd, oldFolders }: SessionFolders): string {
  const old = oldFolders.find((folder) => realParentDir === folder || isBelow(realParentDir, folder));
  return old === undefined ? realParentDir : join(realCwd, realParentDir.slice(old.length));
}

function refusalOf(stats: Stats): TargetRefusal | null {
  if (stats.isSymbolicLink()) return 'symlink';
  if (!stats.isFile()) return 'not-a-file';
  return stats.nlink > 1 ? 'hard-link' : null;
}

/**
 * Returns true for a path that needs the user's permission: a transcript names its own folder, which could be one above
 * the user's home, or contain hidden files of the home (keys, shells, settings).
 */
function isOutside(realPath: string, { realCwd, realHome }: SessionFolders): boolean {
  if (!isBelow(realPath, realCwd) || isBelow(realHome, realCwd)) return true;
  return isBelow(realPath, realHome) && realPath.slice(realHome.length + 1).startsWith('.');
}

function isBelow(path: string, folder: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/**
 * Returns the real path of a folder that need not exist; null if a part of the path is not a folder, or cannot be read.
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
