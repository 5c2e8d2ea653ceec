import { closeSync, fstatSync, openSync, readSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { FileStamp } from '../../claude/model.js';
import { FILTERS_SUFFIX, storeName } from '../../session-index/format/store.js';
import { removeTemporary, unique } from '../../session-index/format/temporary.js';
import { makeFolders } from '../../system/make-folders.js';
import { writeAll } from '../../system/write-file.js';
import type { JsonSpan } from '../../transcript/json/json-walker.js';
import { OVERLAP, type SketchBlock } from '../raw/file-sketch.js';
import type { TakesTurns } from '../run/turns.js';
import { type FilterAnchor, type FilterQuery, type FilterRun, mayHold } from './filter-query.js';

/** The filter of one file: what a search leaves behind, so that the next one need not read it. */
export interface FileFilter {
  path: string;
  stamp: FileStamp;
  /** Some text in it may be written in an unusual form: it is always read. */
  isOpaque: boolean;
  blocks: readonly SketchBlock[];
}

/** The verdict of a filter on a query. */
export interface FilterVerdict {
  stamp: FileStamp;
  mayMatch: boolean;
  /** Bytes of the file that hold what the raw search looks for, if any does; null: it may be anywhere. */
  spans: readonly JsonSpan[] | null;
  /** Bytes of the record. */
  bytes: number;
}

/** Fields of the head of the file, and of the head of a record, with their offsets (docs/index-format.md). */
const FILE_HEAD = { magic: 'ccsess-filters', version: 14, bytes: 16 };
const VERSION = 3;
const RECORD = {
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
const OPAQUE = 1;
/** A block's head: the number of bytes of its bits, and of the file. */
const BLOCK = { bits: 0, size: 4, head: 8 };
/** Bytes of a record's length. */
const LENGTH_BYTES = 4;
const MAX_RECORD = 64 * 1024 * 1024;
const READ_BYTES = 1024 * 1024;

/** Path of the file with the filters of a projects folder. */
export function filtersPath(directory: string, root: string): string {
  return join(directory, storeName(root) + FILTERS_SUFFIX);
}

/** A filter as a record of the file. */
export function encodeFilter({ path, stamp, isOpaque, blocks }: FileFilter): Buffer {
  const name = Buffer.from(path);
  const length = RECORD.head + name.length + blocks.reduce((sum, { bits }) => sum + BLOCK.head + bits.length, 0);
  const record = Buffer.allocUnsafe(length);
  record.writeUInt32LE(length, RECORD.length);
  for (const field of ['size', 'mtimeMs', 'ctimeMs', 'ino'] as const) record.writeDoubleLE(stamp[field], RECORD[field]);
  record.writeUInt16LE(isOpaque ? OPAQUE : 0, RECORD.flags);
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

/** A record's path and what it says of a query; null if it is damaged. Without a query, every file may match. */
function readRecord(record: Buffer, query: FilterQuery | null): (FilterVerdict & { path: string }) | null {
  if (record.length < RECORD.head || crc32(record.subarray(RECORD.size)) !== record.readUInt32LE(RECORD.crc))
    return null;
  const start = RECORD.head + record.readUInt16LE(RECORD.path);
  const isOpaque = (record.readUInt16LE(RECORD.flags) & OPAQUE) !== 0;
  const mayMatch = query === null || isOpaque || query.runs.every((run) => someBlockHolds(run, record, start));
  const anchor = mayMatch && !isOpaque ? (query?.anchor ?? null) : null;
  return {
    path: record.toString('utf8', RECORD.head, start),
    stamp: {
      size: record.readDoubleLE(RECORD.size),
      mtimeMs: record.readDoubleLE(RECORD.mtimeMs),
      ctimeMs: record.readDoubleLE(RECORD.ctimeMs),
      ino: record.readDoubleLE(RECORD.ino),
    },
    mayMatch,
    spans: anchor === null ? null : spansOf(anchor, record, start),
    bytes: record.length,
  };
}

/** True if one of the blocks of a record, which begin at `start`, may hold a run. */
function someBlockHolds(run: FilterRun, record: Buffer, start: number): boolean {
  let at = start;
  for (let left = record.readUInt32LE(RECORD.blocks); left > 0; left -= 1) {
    const length = record.readUInt32LE(at + BLOCK.bits);
    if (mayHold(run, record, at + BLOCK.head, length)) return true;
    at += BLOCK.head + length;
  }
  return false;
}

/** The blocks that may hold the run of an anchor, each as far as its term may reach; those that touch as one. */
function spansOf({ run, reach }: FilterAnchor, record: Buffer, start: number): JsonSpan[] {
  const spans: JsonSpan[] = [];
  let at = start;
  let offset = 0;
  for (let left = record.readUInt32LE(RECORD.blocks); left > 0; left -= 1) {
    const length = record.readUInt32LE(at + BLOCK.bits);
    const size = record.readUInt32LE(at + BLOCK.size);
    if (mayHold(run, record, at + BLOCK.head, length)) {
      const span = { start: Math.max(0, offset - reach), end: offset + size + OVERLAP + reach };
      const last = spans.at(-1);
      if (last !== undefined && span.start <= last.end) last.end = span.end;
      else spans.push(span);
    }
    at += BLOCK.head + length;
    offset += size;
  }
  return spans;
}

/** Every record of a file of filters up to the first that is damaged; none if there is no such file. */
function* recordsOf(fd: number): Generator<Buffer> {
  let memory = Buffer.alloc(READ_BYTES);
  let held = readSync(fd, memory, 0, memory.length, 0);
  let offset = held;
  if (held < FILE_HEAD.bytes || memory.toString('latin1', 0, FILE_HEAD.version) !== FILE_HEAD.magic) return;
  if (memory.readUInt16LE(FILE_HEAD.version) !== VERSION) return;
  for (let at = FILE_HEAD.bytes; ; ) {
    const length = held - at < LENGTH_BYTES ? 0 : memory.readUInt32LE(at);
    if (length > 0 && (length < RECORD.head || length > MAX_RECORD)) return;
    if (length === 0 || held - at < length) {
      const grown = length > memory.length ? Buffer.alloc(length) : memory;
      memory.copy(grown, 0, at, held);
      memory = grown;
      held -= at;
      at = 0;
      const read = readSync(fd, memory, held, memory.length - held, offset);
      if (read === 0) return;
      held += read;
      offset += read;
      continue;
    }
    yield memory.subarray(at, at + length);
    at += length;
  }
}

/** The verdicts of the filters in a file. */
export interface Verdicts {
  /** By path; the last record of a path counts. */
  byPath: Map<string, FilterVerdict>;
  /** True if the file is worth being written anew: it is damaged, or most of it is superseded. */
  isWasteful: boolean;
}

/** Reads a file of filters. Never throws: where there is none that can be used, every file must be read. */
export function readVerdicts(path: string, query: FilterQuery | null): Verdicts {
  const reading = readingVerdicts(path, query);
  let step = reading.next();
  while (step.done !== true) step = reading.next();
  return step.value;
}

/** Does the same as `readVerdicts`, and lets other work of the thread run in between. */
export async function readVerdictsInTurns(
  path: string,
  query: FilterQuery | null,
  turns: TakesTurns,
): Promise<Verdicts> {
  const reading = readingVerdicts(path, query);
  let step = reading.next();
  for (; step.done !== true; step = reading.next()) if (turns.isDue) await turns.give();
  return step.value;
}

/** Reads the verdicts record by record. */
function* readingVerdicts(path: string, query: FilterQuery | null): Generator<void, Verdicts> {
  const byPath = new Map<string, FilterVerdict>();
  let isWasteful = false;
  try {
    const fd = openSync(path, 'r');
    try {
      let used = FILE_HEAD.bytes;
      for (const record of recordsOf(fd)) {
        const read = readRecord(record, query);
        if (read === null) break;
        byPath.set(read.path, read);
        used += record.length;
        yield;
      }
      const live = [...byPath.values()].reduce((sum, { bytes }) => sum + bytes, 0);
      isWasteful = used !== fstatSync(fd).size || used > 2 * live + READ_BYTES;
    } finally {
      closeSync(fd);
    }
  } catch {
    // Without filters everything is read.
  }
  return { byPath, isWasteful };
}

/** Adds records to a file of filters, which is made if need be. Returns false where the disk refuses. */
export function appendRecords(directory: string, path: string, records: readonly Buffer[]): boolean {
  try {
    makeFolders(directory);
    const fd = openSync(path, 'a+', 0o600);
    try {
      const isNew = readSync(fd, Buffer.alloc(1), 0, 1, 0) === 0;
      // In one write, so that what another run adds at the same time does not come in between.
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

/** The records as one, in memory that the next call overwrites: buffers of megabytes let the process grow. */
function joined(records: readonly Buffer[]): Buffer {
  const length = records.reduce((sum, record) => sum + record.length, 0);
  if (length > memory.length) memory = Buffer.allocUnsafe(length);
  let at = 0;
  for (const record of records) at += record.copy(memory, at);
  return memory.subarray(0, length);
}

/** Replaces a file of filters by one that has only the last record of each path that `isKept`. Never throws. */
export function compactRecords(path: string, isKept: (path: string) => boolean): void {
  const temporary = `${path}.${unique()}.tmp`;
  try {
    const from = openSync(path, 'r');
    try {
      const last = new Map<string, number>();
      let number = 0;
      for (const record of recordsOf(from)) {
        const read = readRecord(record, null);
        if (read === null) break;
        if (isKept(read.path)) last.set(read.path, number);
        number += 1;
      }
      const kept = new Set(last.values());
      const to = openSync(temporary, 'wx', 0o600);
      try {
        writeAll(to, fileHead());
        number = 0;
        for (const record of recordsOf(from)) {
          if (kept.has(number)) writeAll(to, record);
          number += 1;
        }
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
