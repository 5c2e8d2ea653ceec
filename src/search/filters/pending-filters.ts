import { type FileFilter, unpackFilter } from './filter-record.js';

/**
 * Packed filters that wait to be written, in memory that is used again for the next ones: the memory in which they
 * arrive can be collected at once, while it is young.
 */
export class PendingFilters {
  #memory = new Uint8Array(2 ** 16);
  /** End of each filter. */
  #ends: number[] = [];

  /** Number of bytes of all filters. */
  get bytes(): number {
    return this.#ends.at(-1) ?? 0;
  }

  /** Adds a copy of a packed filter. */
  add(packed: Uint8Array): void {
    const start = this.bytes;
    const end = start + packed.length;
    if (end > this.#memory.length) {
      const grown = new Uint8Array(2 * end);
      grown.set(this.#memory.subarray(0, start));
      this.#memory = grown;
    }
    this.#memory.set(packed, start);
    this.#ends.push(end);
  }

  /** Removes all filters and returns them; they are valid until the next one is added. */
  take(): FileFilter[] {
    let start = 0;
    const filters = this.#ends.map((end) => {
      const filter = unpackFilter(this.#memory.subarray(start, end));
      start = end;
      return filter;
    });
    this.#ends = [];
    return filters;
  }
}
