import { readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { bitsIn } from '../../session-index/format/layout.js';
import { FILE_STAMP } from '../../session-index/format/stamps.js';
import type { JsonSpan } from '../../transcript/json/json-walker.js';
import { OVERLAP } from '../raw/file-sketch.js';
import type { FileFilter } from './filter-record.js';
import type { FilterQuery, FilterRun } from './filter-query.js';
import {
  CHECKED_FROM,
  FILE,
  type Group,
  GROUP,
  GROUP_BYTES,
  layoutOfGroup,
  type Matrix,
  padded,
  scalesOf,
  WORD_BYTES,
} from './group-layout.js';

/** Number of bytes that are read at once for a directory and its head. */
const DIRECTORY_BYTES = 128 * 1024;
const WORD_BITS = 32;

/** Memory that rows are read into, used again so that thousands of reads leave nothing to collect. */
let scratch = Buffer.from(new ArrayBuffer(DIRECTORY_BYTES));

/** Thrown if the bits of a group do not match their checksum. */
export class DamagedBits extends Error {}

/** A group of filters in an open file: its directory in memory, its bits on disk. */
export class FilterGroup {
  /** Offset of the group in the file, and number of its bytes. */
  readonly position: number;
  readonly length: number;
  readonly fileCount: number;
  /** The state of each file (`FILE_STAMP`). */
  readonly stamps: Float64Array;
  readonly #fd: number;
  readonly #group: Group;
  readonly #nameBytes: number;
  readonly #nameCrc: number;
  readonly #opaqueFiles: number;
  readonly #files: Uint32Array;
  readonly #sizes: Uint32Array;
  readonly #columns: Uint32Array;
  readonly #stripes: Uint32Array;
  readonly #listed: Buffer;

  private constructor(fd: number, position: number, group: Group, directory: Buffer) {
    const { buffer } = directory;
    const head = new Uint32Array(buffer, 0, GROUP.count);
    this.#fd = fd;
    this.#group = group;
    this.position = position;
    this.length = head[GROUP.at.length] ?? 0;
    this.#nameBytes = head[GROUP.at.nameBytes] ?? 0;
    this.#nameCrc = head[GROUP.at.nameCrc] ?? 0;
    this.#opaqueFiles = head[GROUP.at.opaque] ?? 0;
    this.fileCount = group.files;
    this.stamps = new Float64Array(buffer, group.stampsAt, group.files * FILE_STAMP.width);
    this.#files = new Uint32Array(buffer, group.filesAt, group.files);
    this.#sizes = new Uint32Array(buffer, group.sizesAt, group.blocks);
    this.#columns = new Uint32Array(buffer, group.columnsAt, group.blocks);
    this.#stripes = new Uint32Array(buffer, group.stripesAt, group.stripes);
    this.#listed = directory.subarray(group.listedAt, group.listedAt + group.listedBytes);
  }

  /** Reads the directory of the group at a position of a file of `size` bytes; null if it is not one. */
  static read(fd: number, position: number, size: number): FilterGroup | null {
    let directory = readAt(fd, position, Math.min(DIRECTORY_BYTES, size - position));
    if (directory.length < GROUP_BYTES) return null;
    const head = new Uint32Array(directory.buffer, 0, GROUP_BYTES / WORD_BYTES);
    const word = (name: keyof (typeof GROUP)['at']): number => head[GROUP.at[name]] ?? 0;
    const group = layoutOfGroup({ files: word('files'), listedBytes: word('listedBytes') }, scalesOf(head));
    // The checksum covers all but the length.
    const length = padded(group.namesAt + word('nameBytes'));
    if (word('length') !== length || position + length > size) return null;
    if (group.bitsAt > directory.length) directory = readAt(fd, position, group.bitsAt);
    if (crc32(directory.subarray(CHECKED_FROM, group.bitsAt)) !== word('crc')) return null;
    return new FilterGroup(fd, position, group, directory);
  }

  /** Number of bytes that a file takes, without its name. */
  fileBytes(file: number): number {
    const [first, end] = [this.#endOf(file - 1), this.#endOf(file)];
    let bytes = FILE_STAMP.width * Float64Array.BYTES_PER_ELEMENT;
    for (const { width, firstColumn, scale } of this.#group.matrices)
      for (let column = firstColumn; column < firstColumn + width; column += 1) {
        const block = this.#columns[column] ?? 0;
        if (block >= first && block < end) bytes += 2 ** scale;
      }
    return bytes;
  }

  /** Names of folders of tool results and of files in them, in the order of the files. */
  listedNames(): string[] {
    return this.#listed.length === 0 ? [] : this.#listed.toString('utf8').split('\0');
  }

  /** Names of all files, in their order; null if they are damaged. */
  names(): string[] | null {
    const bytes = readAt(this.#fd, this.position + this.#group.namesAt, this.#nameBytes);
    if (crc32(bytes) !== this.#nameCrc) return null;
    const [listed, others] = [this.listedNames(), bytes.toString('utf8').split('\0')];
    let [nextListed, nextOther] = [0, 0];
    return Array.from(this.#files, (word) =>
      bitsIn(word, FILE.listed) === 1 ? (listed[nextListed++] ?? '') : (others[nextOther++] ?? ''),
    );
  }

  /**
   * Calls `use` for each file that may match a query, with the spans that may contain the term of the query's anchor;
   * spans that touch are merged, and null stands for the whole file. Throws `DamagedBits`.
   */
  eachPossible({ runs, anchor }: FilterQuery, use: (file: number, spans: JsonSpan[] | null) => void): void {
    if (this.#opaqueFiles > 0)
      for (const [file, word] of this.#files.entries()) if (bitsIn(word, FILE.opaque) === 1) use(file, null);
    let files: Set<number> | null = null;
    for (const run of runs) {
      const having = new Set<number>();
      for (const block of this.#blocksHaving(run)) {
        const file = this.#fileOf(block);
        if (files?.has(file) !== false && bitsIn(this.#files[file] ?? 0, FILE.opaque) === 0) having.add(file);
      }
      if (having.size === 0) return;
      files = having;
    }
    const anchored = anchor === null ? null : new Set(this.#blocksHaving(anchor.run));
    for (const file of files ?? [])
      use(file, anchor === null || anchored === null ? null : this.#spansIn(file, anchored, anchor.reach));
  }

  /** All filters, as they were encoded; null if anything is damaged. */
  filters(): FileFilter[] | null {
    const names = this.names();
    if (names === null) return null;
    try {
      const bits = this.#allBits();
      let block = 0;
      return names.map((path, file) => {
        const word = this.#files[file] ?? 0;
        const blocks = Array.from({ length: this.#endOf(file) - block }, (_, at) => ({
          size: this.#sizes[block + at] ?? 0,
          bits: bits[block + at] ?? new Uint8Array(),
        }));
        block += blocks.length;
        const stamp = FILE_STAMP.read(this.stamps, file * FILE_STAMP.width);
        return { path, stamp, isOpaque: bitsIn(word, FILE.opaque) === 1, blocks };
      });
    } catch (error) {
      if (error instanceof DamagedBits) return null;
      throw error;
    }
  }

  /** End of the blocks of a file, which is where those of the next one begin; 0 for file -1. */
  #endOf(file: number): number {
    return file < 0 ? 0 : bitsIn(this.#files[file] ?? 0, FILE.end);
  }

  /** The first file that ends behind a block. */
  #fileOf(block: number): number {
    let low = 0;
    let high = this.fileCount - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#endOf(middle) > block) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #spansIn(file: number, having: ReadonlySet<number>, reach: number): JsonSpan[] {
    const spans: JsonSpan[] = [];
    let offset = 0;
    for (let block = this.#endOf(file - 1); block < this.#endOf(file); block += 1) {
      const size = this.#sizes[block] ?? 0;
      if (having.has(block)) {
        const span = { start: Math.max(0, offset - reach), end: offset + size + OVERLAP + reach };
        const last = spans.at(-1);
        if (last !== undefined && span.start <= last.end) last.end = span.end;
        else spans.push(span);
      }
      offset += size;
    }
    return spans;
  }

  /** The blocks that may hold a run: they have all trigrams at its even positions, or all at its odd ones. */
  #blocksHaving(run: FilterRun): number[] {
    const blocks: number[] = [];
    for (const matrix of this.#group.matrices)
      for (const hashes of run)
        for (const column of this.#columnsWith(matrix, hashes))
          blocks.push(this.#columns[matrix.firstColumn + column] ?? 0);
    return blocks;
  }

  /** The columns of a matrix in which all hashes are set. */
  #columnsWith(matrix: Matrix, hashes: readonly number[]): number[] {
    const mask = matrix.rows * WORD_BITS - 1;
    let columns: number[] | null = null;
    for (const hash of hashes) {
      columns = this.#having(matrix, hash & mask, columns);
      if (columns.length === 0) break;
    }
    return columns ?? Array.from({ length: matrix.width }, (_, column) => column);
  }

  /** Returns the columns in which a bit is set: of the given ones, or of all. */
  #having({ start, stripeRows, firstStripe, width }: Matrix, bit: number, columns: readonly number[] | null): number[] {
    const row = bit >>> 5;
    const stripe = Math.floor(row / stripeRows);
    const count = stripeRows * width;
    const words = this.#stripe(start + stripe * count * WORD_BYTES, count, firstStripe + stripe);
    const at = (row % stripeRows) * width;
    const wanted = 1 << (bit & (WORD_BITS - 1));
    const having: number[] = [];
    if (columns === null) {
      for (let column = 0; column < width; column += 1)
        if (((words[at + column] ?? 0) & wanted) !== 0) having.push(column);
    } else {
      for (const column of columns) if (((words[at + column] ?? 0) & wanted) !== 0) having.push(column);
    }
    return having;
  }

  /** Words of the bits that share a checksum, valid until the next call. */
  #stripe(start: number, count: number, number: number): Uint32Array {
    const length = count * WORD_BYTES;
    if (scratch.length < length) scratch = Buffer.from(new ArrayBuffer(2 * length));
    const isWhole = readSync(this.#fd, scratch, 0, length, this.position + this.#group.bitsAt + start) === length;
    if (!isWhole || crc32(scratch.subarray(0, length)) !== this.#stripes[number]) throw new DamagedBits();
    return new Uint32Array(scratch.buffer, 0, count);
  }

  /** The bits of each block. */
  #allBits(): Uint8Array[] {
    const bits: Uint8Array[] = [];
    for (const { start, rows, stripeRows, firstStripe, width, firstColumn } of this.#group.matrices) {
      const filters = Array.from({ length: width }, () => new Uint32Array(rows));
      for (let stripe = 0; stripe < rows / stripeRows; stripe += 1) {
        const count = stripeRows * width;
        const words = this.#stripe(start + stripe * count * WORD_BYTES, count, firstStripe + stripe);
        for (const [column, filter] of filters.entries())
          for (let row = 0; row < stripeRows; row += 1)
            filter[stripe * stripeRows + row] = words[row * width + column] ?? 0;
      }
      for (const [column, { buffer }] of filters.entries())
        bits[this.#columns[firstColumn + column] ?? 0] = new Uint8Array(buffer);
    }
    return bits;
  }
}

/** Returns bytes of a file in memory of their own, where they can be read as numbers; fewer at the end of the file. */
function readAt(fd: number, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(length);
  return bytes.subarray(0, readSync(fd, bytes, 0, length, position));
}
