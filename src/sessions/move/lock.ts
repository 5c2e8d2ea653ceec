import type { ConfigDir } from '../../claude/model.js';
import type { Environment } from '../../claude/environment.js';
import { takeLock } from '../../retention/lock.js';
import { ReplacedTranscripts } from '../../retention/replaced.js';
import { sweepConfigDir } from '../../retention/sweep.js';
import { requireOwnFolders } from '../../retention/trash/safe-paths.js';

/**
 * Runs `work` under the lock of this config dir, which prune and move share. Throws LOCKED if another ccsess holds it;
 * the lock of an ended process is taken over, and stays marked as unfinished if a killed prune left it so. Lines that
 * still reach a transcript that this or an earlier run replaced are appended to the new one.
 */
export async function withMoveLock<T>(
  configDir: ConfigDir,
  environment: Environment,
  work: (replaced: ReplacedTranscripts) => T,
): Promise<T> {
  requireOwnFolders([configDir]);
  const lock = await takeLock([configDir], [], 0, environment);
  const replaced = new ReplacedTranscripts(configDir, environment);
  try {
    await replaced.finish({ patient: false });
    if (lock.leftBehind.length === 0 && !lock.mayHaveStaged) sweepConfigDir(configDir);
    return work(replaced);
  } finally {
    try {
      await replaced.finish({ patient: true });
    } finally {
      lock.release({ unfinished: lock.leftBehind.length > 0 || lock.mayHaveStaged });
    }
  }
}
