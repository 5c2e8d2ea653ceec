import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  fsyncSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readlinkSync,
  readSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { childPath, namesAsBytes } from '../../system/byte-path.js';
import { isLinkRefused, PRIVATE_FOLDER } from '../../system/write-file.js';

const CHUNK_BYTES = 1024 * 1024;

/**
 * Copies a file or folder to an unused path: bytes, modes, times (to the microsecond), symbolic links, and hard links
 * where the file system has them. Returns once the copy is on the disk and was compared with the source. Throws if that
 * fails, and for pipes and sockets; a partial copy then remains.
 */
export function copyTree(from: string, to: string): void {
  const paths = [Buffer.from(from), Buffer.from(to)] as const;
  copyNode(...paths, new Map());
  if (!isSameCopy(...paths)) throw Object.assign(new Error(`the copy of ${from} differs from it`), { code: 'EIO' });
}

/** Copies one file or folder. Paths are bytes, since file names need not be UTF-8. */
function copyNode(from: Buffer, to: Buffer, copies: Map<number, Buffer>): void {
  const stats = lstatSync(from);
  const times = [stats.atimeMs / 1000, stats.mtimeMs / 1000] as const;
  if (stats.isSymbolicLink()) {
    symlinkSync(targetOf(from), to);
    lutimesSync(to, ...times);
    return;
  }
  if (stats.isDirectory()) {
    mkdirSync(to, { mode: PRIVATE_FOLDER });
    for (const name of namesAsBytes(from)) copyNode(childPath(from, name), childPath(to, name), copies);
  } else if (stats.isFile()) {
    const copy = copies.get(stats.ino);
    if (copy !== undefined && tryLink(copy, to)) return;
    copies.set(stats.ino, to);
    copyFileSync(from, to, constants.COPYFILE_EXCL);
  } else {
    throw Object.assign(new Error(`neither file, folder nor link: ${from}`), { code: 'EINVAL' });
  }
  flush(to);
  utimesSync(to, ...times);
  chmodSync(to, stats.mode & 0o7777);
}

/** Returns false where the file system has no hard links; the file is then copied again. */
function tryLink(from: Buffer, to: Buffer): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (isLinkRefused(error)) return false;
    throw error;
  }
}

/** Waits until a file's bytes, or the names in a folder, are on the disk. */
export function flush(path: string | Buffer): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Returns true if a copy has the same content and modes as its source, which may then be deleted. */
function isSameCopy(from: Buffer, to: Buffer): boolean {
  const [original, copy] = [lstatSync(from), lstatSync(to)];
  if (original.isSymbolicLink()) return targetOf(from).equals(targetOf(to));
  if (original.mode !== copy.mode) return false;
  if (original.isFile()) return hasSameBytes(from, to);
  const [names, copied] = [namesAsBytes(from), namesAsBytes(to)];
  return (
    names.length === copied.length &&
    names.every((name, i) => copied[i]?.equals(name) === true && isSameCopy(childPath(from, name), childPath(to, name)))
  );
}

function targetOf(link: Buffer): Buffer {
  return readlinkSync(link, { encoding: 'buffer' });
}

/** Compares two regular files byte by byte. */
export function hasSameBytes(a: string | Buffer, b: string | Buffer): boolean {
  return lstatSync(a).size === lstatSync(b).size && beginsWith(a, b);
}

/** Returns true if a regular file begins with all bytes of another one. */
export function beginsWith(path: string | Buffer, start: string | Buffer): boolean {
  const files = [openSync(path, 'r'), openSync(start, 'r')] as const;
  try {
    const chunks = [Buffer.alloc(CHUNK_BYTES), Buffer.alloc(CHUNK_BYTES)] as const;
    for (;;) {
      const wanted = readSync(files[1], chunks[1]);
      if (wanted === 0) return true;
      const read = readSync(files[0], chunks[0], 0, wanted, null);
      if (read !== wanted || !chunks[0].subarray(0, read).equals(chunks[1].subarray(0, read))) return false;
    }
  } finally {
    for (const fd of files) closeSync(fd);
  }
}
