import { asEntry, asString, type Entry } from '../../transcript/messages/classify.js';
import { EntryReader } from '../../transcript/entry-reader.js';
import { readHugeEntry } from '../../transcript/messages/huge-entry.js';
import { type Line, MAX_LINE_BYTES, readLines } from '../../transcript/lines.js';
import { LineScanner } from '../../transcript/scanner/scanner.js';
import { parseLine } from '../../transcript/skeleton.js';
import type { Original } from './entry.js';

/** Positions of lines that are not messages but are copied to a fork. */
export interface Bookkeeping {
  /** In file order. */
  lines: { start: number; end: number }[];
}

/** Types of which all entries are copied: checkpoints of files, and replacements of old tool results. */
const ALL = new Set(['file-history-snapshot', 'file-history-delta', 'content-replacement']);
/** Types of which only the last entry is copied: states of the session. */
const LAST = new Set(['atis-latch', 'tools-used', 'relocated']);

/**
 * Finds the bookkeeping that Claude Code's own forks copy as well. Not copied are diagnostics, the parent's names,
 * cost, queue and permissions (docs/storage.md, "Lifecycle"). Reads to `size`; only positions are kept.
 */
export function findBookkeeping(fd: number, size: number): Bookkeeping {
  const all: Bookkeeping['lines'] = [];
  const last = new Map<string, { start: number; end: number }>();
  const scanner = new LineScanner();
  for (const line of readLines(fd, { end: size, limit: MAX_LINE_BYTES }, scanner)) {
    const { start, end, bytes, isHeld } = line;
    if (isHeld && bytes.length === 0) continue;
    for (const type of isHeld && scanner.scan(line.at) ? [scanner.type] : typesOf(fd, line)) {
      if (LAST.has(type)) last.set(type, { start, end });
      else if (ALL.has(type) && all.at(-1)?.start !== start) all.push({ start, end });
    }
  }
  return { lines: [...all, ...last.values()] };
}

/** Returns the types of the entries in a line that the scanner did not read. */
function typesOf(fd: number, { start, end, bytes, isHeld, terminated }: Line): string[] {
  const huge = isHeld ? null : readHugeEntry(fd, { start, end });
  const entries = isHeld ? parseLine(bytes, !terminated) : huge === null ? [] : [huge];
  return entries.map((entry) => asString(entry['type']) ?? '');
}

/**
 * Yields the entries, with one in memory at a time: those about the session, and those about messages that `has`
 * accepts.
 */
export function* bookkeepingEntries(
  fd: number,
  size: number,
  { lines }: Bookkeeping,
  has: (uuid: string) => boolean,
): Generator<Original> {
  const reader = new EntryReader(fd, size);
  for (const span of lines) {
    const { entries, text } = reader.read(span);
    for (const entry of entries) {
      const type = asString(entry['type']) ?? '';
      const message = asString(entry['snapshotMessageId']) ?? asString(entry['messageId']);
      if (type.startsWith('file-history-') ? message !== null && has(message) : ALL.has(type) || LAST.has(type))
        yield { entry, text };
    }
  }
}

/** Returns the names of the files in `file-history/<id>/` that a checkpoint refers to. */
export function backupNames(entry: Entry): unknown[] {
  const tracked = Object.values(asEntry(asEntry(entry['snapshot'])?.['trackedFileBackups']) ?? {});
  return [...tracked, entry['backup']].map((backup) => asEntry(backup)?.['backupFileName']);
}
