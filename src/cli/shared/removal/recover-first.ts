import { renewTimes } from '../../../retention/keep/keep-times.js';
import { wasInterrupted } from '../../../retention/lock.js';
import { runAlone, type AloneOptions, type Recovered } from '../../../retention/restore/recover.js';
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
  const recovered = await recoverNow(options, context);
  await context.stderr.write(
    recovered.map((one) => `ccsess: after an interrupted run: ${recoveredLine(one)}\n`).join(''),
  );
  return recovered;
}

/** As `recoverFirst`, also if no run is known to have been interrupted, and without a word. */
export function recoverNow(options: AloneOptions, context: Context): Promise<Recovered[]> {
  return runAlone(options, context, async (recovered) => {
    const restored = recovered.filter(({ outcome }) => outcome === 'restored');
    if (restored.length === 0) return recovered;
    // The run that was to renew their times did not come to it.
    const index = await context.openIndex();
    const rows = index.rows.filter(({ file }) =>
      restored.some(({ id, projectDir }) => file.id === id && file.projectDir === projectDir),
    );
    renewTimes(rows, index, context, { dryRun: false });
    return recovered;
  });
}
