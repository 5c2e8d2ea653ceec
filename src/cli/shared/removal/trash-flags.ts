import type { Command } from 'commander';
import { namedTrashDir } from '../../../retention/trash/trash-dir.js';
import type { LockedRunOptions } from '../../../retention/restore/run-locked.js';
import { quoted } from '../../../grammar/quoted.js';
import { parseDuration } from '../../../grammar/age.js';
import type { Context } from '../../context.js';
import { sanitize } from '../../render/text/sanitize.js';

/** The flags of commands that move sessions into or out of the trash, as typed. */
export interface TrashFlags {
  trashDir?: string;
  lockWait?: string;
}

/** Adds the flags for the trash folder and for waiting on another ccsess. */
export function addTrashFlags(command: Command): Command {
  return command
    .option('--trash-dir <folder>', 'trash folder (default: $CCSESS_TRASH_DIR, else .ccsess/trash in the config dir)')
    .option('--lock-wait <age>', 'how long to wait while another ccsess is making changes: 30s, 5min (default: 0)');
}

/** Reads the flags against the context's environment, folders and clock. Throws usage errors. */
export async function readTrashFlags({ trashDir, lockWait }: TrashFlags, context: Context): Promise<LockedRunOptions> {
  const lockWaitMs = lockWait === undefined ? 0 : await parseDuration(lockWait, context.now(), '--lock-wait');
  return { trashDir: namedTrashDir(trashDir, context), lockWaitMs };
}

/**
 * Returns a command line that finds the trash of this run again: `trashCommand('restore @last-prune', …)` is `ccsess
 * restore @last-prune`, with the config dirs and the trash folder if flags name them.
 */
export function trashCommand(command: string, { trashDir }: { trashDir: string | null }, context: Context): string {
  const isDefault = trashDir === namedTrashDir(undefined, context);
  const flag = trashDir === null || isDefault ? '' : ` --trash-dir ${quoted(sanitize(trashDir))}`;
  return `${context.invocation} ${command}${flag}`;
}
