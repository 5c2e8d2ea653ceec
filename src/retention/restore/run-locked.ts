import { CcsessError } from '../../system/errors.js';
import type { Environment } from '../../claude/environment.js';
import type { System } from '../../system/system.js';
import { takeLock } from '../lock.js';
import { keeperOf, ReplacedTranscripts } from '../replaced.js';
import { dropEmptyRuns, readEntries } from '../trash/read-trash.js';
import { runFoldersIn, trashDirOf, trashDirsOf, type TrashSource, trashSources } from '../trash/trash-dir.js';
import { hasSafePaths, requireOwnFolders } from '../trash/safe-paths.js';
import { hasStranded } from './stranded.js';
import { hasPacked, hasUnfinishedPacking, pack } from '../trash/packing/pack.js';
import { sweepConfigDir } from '../sweep.js';
import { recoverEntries, recoverStranded, unfinishedIn, type Recovered } from './recover.js';

/** Options of a run that holds the lock. */
export interface LockedRunOptions {
  /** As `namedTrashDir`. */
  trashDir: string | null;
  lockWaitMs: number;
  /** As `LockOptions.onlyDeletes`. */
  onlyDeletes?: boolean;
}

/**
 * Runs `body` under the lock, after an interrupted run was finished or rolled back. Throws LOCKED if another ccsess
 * holds the lock, USAGE on Windows, and IO if a config dir cannot be written.
 */
export async function runLocked<T>(
  { trashDir, lockWaitMs, onlyDeletes = false }: LockedRunOptions,
  environment: Environment,
  body: (recovered: Recovered[]) => Promise<T>,
): Promise<T> {
  const { configDirs, system } = environment;
  if (system.platform === 'win32')
    throw new CcsessError(
      'USAGE',
      'moving and deleting sessions is not supported on Windows: live sessions cannot be recognised reliably there.',
    );
  requireOwnFolders(configDirs);
  const trashDirs = trashDirsOf(configDirs, trashDir);
  // A lock that names a trash which cannot be read would stop every later run.
  for (const dir of trashDirs) runFoldersIn(dir, []);
  const lock = await takeLock(configDirs, trashDirs, lockWaitMs, environment, { onlyDeletes });
  const sources = trashSources(configDirs, [trashDir, ...lock.leftBehind]);
  let strandedSessions: Recovered[] = [];
  try {
    const recovered = recoverEntries(sources, keeperOf(environment));
    const isElsewhere = lock.leftBehind.some((dir) => !configDirs.some((owner) => trashDirOf(owner, null) === dir));
    strandedSessions = isElsewhere || lock.mayHaveStaged ? recoverStranded(sources, configDirs) : [];
    for (const configDir of configDirs)
      await new ReplacedTranscripts(configDir, environment).finish({ patient: false });
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
