import type { Command } from 'commander';
import { CcsessError } from '../../system/errors.js';
import { renewTimes } from '../../retention/keep/keep-times.js';
import { addDryRun } from '../shared/changed.js';
import type { Context } from '../context.js';
import { namesIn, printKept, type KeepFlags } from '../shared/keep-output.js';
import { addSessionsArgument, namedSessions } from '../shared/named-session.js';
import { protectedLine } from '../render/kept.js';

/** The flags of `protect`, as written. */
export interface ProtectFlags extends KeepFlags {
  pinned?: boolean;
}

const MEANING =
  "Their files now look half a cleanup period old, so Claude Code's cleanup passes them by until then. For good: ccsess pin";

/** `ccsess protect`: keeps sessions from Claude Code's cleanup for a while. */
export function define(command: Command, context: Context): void {
  addDryRun(addSessionsArgument(command))
    .option('--pinned', 'protect all pinned sessions')
    .action((names: string[], flags: ProtectFlags) => protect(names, flags, context));
}

/**
 * Renews the file times of the named sessions, or of all pinned ones. Throws as `resolveSession`, before anything is
 * changed.
 */
export async function protect(
  names: readonly string[],
  { pinned = false, last = false, dryRun = false }: ProtectFlags,
  context: Context,
): Promise<void> {
  if (pinned === (last || names.length > 0))
    throw new CcsessError('USAGE', 'name sessions or pass --pinned, not both.');
  const index = await context.openIndex({ readOnly: dryRun });
  const nameOf = namesIn(index);
  const rows = pinned ? index.rows.filter((row) => row.pinned) : await namedSessions(index, names, last, context);
  const renewals = renewTimes(rows, index, context, { dryRun });
  const records = index.records(rows, { footprint: false });
  const sentences = renewals.sessions.flatMap((renewal, at) => {
    const record = records[at];
    return record === undefined ? [] : [protectedLine(nameOf(record), renewal, dryRun)];
  });
  const meaning = renewals.sessions.some(({ renewed }) => renewed > 0) && !dryRun ? [MEANING] : [];
  const none = rows.length === 0 ? ['No session is pinned.'] : [];
  await printKept(
    index,
    { rows, sentences: [...none, ...sentences, ...meaning], renewals, failures: [], dryRun },
    context,
  );
}
