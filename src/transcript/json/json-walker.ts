import type { ByteSource, Piece } from './byte-source.js';

/** A range of bytes. */
export interface JsonSpan {
  start: number;
  end: number;
}

/** A member of an object: its name and the span of its value. */
export interface JsonMember extends JsonSpan {
  name: string;
  /** Position of the name's opening quote. */
  nameStart: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const COMMA = 0x2c;
const LETTER_N = 0x6e;
/** Length of the longest member name that is decoded. */
const MAX_NAME_BYTES = 64 * 1024;
/**
 * Number of bytes at the start of a string that are checked one by one, which is faster for short strings. After them,
 * the walker searches for the next quote.
 */
const SHORT_STRING_BYTES = 256;

/**
 * Finds the positions of values in a JSON text of any length and depth, without parsing and without recursion. The text
 * must be valid (checked by `isJsonObject` or `JSON.parse`); for other texts the results are meaningless, but finite.
 */
export class JsonWalker {
  readonly #source: ByteSource;
  #piece: Piece;

  constructor(source: ByteSource) {
    this.#source = source;
    this.#piece = source.pieceAt(source.start);
  }

  /** Span of the whole text without surrounding space. */
  get root(): JsonSpan {
    const start = this.#skipSpace(this.#source.start);
    return { start, end: this.#skipValue(start) };
  }

  /** The byte at a position; -1 after the last. */
  byte(at: number): number {
    let byte = this.#piece.bytes[at - this.#piece.start];
    if (byte === undefined) {
      this.#piece = this.#source.pieceAt(at);
      byte = this.#piece.bytes[at - this.#piece.start];
    }
    return byte ?? -1;
  }

  isObject({ start }: JsonSpan): boolean {
    return this.byte(start) === OPEN_OBJECT;
  }

  isArray({ start }: JsonSpan): boolean {
    return this.byte(start) === OPEN_ARRAY;
  }

  isString({ start }: JsonSpan): boolean {
    return this.byte(start) === QUOTE;
  }

  isNull(span: JsonSpan): boolean {
    return span.end - span.start === 4 && this.byte(span.start) === LETTER_N;
  }

  /** Members of an object in their order, duplicates included; none for other values. */
  *members(object: JsonSpan): Generator<JsonMember> {
    if (!this.isObject(object)) return;
    let at = this.#skipSpace(object.start + 1);
    while (at < object.end && this.byte(at) === QUOTE) {
      const nameEnd = this.#skipString(at);
      const name = this.#name({ start: at, end: nameEnd });
      const start = this.#skipSpace(this.#skipSpace(nameEnd) + 1);
      const end = this.#skipValue(start);
      yield { name, nameStart: at, start, end };
      at = this.#afterComma(end);
    }
  }

  /** The last member with a name, as in `JSON.parse`; null if there is none. */
  member(object: JsonSpan, name: string): JsonSpan | null {
    let found: JsonSpan | null = null;
    for (const member of this.members(object)) if (member.name === name) found = member;
    return found;
  }

  /** Elements of an array; none for other values. */
  *elements(array: JsonSpan): Generator<JsonSpan> {
    if (!this.isArray(array)) return;
    let start = this.#skipSpace(array.start + 1);
    while (start < array.end && this.byte(start) !== CLOSE_ARRAY) {
      const end = this.#skipValue(start);
      yield { start, end };
      start = this.#afterComma(end);
    }
  }

  /** Bytes of a short range. They are valid until the next call of the walker. */
  bytes({ start, end }: JsonSpan): Buffer {
    const held = this.#piece.bytes.subarray(
      Math.max(0, start - this.#piece.start),
      Math.max(0, end - this.#piece.start),
    );
    if (start >= this.#piece.start && held.length === end - start) return held;
    const bytes = Buffer.allocUnsafe(end - start);
    let done = 0;
    for (const piece of this.pieces({ start, end })) done += piece.copy(bytes, done);
    return bytes.subarray(0, done);
  }

  /** Bytes of a range, piece by piece. A piece is valid until the next call of the walker. */
  *pieces({ start, end }: JsonSpan): Generator<Buffer> {
    for (let at = start; at < end; ) {
      // The source uses one buffer for all its pieces.
      this.#piece = this.#source.pieceAt(at);
      const bytes = this.#piece.bytes.subarray(at - this.#piece.start, end - this.#piece.start);
      if (bytes.length === 0) return;
      at += bytes.length;
      yield bytes;
    }
  }

  /** Parsed value of a short range; undefined if it is not valid. */
  parsed(span: JsonSpan): unknown {
    try {
      return JSON.parse(this.bytes(span).toString('utf8')) as unknown;
    } catch {
      return undefined;
    }
  }

  /** Name of a member; for one that is very long or invalid, a text that equals no name that callers look for. */
  #name(span: JsonSpan): string {
    if (span.end - span.start > MAX_NAME_BYTES) return `\0${span.start}`;
    const bytes = this.bytes(span);
    if (!bytes.includes(BACKSLASH)) return bytes.toString('utf8', 1, bytes.length - 1);
    const name = this.parsed(span);
    return typeof name === 'string' ? name : `\0${span.start}`;
  }

  #afterComma(from: number): number {
    const at = this.#skipSpace(from);
    return this.byte(at) === COMMA ? this.#skipSpace(at + 1) : at;
  }

  #skipSpace(from: number): number {
    let at = from;
    for (
      let byte = this.byte(at);
      byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === 0x0a;
      byte = this.byte(at)
    )
      at += 1;
    return at;
  }

  /** Position after the value that starts at a position. */
  #skipValue(from: number): number {
    let depth = 0;
    let at = from;
    for (;;) {
      const byte = this.byte(at);
      if (byte === QUOTE) {
        at = this.#skipString(at);
        if (depth === 0) return at;
      } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
        depth += 1;
        at += 1;
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
        // A number or word ends at the bracket that closes its container.
        if (depth === 0) return at;
        depth -= 1;
        at += 1;
        if (depth === 0) return at;
      } else if (byte < 0 || (depth === 0 && (byte === COMMA || byte <= 0x20))) return Math.min(at, this.#source.end);
      else at += 1;
    }
  }

  /** Position after the string whose opening quote is at a position. */
  #skipString(from: number): number {
    let at = from + 1;
    while (this.byte(at) >= 0) {
      const { start, bytes } = this.#piece;
      let next = at - start;
      // Most strings are short, and many have a lot of escapes.
      const soon = Math.min(next + SHORT_STRING_BYTES, bytes.length);
      while (next < soon) {
        const byte = bytes[next];
        if (byte === QUOTE) return start + next + 1;
        next += byte === BACKSLASH ? 2 : 1;
      }
      at = start + next;
      if (next >= bytes.length) continue;
      const quote = this.#nextQuote(at);
      if (quote < 0) break;
      at = quote + 1;
      if (!this.#isEscaped(quote, from)) return at;
    }
    return this.#source.end;
  }

  /** Position of the next quote from a position on, escaped or not; -1 if there is none. */
  #nextQuote(from: number): number {
    for (let at = from; this.byte(at) >= 0; ) {
      const { start, bytes } = this.#piece;
      const quote = bytes.indexOf(QUOTE, at - start);
      if (quote >= 0) return start + quote;
      at = start + bytes.length;
    }
    return -1;
  }

  /** True if a quote in the string that starts at `from` follows an odd number of backslashes. */
  #isEscaped(quote: number, from: number): boolean {
    let first = quote;
    while (first - 1 > from && this.byte(first - 1) === BACKSLASH) first -= 1;
    return (quote - first) % 2 === 1;
  }
}
