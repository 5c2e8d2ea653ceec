import type { Command } from 'commander';
import { renewTimes } from '../../retention/keep/keep-times.js';
import { pinSession } from '../../retention/keep/pins.js';
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
import { pinsRenewed } from '../render/kept.js';

/** `ccsess pin`: protects sessions from prune and from Claude Code's cleanup. */
export function define(command: Command, context: Context): void {
  addDryRun(addSessionsArgument(command)).action((names: string[], flags: DryRunSessionsFlags) =>
    runPin(readPinOptions(names, flags), context),
  );
}

/** Reads the arguments and flags of `pin`. Throws USAGE as `readSessions`. */
export function readPinOptions(names: readonly string[], flags: DryRunSessionsFlags): DryRunSessions {
  return readDryRunSessions(names, flags);
}

/**
 * Pins the named sessions and renews the times of all pinned ones. Throws as `resolveSession`, before anything is
 * changed.
 */
export async function runPin(options: DryRunSessions, context: Context): Promise<void> {
  const { dryRun } = options;
  const { index, nameOf, done, failures } = await handleNamed(options, context, ({ file, pinned }) => {
    if (!pinned) pinSession(file, context);
  });
  const pinned = [...new Set([...index.rows.filter((row) => row.pinned), ...done])];
  const renewals = renewTimes(pinned, index, context, { dryRun });
  const records = index.records(done, { footprint: false });
  const sentences = records.map((record) => {
    if (record.pinned) return `${nameOf(record)} is already pinned.`;
    return `${dryRun ? 'Would pin' : 'Pinned'} ${nameOf(record)}.`;
  });
  await printKept(
    index,
    { rows: done, sentences: [...sentences, pinsRenewed(renewals.sessions, dryRun)], renewals, failures, dryRun },
    context,
  );
}
