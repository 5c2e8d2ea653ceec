import { CcsessError } from '../../system/errors.js';
import type { Environment } from '../../claude/environment.js';
import { runLocked, type LockedRunOptions } from '../../retention/restore/run-locked.js';
import { trashDirOf } from '../../retention/trash/trash-dir.js';
import type { SavedState } from '../../retention/undo/model.js';
import { UNDO_ID } from '../../retention/undo/manifest.js';
import { readUndoCopies, sweepUndoCopies, type UndoCopy } from '../../retention/undo/undo-copies.js';
import { statOrNull } from '../../system/stat.js';
import { hasSameBytes } from '../contents.js';
import { headOf, type CheckpointSession, type ReportHead } from '../report.js';
import { trackedPaths } from '../state.js';
import { findTarget, type Target } from '../target.js';
import type { Replacement, SkippedFile } from './model.js';
import { requireFolders } from './plan.js';
import { replaceFiles } from './replace.js';
import { skipped } from './skips.js';
import { foldersAbove, removeEmpty, sweepNextTo } from './stage.js';

/** A file that an undo restores. */
export interface UndoneFile {
  path: string;
  absolutePath: string;
  /** As for a rewind: `create` restores a deleted file, `delete` removes one that the rewind created. */
  action: 'write' | 'create' | 'delete';
  outside: boolean;
}

/** An undo, planned or done, in JSON and in the library (docs/schema/undo.schema.json). */
export interface UndoPlan extends ReportHead {
  dryRun: boolean;
  /** Id of the undo copy that is restored. */
  undone: string;
  /** True if the rewind was killed while it replaced files. */
  interrupted: boolean;
  savedAt: string;
  prompt: number | null;
  messageUuid: string;
  files: UndoneFile[];
  skipped: SkippedFile[];
  unchanged: number;
  /** Id of the undo copy of the files that the undo replaced; null if it replaced none. */
  undo: string | null;
}

/** A plan of an undo, with the files that it replaces. */
export interface PreparedUndo {
  plan: UndoPlan;
  copy: UndoCopy;
  replacements: readonly Replacement[];
  /** Every file that may be written, including those that are restored already. */
  paths: readonly string[];
  /** Folders that were created for a file, topmost first; they are removed if they are empty. */
  madeFolders: readonly (readonly string[])[];
}

/**
 * Returns the undo copy with this id or, for null, that of the last rewind that was not undone, of one session or any.
 * Throws NOT_FOUND.
 */
export function findUndoCopy(
  id: string | null,
  sessionId: string | null,
  { trashDir }: Pick<LockedRunOptions, 'trashDir'>,
  { configDirs }: Pick<Environment, 'configDirs'>,
): UndoCopy {
  const copies = readUndoCopies(configDirs, trashDir).copies.filter(
    ({ state, manifest }) => state !== 'emptying' && (sessionId === null || manifest.sessionId === sessionId),
  );
  const found =
    id === null
      ? copies.find(({ state, manifest }) => manifest.kind === 'rewind' && state !== 'undone')
      : copies.find((copy) => copy.id === id);
  if (found !== undefined) return found;
  const what = id === null ? 'no rewind to undo' : `no undo copy '${id}' in the trash`;
  const hint =
    id !== null && !UNDO_ID.test(id)
      ? 'ids look like 2026-11-29T12-03-07Z; the trash on a terminal lists them'
      : 'the trash on a terminal lists the undo copies';
  throw new CcsessError('NOT_FOUND', `${what}.`, { hint });
}

/**
 * Plans restoring the files that a rewind replaced; nothing is written. The session's transcript and the rules of a
 * rewind determine the allowed paths, never the undo copy alone. Throws as `requireFolders`.
 */
export function planUndo(copy: UndoCopy, session: CheckpointSession, { outside }: { outside: boolean }): PreparedUndo {
  const folders = requireFolders(session);
  const tracked = trackedPaths(session.history);
  const files: UndoneFile[] = [];
  const skips: SkippedFile[] = [];
  const replacements: Replacement[] = [];
  const paths: string[] = [];
  const madeFolders: string[][] = [];
  let unchanged = 0;
  for (const [number, { path, before, madeFolders: made }] of copy.manifest.files.entries()) {
    const backups = tracked.get(path);
    const target = findTarget(path, backups ?? [], folders);
    const refusal = backups === undefined ? 'unsafe-path' : refusalOf(target, outside);
    if (refusal === null) {
      paths.push(target.path);
      if (before === null) madeFolders.push(foldersAbove(target.path, made));
    }
    if (refusal !== null) skips.push(skipped(target, refusal));
    else if (isRestored(target, before, copy.content(number))) unchanged += 1;
    else if (before !== null && !isUsable(copy.content(number), before.bytes))
      skips.push(skipped(target, 'missing-backup'));
    else {
      const action = before === null ? 'delete' : target.stats === null ? 'create' : 'write';
      files.push({ path, absolutePath: target.path, action, outside: target.isOutside });
      const content =
        before === null
          ? null
          : { from: copy.content(number), mode: before.mode & 0o777, mtimeMs: before.mtimeMs, sha256: before.sha256 };
      replacements.push({ target, content });
    }
  }
  return { plan: planOf(copy, session, { files, skipped: skips, unchanged }), copy, replacements, paths, madeFolders };
}

/** True if a file is as it was before the rewind, including its time. */
function isRestored({ path, stats }: Target, before: SavedState | null, content: string): boolean {
  if (stats === null || before === null) return stats === null && before === null;
  const isSame = (stats.mode & 0o777) === (before.mode & 0o777) && Math.abs(stats.mtimeMs - before.mtimeMs) < 1;
  return isSame && stats.size === before.bytes && hasSameBytes(path, content);
}

function refusalOf({ isOutside, refusal }: Target, outside: boolean): SkippedFile['reason'] | null {
  if (isOutside && !outside) return refusal === 'unsafe-path' ? refusal : 'outside';
  return refusal;
}

function isUsable(path: string, bytes: number): boolean {
  const stats = statOrNull(path);
  return stats?.isFile() === true && stats.size === bytes;
}

function planOf(
  { id, state, manifest }: UndoCopy,
  { record }: CheckpointSession,
  rest: Pick<UndoPlan, 'files' | 'skipped' | 'unchanged'>,
): UndoPlan {
  const { savedAt, prompt, messageUuid } = manifest;
  const files = rest.files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const about = { undone: id, interrupted: state === 'applying', savedAt, prompt, messageUuid };
  return { ...headOf(record), dryRun: true, ...about, ...rest, files, undo: null };
}

/**
 * Restores the files that a rewind replaced, under the lock, and saves their current content as another undo copy.
 * Returns the plan with its result. Throws as `runLocked` and `replaceFiles`.
 */
export function applyUndo(
  { plan, copy, replacements, paths, madeFolders }: PreparedUndo,
  session: CheckpointSession,
  options: LockedRunOptions,
  environment: Environment,
): Promise<UndoPlan> {
  return runLocked(options, environment, () => {
    sweepUndoCopies(environment.configDirs, options.trashDir);
    sweepNextTo(paths);
    const { configDir, sessionId, projectDir, cwd, title, prompt, messageUuid } = copy.manifest;
    const savedAt = new Date(environment.now()).toISOString();
    const about = { configDir, sessionId, projectDir, cwd, title, prompt, messageUuid };
    const head = { kind: 'undo', undoes: copy.id, savedAt, ...about } as const;
    const own = replaceFiles(replacements, head, trashDirOf(session.row.file.configDir, options.trashDir));
    for (const folders of madeFolders) removeEmpty(folders);
    // Killed undos of the same copy are completed by this one too.
    const { copies } = readUndoCopies(environment.configDirs, options.trashDir);
    for (const other of copies)
      if (other.state === 'applying' && other.manifest.undoes === copy.id) other.setState('done');
    if (copy.state !== 'undone') copy.setState('undone');
    return Promise.resolve({ ...plan, dryRun: false, undo: own?.id ?? null });
  });
}
