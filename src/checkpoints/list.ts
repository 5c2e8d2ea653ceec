import type { TranscriptFile } from '../claude/model.js';
import { findBackup, hasSameBytes, historyFolder } from './contents.js';
import { countLines, type FileSide, type LineChanges } from './line-changes.js';
import type { Backup, Checkpoint, History } from './model.js';
import { stateOf } from './state.js';
import { findTarget, type SessionFolders } from './target.js';

/** A tracked file that differs between two states. */
export interface FileChange {
  trackingPath: string;
  change: 'created' | 'edited' | 'deleted';
  lines: LineChanges;
}

/** A checkpoint with the changes between it and the next state. */
export interface ListedCheckpoint {
  checkpoint: Checkpoint;
  changes: FileChange[];
  /** Number of files whose content in one of the two states is no longer known. */
  unknown: number;
}

/** One side of a comparison: a path, null for no file, or undefined if it is not known. */
type Side = FileSide | undefined;

/** Options of `listCheckpoints`. */
export interface ListingOptions {
  /** Includes checkpoints outside the active branch. */
  all: boolean;
  /** Returns true for tracked paths to include; by default all. */
  isIncluded?: (trackingPath: string) => boolean;
}

/**
 * Lists the checkpoints of a session in file order, each with the files that differ in the next state, or for the last
 * one, in the current files. Rejects with Node's error if a file cannot be read.
 */
export async function listCheckpoints(
  history: History,
  file: Pick<TranscriptFile, 'configDir' | 'id'>,
  folders: SessionFolders | null,
  { all, isIncluded = () => true }: ListingOptions,
): Promise<ListedCheckpoint[]> {
  const order = new Map(history.snapshots.map((snapshot, at) => [snapshot, at]));
  const inOrder = history.checkpoints.toSorted((a, b) => (order.get(a.snapshot) ?? 0) - (order.get(b.snapshot) ?? 0));
  const folder = historyFolder(file);
  const first = firstBackups(history);
  const listed: ListedCheckpoint[] = [];
  for (const [at, checkpoint] of inOrder.entries()) {
    if (!all && !checkpoint.isActive) continue;
    const pairs = pairsBetween(checkpoint, inOrder[at + 1], { history, first, folder, folders });
    const one: ListedCheckpoint = { checkpoint, changes: [], unknown: 0 };
    for (const [trackingPath, [before, after]] of pairs) {
      if (!isIncluded(trackingPath)) continue;
      const change = before === undefined || after === undefined ? null : await changeOf(before, after);
      if (change === null) one.unknown += 1;
      else if (change !== 'same') one.changes.push({ trackingPath, ...change });
    }
    listed.push(one);
  }
  return listed;
}

interface Sources {
  history: History;
  first: ReadonlyMap<string, Backup>;
  folder: string;
  folders: SessionFolders | null;
}

/** Returns both sides of each file that may differ between a checkpoint and the next one, or the current files. */
function pairsBetween(
  { snapshot, ...checkpoint }: Checkpoint,
  next: Checkpoint | undefined,
  { history, first, folder, folders }: Sources,
): Map<string, [Side, Side]> {
  const pairs = new Map<string, [Side, Side]>();
  if (next !== undefined) {
    for (const [path, after] of next.snapshot.files) {
      const before = snapshot.files.get(path) ?? first.get(path) ?? null;
      if (before !== after && !isSameBackup(before, after))
        pairs.set(path, [sideOf(before, folder), sideOf(after, folder)]);
    }
    return pairs;
  }
  for (const [path, before] of folders === null ? [] : stateOf(history, { ...checkpoint, snapshot }))
    if (folders !== null && before !== null)
      pairs.set(path, [sideOf(before, folder), currentSide(path, before, folders)]);
  return pairs;
}

function isSameBackup(a: Backup | null, b: Backup): boolean {
  return a !== null && a.name === b.name && (a.name === null || a.time === b.time);
}

/** Returns a backup as a side of a comparison; undefined if its copy is gone. */
export function sideOf(backup: Backup | null, folder: string): Side {
  if (backup === null) return undefined;
  if (backup.name === null) return null;
  const found = findBackup(folder, backup);
  return 'path' in found ? found.path : undefined;
}

/** Returns the current file of a tracked path as a side of a comparison; undefined unless it is a plain file. */
export function currentSide(trackingPath: string, backup: Backup, folders: SessionFolders): Side {
  const { refusal, stats, path } = findTarget(trackingPath, [backup], folders);
  if (refusal !== null) return undefined;
  return stats === null ? null : path;
}

/** Returns the difference of a file between two known states; null if one of them cannot be read. */
export async function changeOf(
  before: FileSide,
  after: FileSide,
): Promise<Omit<FileChange, 'trackingPath'> | 'same' | null> {
  if (before === after || (before !== null && after !== null && hasSameBytes(before, after))) return 'same';
  const change = before === null ? 'created' : after === null ? 'deleted' : 'edited';
  try {
    return { change, lines: await countLines(before, after) };
  } catch {
    return null;
  }
}

function firstBackups({ snapshots }: History): Map<string, Backup> {
  const first = new Map<string, Backup>();
  for (const { files } of snapshots)
    for (const [path, backup] of files) if (backup.version === 1 && !first.has(path)) first.set(path, backup);
  return first;
}
