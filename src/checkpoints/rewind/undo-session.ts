import type { Environment } from '../../claude/environment.js';
import type { UndoCopy } from '../../retention/undo/undo-copies.js';
import type { SessionIndex } from '../../session-index/session-index.js';
import { openCheckpoints, type CheckpointSession } from '../report.js';

/**
 * Returns the session of an undo copy, even if it was moved to another project; null if it is gone. Throws Node's error
 * if its transcript cannot be read.
 */
export function sessionOfCopy(
  { manifest }: UndoCopy,
  index: SessionIndex,
  environment: Pick<Environment, 'home'>,
): CheckpointSession | null {
  const rows = index.withId(manifest.sessionId).filter(({ file }) => file.configDir.path === manifest.configDir);
  const row = rows.find(({ file }) => file.projectDir === manifest.projectDir) ?? rows[0];
  const [record] = row === undefined ? [] : index.records([row], { footprint: false });
  return row === undefined || record === undefined ? null : openCheckpoints(row, record, environment);
}
