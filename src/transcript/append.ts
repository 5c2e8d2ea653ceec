import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  futimesSync,
  openSync,
  readSync,
  statSync,
  type BigIntStats,
} from 'node:fs';
import { errorCode } from '../system/problem.js';
import { writeAll } from '../system/write-file.js';

const NEWLINE = 10;
const LINE_END = Buffer.from([NEWLINE]);

/** Options of `appendLines`. */
export interface AppendOptions {
  /** Restore the file's times afterwards. */
  keepTimes: boolean;
}

/** Result of an append. */
export interface Appended {
  /** True if the file's times were restored. */
  keptTimes: boolean;
}

/**
 * Maximum number of times an append follows a replaced file. Each replacement is another run that rewrites the file.
 */
const MAX_REPLACEMENTS = 10;
/**
 * Maximum number of times a path may lead to another file than the one just opened; after that, inode numbers are
 * considered unreliable, as on some FUSE file systems.
 */
const MAX_CHECKS = 3;

/** Appends entries as lines with `appendLines`. */
export function appendEntries(path: string, entries: readonly object[], options: AppendOptions): Appended {
  return appendLines(
    path,
    entries.map((entry) => Buffer.from(JSON.stringify(entry))),
    options,
  );
}

/**
 * Appends whole lines in one write, as Claude Code does, so that a running one is not disturbed: an unterminated last
 * line is ended first, and if the file is replaced meanwhile, the new one gets the lines too. Throws Node's error if
 * the file does not exist (`ENOENT`), is empty (`EEMPTY`), or cannot be written or its times restored; the lines are
 * then removed again, unless another process wrote after them.
 */
export function appendLines(path: string, lines: readonly Uint8Array[], options: AppendOptions): Appended {
  let result = appendOnce(path, lines, options);
  for (let more = MAX_REPLACEMENTS; result.isReplaced && more > 0; more--) {
    try {
      result = appendOnce(path, lines, options);
    } catch (error) {
      // The file was moved away, together with the lines.
      if (errorCode(error) === 'ENOENT') break;
      throw error;
    }
  }
  return { keptTimes: result.keptTimes };
}

type AppendedOnce = Appended & { isReplaced: boolean };

function appendOnce(path: string, lines: readonly Uint8Array[], { keepTimes }: AppendOptions): AppendedOnce {
  const { fd, isKnown } = openForAppend(path);
  try {
    const before = fstatSync(fd, { bigint: true });
    if (before.size === 0n) throw empty(path);
    const start = endsWithNewline(fd, Number(before.size)) ? [] : [LINE_END];
    const bytes = Buffer.concat([...start, ...lines.flatMap((line) => [line, LINE_END])]);
    let keptTimes = false;
    try {
      writeAll(fd, bytes);
      keptTimes = keepTimes && restoreTimes(fd, before, BigInt(bytes.length));
    } catch (error) {
      undoAppend(fd, before, bytes);
      throw error;
    }
    return { keptTimes, isReplaced: isKnown && isOtherFileAt(path, before) };
  } finally {
    closeSync(fd);
  }
}

function empty(path: string): Error {
  return Object.assign(new Error(`nothing to append to: ${path} is empty`), { code: 'EEMPTY' });
}

/**
 * Opens the file at a path; `isKnown` means that the path leads to the open file, so that a later check can detect a
 * replacement.
 */
function openForAppend(path: string): { fd: number; isKnown: boolean } {
  for (let looks = 1; ; looks++) {
    // Without O_CREAT, so that a session deleted meanwhile is not recreated by a title.
    const fd = openSync(path, constants.O_RDWR | constants.O_APPEND);
    const isKnown = !isOtherFileAt(path, fstatSync(fd, { bigint: true }));
    if (isKnown || looks === MAX_CHECKS) return { fd, isKnown };
    closeSync(fd);
  }
}

/** True if another file is at the path; false if there is none, since the open file was then moved with the lines. */
function isOtherFileAt(path: string, file: BigIntStats): boolean {
  try {
    const there = statSync(path, { bigint: true, throwIfNoEntry: false });
    return there !== undefined && (there.ino !== file.ino || there.dev !== file.dev);
  } catch {
    return false;
  }
}

function endsWithNewline(fd: number, size: number): boolean {
  const last = Buffer.alloc(1);
  readSync(fd, last, 0, 1, size - 1);
  return last[0] === NEWLINE;
}

/** Removes the lines after a failed append, unless another process wrote too. */
function undoAppend(fd: number, before: BigIntStats, bytes: Buffer): void {
  const size = Number(before.size);
  const surplus = Buffer.alloc(fstatSync(fd).size - size);
  readSync(fd, surplus, 0, surplus.length, size);
  if (!surplus.equals(bytes.subarray(0, surplus.length))) return;
  ftruncateSync(fd, size);
  try {
    restoreTimes(fd, before, 0n);
  } catch {
    // The original error is thrown.
  }
}

function restoreTimes(fd: number, before: BigIntStats, added: bigint): boolean {
  const ours = fstatSync(fd, { bigint: true });
  if (ours.size !== before.size + added) return false;
  try {
    futimesSync(fd, Number(before.atimeNs) / 1e9, Number(before.mtimeNs) / 1e9);
  } catch (error) {
    // The times of another user's file cannot be set; the lines stay.
    if (errorCode(error) === 'EPERM') return false;
    throw error;
  }
  if (fstatSync(fd, { bigint: true }).size === ours.size) return true;
  // Another process wrote in between, so the file did change just now.
  futimesSync(fd, new Date(), new Date());
  return false;
}
