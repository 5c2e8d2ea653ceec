import type { TranscriptFile } from '../claude/model.js';
import { statOrNull } from '../system/stat.js';
import { historyFolder } from './contents.js';
import { diffOf, type FileSide, type LineChanges } from './line-changes.js';
import { changeOf, currentSide, sideOf, type FileChange } from './list.js';
import type { Backup, Checkpoint, History } from './model.js';
import { stateOf } from './state.js';
import { findTarget, type SessionFolders } from './target.js';

/** A tracked file in the state of a checkpoint, compared with another state. */
export interface StateFile {
  /** As tracked by Claude Code: relative to the session's folder, or absolute. */
  trackingPath: string;
  /** Absolute; null if the session records no folder. */
  path: string | null;
  /** `absent` if it did not exist, `unknown` if its backup is gone. */
  status: 'file' | 'absent' | 'unknown';
  /** The copy in file history; null if there is none. */
  backup: string | null;
  version: number | null;
  bytes: number | null;
  mode: number | null;
  /** Difference to the other state; `unknown` if either state is unknown. */
  change: 'same' | FileChange['change'] | 'unknown';
  lines: LineChanges | null;
  /** Hunks of a unified diff; null if it was not requested, or if there is none. */
  diff: string[] | null;
}

/** Options of `filesOf`. */
export interface StateOptions {
  /** The state to compare with; null for the current files. */
  other: Checkpoint | null;
  diff: boolean;
  /** Returns true for tracked paths to include. */
  isIncluded(trackingPath: string): boolean;
}

/** Lists the files of a checkpoint by path, each compared with another state. */
export async function filesOf(
  history: History,
  checkpoint: Checkpoint,
  file: Pick<TranscriptFile, 'configDir' | 'id'>,
  folders: SessionFolders | null,
  { other, diff, isIncluded }: StateOptions,
): Promise<StateFile[]> {
  const folder = historyFolder(file);
  const otherState = other === null ? null : stateOf(history, other);
  const files: StateFile[] = [];
  for (const [trackingPath, backup] of stateOf(history, checkpoint)) {
    if (!isIncluded(trackingPath)) continue;
    const before = sideOf(backup, folder);
    const after =
      otherState !== null
        ? sideOf(otherState.get(trackingPath) ?? null, folder)
        : folders === null || backup === null
          ? undefined
          : currentSide(trackingPath, backup, folders);
    files.push({ ...describe(trackingPath, backup, before, folders), ...(await compare(before, after, diff)) });
  }
  return files.sort((a, b) => (a.trackingPath < b.trackingPath ? -1 : 1));
}

function describe(
  trackingPath: string,
  backup: Backup | null,
  side: FileSide | undefined,
  folders: SessionFolders | null,
): Omit<StateFile, 'change' | 'lines' | 'diff'> {
  const stats = typeof side === 'string' ? statOrNull(side) : null;
  return {
    trackingPath,
    path: folders === null ? null : findTarget(trackingPath, [], folders).path,
    status: side === undefined ? 'unknown' : side === null ? 'absent' : 'file',
    backup: side ?? null,
    version: backup?.version ?? null,
    bytes: stats?.size ?? null,
    mode: stats === null ? null : stats.mode & 0o777,
  };
}

async function compare(
  before: FileSide | undefined,
  after: FileSide | undefined,
  withDiff: boolean,
): Promise<Pick<StateFile, 'change' | 'lines' | 'diff'>> {
  const unknown = { change: 'unknown', lines: null, diff: null } as const;
  if (before === undefined || after === undefined) return unknown;
  const changed = await changeOf(before, after);
  if (changed === null) return unknown;
  if (changed === 'same') return { change: 'same', lines: null, diff: null };
  const diff = withDiff && changed.lines.kind === 'text' ? await diffOf(before, after) : null;
  return { ...changed, diff: typeof diff === 'string' ? null : diff };
}
