import type { TouchedFile } from '../../sessions/files/file-record.js';
import { findFile } from '../../sessions/files/find-file.js';
import {
  listTouchedFiles as touchedFilesOf,
  readFileVersion as versionOf,
} from '../../sessions/files/touched-files.js';
import type { SessionRow } from '../../session-index/session-index.js';
import { CcsessError } from '../../system/errors.js';
import { sessionGoneError } from '../../sessions/amend/amend.js';
import { sessionsNamed, surroundingsFor, type Session } from '../session.js';
import { checkOptions } from '../support/options.js';
import { LIBRARY_OPTIONS, openIndex, reportProblems, type LibraryOptions, type Surroundings } from '../surroundings.js';

/**
 * Returns the files that the tools of a session and its subagents read, wrote or edited, by path. Rejects with
 * NOT_FOUND or AMBIGUOUS for the session.
 */
export async function listTouchedFiles(
  session: Session | string,
  options: LibraryOptions = {},
): Promise<TouchedFile[]> {
  const { row, cwd, surroundings } = await found(session, options);
  const { files, problems } = touchedFilesOf(row, cwd);
  reportProblems(problems, surroundings);
  return files;
}

/**
 * Returns the content of a version of a file, counted as in `TouchedFile.versions`. Rejects with NOT_FOUND or AMBIGUOUS
 * for the session, the path and the version.
 */
export async function readFileVersion(
  session: Session | string,
  path: string,
  version: number,
  options: LibraryOptions = {},
): Promise<Uint8Array> {
  const { row, cwd } = await found(session, options);
  const file = findFile(touchedFilesOf(row, cwd).files, path, cwd === null ? [] : [cwd]);
  const content = versionOf(row, cwd, file.path, version);
  if (content === null) throw new CcsessError('NOT_FOUND', `${file.path} has no version ${version}.`);
  return content;
}

async function found(
  session: Session | string,
  options: LibraryOptions,
): Promise<{ row: SessionRow; cwd: string | null; surroundings: Surroundings }> {
  checkOptions(options, LIBRARY_OPTIONS);
  const surroundings = surroundingsFor([session], options);
  const index = await openIndex(surroundings);
  const [row] = await sessionsNamed(index, [session], surroundings);
  if (row === undefined) throw sessionGoneError(String(session));
  return { row, cwd: index.records([row], { footprint: false })[0]?.cwd ?? null, surroundings };
}
