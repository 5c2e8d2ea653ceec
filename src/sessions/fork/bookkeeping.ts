import { asEntry, asString, type Entry } from '../../transcript/classify.js';
import { RangeReader, readLines } from '../../transcript/lines.js';
import { LineScanner } from '../../transcript/scanner/scanner.js';
import { parseLine } from '../../transcript/skeleton.js';

/** Where lines lie that are no messages but that a fork takes over. */
export interface Bookkeeping {
  /** In file order. */
  lines: { start: number; end: number }[];
}

/** Carried as often as they come: checkpoints of files, and what stands in place of old tool results. */
const ALL = new Set(['file-history-snapshot', 'file-history-delta', 'content-replacement']);
/** States of the session: only the last of each counts. */
const LAST = new Set(['atis-latch', 'tools-used', 'relocated']);

/**
 * Finds the bookkeeping that Claude Code's own forks carry over too. Left behind are diagnostics, the parent's names,
 * cost, queue and permissions (docs/storage.md, "Lifecycle"). Reads to `size`; nothing is kept but places.
 */
export function findBookkeeping(fd: number, size: number): Bookkeeping {
  const all: Bookkeeping['lines'] = [];
  const last = new Map<string, { start: number; end: number }>();
  const scanner = new LineScanner();
  for (const { start, end, bytes, at, terminated } of readLines(fd, { end: size }, scanner)) {
    if (bytes.length === 0) continue;
    const types = scanner.scan(at) ? [scanner.type] : parseLine(bytes, !terminated).map((entry) => asString(entry['type']) ?? '');
    for (const type of types) {
      if (LAST.has(type)) last.set(type, { start, end });
      else if (ALL.has(type) && all.at(-1)?.start !== start) all.push({ start, end });
    }
  }
  return { lines: [...all, ...last.values()] };
}

/** The entries themselves, one in memory at a time: those that belong to the session, or to a message for which `has` holds. */
export function* bookkeepingEntries(fd: number, size: number, { lines }: Bookkeeping, has: (uuid: string) => boolean): Generator<Entry> {
  const reader = new RangeReader(fd);
  for (const { start, end } of lines) {
    for (const entry of parseLine(reader.bytes(start, end), end === size)) {
      const type = asString(entry['type']) ?? '';
      const message = asString(entry['snapshotMessageId']) ?? asString(entry['messageId']);
      if (type.startsWith('file-history-') ? message !== null && has(message) : ALL.has(type) || LAST.has(type)) yield entry;
    }
  }
}

/** Names of the files in `file-history/<id>/` that a checkpoint speaks of. */
export function backupNames(entry: Entry): unknown[] {
  const tracked = Object.values(asEntry(asEntry(entry['snapshot'])?.['trackedFileBackups']) ?? {});
  return [...tracked, entry['backup']].map((backup) => asEntry(backup)?.['backupFileName']);
}
