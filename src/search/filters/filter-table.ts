import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { FileStamp, FolderStamp } from '../../claude/model.js';
import type { JsonSpan } from '../../transcript/json/json-walker.js';
import { OVERLAP } from '../raw/file-sketch.js';
import type { TurnScheduler } from '../run/turns.js';
import { BLOCK, FILE_HEAD, LISTED, OPAQUE, READ_BYTES, RECORD, RecordReader } from './filter-file.js';
import { type FilterAnchor, type FilterQuery, type FilterRun, mayHold } from './filter-query.js';

/** Numbers of a record in a table: its file's size, mtime, ctime and inode, then its position and length. */
const ROW = { size: 0, mtimeMs: 1, ctimeMs: 2, ino: 3, position: 4, length: 5, width: 6 };

/**
 * The verdicts of a file of filters on a query. A record is found by the state of its file; its name is read only where
 * it matters whether the file still exists.
 */
export class FilterTable {
  readonly #path: string;
  readonly #query: FilterQuery | null;
  readonly #rows: number[] = [];
  readonly #byInode = new Map<number, number>();
  /** The bytes that may match in the files that may match; null: all. */
  readonly #spans = new Map<number, JsonSpan[] | null>();
  /** Names of the files with a filter in each folder of tool results, by its own name. */
  readonly #listed = new Map<string, Set<string>>();
  /** True if the file is worth being written anew: it is damaged, or most of it is superseded. */
  isWasteful = false;

  private constructor(path: string, query: FilterQuery | null) {
    this.#path = path;
    this.#query = query;
  }

  /** Reads a file of filters. Never throws: where there is none that can be used, every file must be read. */
  static read(path: string, query: FilterQuery | null): FilterTable {
    const table = new FilterTable(path, query);
    const reading = table.#read();
    while (reading.next().done !== true);
    return table;
  }

  /** Does the same as `read`, and lets other work of the thread run in between. */
  static async readInTurns(path: string, query: FilterQuery | null, turns: TurnScheduler): Promise<FilterTable> {
    const table = new FilterTable(path, query);
    const reading = table.#read();
    while (reading.next().done !== true) if (turns.isDue) await turns.give();
    return table;
  }

  /** Number of files with a filter. */
  get size(): number {
    return this.#byInode.size;
  }

  /** True if there is a filter of the file with this inode, maybe of an earlier state. */
  has({ ino }: FileStamp): boolean {
    return this.#byInode.has(ino);
  }

  /** The filter of a file in this state; undefined if there is none that can be believed. */
  find({ size, mtimeMs, ctimeMs, ino }: FileStamp): number | undefined {
    const row = this.#byInode.get(ino);
    if (row === undefined) return undefined;
    const at = row * ROW.width;
    const rows = this.#rows;
    const isSame =
      rows[at + ROW.size] === size && rows[at + ROW.mtimeMs] === mtimeMs && rows[at + ROW.ctimeMs] === ctimeMs;
    return isSame ? row : undefined;
  }

  /** The names of the files in a folder of tool results in this state; null if they are not known. */
  listed(name: string, { mtimeMs, ctimeMs, ino }: FolderStamp): readonly string[] | null {
    const names = this.#listed.get(name);
    if (names === undefined || this.find({ size: names.size, mtimeMs, ctimeMs, ino }) === undefined) return null;
    return [...names];
  }

  mayMatch(row: number): boolean {
    return this.#spans.has(row);
  }

  /** Bytes of the file that hold what the raw search looks for, if any does; null: it may be anywhere. */
  spans(row: number): readonly JsonSpan[] | null {
    return this.#spans.get(row) ?? null;
  }

  /** The names of the files with a filter whose inode is not in a set; those that cannot be read are left out. */
  namesBeyond(inodes: ReadonlySet<number>): string[] {
    const others = [...this.#byInode].flatMap(([ino, row]) => (inodes.has(ino) ? [] : [row]));
    if (others.length === 0) return [];
    try {
      const fd = openSync(this.#path, 'r');
      try {
        return others.map((row) => nameAt(fd, this.#rows[row * ROW.width + ROW.position] ?? 0));
      } finally {
        closeSync(fd);
      }
    } catch {
      return [];
    }
  }

  /** Reads all records, and pauses after each piece of the file. */
  *#read(): Generator<void> {
    try {
      const fd = openSync(this.#path, 'r');
      try {
        const reader = new RecordReader(fd);
        let used = FILE_HEAD.bytes;
        let pauseAt = READ_BYTES;
        while (reader.next()) {
          this.#add(reader);
          used += reader.length;
          if (used < pauseAt) continue;
          pauseAt = used + READ_BYTES;
          yield;
        }
        let live = 0;
        for (const row of this.#byInode.values()) live += this.#rows[row * ROW.width + ROW.length] ?? 0;
        this.isWasteful = used !== fstatSync(fd).size || used > 2 * live + READ_BYTES;
      } finally {
        closeSync(fd);
      }
    } catch {
      // Without filters everything is read.
    }
  }

  #add(reader: RecordReader): void {
    const { view, bytes, at, length, position } = reader;
    const row = this.#rows.length / ROW.width;
    const ino = view.getFloat64(at + RECORD.ino, true);
    this.#rows.push(
      view.getFloat64(at + RECORD.size, true),
      view.getFloat64(at + RECORD.mtimeMs, true),
      view.getFloat64(at + RECORD.ctimeMs, true),
      ino,
      position,
      length,
    );
    this.#byInode.set(ino, row);
    const flags = view.getUint16(at + RECORD.flags, true);
    if ((flags & LISTED) !== 0) this.#addListed(reader.name);
    const isOpaque = (flags & OPAQUE) !== 0;
    if (isOpaque || this.#query === null) return void this.#spans.set(row, null);
    const blocks: Blocks = { view, bytes, at: at + RECORD.head + view.getUint16(at + RECORD.path, true), count: 0 };
    blocks.count = view.getUint32(at + RECORD.blocks, true);
    for (const run of this.#query.runs) if (!someBlockHolds(run, blocks)) return;
    const { anchor } = this.#query;
    this.#spans.set(row, anchor === null ? null : spansOf(anchor, blocks));
  }

  #addListed(name: string): void {
    const [projectDir = '', id = '', folder = '', file] = name.split('/');
    const key = `${projectDir}/${id}/${folder}`;
    const names = this.#listed.get(key) ?? new Set();
    this.#listed.set(key, names);
    if (file !== undefined) names.add(file);
  }
}

/** The blocks of a record, from a position on. */
interface Blocks {
  view: DataView;
  bytes: Buffer;
  at: number;
  count: number;
}

/** True if one of the blocks of a record may hold a run. */
function someBlockHolds(run: FilterRun, { view, bytes, at: start, count }: Blocks): boolean {
  let at = start;
  for (let left = count; left > 0; left -= 1) {
    const length = view.getUint32(at + BLOCK.bits, true);
    if (mayHold(run, bytes, at + BLOCK.head, length)) return true;
    at += BLOCK.head + length;
  }
  return false;
}

/** The blocks that may hold the run of an anchor, each as far as its term may reach; those that touch as one. */
function spansOf({ run, reach }: FilterAnchor, { view, bytes, at: start, count }: Blocks): JsonSpan[] {
  const spans: JsonSpan[] = [];
  let at = start;
  let offset = 0;
  for (let left = count; left > 0; left -= 1) {
    const length = view.getUint32(at + BLOCK.bits, true);
    const size = view.getUint32(at + BLOCK.size, true);
    if (mayHold(run, bytes, at + BLOCK.head, length)) {
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

function nameAt(fd: number, position: number): string {
  const head = Buffer.alloc(RECORD.head);
  readSync(fd, head, 0, head.length, position);
  const name = Buffer.alloc(head.readUInt16LE(RECORD.path));
  readSync(fd, name, 0, name.length, position + RECORD.head);
  return name.toString('utf8');
}
