import { crc32 } from 'node:zlib';
import type { FolderSum, FolderSums } from './folder-sums.js';
import type { FolderStamp } from '../../claude/model.js';
import { isStableStamp } from '../../claude/scan/known-folder.js';
import { ByteReader, ByteWriter } from '../format/cursor.js';
import { layoutOf, NUMBER } from '../format/layout.js';
import { Rejected, loadOrReject, type ReportRejection } from '../format/rejection.js';
import { FOLDER_STAMP, isFolderStampAt } from '../format/stamps.js';
import { saveFile } from '../format/save-file.js';

const MAGIC = 'ccsess-sums ';
/** Raised with every change to the format below. */
const VERSION = 3;
/** A folder: its state and its sum. */
const SUM = layoutOf({ stamp: FOLDER_STAMP, files: NUMBER, bytes: NUMBER });
const INODE = SUM.at.stamp + FOLDER_STAMP.at.ino;
const FLOAT_BYTES = Float64Array.BYTES_PER_ELEMENT;
/** Number of sums unused by a run above which they are dropped, if they outnumber the used ones. */
const MAX_UNUSED = 1000;

/** The state and sum of a folder as they are stored. */
interface StoredSum {
  path: string;
  numbers: Float64Array;
}

/** A stored sum. */
interface Entry extends StoredSum {
  /** True if this run used the sum. */
  isUsed: boolean;
}

/** Sums of folders, by path, that are stored in a file of the index. */
export class StoredSums implements FolderSums {
  readonly #path: string | null;
  readonly #nowMs: number;
  readonly #report: ReportRejection;
  readonly #isReadOnly: boolean;
  /** By inode, since comparing numbers is much faster than comparing thousands of paths. */
  #byInode: Map<number, Entry> | undefined;
  #hasNew = false;

  /** With `path` null nothing is stored. The file is read when the first sum is needed. */
  constructor(path: string | null, nowMs: number, report: ReportRejection, isReadOnly = false) {
    this.#path = path;
    this.#nowMs = nowMs;
    this.#report = report;
    this.#isReadOnly = isReadOnly;
  }

  find(path: string, stamp: FolderStamp): FolderSum | undefined {
    const entry = this.#all.get(stamp.ino);
    if (entry === undefined || !isFolderStampAt(entry.numbers, SUM.at.stamp, stamp)) return undefined;
    // Folders of two file systems may have the same inode.
    if (entry.path !== path) return undefined;
    entry.isUsed = true;
    return { files: entry.numbers[SUM.at.files] ?? NaN, bytes: entry.numbers[SUM.at.bytes] ?? NaN };
  }

  keep(path: string, { ino, mtimeMs, ctimeMs }: FolderStamp, sum: FolderSum): void {
    if (!isStableStamp({ ino, mtimeMs, ctimeMs }, this.#nowMs)) return;
    const numbers = new Float64Array(SUM.width);
    SUM.write({ stamp: { ino, mtimeMs, ctimeMs }, ...sum }, numbers, 0);
    this.#all.set(ino, { path, numbers, isUsed: true });
    this.#hasNew = true;
  }

  /**
   * Stores new sums for the next run, unless the index is read-only. If they cannot be written, they are measured again
   * then.
   */
  save(): void {
    if (this.#path === null || this.#isReadOnly || !this.#hasNew) return;
    // A folder that was replaced has another inode, and its newest sum is the last one.
    const all = [...new Map(Array.from(this.#all.values(), (entry) => [entry.path, entry])).values()];
    const used = all.filter(({ isUsed }) => isUsed);
    const isFull = all.length - used.length > Math.max(MAX_UNUSED, used.length);
    if (saveFile(this.#path, [encodeSums(isFull ? used : all)])) this.#hasNew = false;
  }

  get #all(): Map<number, Entry> {
    if (this.#byInode !== undefined) return this.#byInode;
    const stored = this.#path === null ? null : loadSums(this.#path, this.#report);
    this.#byInode = new Map();
    for (const { path, numbers } of stored ?? [])
      this.#byInode.set(numbers[INODE] ?? NaN, { path, numbers, isUsed: false });
    return this.#byInode;
  }
}

/** Returns an empty set of sums that is never stored. */
export function noSums(): StoredSums {
  return new StoredSums(null, 0, () => {});
}

function loadSums(path: string, report: ReportRejection): StoredSum[] | null {
  return loadOrReject(path, report, decodeSums);
}

/** Reads a file of sums. Rejects anything that is not exactly as it was written. */
export function decodeSums(bytes: Buffer): StoredSum[] {
  const reader = new ByteReader(bytes);
  if (reader.text(MAGIC.length) !== MAGIC) throw new Rejected('foreign');
  if (reader.word() !== VERSION) throw new Rejected('version');
  if (reader.word() !== crc32(reader.rest)) throw new Rejected('checksum');
  const count = reader.word();
  const numbers = reader.floats(count * SUM.width * FLOAT_BYTES);
  const paths = count === 0 ? [] : reader.text(reader.rest.length).split('\0');
  reader.end();
  if (paths.length !== count) throw new Rejected('sums');
  return paths.map((path, at) => ({ path, numbers: numbers.subarray(at * SUM.width, (at + 1) * SUM.width) }));
}

/** Returns a file of these sums. */
export function encodeSums(sums: readonly StoredSum[]): Buffer {
  const numbers = new Float64Array(sums.length * SUM.width);
  sums.forEach((sum, at) => numbers.set(sum.numbers, at * SUM.width));
  const checked = new ByteWriter();
  checked.word(sums.length);
  checked.floats(numbers);
  checked.text(sums.map(({ path }) => path).join('\0'));
  const file = new ByteWriter();
  file.text(MAGIC);
  file.word(VERSION);
  file.word(checked.pieces.reduce((crc, piece) => crc32(piece, crc), 0));
  return Buffer.concat([...file.pieces, ...checked.pieces]);
}
