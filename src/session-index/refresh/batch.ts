import { crc32 } from 'node:zlib';
import type { TranscriptFile } from '../../claude/model.js';
import { TranscriptReader } from '../../transcript/fold/read-transcript.js';
import { encodeLedger } from '../format/ledger/encode-ledger.js';
import type { BlobRef } from '../format/table/column-layout.js';
import { type Columns, columnsOf } from '../format/table/columns.js';
import { hasLedger, ledgerSource, readSession, type StoredResume } from './read-session.js';

/** A session to read, with its resume point if there is one. `key` is the caller's. */
export interface StaleSession {
  key: number;
  file: TranscriptFile;
  resume: StoredResume | null;
}

/** A session just read: its columns, whose references count from the start of `blobs`, or of `ledgers`. */
export interface FreshSession {
  key: number;
  columns: Columns;
}

/** The outcome of one batch, in a form that crosses threads without copying the blobs. */
export interface BatchResult {
  sessions: FreshSession[];
  /** Facts and resume points. */
  blobs: Uint8Array;
  /** Apart from those, so that what sums up usage reads nothing else. */
  ledgers: Uint8Array;
}

const FIRST_ROOM = 64 * 1024;

/** Blobs one after the other, in one piece of memory that grows. */
class Pile {
  #memory = Buffer.from(new ArrayBuffer(FIRST_ROOM));
  #length = 0;

  /** Adds what `write` puts in the room it is given. */
  put(write: (room: (bytes: number) => Buffer) => Buffer): BlobRef {
    const offset = this.#length;
    const bytes = write((size) => this.#room(size));
    return { segment: 0, offset, length: bytes.length, crc: crc32(bytes) };
  }

  putJson(value: unknown): BlobRef {
    const text = JSON.stringify(value);
    return this.put((room) => {
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

  /** In memory of its own, which can be handed to another thread. */
  get bytes(): Uint8Array {
    return new Uint8Array(this.#memory.buffer, 0, this.#length);
  }
}

let reader: TranscriptReader | undefined;

/** Reads sessions one after the other and encodes what the index keeps of them. Never throws for what is on disk. */
export function readBatch(stale: readonly StaleSession[], onBytes: (bytes: number) => void): BatchResult {
  reader ??= new TranscriptReader();
  const blobs = new Pile();
  const ledgers = new Pile();
  const sessions = stale.map(({ key, file, resume }) => {
    const read = readSession(reader as TranscriptReader, file, resume, onBytes);
    const refs = {
      facts: blobs.putJson(read.facts),
      resume: read.resume === null ? null : blobs.putJson(read.resume),
      ledger: hasLedger(read) ? ledgers.put((room) => encodeLedger(ledgerSource(file, read), room)) : null,
    };
    return { key, columns: columnsOf(file, read.facts, refs) };
  });
  return { sessions, blobs: blobs.bytes, ledgers: ledgers.bytes };
}
