import { closeSync, constants, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { errorCode } from './problem.js';
import { UnsafePath } from './safe-path.js';

/**
 * At most `mostBytes` from the start of a regular file, without a byte order mark; `null` when it is anything else or
 * cannot be read. Symlinks
 * are not followed, and neither pipes nor devices are ever waited for.
 */
export function readStart(path: string, mostBytes: number): { text: string; whole: boolean } | null {
  const start = readStartBytes(path, mostBytes);
  return start === null ? null : { text: withoutMark(start.bytes.toString('utf8')), whole: start.whole };
}

/** Returns the bytes that `readStart` returns as text. */
export function readStartBytes(path: string, maxBytes: number): { bytes: Buffer; whole: boolean } | null {
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stats = fstatSync(fd);
    if (!stats.isFile()) return null;
    const bytes = Buffer.alloc(Math.min(maxBytes, stats.size));
    const read = readSync(fd, bytes, 0, bytes.length, 0);
    return { bytes: bytes.subarray(0, read), whole: stats.size <= maxBytes };
  } catch {
    return null;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/**
 * Returns the text of a regular file; null if there is none. Throws `UnsafePath` for anything else, links included, and
 * Node's error for a file that cannot be read.
 */
export function readPlainFile(path: string): string | null {
  return withPlainFile(path, (fd) => readFileSync(fd, 'utf8'));
}

/** Passes the descriptor of a regular file to `read` and returns its result; as `readPlainFile` for other paths. */
export function withPlainFile<Result>(path: string, read: (fd: number) => Result): Result | null {
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    if (!fstatSync(fd).isFile()) throw new UnsafePath(`${path} is not a regular file`);
    return read(fd);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    if (code === 'ELOOP' || code === 'ENXIO') throw new UnsafePath(`${path} is not a regular file`);
    throw error;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** Decodes UTF-8, or UTF-16 with a byte order mark as Windows programs write it, without the first such mark. */
export function decodeText(bytes: Buffer): string {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return withoutMark(bytes.toString(isUtf16 ? 'utf16le' : 'utf8'));
}

/** Returns a text without the byte order mark that some editors put first. */
export function withoutMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

/** The object a JSON text holds; `null` for any other value and for text that is not JSON. */
export function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
