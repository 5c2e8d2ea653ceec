import { readSync } from 'node:fs';

/** Some bytes of a source; `start` is the position of the first. */
export interface Piece {
  start: number;
  bytes: Buffer;
}

/** A range of bytes that may be larger than memory. */
export interface ByteSource {
  /** Positions of the first byte and after the last one. */
  readonly start: number;
  readonly end: number;
  /** Returns a piece that contains the byte at a position, empty if there is none. The next call overwrites it. */
  pieceAt(at: number): Piece;
}

const CHUNK = 256 * 1024;
/** Number of bytes read before the requested position: they decide whether a quote is escaped. */
const BEFORE = 16;
const NOTHING = Buffer.alloc(0);

/** Returns bytes in memory as a source. */
export function memorySource(bytes: Buffer): ByteSource {
  const whole = { start: 0, bytes };
  return { start: 0, end: bytes.length, pieceAt: () => whole };
}

/** Returns a range of an open file as a source, read 256 KiB at a time. It ends early if the file is shorter. */
export function fileSource(fd: number, start: number, end: number): ByteSource {
  let memory = NOTHING;
  let piece: Piece = { start, bytes: NOTHING };
  return {
    start,
    end,
    pieceAt(at) {
      if (at >= piece.start && at < piece.start + piece.bytes.length) return piece;
      if (memory.length === 0) memory = Buffer.allocUnsafe(Math.min(CHUNK, Math.max(1, end - start)));
      const from = Math.max(start, Math.min(at, end) - BEFORE);
      const read = readSync(fd, memory, 0, Math.min(memory.length, end - from), from);
      piece = { start: from, bytes: memory.subarray(0, read) };
      return at < from + read ? piece : { start: at, bytes: NOTHING };
    },
  };
}
