import { asEntry, asString, contentBlocks, isExpansion, isQueuedPrompt, type Entry } from './messages/classify.js';
import { largeResult, type LargeResult } from './messages/large-result.js';
import { hugeLineSource, hugeResult, readHugeEntry } from './messages/huge-entry.js';
import { memorySource } from './json/byte-source.js';
import { MAX_LINE_BYTES, readLines } from './lines.js';
import { recoverLine } from './recover.js';
import { KEY } from './scanner/memory.js';
import type { LineScanner } from './scanner/scanner.js';

/**
 * The members of an entry that determine its position in the conversation, and the byte range from which the entry can
 * be read later.
 */
export interface SkeletonNode {
  /** Generated from the offset if the entry has none. */
  uuid: string;
  /** Null for a root; undefined if the entry has no such member. */
  parentUuid: string | null | undefined;
  type: 'user' | 'assistant' | 'system' | 'attachment' | 'progress';
  isSidechain: boolean;
  /** The id of the response that an assistant line belongs to (`message.id`). */
  messageId: string | null;
  isToolResult: boolean;
  /** The uuid of the assistant line whose tool call a result answers. */
  toolAssistant: string | null;
  /** The parsed metadata of a compaction; only on `compact_boundary` entries. */
  compact: Entry | null;
  /** True for the summary that replaces compacted messages. */
  isSummary: boolean;
  /** Time of writing in milliseconds; NaN if the entry has none. */
  timeMs: number;
  /** True for a message typed while Claude worked, which is an attachment shown as a prompt. */
  isQueuedCommand: boolean;
  /**
   * True for the note that expands a slash command for the model. The command's own entry is `isExpanded`, and a
   * prompt.
   */
  isExpansion: boolean;
  isExpanded: boolean;
  /** Facts about a tool result that is too large to be parsed for one line of output. */
  large: LargeResult | null;
  /** Byte range of the line, and the position of the entry among those recovered from the line. */
  start: number;
  end: number;
  index: number;
}

const CHAIN_TYPES: readonly string[] = ['user', 'assistant', 'system', 'attachment', 'progress'];
/** Bytes read per step, some milliseconds of work. */
const STEP_BYTES = 4 * 1024 * 1024;
/** Length of a line above which a tool result is not parsed for one line of output: that takes twice the memory. */
const MAX_PARSED_RESULT = 1024 * 1024;
const QUEUED = Buffer.from('"queued_command"');
/** A parent that no entry has. */
const NO_UUID = '@none';

/**
 * Returns the chain entries in a range of lines, in file order. The scanner skips everything else without parsing;
 * without a scanner all lines are parsed, with the same result.
 */
export function readSkeleton(
  fd: number,
  range: { start: number; end: number },
  scanner: LineScanner | null,
): SkeletonNode[] {
  return runSteps(skeletonSteps(fd, range, scanner));
}

/** Reads the skeleton as `readSkeleton`, in steps of some megabytes. */
export function* skeletonSteps(
  fd: number,
  range: { start: number; end: number },
  scanner: LineScanner | null,
): Generator<void, SkeletonNode[]> {
  const nodes: SkeletonNode[] = [];
  scanner?.forget();
  const lines = readLines(fd, { ...range, limit: MAX_LINE_BYTES }, scanner ?? undefined);
  let pauseAt = range.start + STEP_BYTES;
  for (const { start, end, bytes, isHeld, at, terminated } of lines) {
    if (start >= pauseAt) {
      pauseAt = start + STEP_BYTES;
      yield;
    }
    if (!isHeld) {
      const entry = readHugeEntry(fd, { start, end });
      const node = entry === null ? null : parsedNode(entry, start, end, 0);
      if (entry === null || node === null) continue;
      if (node.isToolResult) node.large = hugeResult(hugeLineSource(fd, { start, end }), entry);
      nodes.push(node);
      continue;
    }
    if (bytes.length === 0) continue;
    const large = largeResult(bytes);
    if (large !== null) {
      nodes.push(largeNode(large, start, end));
      continue;
    }
    if (scanner?.scan(at) === true) {
      const node = scannedNode(scanner, bytes, start, end);
      if (node?.isToolResult === true && bytes.length > MAX_PARSED_RESULT) node.large = hugeResult(memorySource(bytes));
      if (node !== null) nodes.push(node);
      continue;
    }
    for (const [index, entry] of parseLine(bytes, !terminated).entries()) {
      const node = parsedNode(entry, start, end, index);
      if (node !== null) nodes.push(node);
    }
  }
  markExpanded(nodes);
  return nodes;
}

/** Runs all steps of a task and returns its result. */
export function runSteps<Result>(steps: Iterator<void, Result>): Result {
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}

/**
 * Marks the entries to which expansions belong: the parent, or the user entry before if the expansion names no parent.
 */
function markExpanded(nodes: readonly SkeletonNode[]): void {
  if (!nodes.some(({ isExpansion }) => isExpansion)) return;
  const earlier = new Map<string | null, SkeletonNode>();
  let before: SkeletonNode | undefined;
  for (const node of nodes) {
    if (node.type !== 'user' || node.isSidechain) continue;
    const command = node.parentUuid === undefined ? before : earlier.get(node.parentUuid);
    if (node.isExpansion && command !== undefined) command.isExpanded = true;
    earlier.set(node.uuid, node);
    before = node;
  }
}

/** Returns the entries of a line: usually one; several or none if it is damaged. */
export function parseLine(bytes: Buffer, isLast: boolean): Entry[] {
  const entry = wholeEntry(bytes);
  return entry === null ? recoverLine(bytes, isLast).entries.map((found) => found.entry) : [entry];
}

/** Returns the entry of an undamaged line; null for any other. */
export function wholeEntry(bytes: Buffer): Entry | null {
  try {
    return asEntry(JSON.parse(bytes.toString('utf8')));
  } catch {
    return null;
  }
}

function largeNode(large: LargeResult, start: number, end: number): SkeletonNode {
  // The members are in the same order as below: V8 handles nodes of one shape several times as fast.
  return {
    uuid: large.uuid,
    parentUuid: large.parentUuid,
    type: 'user',
    isSidechain: large.isSidechain,
    messageId: null,
    isToolResult: true,
    toolAssistant: large.parentUuid,
    compact: null,
    isSummary: false,
    timeMs: large.timeMs,
    isQueuedCommand: false,
    isExpansion: false,
    isExpanded: false,
    large,
    start,
    end,
    index: 0,
  };
}

function scannedNode(scanner: LineScanner, bytes: Buffer, start: number, end: number): SkeletonNode | null {
  const { type } = scanner;
  if (!isChainType(type)) return null;
  const parent = scanner.has(KEY.parentUuid)
    ? (scanner.text(KEY.parentUuid) ?? parentOf(scanner.value(KEY.parentUuid)))
    : undefined;
  return {
    uuid: scanner.text(KEY.uuid) ?? generatedUuid(start, 0),
    parentUuid: parent,
    type,
    isSidechain: scanner.isTrue(KEY.isSidechain),
    messageId: type === 'assistant' ? scanner.messageText('id') : null,
    isToolResult: type === 'user' && scanner.toolResults > 0,
    toolAssistant: scanner.text(KEY.sourceToolAssistantUUID),
    compact: isBoundary(type, scanner.text(KEY.subtype)) ? (asEntry(scanner.value(KEY.compactMetadata)) ?? {}) : null,
    isSummary: scanner.isTrue(KEY.isCompactSummary),
    timeMs: timeOf(scanner),
    isQueuedCommand:
      type === 'attachment' && bytes.includes(QUEUED) && isQueuedPrompt(parseLine(bytes, false)[0] ?? {}),
    isExpansion: type === 'user' && scanner.isTrue(KEY.isMeta) && isExpansion(parseLine(bytes, false)[0] ?? {}),
    isExpanded: false,
    large: null,
    start,
    end,
    index: 0,
  };
}

function parsedNode(entry: Entry, start: number, end: number, index: number): SkeletonNode | null {
  const type = asString(entry['type']) ?? '';
  if (!isChainType(type)) return null;
  const parent = Object.hasOwn(entry, 'parentUuid') ? parentOf(entry['parentUuid']) : undefined;
  return {
    uuid: asString(entry['uuid']) ?? generatedUuid(start, index),
    parentUuid: parent,
    type,
    isSidechain: entry['isSidechain'] === true,
    messageId: type === 'assistant' ? asString(asEntry(entry['message'])?.['id']) : null,
    isToolResult: type === 'user' && contentBlocks(entry).some((block) => asEntry(block)?.['type'] === 'tool_result'),
    toolAssistant: asString(entry['sourceToolAssistantUUID']),
    compact: isBoundary(type, asString(entry['subtype'])) ? (asEntry(entry['compactMetadata']) ?? {}) : null,
    isSummary: entry['isCompactSummary'] === true,
    timeMs: readTime(entry['timestamp']),
    isQueuedCommand: type === 'attachment' && isQueuedPrompt(entry),
    isExpansion: isExpansion(entry),
    isExpanded: false,
    large: null,
    start,
    end,
    index,
  };
}

/** Returns the parent in a member of any type: anything but a text is a parent that is missing, if it is truthy. */
function parentOf(value: unknown): string | null {
  return asString(value) ?? (value ? NO_UUID : null);
}

function timeOf(scanner: LineScanner): number {
  const usual = scanner.usualTime;
  return Number.isNaN(usual) ? readTime(scanner.has(KEY.timestamp) ? scanner.value(KEY.timestamp) : undefined) : usual;
}

/** Reads a time as Claude Code does: null is the start of the epoch. */
function readTime(value: unknown): number {
  return value === null ? 0 : typeof value === 'string' ? Date.parse(value) : NaN;
}

function isChainType(type: string): type is SkeletonNode['type'] {
  return CHAIN_TYPES.includes(type);
}

function isBoundary(type: string, subtype: string | null): boolean {
  return type === 'system' && subtype === 'compact_boundary';
}

function generatedUuid(start: number, index: number): string {
  return `@${String(start)}.${String(index)}`;
}
