import type { Command } from 'commander';
import { pendingIn, type Recovered } from '../../retention/restore/recover.js';
import type { LockedRunOptions } from '../../retention/restore/run-locked.js';
import type { TrashEntry } from '../../retention/trash/trash-entry.js';
import type { Context } from '../context.js';
import { recoverSessions } from '../../retention/restore/recover-times.js';
import { toJson } from '../render/text/json.js';
import { inspectTrash } from '../../retention/trash/trash.js';
import { readUndoCopies } from '../../retention/undo/undo-copies.js';
import { interruptedRewind, noteProblems } from '../shared/notes.js';
import { recoveredLine } from '../render/trash.js';
import { damagedJournalLines } from '../shared/removal/damaged-journals.js';
import { recoverInterruptedMoves } from '../shared/removal/recover-moves.js';
import { isMoveInterrupted } from '../../sessions/move/move.js';
import { addTrashFlags, readTrashFlags, type TrashFlags } from '../shared/removal/trash-flags.js';
import { printSentences } from '../shared/print-sentences.js';
import { PARTLY_DONE } from '../../system/errors.js';

/** The flags of `recover`, as typed. */
export interface RecoverFlags extends TrashFlags {
  dryRun?: boolean;
}

/** Options of `recover`. */
export interface RecoverOptions extends LockedRunOptions {
  /** Only print what would be done. */
  dryRun: boolean;
}

/** `ccsess recover`: finishes or rolls back an interrupted run. */
export function define(command: Command, context: Context): void {
  addTrashFlags(command)
    .option('-n, --dry-run', 'show what would be done without doing it')
    .action(async (flags: RecoverFlags) => runRecover(await readRecoverOptions(flags, context), context));
}

/** Reads the flags of `recover`. Throws usage errors as `readTrashFlags`. */
export async function readRecoverOptions(flags: RecoverFlags, context: Context): Promise<RecoverOptions> {
  return { ...(await readTrashFlags(flags, context)), dryRun: flags.dryRun === true };
}

/**
 * Finishes or rolls back interrupted runs and prints the outcome of each session; that of interrupted moves goes to
 * stderr. Sets exit code 3 while a session is, or may be, half moved, or a rewind is unfinished.
 */
export async function runRecover({ dryRun, ...options }: RecoverOptions, context: Context): Promise<void> {
  const { stdout, global } = context;
  const moves = dryRun
    ? context.configDirs.filter((configDir) => isMoveInterrupted(configDir, context))
    : await recoverInterruptedMoves(context, { explains: false });
  const found = dryRun
    ? pendingIn(options, context).map(pending)
    : await recoverSessions(options, context, () => context.openIndex());
  await noteProblems(inspectTrash(context.configDirs, options.trashDir).problems, context);
  const isRefused = moves.some((move) => 'refused' in move && move.refused.length > 0);
  const damaged = damagedJournalLines(context);
  await context.stderr.write(damaged.map((line) => `${line}\n`).join(''));
  const { copies } = readUndoCopies(context.configDirs, options.trashDir);
  const rewinds = copies.filter(({ state }) => state === 'applying');
  const hasFailed = found.some(({ outcome }) => outcome === 'failed');
  if (isRefused || hasFailed || damaged.length > 0 || rewinds.length > 0) context.setExitCode(PARTLY_DONE);
  for (const { id } of rewinds) await context.stderr.write(interruptedRewind(id, context));
  if (global.json) return stdout.write(`${toJson(found.map(toData), stdout.isTerminal)}\n`);
  const lines = [...(dryRun && moves.length > 0 ? ['A move was interrupted.'] : []), ...found.map(recoveredLine)];
  if ([lines, moves, rewinds, damaged].every(({ length }) => length === 0)) lines.push('Nothing to recover.');
  await printSentences(lines, context);
}

function pending({ session: { id, configDir, projectDir, title } }: TrashEntry): Recovered {
  return { id, configDir, projectDir, title, outcome: 'pending', error: null };
}

function toData({ configDir, id, projectDir, title, outcome, error }: Recovered): object {
  return { schemaVersion: 1, configDir, id, projectDir, title, outcome, error };
}
