import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { asEntry } from '../messages/classify.js';
import { TranscriptFold, type FoldState } from './fold.js';
import { EntryScanner, ParsedEntry } from './fold-entry.js';
import { readHugeEntry } from '../messages/huge-entry.js';
import { endOfLine, MAX_LINE_BYTES } from '../lines.js';
import { recoverLine } from '../recover.js';

/** Bytes read at a time, few enough to stay in the CPU cache until they are scanned. */
const CHUNK = 256 * 1024;

/** A point from which a fold can continue: everything before `offset` (the start of a line) is in `state`. */
export interface ResumePoint {
  offset: number;
  /** Number of lines before `offset`. */
  lines: number;
  state: FoldState;
}

/** Options of `foldTranscript`. */
export interface FoldOptions {
  /** Point to continue from; the caller has checked that the bytes before it are unchanged. */
  from?: ResumePoint;
  /** Also return a resume point, which costs a copy of the state. */
  keepResumePoint?: boolean;
  /** Parse every line instead of scanning it: slower, with the same result. */
  parseEverything?: boolean;
  /** Called from time to time with the number of bytes read. */
  onBytes?: (bytes: number) => void;
  /** Lines of this many bytes or more are read by their outline only. */
  limit?: number;
}

/** A folded transcript. */
export interface FoldedTranscript {
  fold: TranscriptFold;
  resume: ResumePoint | null;
}

const BOM = Buffer.from([0xef, 0xbb, 0xbf]);
const NEWLINE = 10;
const MIB = 1024 * 1024;

/**
 * Reads transcripts into folds with one shared scanner. Lines may be of any length, end in LF or CRLF and be damaged,
 * and the last one may be torn; only the facts stay in memory.
 */
export class TranscriptReader {
  readonly #scanner = new EntryScanner();

  /**
   * Folds one file, up to its end at the time of reading. Throws Node's error if it cannot be read or is not a regular
   * file; a FIFO does not block it.
   */
  foldTranscript(path: string, sessionId: string, options: FoldOptions = {}): FoldedTranscript {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      if (!fstatSync(fd).isFile()) throw Object.assign(new Error(`not a regular file: ${path}`), { code: 'ENOTFILE' });
      return this.#fold(fd, path, new TranscriptFold(sessionId, options.from?.state), options);
    } finally {
      closeSync(fd);
    }
  }

  #fold(fd: number, path: string, fold: TranscriptFold, options: FoldOptions): FoldedTranscript {
    const scanner = this.#scanner;
    scanner.forget();
    const { limit = MAX_LINE_BYTES } = options;
    let capacity = Math.min(CHUNK, limit);
    scanner.reserve(capacity + 1);
    /** File offset of the first byte in memory, and the number of bytes there. */
    let offset = options.from?.offset ?? 0;
    let held = 0;
    let lines = options.from?.lines ?? 0;
    /** End of an unterminated last line that is too long for memory. */
    let hugeEnd: number | null = null;
    for (;;) {
      const read = readSync(fd, scanner.bytes, held, capacity - held, offset + held);
      if (read === 0) break;
      held += read;
      options.onBytes?.(read);
      const complete = scanner.bytes.subarray(0, held).lastIndexOf(NEWLINE) + 1;
      if (complete === 0) {
        if (held < capacity) continue;
        if (capacity >= limit) {
          const { end, terminated } = endOfLine(fd, offset + held);
          options.onBytes?.(end - offset - held);
          held = 0;
          if (!terminated) {
            hugeEnd = end;
            break;
          }
          foldHugeLine(fold, fd, { path, start: offset, end, lines });
          scanner.forget();
          offset = end;
          lines += 1;
        } else {
          capacity = Math.min(capacity * 2, limit);
          scanner.reserve(capacity + 1);
        }
        continue;
      }
      lines = this.#foldLines(fold, complete, {
        path,
        offset,
        lines,
        parseEverything: options.parseEverything === true,
      });
      scanner.bytes.copyWithin(0, complete, held);
      offset += complete;
      held -= complete;
    }
    const resume = options.keepResumePoint === true ? { offset, lines, state: fold.state } : null;
    if (hugeEnd !== null) foldHugeLine(fold, fd, { path, start: offset, end: hugeEnd, lines });
    if (held > 0)
      this.#foldLastLine(fold, held, { path, offset, lines, parseEverything: options.parseEverything === true });
    fold.finish(fd);
    return { fold, resume };
  }

  /** Folds the complete lines in the first `end` bytes; returns the number of lines read so far. */
  #foldLines(fold: TranscriptFold, end: number, position: ReadPosition): number {
    const scanner = this.#scanner;
    let { lines } = position;
    let start = position.offset === 0 && scanner.bytes.subarray(0, Math.min(3, end)).equals(BOM) ? 3 : 0;
    const { bytes } = scanner;
    while (start < end) {
      if (bytes[start] === NEWLINE) start++;
      else if (!position.parseEverything && scanner.scan(start)) {
        fold.add(scanner);
        start = scanner.next;
      } else {
        const next = bytes.indexOf(NEWLINE, start) + 1;
        foldRefusedLine(
          fold,
          bytes.subarray(start, next - 1),
          { ...position, offset: position.offset + start, lines },
          false,
        );
        // The scanner's last values are not those of this line.
        scanner.forget();
        start = next;
      }
      lines++;
    }
    return lines;
  }

  /** Folds the bytes after the last newline: an entry without its newline, or a torn one. */
  #foldLastLine(fold: TranscriptFold, end: number, position: ReadPosition): void {
    const scanner = this.#scanner;
    const { bytes } = scanner;
    // After `end`, the memory still has older bytes.
    const start = position.offset === 0 && bytes.subarray(0, Math.min(3, end)).equals(BOM) ? 3 : 0;
    if (start === end) return;
    bytes[end] = NEWLINE;
    if (!position.parseEverything && scanner.scan(start)) fold.add(scanner);
    else foldRefusedLine(fold, bytes.subarray(start, end), { ...position, offset: position.offset + start }, true);
  }
}

interface ReadPosition {
  path: string;
  /** File offset of the line. */
  offset: number;
  /** Number of lines before it. */
  lines: number;
  parseEverything: boolean;
}

/** Folds a line that the scanner refused: parses it, or recovers as much as possible. */
function foldRefusedLine(fold: TranscriptFold, line: Buffer, position: ReadPosition, isLast: boolean): void {
  const entry = parseObjectLine(line);
  if (entry !== null) {
    fold.add(new ParsedEntry(entry));
    return;
  }
  const { entries, damage } = recoverLine(Buffer.from(line), isLast);
  for (const recovered of entries) fold.add(new ParsedEntry(recovered.entry));
  for (const { code, message, offset } of damage) {
    fold.addProblem({
      code,
      message,
      file: position.path,
      line: position.lines + 1,
      byteOffset: position.offset + offset,
    });
  }
}

function parseObjectLine(line: Buffer): Record<string, unknown> | null {
  try {
    return asEntry(JSON.parse(line.toString('utf8')));
  } catch {
    return null;
  }
}

/** Folds the outline of a line that is too long to be parsed, and reports it as a problem. */
function foldHugeLine(fold: TranscriptFold, fd: number, { path, start, end, lines }: HugeLine): void {
  const entry = readHugeEntry(fd, { start, end });
  if (entry !== null) fold.add(new ParsedEntry(entry));
  const state = entry === null ? 'that cannot be read' : 'was counted; its long texts were not read';
  const message = `a line of ${Math.round((end - start) / MIB)} MiB ${state}`;
  fold.addProblem({ code: 'line-too-long', message, file: path, line: lines + 1, byteOffset: start });
}

/** A line too long for memory; `lines` is the number of lines before it. */
interface HugeLine {
  path: string;
  start: number;
  end: number;
  lines: number;
}
