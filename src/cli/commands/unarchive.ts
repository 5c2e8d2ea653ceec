import type { Command } from 'commander';
import type { Context } from '../context.js';
import { markArchived } from '../shared/archiving.js';
import { addDryRun } from '../shared/changed.js';
import { readDryRunSessions, type DryRunSessions, type DryRunSessionsFlags } from '../shared/keep-output.js';
import { addSessionsArgument } from '../shared/named-session.js';

/** `ccsess unarchive`: shows sessions in the plain list again. */
export function define(command: Command, context: Context): void {
  addDryRun(addSessionsArgument(command)).action((names: string[], flags: DryRunSessionsFlags) =>
    runUnarchive(readUnarchiveOptions(names, flags), context),
  );
}

/** Reads the arguments and flags of `unarchive`. Throws USAGE as `readSessions`. */
export function readUnarchiveOptions(names: readonly string[], flags: DryRunSessionsFlags): DryRunSessions {
  return readDryRunSessions(names, flags);
}

/** Unarchives the sessions and prints the outcome. Throws as `markArchived`. */
export async function runUnarchive(options: DryRunSessions, context: Context): Promise<void> {
  await markArchived(false, options, context);
}
