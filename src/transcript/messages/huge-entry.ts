import { type ByteSource, fileSource } from '../json/byte-source.js';
import { asEntry, asString, contentBlocks, type Entry } from './classify.js';
import { isJsonObject } from '../json/json-check.js';
import { type JsonSpan, JsonWalker } from '../json/json-walker.js';
import type { LargeResult } from './large-result.js';
import { readRange } from '../lines.js';
import { exitCodeOf, spilledBytes, toolResultText } from './tool-result.js';

/** Maximum length of a text that is read whole; longer texts are cut. */
const MAX_TEXT_BYTES = 64 * 1024;
/** Number of values after which only the entry's own members are read. */
const MAX_VALUES = 100_000;
/** Maximum number of the entry's own members. */
const MAX_MEMBERS = 10_000;
const MAX_DEPTH = 32;
/** Maximum length of an escape or character that a cut may have split. */
const MAX_SPLIT = 16;
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Returns the outline of an entry whose line is too long to be parsed (`MAX_LINE_BYTES`): all ids, names and numbers;
 * long texts are cut, and very many or very deep values left out. Null if the line is damaged.
 */
export function readHugeEntry(fd: number, { start, end }: JsonSpan): Entry | null {
  const source = hugeLineSource(fd, { start, end });
  return isJsonObject(source) ? readOutline(new JsonWalker(source)) : null;
}

/** Returns the text of a line that is too long for memory, without a byte order mark. */
export function hugeLineSource(fd: number, { start, end }: JsonSpan): ByteSource {
  const hasMark = readRange(fd, start, start + BOM.length).equals(BOM);
  return fileSource(fd, hasMark ? start + BOM.length : start, end);
}

/**
 * Returns the single tool result of a valid line, as it is shown on one line; null if there are several, or the entry
 * is of another kind. `entry` is the outline of the line.
 */
export function hugeResult(line: ByteSource, entry = readOutline(new JsonWalker(line))): LargeResult | null {
  if (entry === null) return null;
  const walker = new JsonWalker(line);
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

/** Returns the shortened entry of a valid text. */
export function readOutline(walker: JsonWalker): Entry | null {
  return asEntry(new Outline(walker).value(walker.root, 0));
}

class Outline {
  readonly #walker: JsonWalker;
  #left = MAX_VALUES;

  constructor(walker: JsonWalker) {
    this.#walker = walker;
  }

  /** Returns a shortened value; null beyond `MAX_DEPTH`, where the recursion ends. */
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
      // The entry's own members may follow a value that used up the limit.
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

/** Returns the text after an opening quote; null if it ends within an escape. */
function parsedText(bytes: Buffer): string | null {
  try {
    return (JSON.parse(`${bytes.toString('utf8')}"`) as string).replace(/[\ud800-\udbff\ufffd]+$/, '');
  } catch {
    return null;
  }
}
