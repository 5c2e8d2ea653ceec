import type { ByteSource } from './byte-source.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const COMMA = 0x2c;
const COLON = 0x3a;
const END = -1;
/** Maximum length of a number or word. */
const MAX_SCALAR = 1000;
const SCALAR = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/;
const SIMPLE_ESCAPES = '"\\/bfnrt';

/** Tokens that may come next; after `first-…` the container may also end. */
type Expected = 'value' | 'first-value' | 'key' | 'first-key' | 'separator';

/**
 * True if the bytes are one JSON object by the rules of `JSON.parse`, even for texts that are too long for it. Uses one
 * bit of memory per level of depth, and does not check the encoding.
 */
export function isJsonObject(source: ByteSource): boolean {
  const text = new Cursor(source);
  const open = new Containers();
  text.skipSpace();
  if (!text.isAt(OPEN_OBJECT)) return false;
  let expected: Expected = 'value';
  for (;;) {
    const { byte } = text;
    const inObject = open.isObject;
    if (byte === (inObject ? CLOSE_OBJECT : CLOSE_ARRAY) && expected !== 'value' && expected !== 'key') {
      text.step();
      open.pop();
      expected = 'separator';
    } else if (expected === 'separator') {
      if (byte !== COMMA) return false;
      text.step();
      expected = inObject ? 'key' : 'value';
    } else if (expected === 'key' || expected === 'first-key') {
      if (byte !== QUOTE || !text.skipString()) return false;
      text.skipSpace();
      if (!text.isAt(COLON)) return false;
      text.step();
      expected = 'value';
    } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      open.push(byte === OPEN_OBJECT);
      text.step();
      expected = byte === OPEN_OBJECT ? 'first-key' : 'first-value';
    } else {
      if (!(byte === QUOTE ? text.skipString() : text.skipScalar())) return false;
      expected = 'separator';
    }
    text.skipSpace();
    if (open.depth === 0) return text.isAt(END);
  }
}

/** The objects and arrays around a position, one bit each. */
class Containers {
  depth = 0;
  #bits = new Uint8Array(64);

  /** True if the innermost container is an object. */
  get isObject(): boolean {
    const last = this.depth - 1;
    return (((this.#bits[last >> 3] ?? 0) >> (last & 7)) & 1) === 1;
  }

  push(isObject: boolean): void {
    const byte = this.depth >> 3;
    const bit = 1 << (this.depth & 7);
    if (byte === this.#bits.length) {
      const grown = new Uint8Array(byte * 2);
      grown.set(this.#bits);
      this.#bits = grown;
    }
    this.#bits[byte] = isObject ? (this.#bits[byte] ?? 0) | bit : (this.#bits[byte] ?? 0) & ~bit;
    this.depth += 1;
  }

  pop(): void {
    this.depth -= 1;
  }
}

/** Reads a source byte by byte. */
class Cursor {
  /** The current byte; `END` after the last. */
  byte = END;
  readonly #source: ByteSource;
  #bytes: Buffer = Buffer.alloc(0);
  #start = 0;
  /** Position of the current byte in `#bytes`. */
  #at = 0;

  constructor(source: ByteSource) {
    this.#source = source;
    this.#load(source.start);
  }

  isAt(byte: number): boolean {
    return this.byte === byte;
  }

  step(): void {
    this.#at += 1;
    if (this.#at < this.#bytes.length) this.byte = this.#bytes[this.#at] ?? END;
    else this.#load(this.#start + this.#at);
  }

  skipSpace(): void {
    while (this.byte === 0x20 || this.byte === 0x09 || this.byte === 0x0d || this.byte === 0x0a) this.step();
  }

  /** Skips the string that begins here; returns false if it is not valid. */
  skipString(): boolean {
    this.step();
    while (this.byte !== QUOTE) {
      if (this.byte < 0x20) return false;
      if (this.byte !== BACKSLASH) this.#skipPlain();
      else if (!this.#skipEscape()) return false;
    }
    this.step();
    return true;
  }

  /** Skips a number or word; returns false if it is not valid. */
  skipScalar(): boolean {
    let text = '';
    while (this.byte > 0x20 && this.byte !== COMMA && this.byte !== CLOSE_ARRAY && this.byte !== CLOSE_OBJECT) {
      text += String.fromCharCode(this.byte);
      if (text.length > MAX_SCALAR) return false;
      this.step();
    }
    return SCALAR.test(text);
  }

  /** Skips the characters of a string in memory that need no check, which are nearly all. */
  #skipPlain(): void {
    const bytes = this.#bytes;
    let at = this.#at + 1;
    for (let byte = bytes[at] ?? QUOTE; byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH; byte = bytes[at] ?? QUOTE)
      at += 1;
    this.#at = at - 1;
    this.step();
  }

  #skipEscape(): boolean {
    this.step();
    const letter = String.fromCharCode(Math.max(0, this.byte));
    this.step();
    if (letter !== 'u') return SIMPLE_ESCAPES.includes(letter);
    for (let digit = 0; digit < 4; digit += 1) {
      if (!/^[0-9a-fA-F]$/.test(String.fromCharCode(Math.max(0, this.byte)))) return false;
      this.step();
    }
    return true;
  }

  #load(at: number): void {
    const { start, bytes } = this.#source.pieceAt(at);
    this.#start = start;
    this.#bytes = bytes;
    this.#at = at - start;
    this.byte = at < this.#source.end ? (bytes[this.#at] ?? END) : END;
  }
}
