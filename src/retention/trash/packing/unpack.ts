import {
  chmodSync,
  closeSync,
  constants,
  createReadStream,
  openSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline as chain, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { CcsessError } from '../../../system/errors.js';
import { errorCode, isUnreadable } from '../../../system/problem.js';
import { requirePlainParents } from '../../../system/safe-path.js';
import { makeFolders } from '../../../system/make-folders.js';
import { flush } from '../copy-tree.js';
import { UNKNOWN_SIZE, type TrashedRoot } from '../manifest.js';
import { damagedName, isDamage, salvage } from './salvage.js';
import type { TrashEntry } from '../trash-entry.js';
import { statIfExists, type TreeNode } from '../tree.js';
import { newFileStream, PACKED, packables, nodePath } from './pack.js';

/** Returns true for an entry that `unpack` would change. Throws Node's error. */
export function isPacked(entry: TrashEntry): boolean {
  return entry.names.some((name) => name.startsWith(PACKED) || name.startsWith('damaged-'));
}

/**
 * Undoes `pack`, even after a kill, and restores modes and times. Of a compressed file that is damaged or cannot be
 * read, the readable lines are unpacked and the file is kept (`salvage.ts`). Throws IO, with nothing changed, if the
 * session's transcript, or a file that must be copied to a `configDir` on another file system, cannot be opened.
 */
export async function unpack(entry: TrashEntry, configDir = entry.session.configDir): Promise<void> {
  if (!isPacked(entry)) return;
  requireReadable(entry, { isCopied: isElsewhere(configDir, entry.folder) });
  for (const { node, plain, packed, inEntry } of packables(entry)) {
    const damaged = damagedName(packed);
    if (statIfExists(packed) === undefined && statIfExists(damaged) === undefined) continue;
    requirePlainParents(entry.folder, inEntry);
    if (statIfExists(packed) !== undefined) {
      if (statIfExists(plain) !== undefined || (await unpackFile(node, plain, packed))) unlinkSync(packed);
      else renameSync(packed, damaged);
    }
    if (statIfExists(plain) === undefined) salvageFile(node, plain, damaged);
  }
  entry.session.roots.forEach((root, at) => putBackFolderTimes(entry, root, at));
}

/** Returns the content of a root that is a file, compressed or not. */
export function readTrashed(entry: TrashEntry, root: TrashedRoot): Readable {
  const plain = entry.storedPath(root);
  const packed = packables(entry).find((packable) => packable.plain === plain)?.packed;
  if (packed === undefined || statIfExists(plain) !== undefined) return createReadStream(plain);
  // An error of either stream destroys both, so the reader gets it.
  return chain(createReadStream(packed), createGunzip(), () => {});
}

/** Returns true if files cannot be renamed from a folder to a config dir, or if that is not known. */
function isElsewhere(configDir: string, folder: string): boolean {
  try {
    return statSync(configDir).dev !== statSync(folder).dev;
  } catch {
    return true;
  }
}

/** Throws IO for a transcript that cannot be opened, or with `isCopied` for any compressed file. */
function requireReadable(entry: TrashEntry, { isCopied }: { isCopied: boolean }): void {
  const { id } = entry.session;
  for (const { plain, packed, isTranscript } of packables(entry)) {
    if (!isCopied && (!isTranscript || statIfExists(plain) !== undefined)) continue;
    for (const path of [packed, damagedName(packed)]) {
      if (statIfExists(path)?.isFile() !== true) continue;
      try {
        closeSync(openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW));
      } catch (error) {
        if (!isUnreadable(error)) throw error;
        const what = isTranscript ? 'its transcript' : 'a file of it';
        const why = `${what} in the trash cannot be read (${errorCode(error)}): ${path}`;
        throw new CcsessError('IO', `${id} is not restored: ${why}.`, {
          hint: 'make that file readable, then restore it again',
          cause: error,
        });
      }
    }
  }
}

/** Unpacks one file; returns false, with nothing changed, if it is damaged or cannot be read. */
async function unpackFile(node: TreeNode, plain: string, packed: string): Promise<boolean> {
  const temporary = `${packed}.tmp`;
  rmSync(temporary, { force: true });
  try {
    await pipeline(
      createReadStream(packed),
      createGunzip(),
      limitedTo(node.bytes === UNKNOWN_SIZE ? Infinity : node.bytes),
      newFileStream(temporary),
    );
    if (node.bytes !== UNKNOWN_SIZE && statIfExists(temporary)?.size !== node.bytes) return false;
    finishFile(node, temporary, plain);
    return true;
  } catch (error) {
    if (isDamage(error) || error instanceof TooLong || isUnreadableFile(error, packed)) return false;
    throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** A compressed file has more content than was compressed. */
class TooLong extends Error {}

/**
 * Returns a step of a pipeline that fails with `TooLong` after a number of bytes, since a few kilobytes may unpack to
 * gigabytes.
 */
function limitedTo(maxBytes: number): (chunks: AsyncIterable<Buffer>) => AsyncGenerator<Buffer> {
  return async function* (chunks) {
    let left = maxBytes;
    for await (const chunk of chunks) {
      left -= chunk.length;
      if (left < 0) throw new TooLong();
      yield chunk;
    }
  };
}

/** Returns true for an error of reading this file, rather than of writing its content. */
function isUnreadableFile(error: unknown, path: string): boolean {
  if (!(error instanceof Error) || !isUnreadable(error)) return false;
  const { syscall = '', path: at = path } = error as NodeJS.ErrnoException;
  return at === path && ['open', 'read'].includes(syscall);
}

function salvageFile(node: TreeNode, plain: string, damaged: string): void {
  const temporary = `${damaged}.tmp`;
  rmSync(temporary, { force: true });
  try {
    salvage(damaged, temporary, node.bytes);
    finishFile(node, temporary, plain);
  } finally {
    rmSync(temporary, { force: true });
  }
}

function finishFile(node: TreeNode, temporary: string, plain: string): void {
  flush(temporary);
  utimesSync(temporary, node.mtimeMs / 1000, node.mtimeMs / 1000);
  chmodSync(temporary, node.mode & 0o777);
  // A folder that held nothing else may be missing if the trash was copied.
  makeFolders(dirname(plain));
  renameSync(temporary, plain);
}

/** Restores the times of folders, which changed when files in them were packed and unpacked. */
function putBackFolderTimes(entry: TrashEntry, root: TrashedRoot, at: number): void {
  for (const { kind, path, mtimeMs } of root.nodes.toReversed()) {
    const folder = join(entry.storedPath(root), path);
    if (kind !== 'folder' || statIfExists(folder)?.isDirectory() !== true) continue;
    requirePlainParents(entry.folder, nodePath(at, path));
    utimesSync(folder, mtimeMs / 1000, mtimeMs / 1000);
  }
}
