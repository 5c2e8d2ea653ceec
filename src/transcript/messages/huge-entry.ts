import { type ByteSource, fileBytes } from '../json/byte-source.js';
import { asEntry, asString, contentBlocks, type Entry } from './classify.js';
import { isJsonObject } from '../json/json-check.js';
import { type JsonSpan, JsonWalker } from '../json/json-walker.js';
import type { LargeResult } from './large-result.js';
import { readRange } from '../lines.js';
import { exitCodeOf, spilledBytes, toolResultText } from './tool-result.js';

/** Longest text taken over whole, in bytes; a longer one is cut there. */
const MAX_TEXT_BYTES = 64 * 1024;
/** Number of values from which on only the entry's own members are taken over. */
const MAX_VALUES = 100_000;
/** Members of the entry itself that are looked at. */
const MAX_MEMBERS = 10_000;
const MAX_DEPTH = 32;
/** An escape or a character that a cut may have split is at most this long. */
const MAX_SPLIT = 16;
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * The entry of a line that is too long to be parsed (`MAX_LINE_BYTES`), with all its ids, names and figures; long texts
 * are cut and end in how long they are, and of very many or very deep values only the first are there. Null if the line
 * is damaged.
 */
export function readHugeEntry(fd: number, { start, end }: JsonSpan): Entry | null {
  const source = hugeText(fd, { start, end });
  return isJsonObject(source) ? outlineOf(new JsonWalker(source)) : null;
}

/** The text of a line that is too long to be held, without a byte order mark. */
export function hugeText(fd: number, { start, end }: JsonSpan): ByteSource {
  const hasMark = readRange(fd, start, start + BOM.length).equals(BOM);
  return fileBytes(fd, hasMark ? start + BOM.length : start, end);
}

/** The one tool result of such a line, for a line on a page; null if it has several, or the entry is another. */
export function hugeResult(fd: number, span: JsonSpan, entry: Entry): LargeResult | null {
  const walker = new JsonWalker(hugeText(fd, span));
  const message = walker.member(walker.root, 'message');
  const content = message === null ? null : walker.member(message, 'content');
  const [block, another] = content === null ? [] : walker.elements(content);
  const found = contentBlocks(entry).map(asEntry)[0] ?? null;
  if (block === undefined || another !== undefined || found?.['type'] !== 'tool_result') return null;
  const result = walker.member(block, 'content') ?? block;
  return {
    uuid: asString(entry['uuid']) ?? '',
    parentUuid: asString(entry['parentUuid']) ?? '',
    isSidechain: entry['isSidechain'] === true,
    timeMs: Date.parse(asString(entry['timestamp']) ?? ''),
    toolUseId: asString(found['tool_use_id']) ?? '',
    isError: found['is_error'] === true,
    exitCode: exitCodeOf(toolResultText(found)),
    bytes: spilledBytes(asEntry(entry['toolUseResult'])) ?? result.end - result.start,
  };
}

/** The shortened entry of a valid text. */
export function outlineOf(walker: JsonWalker): Entry | null {
  return asEntry(new Outline(walker).value(walker.root, 0));
}

class Outline {
  readonly #walker: JsonWalker;
  #left = MAX_VALUES;

  constructor(walker: JsonWalker) {
    this.#walker = walker;
  }

  /** A value, shortened; what is too deep is null. Recursion ends at `MAX_DEPTH`. */
  value(span: JsonSpan, depth: number): unknown {
    const walker = this.#walker;
    this.#left -= 1;
    if (walker.isString(span)) return this.#text(span);
    if (depth === MAX_DEPTH) return null;
    if (walker.isArray(span)) return this.#array(span, depth);
    return walker.isObject(span) ? this.#object(span, depth) : walker.parsed(span);
  }

  #array(span: JsonSpan, depth: number): unknown[] {
    const values: unknown[] = [];
    if (this.#left <= 0) return values;
    for (const element of this.#walker.elements(span)) {
      values.push(this.value(element, depth + 1));
      if (this.#left <= 0) break;
    }
    return values;
  }

  #object(span: JsonSpan, depth: number): Entry {
    const members = new Map<string, unknown>();
    if (this.#left <= 0 && depth > 0) return {};
    for (const member of this.#walker.members(span)) {
      members.set(member.name, this.value(member, depth + 1));
      // The entry's own members may stand behind what used up the room.
      if (depth > 0 ? this.#left <= 0 : members.size > MAX_MEMBERS) break;
    }
    return Object.fromEntries(members);
  }

  #text({ start, end }: JsonSpan): string {
    const length = end - start;
    if (length <= MAX_TEXT_BYTES) return this.#parsedText({ start, end }) ?? '';
    const bytes = this.#walker.bytes({ start, end: start + MAX_TEXT_BYTES });
    for (let cut = 0; cut < MAX_SPLIT; cut += 1) {
      const text = parsedText(bytes.subarray(0, bytes.length - cut));
      if (text !== null) return `${text}… [${(length - 2).toLocaleString('en-US')} bytes in all]`;
    }
    return '';
  }

  #parsedText(span: JsonSpan): string | null {
    const text = this.#walker.parsed(span);
    return typeof text === 'string' ? text : null;
  }
}

/** The text of an opening quote and what follows it; null if that ends within an escape. */
function parsedText(bytes: Buffer): string | null {
  try {
    return (JSON.parse(`${bytes.toString('utf8')}"`) as string).replace(/[\ud800-\udbff\ufffd]+$/, '');
  } catch {
    return null;
  }
}
