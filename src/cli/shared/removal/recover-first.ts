import { wasInterrupted } from '../../../retention/lock.js';
import type { AloneOptions, Recovered } from '../../../retention/restore/recover.js';
import { recoverSessions } from '../../../retention/restore/recover-times.js';
import type { Context } from '../../context.js';
import { recoveredLine } from '../../render/trash.js';
import { settleMoves } from './settle-moves.js';

/**
 * Finishes or rolls back what an interrupted run left half done, before a command looks at the sessions it is to
 * change; says on stderr what it did. Does nothing where nothing was interrupted. Throws as `runAlone` and
 * `recoverMoves`.
 */
export async function recoverFirst(options: AloneOptions, context: Context): Promise<Recovered[]> {
  await settleMoves(context);
  if (!wasInterrupted(context.configDirs, context)) return [];
  const recovered = await recoverSessions(options, context, () => context.openIndex());
  await context.stderr.write(
    recovered.map((one) => `ccsess: after an interrupted run: ${recoveredLine(one)}\n`).join(''),
  );
  return recovered;
}
