import { fstatSync } from 'node:fs';
import { appendLines } from './append.js';
import { readLines, withFile } from './lines.js';

/** The part of a transcript that was copied to its replacement. */
export interface CopiedPart {
  /** Number of complete lines. */
  lines: number;
  /** File offset after the last complete line. */
  bytes: number;
  /** File offset after everything that was copied, including an unfinished last line. */
  size: number;
}

/** Options of `carryLateLines`. */
export interface CarryOptions {
  /** Returns the line as it must be in the copy; null if it stays the same. */
  renew(line: Buffer): Buffer | null;
  /** Also carry over an unfinished last line, since no process will finish it. */
  unfinished: boolean;
}

/**
 * Appends to the transcript at `path` the lines that were written to its replaced file (open as `fd`) after the copy,
 * as often as they are missing after the copied lines. Can be repeated, even after a kill; throws Node's error.
 */
export function carryLateLines(
  fd: number,
  path: string,
  copied: CopiedPart,
  { renew, unfinished }: CarryOptions,
): void {
  if (fstatSync(fd).size <= copied.size) return;
  const late: Buffer[] = [];
  for (const { bytes, terminated } of readLines(fd, { start: copied.bytes })) {
    if (bytes.length > 0 && (terminated || unfinished)) late.push(renew(bytes) ?? Buffer.from(bytes));
  }
  if (late.length === 0) return;
  const present = countLines(path, copied.lines, new Set(late.map(keyOf)));
  const missing = late.filter((line) => {
    const key = keyOf(line);
    const left = present.get(key) ?? 0;
    present.set(key, left - 1);
    return left <= 0;
  });
  if (missing.length > 0) appendLines(path, missing, { keepTimes: false });
}

/** Counts how often each of the `wanted` lines occurs after the first `skipped` lines of a transcript. */
function countLines(path: string, skipped: number, wanted: ReadonlySet<string>): Map<string, number> {
  const counts = new Map<string, number>();
  withFile(path, (fd) => {
    let at = 0;
    for (const { bytes } of readLines(fd)) {
      if (at++ < skipped) continue;
      const key = keyOf(bytes);
      if (wanted.has(key)) counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  });
  return counts;
}

function keyOf(line: Buffer): string {
  return line.toString('latin1');
}
