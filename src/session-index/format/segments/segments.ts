import { crc32 } from 'node:zlib';
import type { BlobRef } from '../table/column-layout.js';
import { Rejected, type RejectionName, type ReportRejection } from '../rejection.js';
import { openSegment, type Segment } from './segment.js';
import { SegmentWriter } from './segment-writer.js';

/** Suffix of a segment's name for the ids of the responses in its ledgers (`SegmentIds`). */
export const IDS_SUFFIX = '.ids';
/** Blobs further apart than this are read one by one. */
const READ_THROUGH = 64 * 1024;

/** Name and length of a segment that an index refers to. */
export interface SegmentName {
  name: string;
  bytes: number;
}

/**
 * The blobs of an index. Files stay open, so that they can be read after another ccsess has compacted the index and
 * removed them.
 */
export class Segments {
  readonly #segments: Segment[] = [];
  readonly #report: ReportRejection;

  /** Starts without segments. Damaged blobs are reported. */
  constructor(report: ReportRejection) {
    this.#report = report;
  }

  /** Opens the named files. Rejects if one is missing or shorter than it should be. */
  static open(directory: string, files: readonly SegmentName[], report: ReportRejection): Segments {
    const segments = new Segments(report);
    try {
      for (const { name, bytes } of files) segments.#segments.push(openSegment(directory, name, bytes));
      return segments;
    } catch {
      segments.close();
      throw new Rejected('segment');
    }
  }

  /** The files, in the order references count them. */
  get files(): SegmentName[] {
    return this.#segments.flatMap(({ name, bytes }) => (name === null ? [] : [{ name, bytes }]));
  }

  /** Some blob is in memory only, so that references to it must not be stored. */
  get isInMemory(): boolean {
    return this.#segments.some(({ name, bytes }) => name === null && bytes > 0);
  }

  /** Returns the JSON value of a blob; null, and reported, if it is not what was written. */
  readJson(ref: BlobRef): unknown {
    const bytes = this.copy(ref);
    try {
      return bytes === null ? null : (JSON.parse(bytes.toString('utf8')) as unknown);
    } catch {
      this.#reject(ref, 'blob');
      return null;
    }
  }

  /** Returns the bytes of a blob; null, and reported, if they are not what was written. */
  copy(ref: BlobRef): Buffer | null {
    const bytes = this.#range(ref.segment, ref.offset, ref.offset + ref.length);
    return this.#isWhole(bytes, ref) ? bytes : null;
  }

  /**
   * Returns the bytes of many blobs as `copy` does, with one read for those that are close together. Blobs at multiples
   * of eight in their segment are aligned in memory too.
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
        if (this.#isWhole(blob, ref)) result[at] = blob;
      }
    }
    return result;
  }

  /**
   * Calls `use` for blobs of one segment, given in file order, with the blob's offset, an array of words, and the
   * position of its first word there. Damaged blobs are skipped.
   */
  forEach(
    segment: number,
    refs: Iterable<BlobRef>,
    use: (offset: number, words: Uint32Array, start: number) => void,
  ): void {
    let start = 0;
    let bytes: Buffer = Buffer.alloc(0);
    let words: Uint32Array = new Uint32Array();
    for (const ref of refs) {
      const { offset, length } = ref;
      if (offset + length > start + bytes.length) {
        start = offset;
        bytes = this.#range(segment, start, offset + Math.max(length, READ_THROUGH));
        words = new Uint32Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / words.BYTES_PER_ELEMENT));
      }
      const blob = bytes.subarray(offset - start, offset - start + length);
      if ((offset - start) % words.BYTES_PER_ELEMENT === 0 && this.#isWhole(blob, ref))
        use(offset, words, (offset - start) / words.BYTES_PER_ELEMENT);
    }
  }

  /** File name of a segment; null if it is in memory only. */
  nameOf(segment: number): string | null {
    return this.#segments[segment]?.name ?? null;
  }

  /** Adds a segment and returns a writer for it. The segment is in memory if `path` is null or the disk refuses. */
  writer(path: string | null): SegmentWriter {
    return new SegmentWriter(path, (segment) => this.#segments.push(segment) - 1);
  }

  close(): void {
    for (const segment of this.#segments) segment.close();
    this.#segments.length = 0;
  }

  /** Returns bytes of a segment; fewer, or none, if they cannot be read. */
  #range(segment: number, start: number, end: number): Buffer {
    try {
      return this.#segments[segment]?.read(start, end - start) ?? Buffer.alloc(0);
    } catch {
      return Buffer.alloc(0);
    }
  }

  #isWhole(blob: Buffer, ref: BlobRef): boolean {
    if (blob.length === ref.length && crc32(blob) === ref.crc) return true;
    this.#reject(ref, 'blob');
    return false;
  }

  #reject({ segment }: BlobRef, reason: RejectionName): void {
    this.#report(this.nameOf(segment) ?? '', reason);
  }
}

/** Returns the end of the blobs, from `first` on, that one read should fetch. */
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
