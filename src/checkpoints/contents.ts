import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import type { TranscriptFile } from '../claude/model.js';
import { statOrNull } from '../system/stat.js';
import { isSafeName } from '../system/safe-path.js';
import type { Backup } from './model.js';

const CHUNK = 256 * 1024;

/** Returns the folder of a session's backups; it need not exist. */
export function historyFolder({ configDir, id }: Pick<TranscriptFile, 'configDir' | 'id'>): string {
  return join(configDir.path, 'file-history', id);
}

/** State of a backup's file: a regular file that can be used, or the reason why there is none. */
export type BackupFile = { path: string; stats: Stats } | { refusal: 'missing-backup' | 'unsafe-backup' };

/** Finds the file of a backup in a session's file history, without following links. */
export function findBackup(folder: string, backup: Backup): BackupFile {
  if (backup.name === null || !isSafeName(backup.name)) return { refusal: 'unsafe-backup' };
  if (backup.isOverwritten) return { refusal: 'missing-backup' };
  if (statOrNull(folder)?.isDirectory() !== true) return { refusal: 'missing-backup' };
  const path = join(folder, backup.name);
  const stats = statOrNull(path);
  if (stats === null) return { refusal: 'missing-backup' };
  return stats.isFile() ? { path, stats } : { refusal: 'unsafe-backup' };
}

/**
 * Opens a regular file for reading, without following a link or waiting for a pipe. Throws Node's error, or one with
 * code `ENOTFILE`.
 */
function openPlain(path: string): { fd: number; stats: Stats } {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  const stats = fstatSync(fd);
  if (stats.isFile()) return { fd, stats };
  closeSync(fd);
  throw Object.assign(new Error(`not a regular file: ${path}`), { code: 'ENOTFILE' });
}

/** Yields the bytes of a regular file in pieces, each overwritten by the next step. Throws as `openPlain`. */
export function* piecesOf(path: string): Generator<Buffer> {
  const { fd } = openPlain(path);
  try {
    const chunk = Buffer.allocUnsafe(CHUNK);
    for (let read = readSync(fd, chunk); read > 0; read = readSync(fd, chunk)) yield chunk.subarray(0, read);
  } finally {
    closeSync(fd);
  }
}

/** Returns the bytes of a regular file; null if it has more than `mostBytes`. Throws as `openPlain`. */
export function readBytes(path: string, mostBytes: number): Buffer | null {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for (const piece of piecesOf(path)) {
    bytes += piece.length;
    if (bytes > mostBytes) return null;
    pieces.push(Buffer.from(piece));
  }
  return Buffer.concat(pieces);
}

/** Returns true if two regular files have the same bytes; false if they differ or one of them cannot be read. */
export function hasSameBytes(a: string, b: string): boolean {
  let first: number | undefined;
  let second: number | undefined;
  try {
    const one = openPlain(a);
    first = one.fd;
    const other = openPlain(b);
    second = other.fd;
    return one.stats.size === other.stats.size && areEqual(first, second);
  } catch {
    return false;
  } finally {
    for (const fd of [first, second]) if (fd !== undefined) closeSync(fd);
  }
}

function areEqual(a: number, b: number): boolean {
  const [left, right] = [Buffer.allocUnsafe(CHUNK), Buffer.allocUnsafe(CHUNK)];
  for (;;) {
    const read = fill(a, left);
    if (read !== fill(b, right) || !left.subarray(0, read).equals(right.subarray(0, read))) return false;
    if (read < CHUNK) return true;
  }
}

function fill(fd: number, into: Buffer): number {
  let held = 0;
  for (let read = -1; read !== 0 && held < into.length; held += read)
    read = readSync(fd, into, held, into.length - held, null);
  return held;
}
