import { closeSync, constants, fstatSync, fsyncSync, openSync } from 'node:fs';
import { openRegularFile, readRange } from '../../transcript/lines.js';
import { writeAll } from '../../system/write-file.js';

const CHUNK_BYTES = 1024 * 1024;
/** Time without a write after which a file counts as finished; programs hold one open for some milliseconds. */
const QUIET_MS = 50;
const POLL_MS = 5;
/** Maximum number of polls, so that a program that never stops writing does not block the lock forever. */
const MAX_POLLS = 400;

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
 * Appends the lines that programs still write to an open file, from `size` on, to the file that replaced it. Returns
 * once nothing was written for a moment; throws Node's errors, and EBUSY if that takes several seconds.
 */
export function appendLateLines(fd: number, size: number, path: string): void {
  let start = size;
  for (let quietMs = 0, polls = 0; ; quietMs += POLL_MS, polls += 1) {
    if (polls === MAX_POLLS) throw busyError(path);
    const { size: end } = fstatSync(fd);
    if (end > start) {
      appendFrom(fd, { start, end }, path);
      start = end;
      quietMs = 0;
    }
    if (quietMs >= QUIET_MS) return;
    pause(POLL_MS);
  }
}

/** Returns the error for a file that programs never stop writing to. */
export function busyError(path: string): Error {
  return Object.assign(new Error(`it is being written to: ${path}`), { code: 'EBUSY' });
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
