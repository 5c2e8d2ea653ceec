import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { basename } from 'node:path';
import { crc32 } from 'node:zlib';
import { openRegularFile } from '../../transcript/lines.js';
import type { BlobRef } from './columns.js';

/** Suffix of a segment's name for the ids of the responses in its ledgers (`SegmentIds`). */
export const IDS_SUFFIX = '.ids';

/** Position of appended blobs. */
export type BlobPlace = Pick<BlobRef, 'segment' | 'offset'>;

/** A run of blobs, in a file or in memory; written once, never changed. */
interface Segment {
  /** File name; null if it is in memory only. */
  name: string | null;
  bytes: number;
  read(offset: number, length: number): Buffer;
  close(): void;
}

/**
 * The blobs an index refers to. Files stay open, so that another ccsess which compacts the index and removes them
 * takes nothing away from this one.
 */
export class Segments {
  readonly #segments: Segment[];

  private constructor(segments: Segment[]) {
    this.#segments = segments;
  }

  /** No segments yet. */
  static none(): Segments {
    return new Segments([]);
  }

  /** Opens the named files; null if one is missing or shorter than it should be. */
  static open(directory: string, files: readonly { name: string; bytes: number }[]): Segments | null {
    const segments = new Segments([]);
    try {
      for (const { name, bytes } of files)
        segments.#segments.push(fileSegment(name, openRegularFile(`${directory}/${name}`).fd, bytes));
      return segments;
    } catch {
      segments.close();
      return null;
    }
  }

  /** The files, in the order references count them. */
  get files(): { name: string; bytes: number }[] {
    return this.#segments.flatMap(({ name, bytes }) => (name === null ? [] : [{ name, bytes }]));
  }

  /** True if some blob is in memory only, so that references to it must not be stored. */
  get inMemory(): boolean {
    return this.#segments.some(({ name, bytes }) => name === null && bytes > 0);
  }

  /** The JSON value of a blob; null if it cannot be read or is not what was written. */
  read(ref: BlobRef): unknown {
    try {
      const bytes = this.#segments[ref.segment]?.read(ref.offset, ref.length);
      if (bytes === undefined || bytes.length !== ref.length || crc32(bytes) !== ref.crc) return null;
      return JSON.parse(bytes.toString('utf8')) as unknown;
    } catch {
      return null;
    }
  }

  /** The bytes of a blob as written, for copying; null where `read` gives null. */
  copy(ref: BlobRef): Buffer | null {
    try {
      const bytes = this.#segments[ref.segment]?.read(ref.offset, ref.length);
      return bytes === undefined || crc32(bytes) !== ref.crc ? null : bytes;
    } catch {
      return null;
    }
  }

  /**
   * The bytes of many blobs, in their order, null where `copy` gives null; with one read for those that are close
   * together. Blobs at multiples of eight in their segment are aligned in memory too.
   */
  copies(refs: readonly (BlobRef | null)[]): (Buffer | null)[] {
    const result: (Buffer | null)[] = refs.map(() => null);
    const wanted = refs.flatMap((ref, at) => (ref === null ? [] : [{ ref, at }]));
    wanted.sort((a, b) => a.ref.segment - b.ref.segment || a.ref.offset - b.ref.offset);
    for (let first = 0; first < wanted.length; ) {
      const run = wanted.slice(first, endOfRun(wanted, first));
      first += run.length;
      const start = run[0]?.ref.offset ?? 0;
      const end = run.reduce((last, { ref }) => Math.max(last, ref.offset + ref.length), start);
      const bytes = this.#range(run[0]?.ref.segment ?? 0, start, end);
      for (const { ref, at } of run) {
        const blob = bytes.subarray(ref.offset - start, ref.offset - start + ref.length);
        if (blob.length === ref.length && crc32(blob) === ref.crc) result[at] = blob;
      }
    }
    return result;
  }

  /**
   * Shows blobs of one segment, given in their order in the file, one by one: its offset, the words around it and at
   * which of these it starts. Those for which `copy` gives null are left out.
   */
  show(
    segment: number,
    refs: Iterable<BlobRef>,
    see: (offset: number, words: Uint32Array, start: number) => void,
  ): void {
    let start = 0;
    let bytes: Buffer = Buffer.alloc(0);
    let words: Uint32Array = new Uint32Array();
    for (const ref of refs) {
      const { offset, length } = ref;
      if (offset + length > start + bytes.length) {
        start = offset;
        bytes = this.#range(segment, start, offset + Math.max(length, READ_THROUGH));
        words = new Uint32Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / 4));
      }
      const blob = bytes.subarray(offset - start, offset - start + length);
      if (blob.length === length && (offset - start) % 4 === 0 && crc32(blob) === ref.crc)
        see(offset, words, (offset - start) / 4);
    }
  }

  /** File name of a segment; null if it is in memory only. */
  nameOf(segment: number): string | null {
    return this.#segments[segment]?.name ?? null;
  }

  /** Bytes of a segment; fewer, or none, where they cannot be read. */
  #range(segment: number, start: number, end: number): Buffer {
    try {
      return this.#segments[segment]?.read(start, end - start) ?? Buffer.alloc(0);
    } catch {
      return Buffer.alloc(0);
    }
  }

  /**
   * Adds a segment and returns a writer for it. With no file (`path` null), or once the disk refuses, it is in memory.
   */
  writer(path: string | null): SegmentWriter {
    return new SegmentWriter(path, (segment) => this.#segments.push(segment) - 1);
  }

  close(): void {
    for (const segment of this.#segments) segment.close();
    this.#segments.length = 0;
  }
}

/** Appends blobs to a new segment. */
export class SegmentWriter {
  readonly #add: (segment: Segment) => number;
  #fd: number | null = null;
  #current: Segment | null = null;
  #index = -1;
  #path: string | null;

  constructor(path: string | null, add: (segment: Segment) => number) {
    this.#path = path;
    this.#add = add;
  }

  /**
   * Writes blobs and returns the position of the first. Never throws: blobs that cannot be written are kept in memory.
   */
  append(bytes: Buffer): BlobPlace {
    if (this.#path !== null) {
      try {
        return this.#appendToFile(this.#path, bytes);
      } catch {
        this.#path = null;
        this.#current = null;
      }
    }
    return this.#appendToMemory(bytes);
  }

  #appendToFile(path: string, bytes: Buffer): BlobPlace {
    if (this.#fd === null || this.#current === null) {
      this.#fd = openSync(path, 'wx+', 0o600);
      this.#current = fileSegment(basename(path), this.#fd, 0);
      this.#index = this.#add(this.#current);
    }
    const offset = this.#current.bytes;
    for (let done = 0; done < bytes.length; )
      done += writeSync(this.#fd, bytes, done, bytes.length - done, offset + done);
    this.#current.bytes += bytes.length;
    return { segment: this.#index, offset };
  }

  #appendToMemory(bytes: Buffer): BlobPlace {
    const chunks: Buffer[] = [bytes];
    const index = this.#add({
      name: null,
      bytes: bytes.length,
      read: (offset, length) => (chunks[0] as Buffer).subarray(offset, offset + length),
      close: () => chunks.pop(),
    });
    return { segment: index, offset: 0 };
  }
}

/** Blobs further apart than this are read one by one. */
const READ_THROUGH = 64 * 1024;

/** Behind the last of the blobs from `first` on that one read should fetch. */
function endOfRun(wanted: readonly { ref: BlobRef }[], first: number): number {
  let end = first + 1;
  for (; end < wanted.length; end++) {
    const before = wanted[end - 1]?.ref;
    const ref = wanted[end]?.ref;
    if (
      before === undefined ||
      ref === undefined ||
      ref.segment !== before.segment ||
      ref.offset > before.offset + before.length + READ_THROUGH
    )
      break;
  }
  return end;
}

function fileSegment(name: string, fd: number, bytes: number): Segment {
  if (fstatSync(fd).size < bytes) {
    closeSync(fd);
    throw new Error(`segment ${name} is too short`);
  }
  return {
    name,
    bytes,
    read(offset, length) {
      // In memory of its own: numbers can be read in place only at a multiple of eight.
      const buffer = Buffer.from(new ArrayBuffer(length));
      return buffer.subarray(0, readSync(fd, buffer, 0, length, offset));
    },
    close: () => closeSync(fd),
  };
}
