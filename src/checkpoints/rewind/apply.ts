import { safeName } from '../../system/safe-path.js';
import { CcsessError } from '../../system/errors.js';
import { liveNow } from '../../claude/live/live-now.js';
import { sessionIdOf } from '../../claude/scan/scan.js';
import type { Environment } from '../../claude/environment.js';
import { runLocked, type LockedRunOptions } from '../../retention/restore/run-locked.js';
import { trashDirOf } from '../../retention/trash/trash-dir.js';
import { sweepUndoCopies } from '../../retention/undo/undo-copies.js';
import type { CheckpointSession } from '../report.js';
import type { PreparedRewind, RewindPlan } from './model.js';
import { replaceFiles } from './replace.js';
import { sweepNextTo } from './stage.js';
import type { UndoHead } from './save.js';
import { option, phrase } from '../../system/phrase.js';

/** Throws LIVE if a session is live: its Claude Code would not know the restored files, and overwrite them. */
export function refuseLiveRewind({ row, record }: CheckpointSession, environment: Environment): void {
  const live = liveNow(environment, record.id, row.lastActivityMs);
  if (live === null) return;
  const holder = live.pid === null ? '' : ` in pid ${live.pid}`;
  throw new CcsessError('LIVE', `session ${record.id} is open${holder}: its files may be written at any moment.`, {
    hint: phrase`use /rewind there, close it, or pass ${option('force')}`,
  });
}

/**
 * Applies a plan under the lock: saves the current files in the trash, then replaces all of them or none. Returns the
 * plan with its result. Throws as `runLocked` and `replaceFiles`, and LIVE unless `force`.
 */
export function applyRewind(
  { plan, replacements, paths }: PreparedRewind,
  session: CheckpointSession,
  options: LockedRunOptions & { force: boolean },
  environment: Environment,
): Promise<RewindPlan> {
  return runLocked(options, environment, () => {
    if (!options.force) refuseLiveRewind(session, environment);
    sweepUndoCopies(environment.configDirs, options.trashDir);
    sweepNextTo(paths);
    const head = headFor(session, plan, environment);
    const copy = replaceFiles(replacements, head, trashDirOf(session.row.file.configDir, options.trashDir));
    return Promise.resolve({ ...plan, dryRun: false, undo: copy?.id ?? null });
  });
}

function headFor({ record }: CheckpointSession, { checkpoint }: RewindPlan, { now }: Environment): UndoHead {
  return {
    kind: 'rewind',
    undoes: null,
    savedAt: new Date(now()).toISOString(),
    configDir: record.configDir,
    sessionId: sessionIdOf(record.id),
    projectDir: safeName(record.projectDir),
    cwd: record.cwd ?? '',
    title: record.title,
    prompt: checkpoint.prompt,
    messageUuid: checkpoint.messageUuid,
  };
}
