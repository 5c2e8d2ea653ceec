import { openSync, writeSync } from 'node:fs';
import { basename } from 'node:path';
import type { BlobRef } from '../table/column-layout.js';
import { segmentOf, type Segment } from './segment.js';

/** Position of appended blobs. */
export type BlobPosition = Pick<BlobRef, 'segment' | 'offset'>;

/** Appends blobs to a new segment. */
export class SegmentWriter {
  readonly #add: (segment: Segment) => number;
  #fd: number | null = null;
  #current: Segment | null = null;
  #index = -1;
  #path: string | null;

  /**
   * `path` is the file to create, null to keep blobs in memory; `add` adds a segment to the index and returns its
   * number.
   */
  constructor(path: string | null, add: (segment: Segment) => number) {
    this.#path = path;
    this.#add = add;
  }

  /**
   * Writes blobs and returns the position of the first. Never throws: blobs that cannot be written are kept in memory.
   */
  append(bytes: Buffer): BlobPosition {
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

  #appendToFile(path: string, bytes: Buffer): BlobPosition {
    if (this.#fd === null || this.#current === null) {
      this.#fd = openSync(path, 'wx+', 0o600);
      this.#current = segmentOf(basename(path), this.#fd, 0);
      this.#index = this.#add(this.#current);
    }
    const offset = this.#current.bytes;
    for (let done = 0; done < bytes.length; )
      done += writeSync(this.#fd, bytes, done, bytes.length - done, offset + done);
    this.#current.bytes += bytes.length;
    return { segment: this.#index, offset };
  }

  #appendToMemory(bytes: Buffer): BlobPosition {
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
