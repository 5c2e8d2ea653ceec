import { asEntry, asString, type Entry } from '../transcript/messages/classify.js';
import { readHugeEntry } from '../transcript/messages/huge-entry.js';
import { MAX_LINE_BYTES, readLines } from '../transcript/lines.js';
import { LineScanner } from '../transcript/scanner/scanner.js';
import { parseLine } from '../transcript/skeleton.js';
import type { Backup, Snapshot } from './model.js';

const SNAPSHOT = 'file-history-snapshot';
const DELTA = 'file-history-delta';

/** A snapshot to which later lines may still be added. */
interface OpenSnapshot extends Snapshot {
  files: Map<string, Backup>;
}

/**
 * Reads the snapshots of an open transcript, in file order. A repeated snapshot replaces the earlier one, and deltas
 * add files at their first edit in a turn (docs/storage.md, "Checkpoints").
 */
export function readSnapshots(fd: number, size: number): Snapshot[] {
  const snapshots = new Map<string, OpenSnapshot>();
  const backups = new Backups();
  for (const entry of historyEntries(fd, size)) {
    if (entry['type'] === DELTA) addDelta(entry, snapshots, backups);
    else addSnapshot(entry, snapshots, backups);
  }
  return [...snapshots.values()];
}

/** Yields the entries of file history; all other lines are skipped unparsed. */
function* historyEntries(fd: number, size: number): Generator<Entry> {
  const scanner = new LineScanner();
  for (const line of readLines(fd, { end: size, limit: MAX_LINE_BYTES }, scanner)) {
    const { start, end, bytes, isHeld, at, terminated } = line;
    if (isHeld && bytes.length === 0) continue;
    if (isHeld && scanner.scan(at) && scanner.type !== SNAPSHOT && scanner.type !== DELTA) continue;
    const huge = isHeld ? null : readHugeEntry(fd, { start, end });
    const entries = isHeld ? parseLine(bytes, !terminated) : huge === null ? [] : [huge];
    yield* entries.filter((entry) => entry['type'] === SNAPSHOT || entry['type'] === DELTA);
  }
}

function addSnapshot(entry: Entry, snapshots: Map<string, OpenSnapshot>, backups: Backups): void {
  const body = asEntry(entry['snapshot']);
  const messageUuid = asString(entry['messageId']) ?? asString(body?.['messageId']);
  if (messageUuid === null || body === null) return;
  const earlier = snapshots.get(messageUuid);
  const files = new Map(earlier?.files);
  for (const [path, value] of Object.entries(asEntry(body['trackedFileBackups']) ?? {})) {
    const backup = backups.read(path, value);
    if (backup !== null) files.set(path, backup);
  }
  snapshots.set(messageUuid, {
    messageUuid,
    timestamp: asString(body['timestamp']),
    files,
    hasUntrackedChanges: entry['hasUntrackedChanges'] === true || earlier?.hasUntrackedChanges === true,
  });
}

function addDelta(entry: Entry, snapshots: Map<string, OpenSnapshot>, backups: Backups): void {
  const path = asString(entry['trackingPath']);
  const snapshot = snapshots.get(asString(entry['snapshotMessageId']) ?? '');
  if (path === null || snapshot === undefined) return;
  const backup = backups.read(path, entry['backup']);
  if (backup !== null) snapshot.files.set(path, backup);
}

/**
 * Reads backups, with one object for equal ones. A session that was compacted and resumed restarts its versions at 1,
 * so that a new copy replaces one that older entries name.
 */
class Backups {
  readonly #known = new Map<string, Backup>();
  readonly #latest = new Map<string, Backup[]>();

  /** Returns the backup in an entry's value for a path; null if it is not one. */
  read(path: string, value: unknown): Backup | null {
    const entry = asEntry(value);
    const name = entry?.['backupFileName'];
    const version = entry?.['version'];
    if (entry === null || (name !== null && typeof name !== 'string') || typeof version !== 'number') return null;
    const time = asString(entry['backupTime']);
    const realParentDir = asString(entry['realParentDir']);
    const key = [path, name ?? '\0', version, time, realParentDir].join('\0');
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const backup: Backup = { name, version, time, realParentDir, isOverwritten: false };
    this.#known.set(key, backup);
    if (name !== null) this.#note(name, backup);
    return backup;
  }

  #note(name: string, backup: Backup): void {
    const others = this.#latest.get(name) ?? [];
    for (const other of others) other.isOverwritten = other.time !== backup.time;
    this.#latest.set(name, [...others, backup]);
  }
}
