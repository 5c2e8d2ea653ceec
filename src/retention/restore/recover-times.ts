import type { Environment } from '../../claude/environment.js';
import type { SessionIndex } from '../../session-index/session-index.js';
import { renewTimes } from '../keep/keep-times.js';
import type { Recovered } from './recover.js';
import { runLocked, type LockedRunOptions } from './run-locked.js';

/**
 * Finishes or rolls back what an interrupted run left half done, and renews the times of sessions it brought back from
 * the trash. Throws as `runLocked`.
 */
export function recoverSessions(
  options: LockedRunOptions,
  environment: Environment,
  openIndex: () => Promise<SessionIndex>,
): Promise<Recovered[]> {
  return runLocked(options, environment, async (recovered) => {
    const restored = recovered.filter(({ outcome }) => outcome === 'restored');
    if (restored.length === 0) return recovered;
    // The interrupted run ended before it renewed their times.
    const index = await openIndex();
    const rows = index.rows.filter(({ file }) =>
      restored.some(({ id, projectDir }) => file.id === id && file.projectDir === projectDir),
    );
    renewTimes(rows, index, environment, { dryRun: false });
    return recovered;
  });
}
