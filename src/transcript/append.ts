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

/** How lines are appended. */
export interface AppendOptions {
  /** Restore the file's times afterwards. */
  keepTimes: boolean;
}

/** Result of an append. */
export interface Appended {
  /** The file's times were restored. */
  keptTimes: boolean;
}

/**
 * Maximum number of times an append follows a replaced file; each replacement is another run that rewrites it just now.
 */
const MAX_REPLACEMENTS = 10;
/**
 * Maximum number of comparisons of a path with its open file that may differ; after that, inode numbers are taken to be
 * unreliable (some FUSE file systems).
 */
const MAX_LOOKS = 3;

/** Appends entries as `appendLines` does, each as a line. */
export function appendEntries(path: string, entries: readonly object[], options: AppendOptions): Appended {
  return appendLines(
    path,
    entries.map((entry) => Buffer.from(JSON.stringify(entry))),
    options,
  );
}

/**
 * Appends whole lines in one write, as Claude Code does, so that it is safe next to a running one. A last line without
 * a newline is ended first; if the file is replaced meanwhile, the new one gets the lines too. With `keepTimes` the
 * file's times are restored, but only if the file is exactly as this append left it. The file must exist and not be
 * empty: `ENOENT`, or an error with code `EEMPTY`. Throws Node's error if the file cannot be written or its times
 * cannot be restored; the lines are then removed again, unless somebody else has written since.
 */
export function appendLines(path: string, lines: readonly Uint8Array[], options: AppendOptions): Appended {
  let result = appendOnce(path, lines, options);
  for (let more = MAX_REPLACEMENTS; result.isReplaced && more > 0; more--) {
    try {
      result = appendOnce(path, lines, options);
    } catch (error) {
      // The file was moved away, with all that was written to it.
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
      keptTimes = keepTimes && putBackTimes(fd, before, BigInt(bytes.length));
    } catch (error) {
      takeBack(fd, before, bytes);
      throw error;
    }
    return { keptTimes, isReplaced: isKnown && leadsElsewhere(path, before) };
  } finally {
    closeSync(fd);
  }
}

function empty(path: string): Error {
  return Object.assign(new Error(`nothing to append to: ${path} is empty`), { code: 'EEMPTY' });
}

/** `isKnown`: the file was at the path a moment ago, so that another look at the path shows if it was replaced. */
function openForAppend(path: string): { fd: number; isKnown: boolean } {
  for (let looks = 1; ; looks++) {
    // No O_CREAT: a session that was deleted meanwhile must not come back as its title.
    const fd = openSync(path, constants.O_RDWR | constants.O_APPEND);
    const isKnown = !leadsElsewhere(path, fstatSync(fd, { bigint: true }));
    if (isKnown || looks === MAX_LOOKS) return { fd, isKnown };
    closeSync(fd);
  }
}

/** False if nothing is at the path: the file was moved, along with what was written to it. */
function leadsElsewhere(path: string, file: BigIntStats): boolean {
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

/** Removes what was added after a failed write, or if the times could not be restored, unless others wrote too. */
function takeBack(fd: number, before: BigIntStats, bytes: Buffer): void {
  const size = Number(before.size);
  const surplus = Buffer.alloc(fstatSync(fd).size - size);
  readSync(fd, surplus, 0, surplus.length, size);
  if (!surplus.equals(bytes.subarray(0, surplus.length))) return;
  ftruncateSync(fd, size);
  try {
    putBackTimes(fd, before, 0n);
  } catch {
    // The original error is thrown.
  }
}

function putBackTimes(fd: number, before: BigIntStats, added: bigint): boolean {
  const ours = fstatSync(fd, { bigint: true });
  if (ours.size !== before.size + added) return false;
  try {
    futimesSync(fd, Number(before.atimeNs) / 1e9, Number(before.mtimeNs) / 1e9);
  } catch (error) {
    // The times of a file of another user cannot be set; the lines stay.
    if (errorCode(error) === 'EPERM') return false;
    throw error;
  }
  if (fstatSync(fd, { bigint: true }).size === ours.size) return true;
  // Somebody wrote in between, so the file did change just now.
  futimesSync(fd, new Date(), new Date());
  return false;
}
