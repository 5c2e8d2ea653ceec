import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { PRIVATE_FILE, writeAll } from '../../system/write-file.js';
import { asEntry, asString } from '../../transcript/messages/classify.js';
import type { CopiedPart } from '../../transcript/late-lines.js';
import { lastLinesStart, openRegularFile, readLines, readRange, withFile } from '../../transcript/lines.js';
import { KEY } from '../../transcript/scanner/memory.js';
import { LineScanner } from '../../transcript/scanner/scanner.js';
import { appendLateLines, busyError, copyRange, type Range } from './late-lines.js';
import { flush } from '../trash/copy-tree.js';
import { statIfExists } from '../trash/tree.js';

const CHUNK_BYTES = 1024 * 1024;
const NEWLINE = 10;
/** Maximum number of lines at the end of the first file that may be repeated at the start of the other. */
const MAX_SEAM_LINES = 256;
const MAX_TRIES = 5;

/** How transcripts are joined. */
export interface JoinOptions {
  /** Path where the joined file is written first, on the file system of `original`. */
  temporary: string;
  /** Called right before the joined file replaces `original`; if it throws, nothing was changed. */
  beforeReplacing(): void;
  /**
   * Called before `beforeReplacing`, to keep the remainder for lines that are written to it later. The function that
   * it returns is called once these are carried over, or if the remainder is not replaced. `copied` is the part of the
   * remainder that is in the joined file.
   */
  keepOld?(copied: CopiedPart): () => void;
}

/**
 * Joins a transcript and its remainder at `original`: all lines of `first`, which is then deleted, and those of the
 * remainder that it lacks. `original` always has the remainder or the joined file, so this may be called again after a
 * kill. Throws Node's errors, and EBUSY if the remainder is written to all the time.
 */
export function joinTranscripts(first: string, original: string, options: JoinOptions): void {
  const { temporary } = options;
  rmSync(temporary, { force: true });
  try {
    for (let tries = 0; !isJoined(first, original); tries++) {
      if (tries === MAX_TRIES) throw busyError(original);
      replaceByJoined(first, original, options);
    }
  } finally {
    rmSync(temporary, { force: true });
  }
  flush(dirname(original));
  unlinkSync(first);
}

/** Returns true if the file at `original` begins with all of a transcript, so that the two are joined already. */
export function isJoined(first: string, original: string): boolean {
  return withFile(first, (from, size) =>
    withFile(original, (to, originalSize) => {
      if (originalSize < size) return false;
      for (let at = 0; at < size; at += CHUNK_BYTES) {
        const end = Math.min(size, at + CHUNK_BYTES);
        if (!readRange(from, at, end).equals(readRange(to, at, end))) return false;
      }
      return size === originalSize || isWholeLine(from, size) || readRange(to, size, size + 1)[0] === NEWLINE;
    }),
  );
}

/** Joins the files once; changes nothing if the remainder was written to meanwhile. */
function replaceByJoined(first: string, original: string, { temporary, beforeReplacing, keepOld }: JoinOptions): void {
  const { fd, size } = openRegularFile(original);
  try {
    writeJoined(first, { fd, size }, temporary);
    const [older, newer] = [statSync(first), fstatSync(fd)];
    chmodSync(temporary, older.mode & 0o7777);
    utimesSync(temporary, newer.atimeMs / 1000, Math.max(older.mtimeMs, newer.mtimeMs) / 1000);
    const { lines } = withFile(temporary, wholeLines);
    const dropOld = keepOld?.({ lines, bytes: wholeLines(fd, size).bytes, size }) ?? (() => {});
    let isReplaced = false;
    try {
      beforeReplacing();
      // Checked last, since writing the record of the old file takes milliseconds.
      const current = statIfExists(original);
      if (current === undefined || current.ino !== newer.ino || current.dev !== newer.dev || current.size !== size)
        return;
      renameSync(temporary, original);
      isReplaced = true;
    } finally {
      if (!isReplaced) dropOld();
    }
    // A process that had it open at that instant still writes to the old file.
    appendLateLines(fd, size, original);
    dropOld();
  } finally {
    closeSync(fd);
  }
}

/** The number of whole lines at the start of a file, and the file offset behind them. */
function wholeLines(fd: number, size: number): Pick<CopiedPart, 'lines' | 'bytes'> {
  const whole = { lines: 0, bytes: 0 };
  for (const { end, terminated } of readLines(fd, { end: size }))
    if (terminated) Object.assign(whole, { lines: whole.lines + 1, bytes: end });
  return whole;
}

function writeJoined(first: string, remainder: { fd: number; size: number }, temporary: string): void {
  const to = openSync(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, PRIVATE_FILE);
  try {
    withFile(first, (from, size) => {
      copyRange(from, { start: 0, end: size }, to);
      if (!isWholeLine(from, size)) writeAll(to, Buffer.from('\n'));
      for (const range of newLines(from, size, remainder)) copyRange(remainder.fd, range, to);
    });
    fsyncSync(to);
  } finally {
    closeSync(to);
  }
}

function isWholeLine(fd: number, size: number): boolean {
  return size === 0 || readRange(fd, size - 1, size)[0] === NEWLINE;
}

/**
 * Returns the lines of a remainder that are new: entries with a new uuid, and other lines, unless they repeat the end
 * of the first file or are between entries that old versions of Claude Code wrote again.
 */
function newLines(first: number, firstSize: number, { fd, size }: { fd: number; size: number }): Range[] {
  const scanner = new LineScanner();
  const known = new Set<string>();
  for (const { key } of identifiedLines(first, firstSize, scanner)) known.add(key);
  const lines = [...identifiedLines(fd, size, scanner)];
  const firstNew = lines.findIndex(({ key, isEntry }) => isEntry && !known.has(key));
  const repeated = firstNew < 0 ? lines : lines.slice(0, firstNew);
  const lastRepeated = repeated.findLastIndex(({ isEntry }) => isEntry);
  const seamEnd = endOfSeam(first, firstSize, { fd, size });
  const ranges: Range[] = [];
  for (const [at, { start, end, key, isEntry }] of lines.entries()) {
    const isRepeated = isEntry || at < lastRepeated;
    if (start < seamEnd || (known.has(key) && isRepeated)) continue;
    const last = ranges.at(-1);
    if (last?.end === start) last.end = end;
    else ranges.push({ start, end });
  }
  return ranges;
}

/** A line with a key that equal lines share. */
interface IdentifiedLine extends Range {
  /** The uuid of an entry that has one, else a digest of the bytes. */
  key: string;
  isEntry: boolean;
}

function* identifiedLines(fd: number, size: number, scanner: LineScanner): Generator<IdentifiedLine> {
  scanner.forget();
  for (const { start, end, bytes, at } of readLines(fd, { end: size }, scanner)) {
    const uuid = scanner.scan(at) ? scanner.text(KEY.uuid) : parsedUuid(bytes);
    yield { start, end, key: uuid ?? digestOf(bytes), isEntry: uuid !== null };
  }
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64');
}

/** Returns the uuid of an entry; null if it has none, and for a damaged line. */
function parsedUuid(bytes: Buffer): string | null {
  try {
    return asString(asEntry(JSON.parse(bytes.toString('utf8')))?.['uuid']);
  } catch {
    return null;
  }
}

/** Returns the end of the lines at the start of a remainder that repeat the last lines of the first file. */
function endOfSeam(first: number, firstSize: number, remainder: { fd: number; size: number }): number {
  const start = lastLinesStart(first, firstSize, MAX_SEAM_LINES);
  const before = [...digestsOf(first, { start, end: firstSize })].map(({ digest }) => digest);
  const after: { end: number; digest: string }[] = [];
  for (const line of digestsOf(remainder.fd, { start: 0, end: remainder.size })) {
    if (after.length === MAX_SEAM_LINES) break;
    after.push(line);
  }
  for (let count = Math.min(before.length, after.length); count > 0; count--) {
    if (before.slice(-count).every((digest, at) => digest === after[at]?.digest)) return after[count - 1]?.end ?? 0;
  }
  return 0;
}

function* digestsOf(fd: number, range: Range): Generator<{ end: number; digest: string }> {
  for (const { end, bytes } of readLines(fd, range)) yield { end, digest: digestOf(bytes) };
}
