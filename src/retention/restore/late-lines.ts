import { closeSync, constants, fstatSync, fsyncSync, openSync } from 'node:fs';
import { openRegularFile, readRange } from '../../transcript/lines.js';
import { writeAll } from '../../system/write-file.js';

const CHUNK_BYTES = 1024 * 1024;
/** How long nothing must have reached a file that lost its name: programs hold one open for some milliseconds. */
const LATE_MS = 50;
const POLL_MS = 5;

/** A range of bytes of a file. */
export interface Range {
  start: number;
  end: number;
}

/** Writes a range of an open file to another one. Throws Node's error. */
export function copyRange(from: number, { start, end }: Range, to: number): void {
  for (let at = start; at < end; at += CHUNK_BYTES) writeAll(to, readRange(from, at, Math.min(end, at + CHUNK_BYTES)));
}

/**
 * Appends what is written to an open file behind `size` to the file that took its place, until nothing was for a
 * moment. Throws Node's error.
 */
export function appendLate(fd: number, size: number, path: string): void {
  let start = size;
  for (let quietMs = 0; ; quietMs += POLL_MS) {
    const { size: end } = fstatSync(fd);
    if (end > start) {
      appendFrom(fd, { start, end }, path);
      start = end;
      quietMs = 0;
    }
    if (quietMs >= LATE_MS) return;
    pause(POLL_MS);
  }
}

/** Appends a range of a file to another one, and returns once that is on the disk. Throws Node's error. */
export function appendRange(from: string, range: Range, to: string): void {
  const { fd } = openRegularFile(from);
  try {
    appendFrom(fd, range, to);
  } finally {
    closeSync(fd);
  }
}

function appendFrom(fd: number, range: Range, path: string): void {
  const to = openSync(path, constants.O_WRONLY | constants.O_APPEND | constants.O_NOFOLLOW);
  try {
    copyRange(fd, range, to);
    fsyncSync(to);
  } finally {
    closeSync(to);
  }
}

function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
