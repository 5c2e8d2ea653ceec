import { MANAGED_SETTINGS_FOLDERS, readManagedSettings } from '../claude/cleanup/cleanup-policy.js';
import type { Environment } from '../claude/environment.js';
import type { SessionRecord } from '../session-index/record.js';
import type { SessionIndex, SessionRow } from '../session-index/session-index.js';
import { statOrNull } from '../system/stat.js';
import { historyFolder } from './contents.js';
import { CcsessError } from '../system/errors.js';
import { findCheckpoint } from './find-checkpoint.js';
import type { Checkpoint, History } from './model.js';

/** Reason why a session has no checkpoints, or none whose files can be restored. */
export interface Absence {
  code: 'headless' | 'switched-off' | 'cleaned-up' | 'fork-session' | 'none' | 'left-branch';
  message: string;
}

/**
 * Returns the reason why a session cannot be rewound; null if it can. Settings are read as they are now, so they can
 * explain an absence but not predict one.
 */
export function absenceOf(
  history: History,
  index: SessionIndex,
  { row, record }: { row: SessionRow; record: SessionRecord },
  { system }: Pick<Environment, 'system'>,
): Absence | null {
  const named = history.snapshots.some(({ files }) => [...files.values()].some(({ name }) => name !== null));
  if (named && statOrNull(historyFolder(row.file)) === null)
    return { code: 'cleaned-up', message: "its file history is gone: Claude Code's cleanup deletes it by age." };
  if (history.checkpoints.some(({ isActive }) => isActive)) return null;
  if (history.checkpoints.length > 0)
    return { code: 'left-branch', message: 'none on the active branch, only on abandoned ones.' };
  const source = sourceOf(index, row);
  if (source !== null)
    return {
      code: 'fork-session',
      message: `Claude Code forked it from session ${source}, whose file history has the backups.`,
    };
  if (isSwitchedOff(system.platform))
    return { code: 'switched-off', message: 'managed settings switch them off (fileCheckpointingEnabled).' };
  if (record.kind === 'headless') {
    const message =
      'claude -p and the Agent SDK make them only with enableFileCheckpointing ' +
      '(CLAUDE_CODE_ENABLE_SDK_FILE_CHECKPOINTING=1).';
    return { code: 'headless', message };
  }
  return { code: 'none', message: 'none was made: no prompt has a snapshot.' };
}

/**
 * Returns the checkpoint of a prompt number or message uuid, as `findCheckpoint`. Throws NOT_FOUND with the reason if
 * the session has no checkpoints.
 */
export function requireCheckpoint(
  session: { history: History; row: SessionRow; record: SessionRecord },
  to: string,
  index: SessionIndex,
  environment: Pick<Environment, 'system'>,
): Checkpoint {
  const { history, row } = session;
  if (history.checkpoints.length > 0) return findCheckpoint(history, to, row.file.id);
  const reason = absenceOf(history, index, session, environment)?.message ?? '';
  throw new CcsessError('NOT_FOUND', `session ${row.file.id} has no checkpoints: ${reason}`);
}

/**
 * Returns the id of the session that this one is an unmarked copy of: it has the same start time and shares responses.
 */
function sourceOf(index: SessionIndex, row: SessionRow): string | null {
  if (row.forked || row.createdMs === null) return null;
  const source = index
    .withSharedResponses([row])
    .find(({ file, createdMs }) => file.id !== row.file.id && createdMs === row.createdMs);
  return source?.file.id ?? null;
}

function isSwitchedOff(platform: string): boolean {
  const { files } = readManagedSettings(MANAGED_SETTINGS_FOLDERS[platform]);
  const setting = files.find(({ members }) => Object.hasOwn(members, 'fileCheckpointingEnabled'));
  return setting?.members['fileCheckpointingEnabled'] === false;
}
