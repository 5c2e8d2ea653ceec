import { type ByteSource, fileBytes, heldBytes } from './json/byte-source.js';
import type { Entry } from './messages/classify.js';
import { hugeText, outlineOf } from './messages/huge-entry.js';
import { isJsonObject } from './json/json-check.js';
import { type JsonSpan, JsonWalker } from './json/json-walker.js';
import { MAX_LINE_BYTES, RangeReader } from './lines.js';
import { parseLine, wholeEntry } from './skeleton.js';

/** The entries of one line. */
export interface ReadLine {
  /** Usually one; of a damaged line those that could be saved, of a line over `MAX_LINE_BYTES` its outline. */
  entries: readonly Entry[];
  /** The bytes of the one entry, until the next line is read; null if the line is damaged. */
  text: ByteSource | null;
}

/** From here on the bytes of a line are read again where they are needed, not held. */
const HELD_BYTES = 1024 * 1024;

/** Reads the entries of lines at known positions of a file; fastest in the order of the file. */
export class EntryReader {
  readonly #fd: number;
  readonly #size: number;
  readonly #reader: RangeReader;

  /** `size`: where the file ends, so that its last line may be torn. */
  constructor(fd: number, size: number) {
    this.#fd = fd;
    this.#size = size;
    this.#reader = new RangeReader(fd);
  }

  /** One line. A line over `MAX_LINE_BYTES` must have been found to be valid (`readHugeEntry`). */
  read({ start, end }: JsonSpan): ReadLine {
    if (end - start > MAX_LINE_BYTES) return this.#outline(hugeText(this.#fd, { start, end }));
    const bytes = this.#reader.bytes(start, end);
    const entry = wholeEntry(bytes);
    if (entry === null) return { entries: parseLine(bytes, end === this.#size), text: null };
    return { entries: [entry], text: bytes.length > HELD_BYTES ? fileBytes(this.#fd, start, end) : heldBytes(bytes) };
  }

  /** As `read`, for an entry's ids and names alone: long texts of a line over 1 MiB are cut. */
  readBrief(span: JsonSpan): ReadLine {
    const { start, end } = span;
    if (end - start <= HELD_BYTES) return this.read(span);
    const text = hugeText(this.#fd, span);
    return end - start > MAX_LINE_BYTES || isJsonObject(text) ? this.#outline(text) : this.read(span);
  }

  #outline(text: ByteSource): ReadLine {
    const entry = outlineOf(new JsonWalker(text));
    return entry === null ? { entries: [], text: null } : { entries: [entry], text };
  }
}
