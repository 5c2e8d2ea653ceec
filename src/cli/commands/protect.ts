import type { Command } from 'commander';
import { CcsessError } from '../../system/errors.js';
import { renewTimes, requireRenewable } from '../../retention/keep/keep-times.js';
import { addDryRun } from '../shared/changed.js';
import type { Context } from '../context.js';
import {
  handleEach,
  namesIn,
  printKept,
  readDryRunSessions,
  type DryRunSessions,
  type DryRunSessionsFlags,
} from '../shared/keep-output.js';
import { addSessionsArgument, namedSessions } from '../shared/named-session.js';
import { protectedLine } from '../render/kept.js';

/** The flags of `protect`, as typed. */
export interface ProtectFlags extends DryRunSessionsFlags {
  pinned?: boolean;
}

/** Options of `protect`. */
export interface ProtectOptions extends DryRunSessions {
  /** Protect all pinned sessions; no session is named then. */
  pinned: boolean;
}

const MEANING =
  "Their files now look half a cleanup period old, so Claude Code's cleanup keeps them until then. Permanently: " +
  'ccsess pin';

/** `ccsess protect`: protects sessions from Claude Code's cleanup for a while. */
export function define(command: Command, context: Context): void {
  addDryRun(addSessionsArgument(command))
    .option('--pinned', 'protect all pinned sessions')
    .action((names: string[], flags: ProtectFlags) => runProtect(readProtectOptions(names, flags), context));
}

/** Reads the arguments and flags of `protect`. Throws USAGE unless sessions are named or `--pinned` is given. */
export function readProtectOptions(names: readonly string[], flags: ProtectFlags): ProtectOptions {
  const { pinned = false, last = false } = flags;
  const isNamed = last || names.length > 0;
  if (pinned && isNamed) throw new CcsessError('USAGE', 'name sessions or pass --pinned, not both.');
  if (!pinned && !isNamed)
    throw new CcsessError('USAGE', 'no session given: pass ids, titles or @N (row N of ccsess list), or --pinned.');
  return { ...readDryRunSessions(names, flags), pinned };
}

/**
 * Renews the file times of the named sessions, or of all pinned ones. Throws as `resolveSession`, and IO for a single
 * session that is reached through a link, before anything is changed.
 */
export async function runProtect({ dryRun, pinned, ...sessions }: ProtectOptions, context: Context): Promise<void> {
  const index = await context.openIndex({ readOnly: dryRun });
  const nameOf = namesIn(index);
  const named = pinned ? index.rows.filter((row) => row.pinned) : await namedSessions(index, sessions, context);
  const { done: rows, failures } = handleEach(named, ({ file }) => requireRenewable(file));
  const renewals = renewTimes(rows, index, context, { dryRun });
  const records = index.records(rows, { footprint: false });
  const sentences = renewals.sessions.flatMap((renewal, at) => {
    const record = records[at];
    return record === undefined ? [] : [protectedLine(nameOf(record), renewal, dryRun)];
  });
  const meaning = renewals.sessions.some(({ renewed }) => renewed > 0) && !dryRun ? [MEANING] : [];
  const none = named.length === 0 ? ['No session is pinned.'] : [];
  await printKept(index, { rows, sentences: [...none, ...sentences, ...meaning], renewals, failures, dryRun }, context);
}
