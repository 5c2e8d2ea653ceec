import { type ByteSource, fileSource, memorySource } from './json/byte-source.js';
import type { Entry } from './messages/classify.js';
import { hugeLineSource, readOutline } from './messages/huge-entry.js';
import { isJsonObject } from './json/json-check.js';
import { type JsonSpan, JsonWalker } from './json/json-walker.js';
import { MAX_LINE_BYTES, RangeReader } from './lines.js';
import { parseLine, wholeEntry } from './skeleton.js';

/** The entries of one line. */
export interface ReadLine {
  /** Usually one entry; the recovered ones of a damaged line; the outline of a line over `MAX_LINE_BYTES`. */
  entries: readonly Entry[];
  /** Bytes of the one entry, valid until the next line is read; null if the line is damaged. */
  text: ByteSource | null;
}

/** Maximum length of a line whose bytes are kept in memory; those of longer lines are read again when needed. */
const HELD_BYTES = 1024 * 1024;

/** Reads the entries of lines at known positions of a file; fastest in the order of the file. */
export class EntryReader {
  readonly #fd: number;
  readonly #size: number;
  readonly #reader: RangeReader;

  /** `size` is the end of the file, where the last line may be torn. */
  constructor(fd: number, size: number) {
    this.#fd = fd;
    this.#size = size;
    this.#reader = new RangeReader(fd);
  }

  /** Reads one line. A line over `MAX_LINE_BYTES` must be known to be valid (`readHugeEntry`). */
  read({ start, end }: JsonSpan): ReadLine {
    if (end - start > MAX_LINE_BYTES) return this.#outline(hugeLineSource(this.#fd, { start, end }));
    const bytes = this.#reader.bytes(start, end);
    const entry = wholeEntry(bytes);
    if (entry === null) return { entries: parseLine(bytes, end === this.#size), text: null };
    return {
      entries: [entry],
      text: bytes.length > HELD_BYTES ? fileSource(this.#fd, start, end) : memorySource(bytes),
    };
  }

  /** Reads a line as `read`, but cuts the long texts of a line over 1 MiB. */
  readBrief(span: JsonSpan): ReadLine {
    const { start, end } = span;
    if (end - start <= HELD_BYTES) return this.read(span);
    const text = hugeLineSource(this.#fd, span);
    return end - start > MAX_LINE_BYTES || isJsonObject(text) ? this.#outline(text) : this.read(span);
  }

  #outline(text: ByteSource): ReadLine {
    const entry = readOutline(new JsonWalker(text));
    return entry === null ? { entries: [], text: null } : { entries: [entry], text };
  }
}
