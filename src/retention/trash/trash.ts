import type { ConfigDir } from '../../claude/model.js';
import { errorCode, fileProblem, isUnreadable, type Problem } from '../../system/problem.js';
import type { Environment } from '../../claude/environment.js';
import type { Expiry } from '../model.js';
import { deleteForGood } from '../apply/delete-session.js';
import { trashSources } from './trash-dir.js';
import { runLocked, type LockedRunOptions } from '../restore/run-locked.js';
import type { TrashedSession } from './manifest.js';
import { inspectSource, type TrashReading } from './read-trash.js';
import type { TrashEntry } from './trash-entry.js';
import { bytesBelow } from './tree.js';

/**
 * The trashed sessions of the given config dirs, the last moved first: those in each config dir's own trash, and those
 * in the named one (`namedTrashDir`), without those of `skippedRuns`. Throws the system's error for a trash that cannot
 * be read.
 */
export function readTrash(
  configDirs: readonly ConfigDir[],
  trashDir: string | null,
  skippedRuns?: ReadonlySet<string>,
): TrashEntry[] {
  return inspectTrash(configDirs, trashDir, skippedRuns).entries;
}

/** Returns what `readTrash` does, and the problems of the trash: damaged manifests, runs of other users, links. */
export function inspectTrash(
  configDirs: readonly ConfigDir[],
  trashDir: string | null,
  skippedRuns?: ReadonlySet<string>,
): TrashReading {
  const readings = trashSources(configDirs, [trashDir]).map((source) => inspectSource(source, ['kept'], skippedRuns));
  const entries = readings
    .flatMap((reading) => reading.entries)
    .sort((a, b) => compare(b.session.trashedAt, a.session.trashedAt) || compare(a.session.id, b.session.id));
  return { entries, problems: readings.flatMap(({ problems }) => problems) };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Bytes that sessions take in the trash, compressed or not. */
export function heldBytes(entries: readonly TrashEntry[]): number {
  return entries.reduce(
    (sum, entry) => sum + (isAsMoved(entry) ? entry.session.footprintBytes : bytesBelow(entry.folder)),
    0,
  );
}

/**
 * True if the entry is whole and uncompressed, so that its size is the recorded one: walking thousands of entries takes
 * seconds.
 */
function isAsMoved(entry: TrashEntry): boolean {
  const { state, session, notes } = entry;
  if (state !== 'kept' || notes.damage !== null) return false;
  const roots = new Set(session.roots.map((_, at) => String(at)));
  try {
    const { names } = entry;
    return names.length === roots.size && names.every((name) => roots.has(name));
  } catch (error) {
    if (isUnreadable(error)) return false;
    throw error;
  }
}

/** Trashed sessions that were moved there before a moment, as a plan lists them. */
export function expiriesOf(entries: readonly TrashEntry[], beforeMs: number): Expiry[] {
  return trashedBefore(entries, beforeMs).map((entry) => ({
    id: entry.session.id,
    trashedAt: entry.session.trashedAt,
    heldBytes: heldBytes([entry]),
  }));
}

/** Trashed sessions that were moved there before a moment. */
export function trashedBefore(entries: readonly TrashEntry[], beforeMs: number): TrashEntry[] {
  return entries.filter(({ session }) => Date.parse(session.trashedAt) < beforeMs);
}

/** Sessions deleted permanently. */
export interface Emptied {
  sessions: TrashedSession[];
  freedBytes: number;
  /** Sessions that could not be deleted, or not completely. */
  problems: Problem[];
}

/** Deletes trashed sessions for good, each whole or not at all, even after a kill. To be called under the lock. */
export function emptyTrash(entries: readonly TrashEntry[]): Emptied {
  const emptied: Emptied = { sessions: [], freedBytes: 0, problems: [] };
  for (const entry of entries) {
    const bytes = heldBytes([entry]);
    try {
      deleteForGood(entry);
      emptied.sessions.push(entry.session);
      emptied.freedBytes += bytes;
    } catch (error) {
      emptied.problems.push(
        fileProblem('not-deleted', `Not deleted (${errorCode(error) ?? 'unknown error'}).`, entry.folder),
      );
    }
  }
  return emptied;
}

/**
 * Takes the lock and deletes these sessions as `emptyTrash` does, except those that are no longer in the trash. Throws
 * as `runLocked`.
 */
export function emptyTrashLocked(
  entries: readonly TrashEntry[],
  options: LockedRunOptions,
  environment: Environment,
): Promise<Emptied> {
  return runLocked({ ...options, onlyDeletes: true }, environment, () => {
    const wanted = new Set(entries.map(({ folder }) => folder));
    return Promise.resolve(
      emptyTrash(readTrash(environment.configDirs, options.trashDir).filter(({ folder }) => wanted.has(folder))),
    );
  });
}
