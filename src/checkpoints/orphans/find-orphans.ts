import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigDir } from '../../claude/model.js';
import { isSessionId } from '../../claude/scan/scan.js';
import { takenIds } from '../../retention/plan/leftovers.js';
import type { SessionIndex } from '../../session-index/session-index.js';
import { CcsessError } from '../../system/errors.js';
import { statOrNull } from '../../system/stat.js';
import { errorCode, unreadable, type Problem } from '../../system/problem.js';
import { historyFolder } from '../contents.js';

/** A copy of a file in file history. */
export interface OrphanedCopy {
  version: number;
  bytes: number;
  /** Time at which it was made. */
  modifiedAt: string;
  /** Absolute path of the file that `--to-dir` wrote it to; null if it was not written. */
  writtenTo: string | null;
}

/** A file whose copies remain in file history. */
export interface OrphanedFile {
  /** The file name of its copies: the start of the SHA-256 of its path. */
  hash: string;
  /** Absolute; null if none of the known paths has this hash. */
  path: string | null;
  /** Newest first. */
  copies: OrphanedCopy[];
}

/** File history of a session whose transcript is gone, or the requested part of it. */
export interface OrphanedHistory {
  configDir: string;
  sessionId: string;
  folder: string;
  bytes: number;
  /** Time of the newest copy; null if there is none. */
  lastCopyAt: string | null;
  files: OrphanedFile[];
}

const COPY_NAME = /^([0-9a-f]{16})@v([1-9]\d{0,8})$/;
const MIN_PREFIX = 4;

/**
 * Finds the file history of sessions that have no transcript, process or background job, newest first. Skips links and
 * files with other names; a folder that cannot be listed becomes a problem.
 */
export function findOrphans(
  index: SessionIndex,
  configDirs: readonly ConfigDir[],
  problems: Problem[],
): OrphanedHistory[] {
  const isTaken = takenIds(
    configDirs,
    index.rows.map(({ file }) => file),
    index.problems,
  );
  const found = configDirs
    .filter(({ path }, at) => configDirs.findIndex((other) => other.path === path) === at)
    .flatMap((configDir) =>
      namesIn(join(configDir.path, 'file-history'), problems)
        .filter((id) => isSessionId(id) && !isTaken(id))
        .map((id) => orphanAt(configDir, id, problems)),
    );
  return found
    .filter(({ files }) => files.length > 0)
    .sort((a, b) => compare(b.lastCopyAt ?? '', a.lastCopyAt ?? '') || compare(a.sessionId, b.sessionId));
}

function orphanAt(configDir: ConfigDir, id: string, problems: Problem[]): OrphanedHistory {
  const folder = historyFolder({ configDir, id });
  const files = new Map<string, OrphanedFile>();
  const isFolder = statOrNull(folder)?.isDirectory() === true;
  for (const name of isFolder ? namesIn(folder, problems) : []) {
    const [, hash, version] = COPY_NAME.exec(name) ?? [];
    const stats = hash === undefined ? null : statOrNull(join(folder, name));
    if (hash === undefined || stats?.isFile() !== true) continue;
    const file = files.get(hash) ?? { hash, path: null, copies: [] };
    const modifiedAt = new Date(stats.mtimeMs).toISOString();
    file.copies.push({ version: Number(version), bytes: stats.size, modifiedAt, writtenTo: null });
    files.set(hash, file);
  }
  for (const { copies } of files.values())
    copies.sort((a, b) => compare(b.modifiedAt, a.modifiedAt) || b.version - a.version);
  return { configDir: configDir.path, sessionId: id, folder, ...sumOf([...files.values()]) };
}

function sumOf(files: OrphanedFile[]): Pick<OrphanedHistory, 'bytes' | 'lastCopyAt' | 'files'> {
  const copies = files.flatMap((file) => file.copies);
  return {
    bytes: copies.reduce((sum, { bytes }) => sum + bytes, 0),
    lastCopyAt: copies.map(({ modifiedAt }) => modifiedAt).reduce<string | null>(later, null),
    files,
  };
}

/** Returns the names in a folder; none if it is missing or cannot be listed. */
function namesIn(folder: string, problems: Problem[]): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') problems.push(unreadable(folder, error));
    return [];
  }
}

/**
 * Returns the orphans with the paths of their files, as far as one of `paths` has their hash. Named files come first,
 * by path.
 */
export function nameFiles(orphans: readonly OrphanedHistory[], paths: Iterable<string>): OrphanedHistory[] {
  const wanted = new Set(orphans.flatMap(({ files }) => files.map(({ hash }) => hash)));
  const known = new Map<string, string>();
  for (const path of paths) {
    const hash = pathHash(path);
    if (wanted.has(hash)) known.set(hash, path);
  }
  return orphans.map((orphan) => ({
    ...orphan,
    files: orphan.files
      .map((file) => ({ ...file, path: known.get(file.hash) ?? null }))
      .sort((a, b) => Number(a.path === null) - Number(b.path === null) || compare(a.path ?? a.hash, b.path ?? b.hash)),
  }));
}

/** Returns the name that Claude Code gives to copies of the file at an absolute path. */
function pathHash(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, 16);
}

/** Returns the orphans with only the files at these paths. */
export function onlyFiles(orphans: readonly OrphanedHistory[], paths: readonly string[]): OrphanedHistory[] {
  const wanted = new Set(paths.map(pathHash));
  return orphans
    .map((orphan) => ({ ...orphan, ...sumOf(orphan.files.filter(({ hash }) => wanted.has(hash))) }))
    .filter(({ files }) => files.length > 0);
}

/** Returns the orphan with this session id or start of one. Throws NOT_FOUND or AMBIGUOUS. */
export function findOrphan(orphans: readonly OrphanedHistory[], name: string): OrphanedHistory {
  const wanted = name.toLowerCase();
  const matches = orphans.filter(
    ({ sessionId }) => sessionId === wanted || (wanted.length >= MIN_PREFIX && sessionId.startsWith(wanted)),
  );
  const [only, ...others] = matches;
  if (only === undefined) throw new CcsessError('NOT_FOUND', `no file history of a deleted session '${name}'.`);
  if (others.length === 0) return only;
  throw new CcsessError('AMBIGUOUS', `'${name}' is the start of ${matches.length} ids:`, {
    hint: matches.map(({ folder }) => folder).join('\n'),
  });
}

function later(a: string | null, b: string): string {
  return a !== null && a > b ? a : b;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
