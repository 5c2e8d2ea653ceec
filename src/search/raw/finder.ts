import { readSync } from 'node:fs';
import type { SearchQuery } from '../query/model.js';
import type { JsonSpan } from '../../transcript/json/json-walker.js';
import { rarestLiteral, type Literal } from './literal.js';
import { readRange } from '../../transcript/lines.js';
import { FINDER_MODULE } from './module.js';
import { FileSketch, type SketchExports } from './file-sketch.js';

interface FinderExports extends SketchExports {
  memory: { buffer: ArrayBuffer; grow(pages: number): number };
  find(at: number, end: number): number;
}

/**
 * Copies bytes from an offset of the source to a position in memory, and returns their number, which is smaller only at
 * the end.
 */
type ReadBytes = (at: number, length: number, offset: number) => number;

/** Offsets in the module's memory; `assembly/find.ts` and `assembly/sketch.ts` have the same. */
const OFFSETS = { count: 0, patternLength: 4, patternAt: 8, isExact: 12, pairs: 64, pattern: 128 };
const TEXT = 65_536;
const PAGE = 65_536;
/** Bytes read at once: few enough to stay in the processor's second-level cache with the data about them. */
const CHUNK = 128 * 1024;
/** Bytes around a pair that are compared; the searched range has this many on both sides. */
const MARGIN = 256;
const NEWLINE = 10;

let compiled: WebAssembly.Module | undefined;

/**
 * Finds the lines of a file that may hold every term of a query, from their bytes alone. A line it leaves out does not
 * contain them, however JSON writes them.
 */
export class RawFinder {
  readonly #wasm: FinderExports;
  readonly #bytes: Buffer;

  private constructor(literal: Literal) {
    compiled ??= new WebAssembly.Module(Buffer.from(FINDER_MODULE, 'base64'));
    this.#wasm = new WebAssembly.Instance(compiled).exports as unknown as FinderExports;
    const missing = TEXT + CHUNK + 3 * MARGIN - this.#wasm.memory.buffer.byteLength;
    if (missing > 0) this.#wasm.memory.grow(Math.ceil(missing / PAGE));
    this.#bytes = Buffer.from(this.#wasm.memory.buffer);
    this.#writeLiteral(literal);
  }

  /** Null if no term has a literal: then every line must be decoded. */
  static of(query: SearchQuery): RawFinder | null {
    const rarest = rarestLiteral(query);
    return rarest === null ? null : new RawFinder(rarest.literal);
  }

  /** An empty filter of a file, to be filled by `candidates`. */
  newSketch(): FileSketch {
    return new FileSketch(this.#wasm, this.#bytes);
  }

  /** The filter of the first `size` bytes of an open file, made without a search for the query. */
  sketch(fd: number, size: number): FileSketch {
    const sketch = this.newSketch();
    this.#read(this.#fileBytes(fd), size, 0, (start, limit, isEnd) => sketch.take(start, limit, isEnd));
    return sketch;
  }

  /** Returns the lines of a text that may match, with their newlines. */
  linesIn(text: Buffer): JsonSpan[] {
    const read: ReadBytes = (at, length, offset) => text.copy(this.#bytes, at, offset, offset + length);
    return this.#candidates(read, text.length, null, 0);
  }

  /**
   * Returns the lines that may match in the first `size` bytes of an open file, if matches can be within `spans` (in
   * order) only. The lines are whole, even where they begin before a span or end after it.
   */
  candidatesIn(fd: number, size: number, spans: readonly JsonSpan[]): JsonSpan[] {
    const lines: JsonSpan[] = [];
    for (const span of spans) {
      const to = Math.min(span.end, size);
      for (const { start, end } of this.candidates(fd, to, null, span.start)) {
        const line = {
          start: start === span.start ? startOfLine(fd, start) : start,
          end: end === to ? endOfLine(fd, end, size) : end,
        };
        // A long line may reach into several spans.
        if (line.start >= (lines.at(-1)?.end ?? 0)) lines.push(line);
      }
    }
    return lines;
  }

  /**
   * Returns the lines that may match, with their newlines, between the offsets `from` and `size` of an open file. All
   * that is read is added to `sketch`.
   */
  candidates(fd: number, size: number, sketch: FileSketch | null = null, from = 0): JsonSpan[] {
    return this.#candidates(this.#fileBytes(fd), size, sketch, from);
  }

  /** Returns a function that copies bytes of an open file to memory. */
  #fileBytes(fd: number): ReadBytes {
    return (at, length, offset) => readSync(fd, this.#bytes, at, length, offset);
  }

  #candidates(read: ReadBytes, size: number, sketch: FileSketch | null, from: number): JsonSpan[] {
    const lines: JsonSpan[] = [];
    const bytes = this.#bytes;
    let lineStart = from;
    let candidate = from;
    /** The rest of the line need not be searched: it is a candidate. */
    let isReported = false;
    const length = this.#read(read, size, from, (start, limit, isEnd, offset) => {
      sketch?.take(start, limit, isEnd);
      let at = start;
      while (at < limit) {
        if (isReported) {
          const next = bytes.indexOf(NEWLINE, at);
          if (next < 0 || next >= limit) break;
          isReported = false;
          at = next + 1;
          lineStart = offset + at - start;
          lines.push({ start: candidate, end: lineStart });
        }
        const position = this.#wasm.find(at, limit);
        if (position >= limit) break;
        const before = bytes.lastIndexOf(NEWLINE, position - 1);
        if (before >= start) lineStart = offset + before + 1 - start;
        candidate = lineStart;
        isReported = true;
        at = position + 1;
      }
      if (isEnd || isReported) return;
      const last = bytes.lastIndexOf(NEWLINE, limit - 1);
      if (last >= start) lineStart = offset + last + 1 - start;
    });
    if (isReported) lines.push({ start: candidate, end: length });
    return lines;
  }

  /**
   * Reads the bytes from `from` to `size` of a file or text into memory, chunk by chunk. `take` is called with the
   * position of each chunk in memory, the `limit` to search up to, and the offset of the chunk in the file. Returns the
   * offset of the end.
   */
  #read(
    readBytes: ReadBytes,
    size: number,
    from: number,
    take: (start: number, limit: number, isEnd: boolean, offset: number) => void,
  ): number {
    const bytes = this.#bytes;
    /** Start of the text in memory, after a margin for the bytes before it. */
    const start = TEXT + MARGIN;
    let held = 0;
    /** Offset in the file of the first byte in memory. */
    let offset = from;
    bytes.fill(NEWLINE, TEXT, start);
    for (;;) {
      const wanted = Math.min(CHUNK, size - offset - held);
      const read = wanted > 0 ? readBytes(start + held, wanted, offset + held) : 0;
      held += read;
      const isEnd = read === 0 || offset + held >= size;
      const end = start + held;
      if (isEnd) bytes.fill(NEWLINE, end, end + MARGIN);
      // Pairs near the end are compared once the bytes after them have been read.
      const limit = isEnd ? end : Math.max(start, end - MARGIN);
      take(start, limit, isEnd, offset);
      if (isEnd) return offset + held;
      // The margins before and behind the limit stay in memory.
      const kept = Math.max(TEXT, limit - MARGIN);
      bytes.copyWithin(start - (limit - kept), kept, end);
      offset += limit - start;
      held = end - limit;
    }
  }

  #writeLiteral({ pairs, pattern, at, isExact }: Literal): void {
    const bytes = this.#bytes;
    bytes.writeUInt32LE(pairs.length, OFFSETS.count);
    bytes.writeUInt32LE(pairs.length === 1 ? pattern.length : 0, OFFSETS.patternLength);
    bytes.writeUInt32LE(at, OFFSETS.patternAt);
    bytes.writeUInt32LE(isExact ? 1 : 0, OFFSETS.isExact);
    for (const [i, pair] of pairs.entries()) {
      const { first, firstMask, second, secondMask } = pair;
      bytes.set([first, firstMask, second, secondMask], OFFSETS.pairs + 4 * i);
    }
    bytes.write(pattern, OFFSETS.pattern, 'latin1');
  }
}

/** Bytes read at once in search of the ends of a line. */
const STEP = 64 * 1024;

/** The start of the line that a position is in. */
function startOfLine(fd: number, position: number): number {
  for (let end = position; end > 0; ) {
    const start = Math.max(0, end - STEP);
    const newline = readRange(fd, start, end).lastIndexOf(NEWLINE);
    if (newline >= 0) return start + newline + 1;
    end = start;
  }
  return 0;
}

/** The end of the line that the byte before a position is in, its newline included; `size` if it has none. */
function endOfLine(fd: number, position: number, size: number): number {
  for (let start = position - 1; start < size; start += STEP) {
    const newline = readRange(fd, start, Math.min(size, start + STEP)).indexOf(NEWLINE);
    if (newline >= 0) return start + newline + 1;
  }
  return size;
}
