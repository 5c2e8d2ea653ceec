import { crc32 } from 'node:zlib';
import type { TranscriptFile } from '../claude/model.js';
import { TranscriptReader } from '../transcript/read-transcript.js';
import { type BlobRef, type Columns, columnsOf } from './columns.js';
import { readSession, type StoredResume } from './read-session.js';

/** A session to read, with the point to go on from if there is one. `key` is the caller's. */
export interface StaleSession {
  key: number;
  file: TranscriptFile;
  resume: StoredResume | null;
}

/** A session just read: its columns, whose blob references count from the start of `blobs`. */
export interface FreshSession {
  key: number;
  columns: Columns;
}

/** The outcome of one batch, in a form that crosses threads without copying the blobs. */
export interface BatchResult {
  sessions: FreshSession[];
  blobs: Uint8Array;
}

let reader: TranscriptReader | undefined;

/** Reads sessions one after the other and encodes what the index keeps of them. Never throws for what is on disk. */
export function readBatch(stale: readonly StaleSession[], onBytes: (bytes: number) => void): BatchResult {
  reader ??= new TranscriptReader();
  const chunks: Buffer[] = [];
  let offset = 0;
  const put = (value: unknown): BlobRef => {
    const bytes = Buffer.from(JSON.stringify(value));
    const ref = { segment: 0, offset, length: bytes.length, crc: crc32(bytes) };
    chunks.push(bytes);
    offset += bytes.length;
    return ref;
  };
  const sessions = stale.map(({ key, file, resume }) => {
    const read = readSession(reader as TranscriptReader, file, resume, onBytes);
    const blobs = { facts: put(read.facts), resume: read.resume === null ? null : put(read.resume) };
    return { key, columns: columnsOf(file, read.facts, blobs) };
  });
  return { sessions, blobs: Buffer.concat(chunks) };
}
