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
  /** Put the file's times back afterwards. */
  keepTimes: boolean;
}

/** Result of an append. */
export interface Appended {
  /** The file's times are what they were before. */
  keptTimes: boolean;
}

/** Replacements of a file that one append follows; each is another run that rewrites it this instant. */
const MAX_REPLACEMENTS = 10;
/** Looks at a path and its open file that differ before inode numbers are taken to mean nothing here (some FUSE). */
const MAX_LOOKS = 3;

/** As `appendLines`, for entries: each becomes a line. */
export function appendEntries(path: string, entries: readonly object[], options: AppendOptions): Appended {
  return appendLines(
    path,
    entries.map((entry) => Buffer.from(JSON.stringify(entry))),
    options,
  );
}

/**
 * Appends whole lines in one write, the way Claude Code does, so that it is safe next to a running one. A last line
 * without its newline is ended first, never written into; if another file has taken the path meanwhile, that gets the
 * lines too. With `keepTimes` the file's times are put back, but only if the file is exactly as this append left it.
 * The file must be there, and hold something: `ENOENT`, or an error with code `EEMPTY`. Throws Node's error if it
 * cannot be written or its times not put back; what was added is taken back then, unless somebody else has written
 * since.
 */
export function appendLines(path: string, lines: readonly Uint8Array[], options: AppendOptions): Appended {
  let result = appendOnce(path, lines, options);
  for (let more = MAX_REPLACEMENTS; result.isReplaced && more > 0; more--) {
    try {
      result = appendOnce(path, lines, options);
    } catch (error) {
      // It has been moved away, with all that reached it.
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

/** `isKnown`: the file was the one at the path a moment ago, so that a look at the path shows when it is replaced. */
function openForAppend(path: string): { fd: number; isKnown: boolean } {
  for (let looks = 1; ; looks++) {
    // No O_CREAT: a session that was deleted meanwhile must not come back as its title.
    const fd = openSync(path, constants.O_RDWR | constants.O_APPEND);
    const isKnown = !leadsElsewhere(path, fstatSync(fd, { bigint: true }));
    if (isKnown || looks === MAX_LOOKS) return { fd, isKnown };
    closeSync(fd);
  }
}

/** False if nothing is at the path: the file was moved, and what was written to it goes along. */
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

/** After a failed write, or times that could not be put back: takes away what was added, if it is ours alone. */
function takeBack(fd: number, before: BigIntStats, bytes: Buffer): void {
  const size = Number(before.size);
  const surplus = Buffer.alloc(fstatSync(fd).size - size);
  readSync(fd, surplus, 0, surplus.length, size);
  if (!surplus.equals(bytes.subarray(0, surplus.length))) return;
  ftruncateSync(fd, size);
  try {
    putBackTimes(fd, before, 0n);
  } catch {
    // The error that led here says enough.
  }
}

function putBackTimes(fd: number, before: BigIntStats, added: bigint): boolean {
  const ours = fstatSync(fd, { bigint: true });
  if (ours.size !== before.size + added) return false;
  try {
    futimesSync(fd, Number(before.atimeNs) / 1e9, Number(before.mtimeNs) / 1e9);
  } catch (error) {
    // Of a file that is not ours times cannot be set; what was written stays.
    if (errorCode(error) === 'EPERM') return false;
    throw error;
  }
  if (fstatSync(fd, { bigint: true }).size === ours.size) return true;
  // Somebody wrote in between: then it did change now.
  futimesSync(fd, new Date(), new Date());
  return false;
}
