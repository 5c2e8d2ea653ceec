import { closeSync, fstatSync, readSync } from 'node:fs';
import { openRegularFile } from '../../../transcript/lines.js';

/** Blobs one after the other in a file or in memory; written once and never changed. */
export interface Segment {
  /** File name; null if it is in memory only. */
  name: string | null;
  bytes: number;
  /** Returns bytes in memory aligned to eight, fewer at the end of the segment. Throws Node's error. */
  read(offset: number, length: number): Buffer;
  close(): void;
}

/** Opens a segment in a folder. Throws Node's error, and `RangeError` if the file is shorter than `bytes`. */
export function openSegment(directory: string, name: string, bytes: number): Segment {
  const { fd } = openRegularFile(`${directory}/${name}`);
  if (fstatSync(fd).size >= bytes) return segmentOf(name, fd, bytes);
  closeSync(fd);
  throw new RangeError(`segment ${name} is too short`);
}

/** Returns the segment in an open file that has `bytes` so far. */
export function segmentOf(name: string, fd: number, bytes: number): Segment {
  return {
    name,
    bytes,
    read(offset, length) {
      // In memory of its own, so that numbers are aligned to eight bytes and can be read in place.
      const buffer = Buffer.from(new ArrayBuffer(length));
      return buffer.subarray(0, readSync(fd, buffer, 0, length, offset));
    },
    close: () => closeSync(fd),
  };
}
