import { closeSync, openSync, readSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { FileStamp } from '../../claude/model.js';
import { FILTERS_SUFFIX, storeName } from '../../session-index/format/store.js';
import { removeTemporary, unique } from '../../session-index/format/temporary.js';
import { makeFolders } from '../../system/make-folders.js';
import { writeAll } from '../../system/write-file.js';
import type { SketchBlock } from '../raw/file-sketch.js';

/** The filter of one file, left behind by a search so that the next one need not read the file. */
export interface FileFilter {
  path: string;
  stamp: FileStamp;
  /** Some text in it may be written in an unusual form: it is always read. */
  isOpaque: boolean;
  blocks: readonly SketchBlock[];
}

/** Fields of the head of the file, with their offsets (docs/index-format.md). */
export const FILE_HEAD = { magic: 'ccsess-filters', version: 14, bytes: 16 };
const VERSION = 4;
/** Fields of the head of a record, with their offsets. */
export const RECORD = {
  length: 0,
  crc: 4,
  size: 8,
  mtimeMs: 16,
  ctimeMs: 24,
  ino: 32,
  flags: 40,
  path: 42,
  blocks: 44,
  head: 48,
};
/** Flag of a file that is always read. */
export const OPAQUE = 1;
/** The record is of a folder of tool results, or of a file in one. */
export const LISTED = 2;
const LISTED_NAME = /^[^/]+\/[^/]+\/tool-results(?:\/|$)/;
/** A block's head: the number of bytes of its bits, and of the file. */
export const BLOCK = { bits: 0, size: 4, head: 8 };
/** Bytes of a record's length. */
const LENGTH_BYTES = 4;
const MAX_RECORD = 64 * 1024 * 1024;
/** Bytes of records read at once. */
export const READ_BYTES = 1024 * 1024;

/** Path of the file with the filters of a projects folder. */
export function filtersPath(directory: string, root: string): string {
  return join(directory, storeName(root) + FILTERS_SUFFIX);
}

/**
 * Encodes a filter as a record. For a folder of tool results the record has no blocks, and its size is the number of
 * files in the folder: while the folder's state is the same, these are the ones with filters.
 */
export function encodeFilter({ path, stamp, isOpaque, blocks }: FileFilter): Buffer {
  const name = Buffer.from(path);
  const length = RECORD.head + name.length + blocks.reduce((sum, { bits }) => sum + BLOCK.head + bits.length, 0);
  const record = Buffer.allocUnsafe(length);
  record.writeUInt32LE(length, RECORD.length);
  for (const field of ['size', 'mtimeMs', 'ctimeMs', 'ino'] as const) record.writeDoubleLE(stamp[field], RECORD[field]);
  record.writeUInt16LE((isOpaque ? OPAQUE : 0) | (LISTED_NAME.test(path) ? LISTED : 0), RECORD.flags);
  record.writeUInt16LE(name.length, RECORD.path);
  record.writeUInt32LE(blocks.length, RECORD.blocks);
  name.copy(record, RECORD.head);
  let at = RECORD.head + name.length;
  for (const { size, bits } of blocks) {
    record.writeUInt32LE(bits.length, at + BLOCK.bits);
    record.writeUInt32LE(size, at + BLOCK.size);
    record.set(bits, at + BLOCK.head);
    at += BLOCK.head + bits.length;
  }
  record.writeUInt32LE(crc32(record.subarray(RECORD.size)), RECORD.crc);
  return record;
}

/** Reads the records of a file of filters one after the other, up to the first that is damaged. */
export class RecordReader {
  readonly #fd: number;
  #memory = Buffer.alloc(READ_BYTES);
  #held = 0;
  /** Offset in the file of what follows the bytes in memory. */
  #offset = 0;
  #next = FILE_HEAD.bytes;
  /** The part of the file that is in memory and contains the record. */
  view = new DataView(this.#memory.buffer, this.#memory.byteOffset, this.#memory.length);
  /** Position of the record in memory. */
  at = 0;
  length = 0;

  constructor(fd: number) {
    this.#fd = fd;
    this.#read();
    const memory = this.#memory;
    const isFilters =
      this.#held >= FILE_HEAD.bytes &&
      memory.toString('latin1', 0, FILE_HEAD.version) === FILE_HEAD.magic &&
      memory.readUInt16LE(FILE_HEAD.version) === VERSION;
    if (!isFilters) this.#held = -1;
  }

  get bytes(): Buffer {
    return this.#memory;
  }

  /** Offset of the record in the file. */
  get position(): number {
    return this.#offset - this.#held + this.at;
  }

  /** The name of the file that the record is of. */
  get name(): string {
    const start = this.at + RECORD.head;
    return this.#memory.toString('utf8', start, start + this.view.getUint16(this.at + RECORD.path, true));
  }

  /** Moves to the next record; false at the end, or if it is damaged. */
  next(): boolean {
    if (this.#held < 0) return false;
    for (;;) {
      const left = this.#held - this.#next;
      const length = left < LENGTH_BYTES ? 0 : this.view.getUint32(this.#next, true);
      if (length > 0 && (length < RECORD.head || length > MAX_RECORD)) return false;
      if (length > 0 && left >= length) {
        this.at = this.#next;
        this.length = length;
        this.#next += length;
        const checked = this.#memory.subarray(this.at + RECORD.size, this.at + length);
        return crc32(checked) === this.view.getUint32(this.at + RECORD.crc, true);
      }
      this.#keep(length);
      if (!this.#read()) return false;
    }
  }

  /** Makes room for a record of this length. */
  #keep(length: number): void {
    const grown = length > this.#memory.length ? Buffer.alloc(length) : this.#memory;
    this.#memory.copy(grown, 0, this.#next, this.#held);
    this.#held -= this.#next;
    this.#next = 0;
    if (grown === this.#memory) return;
    this.#memory = grown;
    this.view = new DataView(grown.buffer, grown.byteOffset, grown.length);
  }

  #read(): boolean {
    const read = readSync(this.#fd, this.#memory, this.#held, this.#memory.length - this.#held, this.#offset);
    this.#held += read;
    this.#offset += read;
    return read > 0;
  }
}

/** Appends records to a file of filters, created if necessary. Returns false if it cannot be written. */
export function appendRecords(directory: string, path: string, records: readonly Buffer[]): boolean {
  try {
    makeFolders(directory);
    const fd = openSync(path, 'a+', 0o600);
    try {
      const isNew = readSync(fd, Buffer.alloc(1), 0, 1, 0) === 0;
      // One write, so that no record of another run can end up between ours.
      writeAll(fd, joined(isNew ? [fileHead(), ...records] : records));
    } finally {
      closeSync(fd);
    }
    return true;
  } catch {
    return false;
  }
}

let memory = Buffer.alloc(0);

/**
 * Joins records in memory that the next call overwrites: a new buffer of megabytes for each call would let the process
 * grow.
 */
function joined(records: readonly Buffer[]): Buffer {
  const length = records.reduce((sum, record) => sum + record.length, 0);
  if (length > memory.length) memory = Buffer.allocUnsafe(length);
  let at = 0;
  for (const record of records) at += record.copy(memory, at);
  return memory.subarray(0, length);
}

/** Replaces a file of filters by one that has only the last record of each path that `isKept` accepts. Never throws. */
export function compactRecords(path: string, isKept: (path: string) => boolean): void {
  const temporary = `${path}.${unique()}.tmp`;
  try {
    const from = openSync(path, 'r');
    try {
      const last = new Map<string, number>();
      for (const reader = new RecordReader(from); reader.next(); )
        if (isKept(reader.name)) last.set(reader.name, reader.position);
      const kept = new Set(last.values());
      const to = openSync(temporary, 'wx', 0o600);
      try {
        writeAll(to, fileHead());
        for (const reader = new RecordReader(from); reader.next(); )
          if (kept.has(reader.position)) writeAll(to, reader.bytes.subarray(reader.at, reader.at + reader.length));
      } finally {
        closeSync(to);
      }
    } finally {
      closeSync(from);
    }
    renameSync(temporary, path);
  } catch {
    removeTemporary(temporary);
  }
}

function fileHead(): Buffer {
  const head = Buffer.alloc(FILE_HEAD.bytes);
  head.write(FILE_HEAD.magic, 'latin1');
  head.writeUInt16LE(VERSION, FILE_HEAD.version);
  return head;
}
