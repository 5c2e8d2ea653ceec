import { basename, dirname, join } from 'node:path';
import { isSessionId } from '../../claude/scan/scan.js';
import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import { absolutePath, realPathOrSelf } from '../../system/real-path.js';

/**
 * Returns the sessions whose transcript a path names: absolute, from the home folder (`~/…`, also in quotes), from the
 * current folder, or from a config dir (`projects/<project dir>/<id>`). The ending `.jsonl` may be left out.
 */
export function transcriptsAt(
  index: SessionIndex,
  name: string,
  { cwd, home }: { cwd: string; home: string },
): SessionRow[] {
  const id = idOfTranscript(name);
  if (id === null) return [];
  const rows = index.withId(id);
  const isAt = ({ file }: SessionRow, folder: string): boolean => {
    const path = join(dirname(absolutePath(name, { cwd: folder, home })), `${id}.jsonl`);
    return path === file.path || realPathOrSelf(path) === realPathOrSelf(file.path);
  };
  const fromHere = rows.filter((row) => isAt(row, cwd));
  return fromHere.length > 0 ? fromHere : rows.filter((row) => isAt(row, row.file.configDir.path));
}

/** Returns the session id in a name that is a path (`…/<id>` or `<id>.jsonl`); null for any other name. */
export function idOfTranscript(name: string): string | null {
  const id = basename(name, '.jsonl');
  return id !== name && isSessionId(id) ? id : null;
}

/** Returns the shortest path that names this transcript and no other of the index, from the config dir or absolute. */
export function transcriptName(index: SessionIndex, { file }: SessionRow): string {
  const isOnlyOne = index
    .withId(file.id)
    .every(({ file: other }) => other.projectDir !== file.projectDir || other.configDir.path === file.configDir.path);
  return isOnlyOne ? join('projects', file.projectDir, file.id) : file.path;
}
