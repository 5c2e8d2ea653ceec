import type { Checkpoint } from '../../checkpoints/model.js';
import type { Environment } from '../../claude/environment.js';
import type { SessionRecord } from '../../session-index/record.js';
import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import { CcsessError } from '../../system/errors.js';
import { forkTitle, titlesAmong, type TakenTitles } from '../amend/fork-title.js';
import { createSession } from '../create/create.js';
import { forkSession } from '../fork/fork.js';

/** A session that is forked to continue from a rewound state. */
export interface RewoundSession {
  row: SessionRow;
  record: SessionRecord;
}

/** Throws USAGE for a checkpoint that is not on the active branch: a fork can only end on that. */
export function requireForkable({ isActive, messageUuid }: Pick<Checkpoint, 'isActive' | 'messageUuid'>): void {
  if (isActive) return;
  throw new CcsessError(
    'USAGE',
    `message ${messageUuid} is not on the active branch, which is what forks are made of.`,
  );
}

/**
 * Forks a session into a new one that ends before a checkpoint's message, and returns its id. The result is that of
 * `fork --at` with the prompt before; for the first prompt it is an empty session of the same folder. Throws as
 * `forkSession` and `createSession`.
 */
export function forkBefore(
  index: SessionIndex,
  { row, record }: RewoundSession,
  checkpoint: Pick<Checkpoint, 'isActive' | 'messageUuid' | 'prompt' | 'previousUuid'>,
  environment: Environment,
): string {
  requireForkable(checkpoint);
  const { prompt, previousUuid } = checkpoint;
  if (previousUuid !== null) {
    const at = prompt !== null && prompt > 1 ? String(prompt - 1) : previousUuid;
    return forkSession(index, row, { at }, environment).id;
  }
  const configDirs = [row.file.configDir];
  const title = forkTitle(record.title ?? record.id, titlesInProject(index, row));
  const cwd = record.cwd === null ? {} : { cwd: record.cwd };
  return createSession({ title, ...cwd }, { ...environment, configDirs }).id;
}

function titlesInProject(index: SessionIndex, { file }: SessionRow): TakenTitles {
  return titlesAmong(index, (row) => row.file.projectDir === file.projectDir && row.file.configDir === file.configDir);
}
