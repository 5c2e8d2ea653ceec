import { readRange, withFile } from './lines.js';
import { asString, classifyUser, promptText, type Entry } from './messages/classify.js';
import { parseObject } from '../system/small-file.js';

/** Titles and prompts near the ends of a transcript; null if there is none. */
export interface TitlesAtEnds {
  /** Empty if the last title entry clears the title. */
  customTitle: string | null;
  aiTitle: string | null;
  lastPrompt: string | null;
  /** Only read if there is nothing else. */
  firstPrompt: string | null;
}

/** Claude Code searches titles in this many bytes at either end of a transcript (docs/storage.md, "Titles"). */
const WINDOW_BYTES = 64 * 1024;
const NEWLINE = 10;
const TITLE_TYPES = ['custom-title', 'ai-title', 'last-prompt'].map((type) => Buffer.from(`"${type}"`));
const USER = Buffer.from('"user"');

/**
 * Reads the titles in the first and last 64 KiB of a transcript of any size. Damaged lines are skipped; throws Node's
 * error if it cannot be read.
 */
export function readNearTitles(path: string): TitlesAtEnds {
  return withFile(path, (fd, size) => {
    const found: TitlesAtEnds = { customTitle: null, aiTitle: null, lastPrompt: null, firstPrompt: null };
    const tailStart = Math.max(0, size - WINDOW_BYTES);
    const head = [...linesIn(readRange(fd, 0, Math.min(size, WINDOW_BYTES)), false)];
    // The first line of the tail may be incomplete, unless the tail is the whole file.
    const tail = tailStart === 0 ? [] : [...linesIn(readRange(fd, tailStart, size), true)];
    for (const line of [...tail.reverse(), ...head.toReversed()]) {
      const entry = TITLE_TYPES.some((type) => line.includes(type)) ? parseObject(line.toString('utf8')) : null;
      if (entry !== null) addTitle(found, entry);
    }
    const isNamed = found.customTitle !== null || found.aiTitle !== null || found.lastPrompt !== null;
    for (const line of isNamed ? [] : head) {
      found.firstPrompt = firstPromptOf(line);
      if (found.firstPrompt !== null) break;
    }
    return found;
  });
}

/** Keeps the first title of each kind; lines come from the end of the file. */
function addTitle(found: TitlesAtEnds, entry: Entry): void {
  if (entry['type'] === 'custom-title') found.customTitle ??= asString(entry['customTitle']);
  else if (entry['type'] === 'ai-title') found.aiTitle ??= asString(entry['aiTitle']);
  else if (entry['type'] === 'last-prompt') found.lastPrompt ??= asString(entry['lastPrompt']);
}

function firstPromptOf(line: Buffer): string | null {
  const entry = line.includes(USER) ? parseObject(line.toString('utf8')) : null;
  if (entry === null || entry['type'] !== 'user' || entry['isSidechain'] === true || entry['isMeta'] === true)
    return null;
  return classifyUser(entry) === 'prompt' ? promptText(entry) || null : null;
}

/** Yields the lines of some bytes, without the first one if it may be incomplete. */
function* linesIn(bytes: Buffer, isCut: boolean): Generator<Buffer> {
  let start = isCut ? bytes.indexOf(NEWLINE) + 1 : 0;
  if (isCut && start === 0) return;
  for (let end = bytes.indexOf(NEWLINE, start); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
    yield bytes.subarray(start, end);
    start = end + 1;
  }
  if (start < bytes.length) yield bytes.subarray(start);
}
