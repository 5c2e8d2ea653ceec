import { crc32 } from 'node:zlib';
import type { TranscriptFile } from '../../claude/model.js';
import { TranscriptReader } from '../../transcript/fold/read-transcript.js';
import { encodeLedger } from '../format/ledger/encode-ledger.js';
import type { BlobRef } from '../format/table/column-layout.js';
import { type Columns, columnsOf } from '../format/table/columns.js';
import { hasLedger, ledgerSource, readSession, type StoredResume } from './read-session.js';

/** A session to read, with its resume point if there is one. `key` is chosen by the caller. */
export interface StaleSession {
  key: number;
  file: TranscriptFile;
  resume: StoredResume | null;
}

/** A session just read. The references in its columns are offsets in `blobs` or, for the ledger, in `ledgers`. */
export interface FreshSession {
  key: number;
  columns: Columns;
}

/** The outcome of one batch, in a form that crosses threads without copying the blobs. */
export interface BatchResult {
  sessions: FreshSession[];
  /** Facts and resume points. */
  blobs: Uint8Array;
  /** Stored apart from `blobs`, so that usage is summed up from ledgers alone. */
  ledgers: Uint8Array;
}

const INITIAL_BYTES = 64 * 1024;

/** A growing buffer of blobs. */
class BlobBuffer {
  #memory = Buffer.from(new ArrayBuffer(INITIAL_BYTES));
  #length = 0;

  /** Adds a blob: `write` calls `room` once, writes the blob into the memory it returns, and returns that. */
  append(write: (room: (bytes: number) => Buffer) => Buffer): BlobRef {
    const offset = this.#length;
    const bytes = write((size) => this.#room(size));
    return { segment: 0, offset, length: bytes.length, crc: crc32(bytes) };
  }

  appendJson(value: unknown): BlobRef {
    const text = JSON.stringify(value);
    return this.append((room) => {
      const bytes = room(Buffer.byteLength(text));
      bytes.write(text);
      return bytes;
    });
  }

  #room(size: number): Buffer {
    const end = this.#length + size;
    if (end > this.#memory.length) {
      const grown = Buffer.from(new ArrayBuffer(2 ** Math.ceil(Math.log2(end))));
      this.#memory.copy(grown, 0, 0, this.#length);
      this.#memory = grown;
    }
    const room = this.#memory.subarray(this.#length, end);
    this.#length = end;
    return room;
  }

  /** All blobs, in memory that can be transferred to another thread. */
  get bytes(): Uint8Array {
    return new Uint8Array(this.#memory.buffer, 0, this.#length);
  }
}

let reader: TranscriptReader | undefined;

/**
 * Reads sessions and encodes their blobs and columns for the index. A file that cannot be read is a problem in the
 * facts.
 */
export function readBatch(stale: readonly StaleSession[], onBytes: (bytes: number) => void): BatchResult {
  reader ??= new TranscriptReader();
  const blobs = new BlobBuffer();
  const ledgers = new BlobBuffer();
  const sessions = stale.map(({ key, file, resume }) => {
    const read = readSession(reader as TranscriptReader, file, resume, onBytes);
    const refs = {
      facts: blobs.appendJson(read.facts),
      resume: read.resume === null ? null : blobs.appendJson(read.resume),
      ledger: hasLedger(read) ? ledgers.append((room) => encodeLedger(ledgerSource(file, read), room)) : null,
    };
    return { key, columns: columnsOf(file, read.facts, refs) };
  });
  return { sessions, blobs: blobs.bytes, ledgers: ledgers.bytes };
}
