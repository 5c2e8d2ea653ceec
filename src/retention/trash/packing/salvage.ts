import { kMaxLength } from 'node:buffer';
import { closeSync, constants, fstatSync, openSync, readSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { constants as zlibConstants, gunzipSync } from 'node:zlib';
import { requireInConfigDir } from '../../../claude/layout.js';
import { errorCode, isUnreadable } from '../../../system/problem.js';
import { safeRelativePath, type SafeRelativePath } from '../../../system/safe-path.js';
import { makeFolders } from '../../../system/make-folders.js';
import { PRIVATE_FILE } from '../../../system/write-file.js';
import { copyTree } from '../copy-tree.js';
import { UNKNOWN_SIZE } from '../manifest.js';
import { originalPath, type TrashEntry } from '../trash-entry.js';
import { statIfExists, removeTree } from '../tree.js';

const NEWLINE = 10;
const READ_BYTES = 64 * 1024;
/** Name of a damaged compressed file in the entry's folder, which is kept after what could be read was salvaged. */
const DAMAGED = /^damaged-(\d+)-(\d+)\.gz$/;

/** Returns true for the error of a compressed file that is damaged or cut short. */
export function isDamage(error: unknown): boolean {
  return errorCode(error)?.startsWith('Z_') === true;
}

/** Returns the path that a compressed file is renamed to if it is damaged. */
export function damagedName(packed: string): string {
  return join(dirname(packed), basename(packed).replace(/^packed/, 'damaged'));
}

/**
 * Bytes beyond the recorded size that are salvaged too: those of a last line that a program wrote late. Claude Code's
 * lines stay below the API's limit of 32 MB.
 */
const MAX_LATE_BYTES = 32 * 1024 * 1024;

/**
 * Writes the whole lines that can be read from the start of a damaged compressed file, perhaps none, and not much more
 * than its recorded size (`UNKNOWN_SIZE` if there is none). Decompresses it several times to find the damage, since
 * zlib withholds the last bytes before an error.
 */
export function salvage(damaged: string, to: string, recordedBytes: number): void {
  // In a damaged manifest the recorded size may be any number.
  const mostBytes = Math.max(0, recordedBytes) + MAX_LATE_BYTES;
  const limit = recordedBytes === UNKNOWN_SIZE ? kMaxLength : Math.min(kMaxLength, mostBytes);
  const packed = readableStart(damaged);
  let text: Buffer = Buffer.of();
  // If only the recorded size is wrong, everything can be read.
  let end = packed.length;
  for (let readable = 0, unreadable = packed.length + 1; unreadable - readable > 1; ) {
    try {
      text = gunzipSync(packed.subarray(0, end), {
        finishFlush: zlibConstants.Z_SYNC_FLUSH,
        maxOutputLength: limit,
      });
      readable = end;
    } catch {
      unreadable = end;
    }
    end = (readable + unreadable) >> 1;
  }
  writeFileSync(to, text.subarray(0, text.lastIndexOf(NEWLINE) + 1), { flag: 'wx', mode: PRIVATE_FILE });
}

/** The bytes of a file up to the first that cannot be read; none if it cannot be opened. */
function readableStart(path: string): Buffer {
  const parts: Buffer[] = [];
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    for (;;) {
      const part = Buffer.allocUnsafe(READ_BYTES);
      const read = readSync(fd, part);
      if (read === 0) break;
      parts.push(part.subarray(0, read));
    }
  } catch (error) {
    if (!isUnreadable(error)) throw error;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
  return Buffer.concat(parts);
}

/** A file in the trash that differs from the one that was moved there. */
interface DamagedFile {
  /** The original path. */
  path: string;
  /** The end of a sentence that begins with the path. */
  what: string;
}

/**
 * Returns the files of an unpacked entry that differ from those that were moved: missing, of another size, or damaged
 * while they were compressed.
 */
export function damagedFiles(entry: TrashEntry): DamagedFile[] {
  const copies = damagedCopies(entry);
  return entry.session.roots.flatMap((root, at) => {
    if (root.nodes.length === 0)
      return statIfExists(entry.storedPath(root)) === undefined
        ? [{ path: originalPath(root), what: 'is missing in the trash' }]
        : [];
    return root.nodes.flatMap(({ kind, path: below, bytes }, number) => {
      if (kind !== 'file') return [];
      const path = join(originalPath(root), below);
      const file = join(entry.storedPath(root), below);
      const stats = statIfExists(file);
      const size = stats?.size;
      const copy = copies.find((one) => one.root === at && one.node === number);
      if (copy !== undefined) {
        const before = bytes === UNKNOWN_SIZE ? '' : ` of ${bytes}`;
        const kept = `the damaged copy is kept as ${join(root.configDir, copy.restoredPath)}`;
        return [
          { path, what: `is damaged in the trash: ${size ?? 0}${before} bytes of it could be read, and ${kept}` },
        ];
      }
      if (size === undefined) return [{ path, what: 'is missing in the trash' }];
      if (bytes === UNKNOWN_SIZE || size === bytes || (stats?.isFile() === true && hasLinesFrom(file, bytes)))
        return [];
      return [{ path, what: `is damaged in the trash: it has ${size} bytes instead of ${bytes}` }];
    });
  });
}

/**
 * Returns true for a file that is longer than `bytes` by whole lines, which a program wrote that had it open when it
 * was moved.
 */
function hasLinesFrom(path: string, bytes: number): boolean {
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    const fd = file;
    const byteAt = (position: number): number | undefined => {
      const byte = Buffer.alloc(1);
      return readSync(fd, byte, 0, 1, position) === 1 ? byte[0] : undefined;
    };
    const { size } = fstatSync(fd);
    return size > bytes && (bytes === 0 || byteAt(bytes - 1) === NEWLINE) && byteAt(size - 1) === NEWLINE;
  } catch (error) {
    if (isUnreadable(error)) return false;
    throw error;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** A damaged compressed file in an entry. */
interface DamagedCopy {
  path: string;
  /** Number of its root. */
  root: number;
  /** Number of its node in the root. */
  node: number;
  /** Path in the config dir once the file is restored. */
  restoredPath: SafeRelativePath;
}

function damagedCopies({ folder, names, session }: TrashEntry): DamagedCopy[] {
  return names.flatMap((name): DamagedCopy[] => {
    const [, root = '', node = ''] = DAMAGED.exec(name) ?? [];
    const owner = session.roots[Number(root)];
    if (root === '' || owner === undefined) return [];
    const own = basename(owner.nodes[Number(node)]?.path || owner.path);
    const side = session.projectDir === '' ? owner.path : `projects/${session.projectDir}/${session.id}`;
    const restoredPath = safeRelativePath(`${side}/damaged/${root}-${node}-${own}.gz`);
    return [{ path: join(folder, name), root: Number(root), node: Number(node), restoredPath }];
  });
}

/** Copies the damaged compressed files of an entry to the session's side folder. May be called again after a kill. */
export function keepDamaged(entry: TrashEntry): void {
  const { configDir } = entry.session;
  for (const { path, restoredPath } of damagedCopies(entry)) {
    requireInConfigDir(configDir, restoredPath);
    const to = join(configDir, restoredPath);
    const part = join(dirname(to), `.${basename(to)}.part`);
    makeFolders(dirname(to));
    removeTree(part);
    try {
      // Renamed rather than copied if possible, since it may be unreadable.
      renameSync(path, to);
    } catch (error) {
      if (errorCode(error) !== 'EXDEV') throw error;
      copyTree(path, part);
      renameSync(part, to);
    }
  }
}
