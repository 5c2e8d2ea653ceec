import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** A buffer into which lines are read; it may be the scanner's own memory. */
export interface LineMemory {
  readonly bytes: Buffer;
  /** Makes `bytes` at least this long, keeping its content. */
  reserve(size: number): void;
}

/** One line. `bytes` (without the newline) is a view that the next line overwrites. */
export interface Line {
  /** File offset of its first byte. */
  start: number;
  /** File offset after its newline, or the end of the range. */
  end: number;
  /** Empty for a line that is not held. */
  bytes: Buffer;
  /** False for a line of `LineRange.limit` bytes or more, of which only the position is known. */
  isHeld: boolean;
  /** Position of its bytes in the memory, where a newline always follows them. */
  at: number;
  /** False for text after the last newline of the file. */
  terminated: boolean;
}

/** Range of lines to read. */
export interface LineRange {
  /** Position of a line's first byte; by default the start of the file. */
  start?: number;
  /** By default the end of the file. */
  end?: number;
  /** Lines of this many bytes or more are returned without their bytes; by default there is no limit. */
  limit?: number;
}

/**
 * Maximum length in bytes of a line that is parsed as a whole: a parsed line can take thirteen times its length
 * (`[[],[],…`), and V8 has no strings of 512 MiB. Claude Code's lines stay below the API's limit of 32 MB.
 */
export const MAX_LINE_BYTES = 128 * 1024 * 1024;

const CHUNK = 256 * 1024;
/** Number of bytes read ahead, since short lines mostly come in groups between long ones. */
const READ_AHEAD = 8 * 1024;
const NEWLINE = 10;

/**
 * Opens a regular file, passes its descriptor to `use` and closes it in any case. Throws Node's error, or one with code
 * `ENOTFILE` for anything else: a FIFO or device does not block it.
 */
export function withFile<T>(path: string, use: (fd: number, size: number) => T): T {
  const { fd, size } = openRegularFile(path);
  try {
    return use(fd, size);
  } finally {
    closeSync(fd);
  }
}

/** Opens a file as `withFile` does; the caller closes the descriptor. */
export function openRegularFile(path: string): { fd: number; size: number } {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const stats = fstatSync(fd);
  if (stats.isFile()) return { fd, size: stats.size };
  closeSync(fd);
  throw Object.assign(new Error(`not a regular file: ${path}`), { code: 'ENOTFILE' });
}

/** Ordinary memory, for lines that need no scanner. */
class HeapMemory implements LineMemory {
  bytes = Buffer.alloc(0);

  reserve(size: number): void {
    if (size <= this.bytes.length) return;
    const grown = Buffer.allocUnsafe(size);
    this.bytes.copy(grown);
    this.bytes = grown;
  }
}

/**
 * Yields the lines of a range of a file, including empty ones. Memory use is limited to the current line and 256 KiB.
 */
export function* readLines(fd: number, range: LineRange = {}, memory: LineMemory = new HeapMemory()): Generator<Line> {
  const { end: stop = Infinity, limit = Infinity } = range;
  /** File offset of the memory's first byte, and the number of bytes in memory. */
  let offset = range.start ?? 0;
  let held = 0;
  let capacity = Math.max(1, Math.min(CHUNK, limit, stop - offset));
  memory.reserve(capacity + 1);
  for (;;) {
    const wanted = Math.min(capacity - held, stop - offset - held);
    const read = wanted > 0 ? readSync(fd, memory.bytes, held, wanted, offset + held) : 0;
    if (read === 0) break;
    const searched = held;
    held += read;
    const filled = memory.bytes.subarray(0, held);
    let at = 0;
    for (let next = filled.indexOf(NEWLINE, searched); next >= 0; next = filled.indexOf(NEWLINE, at)) {
      yield {
        start: offset + at,
        end: offset + next + 1,
        bytes: filled.subarray(at, next),
        isHeld: true,
        at,
        terminated: true,
      };
      at = next + 1;
    }
    memory.bytes.copyWithin(0, at, held);
    offset += at;
    held -= at;
    if (held < capacity) continue;
    if (held >= limit) {
      const { end, terminated } = endOfLine(fd, offset + held, stop);
      yield { start: offset, end, bytes: memory.bytes.subarray(0, 0), isHeld: false, at: 0, terminated };
      offset = end;
      held = 0;
    } else {
      capacity = Math.min(capacity * 2, limit);
      memory.reserve(capacity + 1);
    }
  }
  if (held > 0) {
    memory.bytes[held] = NEWLINE;
    yield {
      start: offset,
      end: offset + held,
      bytes: memory.bytes.subarray(0, held),
      isHeld: true,
      at: 0,
      terminated: false,
    };
  }
}

/** Returns the end of a line that continues after `from`: after its newline, at `stop`, or at the end of the file. */
export function endOfLine(fd: number, from: number, stop = Infinity): { end: number; terminated: boolean } {
  const chunk = Buffer.allocUnsafe(CHUNK);
  for (let at = from; ; ) {
    const read = readSync(fd, chunk, 0, Math.min(CHUNK, stop - at), at);
    if (read === 0) return { end: at, terminated: false };
    const newline = chunk.subarray(0, read).indexOf(NEWLINE);
    if (newline >= 0) return { end: at + newline + 1, terminated: true };
    at += read;
  }
}

/** Returns the bytes of a range of the file; fewer if the file is shorter. */
export function readRange(fd: number, start: number, end: number): Buffer {
  return readInto(Buffer.allocUnsafe(Math.max(0, end - start)), fd, start, end);
}

/** Reads a range of the file into memory and returns its part with the bytes; fewer if the file is shorter. */
export function readInto(memory: Buffer, fd: number, start: number, end: number): Buffer {
  return memory.subarray(0, fill(fd, memory, end - start, start));
}

/** Reads ranges of a file that mostly follow one another, several at a time. */
export class RangeReader {
  readonly #fd: number;
  readonly #memory = new HeapMemory();
  #start = 0;
  #held = 0;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Bytes of a range, fewer if the file is shorter; a view that the next call overwrites. */
  bytes(start: number, end: number): Buffer {
    if (start < this.#start || end > this.#start + this.#held) {
      const size = Math.max(0, end - start) + READ_AHEAD;
      this.#memory.reserve(size);
      this.#start = start;
      this.#held = fill(this.#fd, this.#memory.bytes, size, start);
    }
    const from = start - this.#start;
    return this.#memory.bytes.subarray(from, Math.min(from + end - start, this.#held));
  }
}

/** Reads up to `size` bytes and returns their number. */
function fill(fd: number, bytes: Buffer, size: number, position: number): number {
  let held = 0;
  while (held < size) {
    const read = readSync(fd, bytes, held, size - held, position + held);
    if (read === 0) break;
    held += read;
  }
  return held;
}

/**
 * Returns the file offset at which the last `count` lines begin, reading from the end. A last line without a newline
 * counts.
 */
export function lastLinesStart(fd: number, size: number, count: number): number {
  if (count === 0) return size;
  let left = count;
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - CHUNK);
    const bytes = readRange(fd, start, end);
    // The newline at the end of the file ends the last line and does not begin another one.
    let from = end === size ? bytes.length - 2 : bytes.length - 1;
    for (let at = last(bytes, from); at >= 0; at = last(bytes, from)) {
      left -= 1;
      if (left === 0) return start + at + 1;
      from = at - 1;
    }
    end = start;
  }
  return 0;
}

/** Returns the last newline at or before `from`; unlike `lastIndexOf`, finds nothing for a negative `from`. */
function last(bytes: Buffer, from: number): number {
  return from < 0 ? -1 : bytes.lastIndexOf(NEWLINE, from);
}
