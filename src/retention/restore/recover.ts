import { realpathSync } from 'node:fs';
import type { ConfigDir } from '../../claude/model.js';
import { CcsessError } from '../../system/errors.js';
import { messageOf } from '../../system/problem.js';
import type { Workplace } from '../../claude/workplace.js';
import type { System } from '../../system/system.js';
import { takeLock, trashDirsLeftIn, wasInterrupted } from '../lock.js';
import { deleteForGood } from '../apply/delete-session.js';
import { finishMove, moveBack } from '../apply/move-to-trash.js';
import { moveFromTrash } from './move-from-trash.js';
import { keeperOf, ReplacedTranscripts, type KeepReplaced } from '../replaced.js';
import { dropEmptyRuns, readEntries, type TrashSource } from '../trash/read-trash.js';
import { hasSafePaths, requireOwnFolders, requireSafePaths } from '../trash/safe-paths.js';
import type { EntryState, TrashEntry } from '../trash/trash-entry.js';
import { statIfExists } from '../trash/tree.js';
import { UnsafePath } from '../../system/safe-path.js';
import { hasStranded, putBackStranded } from './stranded.js';
import { hasPacked, hasUnfinishedPacking, pack } from '../trash/pack.js';
import { sweepConfigDir } from '../sweep.js';
import { runFoldersIn, trashDirOf, trashDirsOf } from '../trash/trash-dir.js';

/** States of entries that an interrupted run left. */
const UNFINISHED: readonly EntryState[] = ['moving', 'moved', 'restoring', 'copied', 'emptying'];

/** Options of a run that holds the lock. */
export interface LockedRunOptions {
  /** As `namedTrashDir`. */
  trashDir: string | null;
  lockWaitMs: number;
  /** As `LockOptions.onlyDeletes`. */
  onlyDeletes?: boolean;
}

/** Outcome for a session that an interrupted run had half moved. */
export interface Recovered {
  id: string;
  configDir: string;
  projectDir: string;
  title: string | null;
  /** `failed`: still half moved, until the next run tries again. `pending`: not tried. */
  outcome: 'put-back' | 'in-trash' | 'restored' | 'deleted' | 'failed' | 'pending';
  error: string | null;
}

/**
 * Runs `body` under the lock, after an interrupted run was finished or rolled back. Throws LOCKED if another ccsess
 * holds the lock, USAGE on Windows, and IO if a config dir cannot be written.
 */
export async function runLocked<T>(
  { trashDir, lockWaitMs, onlyDeletes = false }: LockedRunOptions,
  workplace: Workplace,
  body: (recovered: Recovered[]) => Promise<T>,
): Promise<T> {
  const { configDirs, system } = workplace;
  if (system.platform === 'win32')
    throw new CcsessError(
      'USAGE',
      'moving and deleting sessions is not supported on Windows: live sessions cannot be recognised reliably there.',
    );
  requireOwnFolders(configDirs);
  const trashDirs = trashDirsOf(configDirs, trashDir);
  // A lock that names a trash which cannot be read would stop every later run.
  for (const dir of trashDirs) runFoldersIn(dir, []);
  const lock = await takeLock(configDirs, trashDirs, lockWaitMs, workplace, { onlyDeletes });
  const sources = trashSources(configDirs, [trashDir, ...lock.leftBehind]);
  let strandedSessions: Recovered[] = [];
  try {
    const recovered = recoverEntries(sources, keeperOf(workplace));
    const isElsewhere = lock.leftBehind.some((dir) => !configDirs.some((owner) => trashDirOf(owner, null) === dir));
    strandedSessions = isElsewhere || lock.inPlace ? recoverStranded(sources, configDirs) : [];
    for (const configDir of configDirs) await new ReplacedTranscripts(configDir, workplace).finish({ patient: false });
    if (isAllRecovered(sources, strandedSessions)) for (const configDir of configDirs) sweepConfigDir(configDir);
    await resumePacking(sources, system, { wasKilled: lock.leftBehind.length > 0 });
    return await body([...recovered, ...strandedSessions]);
  } finally {
    const hasStrandedLeft =
      strandedSessions.some(({ outcome }) => outcome === 'failed') || (onlyDeletes && hasStranded(configDirs));
    lock.release({ unfinished: hasStrandedLeft || !removeEmptyRuns(sources) });
  }
}

function isAllRecovered(sources: readonly TrashSource[], strandedSessions: readonly Recovered[]): boolean {
  return unfinishedIn(sources).length === 0 && strandedSessions.every(({ outcome }) => outcome !== 'failed');
}

/**
 * Compresses the rest of the runs whose compression was interrupted: runs with a compressed file, in trash folders with
 * a half-written one or, after a kill, in all. Never rejects.
 */
async function resumePacking(
  sources: readonly TrashSource[],
  system: System,
  { wasKilled }: { wasKilled: boolean },
): Promise<void> {
  try {
    const begunIn = wasKilled ? sources : sources.filter(({ dir }) => hasUnfinishedPacking(dir));
    const kept = begunIn.flatMap((source) => readEntries(source, ['kept']));
    const begun = new Set(kept.filter(hasPacked).map(({ runFolder }) => runFolder));
    if (begun.size === 0) return;
    const written = system.transcriptsBeingWritten();
    for (const entry of kept) if (begun.has(entry.runFolder) && hasSafePaths(entry)) await pack(entry, written);
  } catch {
    // Entries that are not compressed only take more space.
  }
}

/** Removes the folders of runs without entries. Returns false if an entry is unfinished, or may be. */
function removeEmptyRuns(sources: readonly TrashSource[]): boolean {
  try {
    if (unfinishedIn(sources).length > 0) return false;
    for (const source of sources) dropEmptyRuns(source);
    return true;
  } catch {
    return false;
  }
}

/** Returns the trash folders of some config dirs and those that are named, each once. */
export function trashSources(configDirs: readonly ConfigDir[], named: readonly (string | null)[]): TrashSource[] {
  const paths = configDirs.map(({ path }) => path);
  const own = configDirs.map((owner): TrashSource => ({ dir: trashDirOf(owner, null), owner, configDirs: paths }));
  const known = new Set(own.map(({ dir }) => realPath(dir)));
  const others = named.flatMap((dir) => {
    if (dir === null || known.has(realPath(dir))) return [];
    known.add(realPath(dir));
    return [{ dir, owner: null, configDirs: paths }];
  });
  return [...own, ...others];
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Lists the entries of sessions that an interrupted run left half moved. */
export function pendingIn({ trashDir }: LockedRunOptions, workplace: Workplace): TrashEntry[] {
  const { configDirs } = workplace;
  if (!wasInterrupted(configDirs, workplace)) return [];
  return unfinishedIn(trashSources(configDirs, [trashDir, ...trashDirsLeftIn(configDirs, workplace)]));
}

function unfinishedIn(sources: readonly TrashSource[]): TrashEntry[] {
  return sources.flatMap((source) => readEntries(source, UNFINISHED));
}

function recoverEntries(sources: readonly TrashSource[], keepReplaced: KeepReplaced): Recovered[] {
  return unfinishedIn(sources).map((entry) => {
    const { id, configDir, projectDir, title } = entry.session;
    const about = { id, configDir, projectDir, title };
    try {
      return { ...about, outcome: recoverEntry(entry, keepReplaced), error: null };
    } catch (error) {
      const why = messageOf(error);
      return {
        ...about,
        outcome: error instanceof UnsafePath && keepInTrash(entry) ? 'in-trash' : 'failed',
        error: why,
      };
    }
  });
}

/** Keeps a session in the trash whose paths are unsafe; false if some of its files are not in its entry. */
function keepInTrash(entry: TrashEntry): boolean {
  if (
    entry.state === 'copied' ||
    entry.session.roots.some((root) => statIfExists(entry.storedPath(root)) === undefined)
  )
    return false;
  entry.setState('kept');
  return true;
}

/** Puts back sessions that a killed run was copying into a trash that is now missing. */
function recoverStranded(sources: readonly TrashSource[], configDirs: readonly ConfigDir[]): Recovered[] {
  const known = unfinishedIn(sources).flatMap((entry) => entry.session.roots.map((root) => entry.stagedPath(root)));
  return putBackStranded(configDirs, new Set(known)).map((session) => ({
    ...session,
    title: null,
    outcome: session.error === null ? 'put-back' : 'failed',
  }));
}

function recoverEntry(
  entry: TrashEntry,
  keepReplaced: KeepReplaced,
): Exclude<Recovered['outcome'], 'failed' | 'pending'> {
  if (entry.state !== 'emptying' && entry.notes.isRebuilt) {
    // Its paths are inferred, so only a user may restore it.
    entry.setState('kept');
    return 'in-trash';
  }
  if (entry.state !== 'emptying') requireSafePaths(entry);
  switch (entry.state) {
    case 'moving':
      moveBack(entry);
      return 'put-back';
    case 'moved':
      finishMove(entry, true);
      return 'in-trash';
    case 'restoring':
    case 'copied':
      moveFromTrash(entry, { keepReplaced });
      return 'restored';
    case 'emptying':
      deleteForGood(entry);
      return 'deleted';
    case 'kept':
      return 'in-trash';
    default:
      return entry.state satisfies never;
  }
}
