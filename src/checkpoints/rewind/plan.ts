import { createHash } from 'node:crypto';
import { CcsessError } from '../../system/errors.js';
import { findBackup, hasSameBytes, historyFolder } from '../contents.js';
import { countLines } from '../line-changes.js';
import type { Backup, Checkpoint } from '../model.js';
import { headOf, recordOf, type CheckpointSession } from '../report.js';
import { stateOf, trackedPaths, type FileState } from '../state.js';
import { findTarget, type SessionFolders, type Target } from '../target.js';
import { isFolder } from '../../system/stat.js';
import { checkedOutBranch } from './git-branch.js';
import type { PreparedRewind, Replacement, RewindPlan, RewindWarning, RewoundFile, SkippedFile } from './model.js';
import { skipped } from './skips.js';
import { option, phrase, sessionCall } from '../../system/phrase.js';

/** Tolerance in comparisons of times, since clocks and file systems have different precision. */
const TOLERANCE_MS = 1000;

/** Options of a rewind. */
export interface RewindOptions {
  /** Includes files outside the session's folder. */
  outside: boolean;
  /** Returns true for tracked paths to include. */
  isIncluded(trackingPath: string): boolean;
}

/** Returns the folder of a session, which must exist. Throws NOT_FOUND. */
export function requireFolders({ record, folders }: CheckpointSession): SessionFolders {
  if (folders === null) throw new CcsessError('NOT_FOUND', `session ${record.id} records no folder.`);
  if (isFolder(folders.cwd)) return folders;
  const move = sessionCall('move', record.id, ['<new folder>']);
  throw new CcsessError('NOT_FOUND', `the folder of session ${record.id} is gone: ${folders.cwd}.`, {
    hint: phrase`${move} if it was moved; ${option('toDir', '<folder>')} writes the files elsewhere`,
  });
}

/**
 * Plans a rewind by Claude Code's own rules (docs/storage.md, "Checkpoints"); nothing is written. Throws NOT_FOUND if
 * the session's folder is not known or gone.
 */
export async function planRewind(
  session: CheckpointSession,
  checkpoint: Checkpoint,
  { outside, isIncluded }: RewindOptions,
): Promise<PreparedRewind> {
  const folders = requireFolders(session);
  const folder = historyFolder(session.row.file);
  const tracked = trackedPaths(session.history);
  const left: SkippedFile[] = [];
  const planned = new Map<string, { file: RewoundFile; replacement: Replacement } | 'unchanged'>();
  for (const [trackingPath, backup] of orderedEntries(stateOf(session.history, checkpoint), checkpoint)) {
    if (!isIncluded(trackingPath)) continue;
    const target = findTarget(trackingPath, backup === null ? [] : [backup], folders);
    // If two tracked paths are one file, the entry with a backup applies.
    if (backup === null && planned.has(target.path)) continue;
    // If this entry is skipped, an older one must not replace it.
    planned.delete(target.path);
    const found = sourceOf(backup, target, folder, outside);
    if ('reason' in found) left.push(found);
    else if (isAsBefore(target, found.content)) planned.set(target.path, 'unchanged');
    else {
      const others = [...(tracked.get(trackingPath) ?? [])];
      const file = await describe(target, found.content, () => isChangedSince(target, others, folder, session));
      if ('reason' in file) left.push(file);
      else planned.set(target.path, { file, replacement: { target, content: found.content } });
    }
  }
  const changes = [...planned.values()].filter((one) => one !== 'unchanged');
  const unchanged = planned.size - changes.length;
  const paths = [...planned.keys()];
  // A missing copy keeps all files from being deleted, even if another entry has one.
  const skips = left.filter(({ reason, absolutePath }) => reason === 'missing-backup' || !planned.has(absolutePath));
  const kept = withoutDeletions({
    files: changes.map(({ file }) => file),
    skips,
    replacements: changes.map(({ replacement }) => replacement),
  });
  const warnings = warningsOf(checkpoint, folders);
  return { plan: planOf(session, checkpoint, kept, { unchanged, warnings }), replacements: kept.replacements, paths };
}

/**
 * Returns the files of a state, the entries of the checkpoint's own snapshot last: if a session ran in two folders, one
 * file is tracked under two paths, and the last entry applies.
 */
function orderedEntries(state: FileState, { snapshot }: Checkpoint): [string, Backup | null][] {
  return [...state].sort(([a], [b]) => Number(snapshot.files.has(a)) - Number(snapshot.files.has(b)));
}

/** Returns the content that a file had; null if it did not exist. */
function sourceOf(
  backup: Backup | null,
  target: Target,
  folder: string,
  outside: boolean,
): { content: Replacement['content'] } | SkippedFile {
  if (backup === null) return skipped(target, 'no-first-version');
  // A path outside is not examined further unless the user allows it.
  if (target.isOutside && !outside)
    return skipped(target, target.refusal === 'unsafe-path' ? 'unsafe-path' : 'outside');
  if (target.refusal !== null) return skipped(target, target.refusal);
  if (backup.name === null) return { content: null };
  const found = findBackup(folder, backup);
  if ('refusal' in found) return skipped(target, found.refusal);
  return { content: { from: found.path, mode: found.stats.mode & 0o777, mtimeMs: null, sha256: null } };
}

function isAsBefore({ stats, path }: Target, content: Replacement['content']): boolean {
  if (stats === null || content === null) return stats === null && content === null;
  return (stats.mode & 0o777) === content.mode && hasSameBytes(path, content.from);
}

async function describe(
  target: Target,
  content: Replacement['content'],
  changedSince: () => boolean,
): Promise<RewoundFile | SkippedFile> {
  const { trackingPath, path, stats, isOutside } = target;
  try {
    const { insertions, deletions, kind } = await countLines(stats === null ? null : path, content?.from ?? null);
    const isSame = stats !== null && content !== null && hasSameBytes(path, content.from);
    return {
      path: trackingPath,
      absolutePath: path,
      action: stats === null ? 'create' : content === null ? 'delete' : isSame ? 'mode' : 'write',
      ...(kind === 'text' ? { insertions, deletions, kind } : { insertions: null, deletions: null, kind }),
      outside: isOutside,
      changedSince: changedSince(),
      fingerprint: fingerprintOf(target, content),
    };
  } catch {
    return skipped(target, 'unreadable');
  }
}

/** True if the file was written after the session ended, and no backup has its content. */
function isChangedSince(
  { stats, path }: Target,
  backups: readonly Backup[],
  folder: string,
  { row }: CheckpointSession,
): boolean {
  if (stats === null || row.lastActivityMs === null || stats.mtimeMs <= row.lastActivityMs + TOLERANCE_MS) return false;
  return !backups.some((backup) => {
    const found = backup.name === null ? null : findBackup(folder, backup);
    return found !== null && 'path' in found && found.stats.size === stats.size && hasSameBytes(path, found.path);
  });
}

function fingerprintOf({ stats, path }: Target, content: Replacement['content']): string {
  const now = stats === null ? null : [stats.ino, stats.size, stats.mode, stats.mtimeMs];
  const hash = createHash('sha256').update(JSON.stringify([path, now, content]));
  return `sha256:${hash.digest('hex')}`;
}

interface PlannedFiles {
  files: RewoundFile[];
  skips: SkippedFile[];
  replacements: Replacement[];
}

/** Removes all deletions from a plan, as Claude Code does if the copy of any file is missing. */
function withoutDeletions({ files, skips, replacements }: PlannedFiles): PlannedFiles {
  if (!skips.some(({ reason }) => reason === 'missing-backup')) return { files, skips, replacements };
  const kept: PlannedFiles = { files: [], skips: [...skips], replacements: [] };
  for (const [at, replacement] of replacements.entries()) {
    const file = files[at];
    if (replacement.content === null) kept.skips.push(skipped(replacement.target, 'not-deleted'));
    else if (file !== undefined) {
      kept.files.push(file);
      kept.replacements.push(replacement);
    }
  }
  return kept;
}

function warningsOf({ gitBranch, snapshot }: Checkpoint, { cwd }: SessionFolders): RewindWarning[] {
  const warnings: RewindWarning[] = [];
  const now = checkedOutBranch(cwd);
  if (now !== null && gitBranch !== null && gitBranch !== 'HEAD' && now !== gitBranch) {
    const message = `the branch '${now}' is checked out; these files are from '${gitBranch}'.`;
    warnings.push({ code: 'other-branch', message });
  }
  if (snapshot.hasUntrackedChanges) {
    const message = 'Bash or a subagent ran in this turn: their changes to other files are not known.';
    warnings.push({ code: 'untracked-changes', message });
  }
  return warnings;
}

/** Reasons that the Agent SDK counts as skipped links. */
const REFUSED: readonly string[] = ['symlink', 'hard-link', 'not-a-file', 'folder-changed', 'unsafe-backup'];

function planOf(
  { record }: CheckpointSession,
  checkpoint: Checkpoint,
  { files: unsorted, skips }: PlannedFiles,
  rest: Pick<RewindPlan, 'unchanged' | 'warnings'>,
): RewindPlan {
  const files = unsorted.toSorted(byPath);
  const missing = skips.filter(({ reason }) => reason === 'missing-backup').length;
  const error =
    files.length === 0 && missing > 0
      ? `No files were restored: ${missing === 1 ? 'the copy of 1 file is' : `the copies of ${missing} files are`} ` +
        'missing.'
      : null;
  const sum = (name: 'insertions' | 'deletions'): number => files.reduce((total, file) => total + (file[name] ?? 0), 0);
  return {
    ...headOf(record),
    dryRun: true,
    checkpoint: recordOf(checkpoint),
    toDir: null,
    canRewind: error === null,
    error,
    filesChanged: files.map(({ absolutePath }) => absolutePath),
    insertions: sum('insertions'),
    deletions: sum('deletions'),
    skippedLinks: skips.filter(({ reason }) => REFUSED.includes(reason)).length,
    files,
    skipped: skips.toSorted(byPath),
    ...rest,
    undo: null,
    fork: null,
  };
}

function byPath(a: { path: string }, b: { path: string }): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}
