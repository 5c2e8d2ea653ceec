import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmdirSync,
  unlinkSync,
  type Stats,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolders } from '../../system/make-folders.js';
import { errorCode } from '../../system/problem.js';
import { isLinkRefused, writeAll } from '../../system/write-file.js';
import { openRegularFile } from '../../transcript/lines.js';
import { appendLateLines } from './late-lines.js';
import { statIfExists, removeTree } from '../trash/tree.js';

/** Suffix of a remainder that is still to be appended, after the name of the file that was moved away. */
const REMAINDER = /\.ccsess-rest-(\d+)$/;
/** Unused numbers after which no further remainder is expected. */
const MAX_MISSING = 8;
/** Length of the end of a file that is searched for a remainder that was already appended. */
const TAIL_BYTES = 1024 * 1024;
const NEWLINE = 10;

/**
 * Moves a file or folder to an unused path on the same file system. Throws `EEXIST`, with nothing moved, if something
 * is there, `EXDEV` across file systems, and `ENOENT` if there is nothing to move.
 */
function moveToFreePath(from: string, to: string): void {
  const stats = statIfExists(from);
  if (stats?.isFile() === true && tryLink(from, to)) return unlinkSync(from);
  if (statIfExists(to) !== undefined) throw existsError(to);
  renameSync(from, to);
}

function existsError(path: string): Error {
  return Object.assign(new Error(`it exists: ${path}`), { code: 'EEXIST' });
}

/** Creates a hard link, which unlike a rename never replaces a file; false if the file system refuses links. */
function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (isLinkRefused(error)) return false;
    throw error;
  }
}

/**
 * Moves a file or folder back to its path on the same file system; may be called again after a kill. If Claude Code
 * wrote a new transcript there meanwhile, it is appended (docs/storage.md, "Lifecycle"); folders are joined, and any
 * other new file is kept. Throws `EEXIST`, and keeps both, for files of different kinds.
 */
export function putBack(from: string, to: string): void {
  const old = statIfExists(from);
  if (old?.isDirectory() === true && statIfExists(to)?.isDirectory() === true) joinFolders(from, to);
  else if (old !== undefined) putInPlace(from, to, old);
  for (const remainder of remaindersOf(from)) appendRemainder(remainder, to);
}

function joinFolders(from: string, to: string): void {
  for (const name of new Set(readdirSync(from).map((entry) => entry.replace(REMAINDER, ''))))
    putBack(join(from, name), join(to, name));
  rmdirSync(from);
}

function putInPlace(from: string, to: string, old: Stats): void {
  makeFolders(dirname(to));
  for (;;) {
    const there = statIfExists(to);
    // A kill between link and unlink left one file with two names.
    if (there !== undefined && there.ino === old.ino && there.dev === old.dev) return unlinkSync(from);
    if (there === undefined) {
      try {
        return moveToFreePath(from, to);
      } catch (error) {
        if (errorCode(error) !== 'EEXIST') throw error;
      }
    } else if (old.isFile() && there.isFile() && to.endsWith('.jsonl')) {
      setAside(to, from);
    } else if (old.isDirectory() || (old.isFile() && !there.isFile())) {
      throw existsError(to);
    } else {
      return removeTree(from);
    }
  }
}

/** Renames a remainder, so that the older file can take its path and the remainder be appended. */
function setAside(remainder: string, from: string): void {
  try {
    const last = Number(REMAINDER.exec(remaindersOf(from).at(-1) ?? '')?.[1] ?? 0);
    renameSync(remainder, `${from}.ccsess-rest-${last + 1}`);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}

/**
 * Returns the remainders of a file that was moved away, in order. Tries their numbers instead of listing the folder,
 * which may hold thousands of sessions; after a kill the first numbers may be missing.
 */
function remaindersOf(from: string): string[] {
  const found: string[] = [];
  for (let number = 1, missing = 0; missing < MAX_MISSING; number += 1) {
    const path = `${from}.ccsess-rest-${number}`;
    if (!pathExists(path)) missing += 1;
    else {
      found.push(path);
      missing = 0;
    }
  }
  return found;
}

/** Returns true if something has a path; false for a name that is too long to exist. */
function pathExists(path: string): boolean {
  try {
    return statIfExists(path) !== undefined;
  } catch (error) {
    if (errorCode(error) === 'ENAMETOOLONG') return false;
    throw error;
  }
}

/**
 * Appends a remainder, or what a kill left of it, and the lines that a process still writes to it. Throws EBUSY, and
 * keeps the remainder, if that process does not stop.
 */
function appendRemainder(remainder: string, to: string): void {
  if (statIfExists(remainder)?.isFile() !== true) throw existsError(remainder);
  if (statIfExists(to) === undefined) return moveToFreePath(remainder, to);
  if (statIfExists(to)?.isFile() !== true) throw existsError(to);
  const { fd: late } = openRegularFile(remainder);
  let fd: number | undefined;
  try {
    fd = openSync(to, constants.O_RDWR | constants.O_APPEND | constants.O_NOFOLLOW);
    const bytes = readFileSync(late);
    const tail = tailOf(fd, bytes.length + TAIL_BYTES);
    const done = tail.includes(bytes) ? bytes.length : overlapLength(tail, bytes);
    if (done === 0 && tail.length > 0 && tail.at(-1) !== NEWLINE) writeAll(fd, Buffer.from('\n'));
    writeAll(fd, bytes.subarray(done));
    fsyncSync(fd);
    appendLateLines(late, bytes.length, to);
  } finally {
    if (fd !== undefined) closeSync(fd);
    closeSync(late);
  }
  unlinkSync(remainder);
}

/** Returns how many bytes from the start of `bytes` a file already ends with, after a write that was cut short. */
function overlapLength(tail: Buffer, bytes: Buffer): number {
  // Ends at length 0 at the latest, where both are empty.
  for (let length = Math.min(tail.length, bytes.length); ; length--)
    if (tail.subarray(tail.length - length).equals(bytes.subarray(0, length))) return length;
}

function tailOf(fd: number, maxBytes: number): Buffer {
  const { size } = fstatSync(fd);
  const tail = Buffer.alloc(Math.min(size, maxBytes));
  readSync(fd, tail, 0, tail.length, size - tail.length);
  return tail;
}
