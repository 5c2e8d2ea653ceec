import { crc32 } from 'node:zlib';
import type { TranscriptFile } from '../claude/model.js';
import { TranscriptReader } from '../transcript/read-transcript.js';
import { type BlobRef, type Columns, columnsOf } from './columns.js';
import { hasLedger, ledgerOf, readSession, type StoredResume } from './read-session.js';

/** A session to read, with the point to go on from if there is one. `key` is the caller's. */
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

/** Bytes put one after the other. */
class Pile {
  readonly #chunks: Buffer[] = [];
  #length = 0;

  put(bytes: Buffer): BlobRef {
    const ref = { segment: 0, offset: this.#length, length: bytes.length, crc: crc32(bytes) };
    this.#chunks.push(bytes);
    this.#length += bytes.length;
    return ref;
  }

  putJson(value: unknown): BlobRef {
    return this.put(Buffer.from(JSON.stringify(value)));
  }

  /** In memory of its own, which can be handed to another thread. */
  get bytes(): Uint8Array {
    const all = new Uint8Array(this.#length);
    let at = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
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
      ledger: hasLedger(read) ? ledgers.put(ledgerOf(file, read)) : null,
    };
    return { key, columns: columnsOf(file, read.facts, refs) };
  });
  return { sessions, blobs: blobs.bytes, ledgers: ledgers.bytes };
}
