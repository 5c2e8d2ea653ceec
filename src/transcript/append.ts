import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  futimesSync,
  openSync,
  readSync,
  type BigIntStats,
} from 'node:fs';
import { errorCode } from '../system/problem.js';
import { writeAll } from '../system/write-file.js';

const NEWLINE = 10;

/** What came of an append. */
export interface Appended {
  /** The file's times are what they were before. */
  keptTimes: boolean;
}

/**
 * Appends entries as whole lines in one write, the way Claude Code does, so that it is safe beside a running one. A
 * last line without its newline is ended first, never written into. With `keepTimes` the file's times are put back,
 * but only if the file is exactly as this append left it. The file must be there, and hold something: `ENOENT`, or an
 * error with code `EEMPTY`. Throws Node's error if it cannot be written; a line written in part is taken back, and
 * the times with it, unless somebody else has written since.
 */
export function appendEntries(
  path: string,
  entries: readonly object[],
  { keepTimes }: { keepTimes: boolean },
): Appended {
  // No O_CREAT: a session that was deleted meanwhile must not come back as its title.
  const fd = openSync(path, constants.O_RDWR | constants.O_APPEND);
  try {
    const before = fstatSync(fd, { bigint: true });
    if (before.size === 0n)
      throw Object.assign(new Error(`nothing to append to: ${path} is empty`), { code: 'EEMPTY' });
    const text = entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
    const bytes = Buffer.from(endsWithNewline(fd, Number(before.size)) ? text : `\n${text}`);
    try {
      writeAll(fd, bytes);
    } catch (error) {
      takeBack(fd, before, bytes);
      throw error;
    }
    return { keptTimes: keepTimes && putBackTimes(fd, before, BigInt(bytes.length)) };
  } finally {
    closeSync(fd);
  }
}

function endsWithNewline(fd: number, size: number): boolean {
  const last = Buffer.alloc(1);
  readSync(fd, last, 0, 1, size - 1);
  return last[0] === NEWLINE;
}

/** After a write that was cut short (a full disk): takes away what there is more than before, if it is ours alone. */
function takeBack(fd: number, before: BigIntStats, bytes: Buffer): void {
  const size = Number(before.size);
  const surplus = Buffer.alloc(fstatSync(fd).size - size);
  readSync(fd, surplus, 0, surplus.length, size);
  if (!surplus.equals(bytes.subarray(0, surplus.length))) return;
  ftruncateSync(fd, size);
  putBackTimes(fd, before, 0n);
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
