import { Rejected, type RejectionName } from './rejection.js';

const WORD_BYTES = 4;
const FLOAT_BYTES = 8;

/** Reads a file's bytes from start to end. Rejects reads beyond the end; `end` rejects bytes that are left. */
export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** The next bytes, not copied. */
  take(length: number): Buffer {
    const end = this.#at + length;
    if (!Number.isSafeInteger(length) || length < 0 || end > this.#bytes.length) throw new Rejected('truncated');
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  word(): number {
    return this.take(WORD_BYTES).readUInt32LE();
  }

  text(length: number): string {
    return this.take(length).toString('utf8');
  }

  /** Numbers of eight bytes, read in place where their memory is aligned for that. */
  floats(length: number): Float64Array {
    const { buffer, byteOffset } = this.#aligned(length, FLOAT_BYTES);
    return new Float64Array(buffer, byteOffset, length / FLOAT_BYTES);
  }

  /** Numbers of four bytes, read in place where their memory is aligned for that. */
  words(length: number): Uint32Array {
    const { buffer, byteOffset } = this.#aligned(length, WORD_BYTES);
    return new Uint32Array(buffer, byteOffset, length / WORD_BYTES);
  }

  #aligned(length: number, unit: number): Buffer {
    if (length % unit !== 0) throw new Rejected('truncated');
    const bytes = this.take(length);
    return bytes.byteOffset % unit === 0 ? bytes : Buffer.from(new Uint8Array(bytes).buffer);
  }

  /** All bytes after the current position, without moving it. */
  get rest(): Buffer {
    return this.#bytes.subarray(this.#at);
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw new Rejected('oversized');
  }
}

/** Collects a file piece by piece; large pieces are not copied. */
export class ByteWriter {
  readonly pieces: Buffer[] = [];
  length = 0;

  add(bytes: Buffer): void {
    // An empty piece would reset a running CRC-32.
    if (bytes.length === 0) return;
    this.pieces.push(bytes);
    this.length += bytes.length;
  }

  word(value: number): void {
    const bytes = Buffer.alloc(WORD_BYTES);
    bytes.writeUInt32LE(value);
    this.add(bytes);
  }

  text(text: string): void {
    this.add(Buffer.from(text));
  }

  floats({ buffer, byteOffset, byteLength }: Float64Array): void {
    this.add(Buffer.from(buffer, byteOffset, byteLength));
  }
}

/** Reads a list of numbers, texts or characters part by part. Rejects reads beyond the end. */
export class ListReader<List extends Sliceable<List>> {
  readonly #list: List;
  readonly #reason: RejectionName;
  at = 0;

  /** `reason` is the name of the rejection if the list ends too early. */
  constructor(list: List, reason: RejectionName) {
    this.#list = list;
    this.#reason = reason;
  }

  /** The next items; numbers are not copied. */
  take(count: number): List {
    const end = this.at + count;
    if (!Number.isSafeInteger(count) || count < 0 || end > this.#list.length) throw new Rejected(this.#reason);
    const from = this.at;
    this.at = end;
    return this.slice(from, end);
  }

  /** Items that were taken before. */
  slice(from: number, end: number): List {
    return this.#list.subarray === undefined ? this.#list.slice(from, end) : this.#list.subarray(from, end);
  }

  get isAtEnd(): boolean {
    return this.at === this.#list.length;
  }
}

/** Content of a `ListReader`: a typed array, an array or a string. */
interface Sliceable<Self> {
  readonly length: number;
  slice(from: number, end: number): Self;
  subarray?(from: number, end: number): Self;
}
