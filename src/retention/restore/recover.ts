import type { ConfigDir } from '../../claude/model.js';
import { errorCode, messageOf } from '../../system/problem.js';
import type { Environment } from '../../claude/environment.js';
import { trashDirsLeftIn, wasInterrupted } from '../lock.js';
import { deleteForGood } from '../apply/delete-session.js';
import { finishMove, moveBack } from '../apply/move-to-trash.js';
import { moveFromTrash } from './move-from-trash.js';
import type { KeepReplaced } from '../replaced.js';
import { readEntries } from '../trash/read-trash.js';
import { trashSources, type TrashSource } from '../trash/trash-dir.js';
import type { TrashedRoot } from '../trash/manifest.js';
import { requireSafePaths } from '../trash/safe-paths.js';
import type { EntryState, TrashEntry } from '../trash/trash-entry.js';
import { statIfExists } from '../trash/tree.js';
import { UnsafePath } from '../../system/safe-path.js';
import { putBackStranded } from './stranded.js';

/** States of entries that an interrupted run left. */
const UNFINISHED: readonly EntryState[] = ['moving', 'moved', 'restoring', 'copied', 'emptying'];

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

/** Lists the entries of sessions that an interrupted run left half moved. */
export function pendingIn({ trashDir }: { trashDir: string | null }, environment: Environment): TrashEntry[] {
  const { configDirs } = environment;
  if (!wasInterrupted(configDirs, environment)) return [];
  return unfinishedIn(trashSources(configDirs, [trashDir, ...trashDirsLeftIn(configDirs, environment)]));
}

/** Returns the entries that an interrupted run left in some trash folders. */
export function unfinishedIn(sources: readonly TrashSource[]): TrashEntry[] {
  return sources.flatMap((source) => readEntries(source, UNFINISHED));
}

/** Finishes or rolls back the unfinished entries of some trash folders. Called under the lock. Never throws. */
export function recoverEntries(sources: readonly TrashSource[], keepReplaced: KeepReplaced): Recovered[] {
  return unfinishedIn(sources).map((entry) => {
    const { id, configDir, projectDir, title } = entry.session;
    const about = { id, configDir, projectDir, title };
    try {
      return { ...about, outcome: recoverEntry(entry, keepReplaced), error: null };
    } catch (error) {
      const why = messageOf(error);
      return {
        ...about,
        outcome: mustStay(error, entry) && keepInTrash(entry, isStrayCopy(error, entry)) ? 'in-trash' : 'failed',
        error: why,
      };
    }
  });
}

/**
 * Returns true if an entry cannot be put back by a later run either: its paths are unsafe, or it is a copy on another
 * file system, whose original was put back while the trash was gone, and then removed or replaced.
 */
function mustStay(error: unknown, entry: TrashEntry): boolean {
  return error instanceof UnsafePath || isStrayCopy(error, entry);
}

function isStrayCopy(error: unknown, { state }: TrashEntry): boolean {
  return state === 'moving' && errorCode(error) === 'EXDEV';
}

/**
 * Keeps a session in the trash that cannot be put back; false if some of its files are not in its entry. A stray copy
 * may lack files that the killed run had not copied yet: they never left their paths, or were put back there.
 */
function keepInTrash(entry: TrashEntry, isCopy: boolean): boolean {
  const isElsewhere = (root: TrashedRoot): boolean =>
    statIfExists(entry.storedPath(root)) === undefined &&
    (!isCopy || statIfExists(entry.stagedPath(root)) !== undefined);
  if (entry.state === 'copied' || entry.session.roots.some(isElsewhere)) return false;
  entry.setState('kept');
  return true;
}

/** Puts back sessions that a killed run was copying into a trash that is now missing. */
export function recoverStranded(sources: readonly TrashSource[], configDirs: readonly ConfigDir[]): Recovered[] {
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
    // The paths of a rebuilt entry are inferred, so only a user may restore it.
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
