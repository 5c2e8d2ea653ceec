import { fstatSync } from 'node:fs';
import { appendLines } from './append.js';
import { readLines, withFile } from './lines.js';

/** The part of a transcript that a copy of it was made of. */
export interface CopiedPart {
  /** Its whole lines. */
  lines: number;
  /** File offset behind the last of these. */
  bytes: number;
  /** File offset behind all that was copied, an unfinished last line included. */
  size: number;
}

/** How late lines are carried over. */
export interface CarryOptions {
  /** Returns the line as the copy is to have it; null for one that stays as it is. */
  renew(line: Buffer): Buffer | null;
  /** Carry over an unfinished last line too: nobody will finish it. */
  unfinished: boolean;
}

/**
 * Appends to the transcript at `path` the lines that reached the file it has replaced (open as `fd`) after that was
 * copied, each as often as it is missing behind the copied lines. Safe to call again, also after a kill. Throws Node's
 * error.
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

/** Counts how often each of the `wanted` lines occurs behind the first `skipped` lines of a transcript. */
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
