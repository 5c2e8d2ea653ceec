import type { Backup, Checkpoint, History, Snapshot } from './model.js';

/** The backup of each tracked file; null if no backup records its state. */
export type FileState = ReadonlyMap<string, Backup | null>;

/**
 * Returns the files as they were before a checkpoint's message, by Claude Code's rule: for each path that the branch
 * tracks, its backup in the snapshot, else its first version, from before its first edit. For a checkpoint outside the
 * active branch, which Claude Code does not load, all snapshots of the transcript count.
 */
export function stateOf(history: History, { snapshot, isActive }: Checkpoint): FileState {
  const branch = isActive ? history.active : history.snapshots;
  const first = firstVersions(branch);
  const state = new Map<string, Backup | null>();
  for (const { files } of branch)
    for (const path of files.keys()) state.set(path, snapshot.files.get(path) ?? first.get(path) ?? null);
  return state;
}

function firstVersions(snapshots: readonly Snapshot[]): Map<string, Backup> {
  const first = new Map<string, Backup>();
  for (const { files } of snapshots)
    for (const [path, backup] of files) if (backup.version === 1 && !first.has(path)) first.set(path, backup);
  return first;
}

/** Returns every path that a snapshot of a transcript tracks, with all its backups. */
export function trackedPaths({ snapshots }: History): Map<string, Set<Backup>> {
  const tracked = new Map<string, Set<Backup>>();
  for (const { files } of snapshots) {
    for (const [path, backup] of files) {
      const known = tracked.get(path);
      if (known === undefined) tracked.set(path, new Set([backup]));
      else known.add(backup);
    }
  }
  return tracked;
}
