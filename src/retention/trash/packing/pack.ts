import {
  createReadStream,
  createWriteStream,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  unlinkSync,
  type WriteStream,
} from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { requirePlainParents, safeRelativePath, type SafeRelativePath } from '../../../system/safe-path.js';
import { fileKey } from '../../../system/process/written-files.js';
import { PRIVATE_FILE } from '../../../system/write-file.js';
import { flush } from '../copy-tree.js';
import { type TrashedRoot } from '../manifest.js';
import { damagedName } from './salvage.js';
import { runFoldersIn } from '../trash-dir.js';
import type { TrashEntry } from '../trash-entry.js';
import { statIfExists, type TreeNode } from '../tree.js';

/** Entries are repetitive, so this level saves nearly as much as the highest one, in a third of the time. */
const LEVEL = 3;

/** Minimum size of a file to compress: files occupy whole blocks of the disk, so smaller ones would save nothing. */
const MIN_BYTES = 4096;
/** Start of a compressed file's name. */
export const PACKED = 'packed-';
const HALF_WRITTEN = /^(packed|damaged)-.*\.tmp$/;

/**
 * A file of an entry that may be compressed. The compressed file is next to the entry's roots, so that names within
 * them do not change.
 */
interface Packable {
  node: TreeNode;
  /** Path of the plain file. */
  plain: string;
  /** Path of the compressed file. */
  packed: string;
  /** Path of `plain` relative to the entry's folder. */
  inEntry: SafeRelativePath;
  /** True for the session's own transcript. */
  isTranscript: boolean;
}

/**
 * Compresses the transcripts of an entry in state `kept`. Files stay as they are if they do not get smaller, have hard
 * links, were written to, or are among `written`, the files that processes have open for writing. At every moment each
 * file exists uncompressed, compressed, or as both. Rejects if the disk is full, leaving the rest as it is.
 */
export async function pack(entry: TrashEntry, written: ReadonlySet<string> | null): Promise<void> {
  if (entry.isBare) return;
  for (const { node, plain, packed, inEntry } of packables(entry)) {
    if (node.bytes < MIN_BYTES) continue;
    const temporary = `${packed}.tmp`;
    // A killed run may have left a temporary file, and writing must not follow a link.
    for (const left of [temporary, `${damagedName(packed)}.tmp`]) rmSync(left, { force: true });
    requirePlainParents(entry.folder, inEntry);
    const stats = statIfExists(plain);
    if (stats?.isFile() !== true || stats.nlink > 1 || stats.size !== node.bytes) continue;
    if (written?.has(fileKey(stats)) === true) continue;
    try {
      await pipeline(createReadStream(plain), createGzip({ level: LEVEL }), newFileStream(temporary));
      if ((statIfExists(temporary)?.size ?? Infinity) >= stats.size) continue;
      flush(temporary);
      // Checked last, since a program that still has the file open may have written to it.
      if (!isAsMoved(plain, node)) continue;
      renameSync(temporary, packed);
      unlinkSync(plain);
    } finally {
      rmSync(temporary, { force: true });
    }
  }
}

/**
 * Creates a file for its owner alone and returns a stream that writes it. The file exists at once: a stream that opens
 * it later may create it after a failed step has removed it. Throws Node's error.
 */
export function newFileStream(path: string): WriteStream {
  return createWriteStream(path, { fd: openSync(path, 'wx', PRIVATE_FILE) });
}

/** Times that differ by less are taken for equal: a copy keeps the time of its file only to the microsecond. */
const SAME_TIME_MS = 0.002;

function isAsMoved(plain: string, { bytes, mtimeMs }: TreeNode): boolean {
  const stats = statIfExists(plain);
  return stats?.size === bytes && Math.abs(stats.mtimeMs - mtimeMs) < SAME_TIME_MS;
}

/** Returns true if `pack` would compress a file of a root with these nodes at this path. */
export function isWorthPacking({ path, nodes }: Pick<TrashedRoot, 'path' | 'nodes'>): boolean {
  return nodes.some((node) => isPackable(path, node) && node.bytes >= MIN_BYTES);
}

function isPackable(rootPath: string, { kind, path }: TreeNode): boolean {
  return kind === 'file' && (path === '' ? rootPath : path).endsWith('.jsonl');
}

/** Returns true for an entry with a compressed file, even a half-written one. Throws Node's error. */
export function hasPacked(entry: TrashEntry): boolean {
  return entry.names.some((name) => name.startsWith(PACKED));
}

/** Returns true for a trash folder with a half-written file that a killed run left in an entry. Throws Node's error. */
export function hasUnfinishedPacking(trashDir: string): boolean {
  return runFoldersIn(trashDir, []).some((runFolder) =>
    readdirSync(runFolder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && /^\d+$/.test(entry.name))
      .some(({ name }) => readdirSync(join(runFolder, name)).some((file) => HALF_WRITTEN.test(file))),
  );
}

/** Returns the files of an entry that `pack` may compress or has compressed. */
export function packables(entry: TrashEntry): Packable[] {
  return entry.session.roots.flatMap((root, at) =>
    root.nodes.flatMap((node, number) =>
      isPackable(root.path, node)
        ? [
            {
              node,
              plain: join(entry.storedPath(root), node.path),
              packed: join(entry.folder, `${PACKED}${at}-${number}.gz`),
              inEntry: nodePath(at, node.path),
              isTranscript: node.path === '' && root.path.endsWith(`/${entry.session.id}.jsonl`),
            },
          ]
        : [],
    ),
  );
}

/** Returns the path of a node in an entry's folder. */
export function nodePath(root: number, path: TreeNode['path']): SafeRelativePath {
  return safeRelativePath(path === '' ? String(root) : `${root}/${path}`);
}
