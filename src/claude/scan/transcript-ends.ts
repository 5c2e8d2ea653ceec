import { fstatSync, readSync } from 'node:fs';
import { withPlainFile } from '../../system/small-file.js';

/** Claude Code looks for titles and entrypoints in this many bytes at either end of a transcript (docs/storage.md). */
const WINDOW_BYTES = 64 * 1024;

/** The lines near the ends of a transcript, in file order; both are the same lines if one end is the whole file. */
export interface TranscriptEnds {
  head: readonly string[];
  tail: readonly string[];
}

const NO_LINES: TranscriptEnds = { head: [], tail: [] };

/** Reads the lines near the ends of a transcript; there are none if it cannot be read. Never throws. */
export function linesAtEnds(path: string): TranscriptEnds {
  try {
    return withPlainFile(path, (fd) => endsOf(fd, fstatSync(fd).size)) ?? NO_LINES;
  } catch {
    return NO_LINES;
  }
}

function endsOf(fd: number, size: number): TranscriptEnds {
  const head = linesAt(fd, 0);
  // The tail begins within a line.
  return { head, tail: size > WINDOW_BYTES ? linesAt(fd, size - WINDOW_BYTES).slice(1) : head };
}

function linesAt(fd: number, position: number): string[] {
  const bytes = Buffer.alloc(WINDOW_BYTES);
  return bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, position)).split('\n');
}
