import { realpathSync } from 'node:fs';
import { CcsessError } from '../../system/errors.js';
import { phrase, sessionCall } from '../../system/phrase.js';
import { projectDirOf } from '../../claude/project-key.js';
import type { Environment } from '../../claude/environment.js';
import type { SessionRecord } from '../../session-index/record.js';
import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import { isUnused } from './conversation.js';
import { isFolder } from '../../system/stat.js';

/** The folder in which Claude Code resumes a session, and the name by which it finds the session there. */
export interface ResumePoint {
  /** An existing folder; null if none of the recorded ones exists and any folder will do. */
  folder: string | null;
  /** The session's id, or the path of its transcript where the id alone does not lead to it. */
  name: string;
}

/**
 * Returns where to resume a session: in its own folder, else in the first recorded one that exists. Throws IO for a
 * session that was never used and whose folder is gone. Source: docs/storage.md, "Lifecycle".
 */
export function resumePoint(
  index: SessionIndex,
  row: SessionRow,
  record: SessionRecord,
  { env }: Pick<Environment, 'env'>,
): ResumePoint {
  const { id, path, projectDir, configDir } = row.file;
  // A session whose worktree was removed continues in its repository, as in Claude Code's picker there.
  const recorded = [record.cwd, record.repository, ...record.cwds].filter((folder) => folder !== null).filter(isFolder);
  const isFoundAnywhere = !isUnused(row) && !hasRival(index, row);
  if (isFoundAnywhere) return { folder: recorded[0] ?? null, name: id };

  const own = recorded.find((folder) => projectDirOf(realpathSync(folder), configDir, env) === projectDir);
  if (own !== undefined) return { folder: own, name: id };
  if (isUnused(row) && !(record.cwd !== null && isFolder(record.cwd))) {
    const why = record.cwd === null ? 'records no folder' : `belongs to ${record.cwd}, which is gone`;
    const message = `session ${id} has no messages yet and ${why}: Claude Code cannot find it.`;
    throw new CcsessError('IO', message, { hint: phrase`${sessionCall('move', id, ['<folder>'])}` });
  }
  return { folder: recorded[0] ?? null, name: path };
}

/**
 * True if another project dir holds a conversation of the same id: the id then identifies this session only in its own
 * folder.
 */
function hasRival(index: SessionIndex, { file }: SessionRow): boolean {
  return index
    .withId(file.id)
    .some(
      (other) =>
        other.resumable &&
        other.file.projectDir !== file.projectDir &&
        other.file.configDir.path === file.configDir.path,
    );
}
