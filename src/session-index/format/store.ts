import { closeSync, openSync, readdirSync, readSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { makeFolders } from '../../system/make-folders.js';
import { withFile } from '../../transcript/lines.js';
import type { FolderContent } from './folders/folder-content.js';
import type { StoredFolder } from './folders/stored-folder.js';
import { decodeIndex, encodeIndex } from './index-file.js';
import { readOrReject, type ReportRejection } from './rejection.js';
import { IDS_SUFFIX, Segments } from './segments/segments.js';
import type { ColumnTable } from './table/column-table.js';
import { removeTemporary, unique } from './temporary.js';

const INDEX_SUFFIX = '.columns';
/** Ending of the file with the filters that searches leave behind. */
export const FILTERS_SUFFIX = '.filters';
const TOTALS_SUFFIX = '.totals';
const CWDS_SUFFIX = '.cwds';
const SUMS_SUFFIX = '.sums';
const PATHS_SUFFIX = '.paths';
/** A segment nothing refers to is removed once it is this old: younger ones may belong to a run that is writing now. */
const STRAY_AGE_MS = 10 * 60 * 1000;

/** An index. Its sessions are rows of the table, those of each project dir one after the other. */
export interface Store {
  table: ColumnTable;
  segments: Segments;
  folders: readonly (FolderContent | StoredFolder)[];
}

/** An index as read from disk. */
export type LoadedStore = Omit<Store, 'folders'> & { folders: readonly StoredFolder[] };

/** Name of the index of one projects folder, short whatever its path; the index itself says which folder it is of. */
export function storeName(root: string): string {
  return `${basename(dirname(root)).replace(/[^A-Za-z0-9]/g, '')}-${crc32(root).toString(16).padStart(8, '0')}`;
}

/** Reads the index of a projects folder; null if there is none, or if it is rejected, which is reported. */
export function loadStore(directory: string, root: string, report: ReportRejection = () => {}): LoadedStore | null {
  const path = join(directory, storeName(root) + INDEX_SUFFIX);
  return readOrReject(path, report, () => {
    const { table, folders, segments } = decodeIndex(readAll(path), root);
    return { table, folders, segments: Segments.open(directory, segments, report) };
  });
}

/** Path of the kept totals of a projects folder. */
export function totalsPath(directory: string, root: string): string {
  return join(directory, storeName(root) + TOTALS_SUFFIX);
}

/** Path of the kept cwds of a projects folder's sessions. */
export function cwdsPath(directory: string, root: string): string {
  return join(directory, storeName(root) + CWDS_SUFFIX);
}

/** Path of the kept sums of folders of a projects folder's sessions. */
export function sumsPath(directory: string, root: string): string {
  return join(directory, storeName(root) + SUMS_SUFFIX);
}

/** Path of the kept paths that a projects folder's sessions touched. */
export function pathsPath(directory: string, root: string): string {
  return join(directory, storeName(root) + PATHS_SUFFIX);
}

/**
 * A name for a new segment file that no other run uses. Makes the cache folder (0700) if need be; null if it cannot.
 */
export function newSegmentPath(directory: string, root: string): string | null {
  try {
    makeFolders(directory);
    return join(directory, `${storeName(root)}.${unique()}.segment`);
  } catch {
    return null;
  }
}

/**
 * Puts the index in place of the old one, in one step. Returns false where the disk refuses: then the old one stays.
 * Two runs that save at once each leave a whole index; the last one counts.
 */
export function saveStore(directory: string, root: string, store: Store, now: number): boolean {
  const target = join(directory, storeName(root) + INDEX_SUFFIX);
  const temporary = `${target}.${unique()}.tmp`;
  const { files } = store.segments;
  try {
    writePieces(temporary, encodeIndex({ ...store, root, segments: files }));
    renameSync(temporary, target);
    removeUnreferenced(
      directory,
      storeName(root),
      new Set(files.flatMap(({ name }) => [name, name + IDS_SUFFIX])),
      now,
    );
    return true;
  } catch {
    removeTemporary(temporary);
    return false;
  }
}

/** A file of the user alone, written piece by piece: put together first, they would be copied. */
function writePieces(path: string, pieces: readonly Buffer[]): void {
  const fd = openSync(path, 'wx', 0o600);
  try {
    for (const piece of pieces) writeFileSync(fd, piece);
  } finally {
    closeSync(fd);
  }
}

/**
 * A file in memory of its own, so that it starts at a multiple of eight. Throws what Node does, and for anything but a
 * file.
 */
function readAll(path: string): Buffer {
  return withFile(path, (fd, size) => {
    const bytes = Buffer.from(new ArrayBuffer(size));
    return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, 0));
  });
}

function removeUnreferenced(directory: string, prefix: string, referenced: ReadonlySet<string>, now: number): void {
  const suffixes = [INDEX_SUFFIX, FILTERS_SUFFIX, TOTALS_SUFFIX, SUMS_SUFFIX, PATHS_SUFFIX];
  const fixed = new Set(suffixes.map((suffix) => prefix + suffix));
  for (const name of readdirSync(directory)) {
    if (!name.startsWith(`${prefix}.`) || fixed.has(name) || referenced.has(name)) continue;
    const path = join(directory, name);
    const mtimeMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    if (mtimeMs !== undefined && now - mtimeMs > STRAY_AGE_MS) rmSync(path, { force: true });
  }
}
