import { wasInterrupted } from '../../../retention/lock.js';
import type { Recovered } from '../../../retention/restore/recover.js';
import type { LockedRunOptions } from '../../../retention/restore/run-locked.js';
import { recoverSessions } from '../../../retention/restore/recover-times.js';
import type { Context } from '../../context.js';
import { recoveredLine } from '../../render/trash.js';
import { recoverInterruptedMoves } from './recover-moves.js';

/**
 * Finishes or rolls back an interrupted run before a command reads the sessions it will change, and reports it on
 * stderr. Throws as `runLocked` and `recoverMoves`.
 */
export async function recoverFirst(options: LockedRunOptions, context: Context): Promise<Recovered[]> {
  await recoverInterruptedMoves(context);
  if (!wasInterrupted(context.configDirs, context)) return [];
  const recovered = await recoverSessions(options, context, () => context.openIndex());
  await context.stderr.write(
    recovered.map((one) => `ccsess: after an interrupted run: ${recoveredLine(one)}\n`).join(''),
  );
  return recovered;
}
