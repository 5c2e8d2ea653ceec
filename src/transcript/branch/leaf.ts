import { asString } from '../messages/classify.js';
import { readInto, readRange } from '../lines.js';
import { parseLine } from '../skeleton.js';

const TYPE = Buffer.from('"last-prompt"');
const NEWLINE = 10;
/** Bytes read first; the entry is usually one of the last lines. */
const FIRST_CHUNK = 64 * 1024;
/** Bytes of further reads. Larger ones leave the processor's cache before they are searched. */
const CHUNK = 256 * 1024;
/** Bytes read around the type of a `last-prompt` entry first, which usually have its line. */
const USUAL_REACH = 4 * 1024;
/**
 * Maximum distance of the type of a `last-prompt` entry from either end of its line, which usually has some hundred
 * bytes.
 */
const MAX_REACH = 256 * 1024;
/** The leaf that `/rewind` writes, which names no entry. */
const NO_LEAF = '00000000-0000-0000-0000-000000000000';

/**
 * Returns the uuid that the last `last-prompt` entry names as the tip of the conversation; null if there is none. Reads
 * backwards from the end of the file.
 */
export function readLeaf(fd: number, size: number): string | null {
  // A type that spans two chunks is found in the one it begins in.
  let memory = Buffer.allocUnsafe(Math.min(size, FIRST_CHUNK) + TYPE.length);
  for (let end = size, chunk = FIRST_CHUNK; end > 0; end -= chunk, chunk = CHUNK) {
    const start = Math.max(0, end - chunk);
    // Transcripts of old versions have no such entry and are read whole, so memory is used again.
    if (memory.length < end - start + TYPE.length) memory = Buffer.allocUnsafe(CHUNK + TYPE.length);
    const bytes = readInto(memory, fd, start, Math.min(size, end + TYPE.length - 1));
    for (let at = bytes.lastIndexOf(TYPE); at >= 0; at = at === 0 ? -1 : bytes.lastIndexOf(TYPE, at - 1)) {
      const leaf = leafOfLine(fd, start + at, size);
      if (leaf !== null) return leaf === '' || leaf === NO_LEAF ? null : leaf;
    }
  }
  return null;
}

/** Returns the leaf of the line around a position, '' if it names none; null if it is another entry. */
function leafOfLine(fd: number, position: number, size: number): string | null {
  const line = lineAround(fd, position, size, USUAL_REACH) ?? lineAround(fd, position, size, MAX_REACH);
  if (line === null) return null;
  const entry = parseLine(line.bytes, line.isOpen).findLast((one) => one['type'] === 'last-prompt');
  return entry === undefined ? null : asString(entry['leafUuid']);
}

/**
 * Returns the line around a position, open if no newline ends it; null if it begins or ends further away than `reach`.
 */
function lineAround(
  fd: number,
  position: number,
  size: number,
  reach: number,
): { bytes: Buffer; isOpen: boolean } | null {
  const start = Math.max(0, position - reach);
  const end = Math.min(size, position + reach);
  const bytes = readRange(fd, start, end);
  const before = bytes.lastIndexOf(NEWLINE, position - start);
  const after = bytes.indexOf(NEWLINE, position - start);
  if ((before < 0 && start > 0) || (after < 0 && end < size)) return null;
  return { bytes: bytes.subarray(before + 1, after < 0 ? bytes.length : after), isOpen: after < 0 };
}
