import { relative, resolve } from 'node:path';
import { shortId } from '../claude/layout.js';
import { CcsessError } from '../system/errors.js';
import { phrase, sessionCall } from '../system/phrase.js';
import type { CheckpointSession } from './report.js';
import type { SessionFolders } from './target.js';

/**
 * Returns a filter for the tracked paths with these names: as tracked, relative to the current folder, or absolute;
 * without names it accepts every path. Throws NOT_FOUND for a name that is not tracked.
 */
export function chooseFiles(
  names: readonly string[],
  tracked: Iterable<string>,
  { row, folders }: Pick<CheckpointSession, 'row' | 'folders'>,
  cwd: string,
): (trackingPath: string) => boolean {
  if (names.length === 0) return () => true;
  const known = new Set(tracked);
  const included = new Set(
    names.map((name) => {
      const found = spellings(name, folders, cwd).find((spelling) => known.has(spelling));
      if (found !== undefined) return found;
      throw new CcsessError('NOT_FOUND', `the session tracks no file '${name}'.`, {
        hint: phrase`those it tracks: ${sessionCall('checkpoints', shortId(row.file.id))}`,
      });
    }),
  );
  return (path) => included.has(path);
}

function spellings(name: string, folders: SessionFolders | null, cwd: string): string[] {
  const path = resolve(cwd, name);
  const below = folders === null ? [] : [folders.cwd, folders.realCwd].map((folder) => relative(folder, path));
  return [...below, path, name].filter((spelling) => spelling !== '');
}
