import type { ConfigDir } from '../../claude/model.js';
import type { Workplace } from '../../claude/workplace.js';
import { takeLock } from '../../retention/lock.js';
import { requireOwnFolders } from '../../retention/trash/safe-places.js';

/**
 * Runs `work` while no other ccsess changes this config dir: prune and move share one lock. Throws LOCKED if another is at
 * it; the lock of a process that is gone counts for nothing, but what a killed prune left half done stays noted.
 */
export async function whileLocked<T>(configDir: ConfigDir, workplace: Workplace, work: () => T): Promise<T> {
  requireOwnFolders([configDir]);
  const lock = await takeLock([configDir], [], 0, workplace);
  try {
    return work();
  } finally {
    lock.release({ unfinished: lock.leftBehind.length > 0 });
  }
}
