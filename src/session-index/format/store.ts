import { readdirSync, readSync, rmSync, statSync } from 'node:fs';
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
import { saveFile, unique } from './save-file.js';

const INDEX_SUFFIX = '.columns';
/** Suffix of the file with the filters of searches. */
export const FILTERS_SUFFIX = '.filters';
/** Suffixes of the files next to an index that store what was computed from it. */
const SIDE_FILES = { totals: '.totals', cwds: '.cwds', names: '.names', sums: '.sums', paths: '.paths' } as const;
/** A file next to an index. */
export type SideFile = keyof typeof SIDE_FILES;
/** Age at which an unreferenced segment is removed; a younger one may belong to a run that is writing now. */
const STRAY_AGE_MS = 10 * 60 * 1000;

/** An index. Its sessions are rows of the table, those of each project dir one after the other. */
export interface Store {
  table: ColumnTable;
  segments: Segments;
  folders: readonly (FolderContent | StoredFolder)[];
}

/** An index as read from disk. */
export type LoadedStore = Omit<Store, 'folders'> & { folders: readonly StoredFolder[] };

/** Returns the name of a projects folder's index. Two folders may share one, so the index names its folder. */
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

/** Returns the path of a side file of a projects folder's index. */
export function sideFilePath(directory: string, root: string, file: SideFile): string {
  return join(directory, storeName(root) + SIDE_FILES[file]);
}

/** Returns an unused path for a new segment; null if the cache folder is missing and cannot be created. */
export function newSegmentPath(directory: string, root: string): string | null {
  try {
    makeFolders(directory);
    return join(directory, `${storeName(root)}.${unique()}.segment`);
  } catch {
    return null;
  }
}

/**
 * Replaces the stored index in one step; returns false, with the old one kept, if the disk refuses. Of two runs that
 * save at once, the last one wins.
 */
export function saveStore(directory: string, root: string, store: Store, now: number): boolean {
  const { files } = store.segments;
  try {
    const target = join(directory, storeName(root) + INDEX_SUFFIX);
    if (!saveFile(target, encodeIndex({ ...store, root, segments: files }))) return false;
    removeUnreferenced(
      directory,
      storeName(root),
      new Set(files.flatMap(({ name }) => [name, name + IDS_SUFFIX])),
      now,
    );
    return true;
  } catch {
    return false;
  }
}

/** Reads a file into memory of its own, which starts at a multiple of eight. Throws for anything but a regular file. */
function readAll(path: string): Buffer {
  return withFile(path, (fd, size) => {
    const bytes = Buffer.from(new ArrayBuffer(size));
    return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, 0));
  });
}

function removeUnreferenced(directory: string, prefix: string, referenced: ReadonlySet<string>, now: number): void {
  const suffixes = [INDEX_SUFFIX, FILTERS_SUFFIX, ...Object.values(SIDE_FILES)];
  const fixed = new Set(suffixes.map((suffix) => prefix + suffix));
  for (const name of readdirSync(directory)) {
    if (!name.startsWith(`${prefix}.`) || fixed.has(name) || referenced.has(name)) continue;
    const path = join(directory, name);
    const mtimeMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    if (mtimeMs !== undefined && now - mtimeMs > STRAY_AGE_MS) rmSync(path, { force: true });
  }
}
