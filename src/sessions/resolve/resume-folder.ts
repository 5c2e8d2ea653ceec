import { realpathSync, statSync } from 'node:fs';
import { CcsessError } from '../../system/errors.js';
import { projectDirOf } from '../../claude/project-key.js';
import type { Workplace } from '../../claude/workplace.js';
import type { SessionRecord } from '../../session-index/record.js';
import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';

/**
 * The folder to go on with a session in: its own, else the first of those it recorded that is still there; null if none
 * is, for then Claude Code finds it from any folder. Where its id lies in several project dirs, Claude Code finds it only
 * in a folder that has this one for its project dir: IO if there is none. Source: docs/storage.md, "Lifecycle".
 */
export function resumeFolder(
  index: SessionIndex,
  row: SessionRow,
  record: SessionRecord,
  { env }: Pick<Workplace, 'env'>,
): string | null {
  const { id, projectDir, configDir } = row.file;
  const recorded = [...(record.cwd === null ? [] : [record.cwd]), ...record.cwds].filter(isFolder);
  const isAlone = !index
    .withId(id)
    .some(({ file }) => file.projectDir !== projectDir && file.configDir.path === configDir.path);
  if (isAlone) return recorded[0] ?? null;
  const findsIt = (folder: string): boolean => projectDirOf(realpathSync(folder), configDir, env) === projectDir;
  const found = recorded.find(findsIt);
  if (found !== undefined) return found;
  const folder = record.cwd ?? projectDir;
  throw new CcsessError(
    'IO',
    `session ${id} lies in several projects, and Claude Code finds this copy only from ${folder}, which is gone.`,
    {
      hint: `ccsess fork ${id} -p ${folder} --cwd <folder>`,
    },
  );
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
