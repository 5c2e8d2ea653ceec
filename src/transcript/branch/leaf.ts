import { asString } from '../messages/classify.js';
import { readRange } from '../lines.js';
import { parseLine } from '../skeleton.js';

const TYPE = Buffer.from('"last-prompt"');
const NEWLINE = 10;
const CHUNK = 1024 * 1024;
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
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - CHUNK);
    // A type that spans two chunks is found in the one it begins in.
    const bytes = readRange(fd, start, Math.min(size, end + TYPE.length - 1));
    for (let at = bytes.lastIndexOf(TYPE); at >= 0; at = at === 0 ? -1 : bytes.lastIndexOf(TYPE, at - 1)) {
      const leaf = leafOfLine(fd, start + at, size);
      if (leaf !== null) return leaf === '' || leaf === NO_LEAF ? null : leaf;
    }
    end = start;
  }
  return null;
}

/** Returns the leaf of the line around a position, '' if it names none; null if it is another entry. */
function leafOfLine(fd: number, position: number, size: number): string | null {
  const start = Math.max(0, position - MAX_REACH);
  const end = Math.min(size, position + MAX_REACH);
  const bytes = readRange(fd, start, end);
  const before = bytes.lastIndexOf(NEWLINE, position - start);
  const after = bytes.indexOf(NEWLINE, position - start);
  if ((before < 0 && start > 0) || (after < 0 && end < size)) return null;
  const line = bytes.subarray(before + 1, after < 0 ? bytes.length : after);
  const entry = parseLine(line, after < 0).findLast((one) => one['type'] === 'last-prompt');
  return entry === undefined ? null : asString(entry['leafUuid']);
}
