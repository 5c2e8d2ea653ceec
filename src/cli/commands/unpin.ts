import type { Command } from 'commander';
import { unpinSession } from '../../retention/keep/pins.js';
import { addDryRun } from '../shared/changed.js';
import type { Context } from '../context.js';
import {
  handleNamed,
  printKept,
  readDryRunSessions,
  type DryRunSessions,
  type DryRunSessionsFlags,
} from '../shared/keep-output.js';
import { addSessionsArgument } from '../shared/named-session.js';
import { formatDay } from '../render/text/age.js';

/** `ccsess unpin`: stops protecting sessions. */
export function define(command: Command, context: Context): void {
  addDryRun(addSessionsArgument(command)).action((names: string[], flags: DryRunSessionsFlags) =>
    runUnpin(readUnpinOptions(names, flags), context),
  );
}

/** Reads the arguments and flags of `unpin`. Throws USAGE as `readSessions`. */
export function readUnpinOptions(names: readonly string[], flags: DryRunSessionsFlags): DryRunSessions {
  return readDryRunSessions(names, flags);
}

/**
 * Unpins the named sessions; their file times stay the same. Throws as `resolveSession`, before anything is changed.
 */
export async function runUnpin(options: DryRunSessions, context: Context): Promise<void> {
  const { dryRun } = options;
  const { index, nameOf, done, failures } = await handleNamed(options, context, ({ file }) => unpinSession(file));
  const sentences = index.records(done, { footprint: false }).map((record) => {
    if (!record.pinned) return `${nameOf(record)} was not pinned.`;
    const until =
      record.expiresAt === null
        ? ''
        : `; Claude Code's cleanup keeps it until ${formatDay(Date.parse(record.expiresAt))}`;
    return `${dryRun ? 'Would unpin' : 'Unpinned'} ${nameOf(record)}${until}.`;
  });
  await printKept(index, { rows: done, sentences, renewals: null, failures, dryRun }, context);
}
