import type { Environment } from '../../claude/environment.js';
import type { PrunePolicy } from '../model.js';
import type { TrashState } from '../plan/planned.js';
import { trashDirsOf } from './trash-dir.js';
import { expiriesOf, heldBytes, readTrash } from './trash.js';

/** Content of the trash, and its number of sessions. */
export interface Trash extends TrashState {
  sessions: number;
}

/**
 * Returns the present content of the trash, and the sessions in it that have expired under a policy (`null`: never).
 */
export function trashState(
  trashTtl: PrunePolicy['trashTtl'],
  trashDir: string | null,
  { configDirs, now }: Environment,
): Trash {
  const entries = readTrash(configDirs, trashDir);
  return {
    dir: trashDirsOf(configDirs, trashDir)[0] ?? '',
    sessions: entries.length,
    heldBytes: heldBytes(entries),
    expire: trashTtl === null ? [] : expiriesOf(entries, now() - trashTtl.ms),
  };
}
