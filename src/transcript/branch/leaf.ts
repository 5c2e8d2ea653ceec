import { asString } from '../messages/classify.js';
import { readRange } from '../lines.js';
import { parseLine } from '../skeleton.js';
import { findBackwards } from '../scanner/find-backwards.js';

/** The type of the entry; `-p` is the pair of its bytes that is the rarest in transcripts. */
const TYPE = { bytes: Buffer.from('"last-prompt"'), pair: 5 };
const NEWLINE = 10;
/** Bytes read first; the entry is usually one of the last lines. */
const FIRST_CHUNK = 64 * 1024;
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
  for (const position of typePositions(fd, size)) {
    const leaf = leafOfLine(fd, position, size);
    if (leaf !== null) return leaf === '' || leaf === NO_LEAF ? null : leaf;
  }
  return null;
}

/** Yields the positions of the type, the last one first. */
function* typePositions(fd: number, size: number): Iterable<number> {
  const start = Math.max(0, size - FIRST_CHUNK);
  const end = readRange(fd, start, size);
  for (let at = end.lastIndexOf(TYPE.bytes); at >= 0; at = at === 0 ? -1 : end.lastIndexOf(TYPE.bytes, at - 1))
    yield start + at;
  // Transcripts of old versions have no such entry and are read whole.
  if (start > 0) yield* findBackwards(fd, start, TYPE);
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
