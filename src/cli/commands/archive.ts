import type { Command } from 'commander';
import type { Context } from '../context.js';
import { markArchived } from '../shared/archiving.js';
import { addDryRun } from '../shared/changed.js';
import { readDryRunSessions, type DryRunSessions, type DryRunSessionsFlags } from '../shared/keep-output.js';
import { addSessionsArgument } from '../shared/named-session.js';

/** `ccsess archive`: hides sessions from the plain list until their next prompt. */
export function define(command: Command, context: Context): void {
  addDryRun(addSessionsArgument(command)).action((names: string[], flags: DryRunSessionsFlags) =>
    runArchive(readArchiveOptions(names, flags), context),
  );
}

/** Reads the arguments and flags of `archive`. Throws USAGE as `readSessions`. */
export function readArchiveOptions(names: readonly string[], flags: DryRunSessionsFlags): DryRunSessions {
  return readDryRunSessions(names, flags);
}

/** Archives the sessions and prints the outcome. Throws as `markArchived`. */
export async function runArchive(options: DryRunSessions, context: Context): Promise<void> {
  await markArchived(true, options, context);
}
