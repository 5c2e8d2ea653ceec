import type { Workplace } from '../../claude/workplace.js';
import type { PrunePolicy } from '../model.js';
import type { TrashState } from '../plan/planned.js';
import { trashDirsOf } from './trash-dir.js';
import { expiriesOf, heldBytes, readTrash } from './trash.js';

/** What lies in the trash, and how many sessions that are. */
export interface Trash extends TrashState {
  sessions: number;
}

/** What lies in the trash now, and what of it is over the time that a policy gives it (`null`: for ever). */
export function trashState(
  trashTtl: PrunePolicy['trashTtl'],
  trashDir: string | null,
  { configDirs, now }: Workplace,
): Trash {
  const entries = readTrash(configDirs, trashDir);
  return {
    dir: trashDirsOf(configDirs, trashDir)[0] ?? '',
    sessions: entries.length,
    heldBytes: heldBytes(entries),
    expire: trashTtl === null ? [] : expiriesOf(entries, now() - trashTtl.ms),
  };
}
