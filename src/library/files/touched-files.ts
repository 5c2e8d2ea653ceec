import type { TouchedFile } from '../../sessions/files/file-record.js';
import { findFile } from '../../sessions/files/find-file.js';
import {
  listTouchedFiles as touchedFilesOf,
  readFileVersion as versionOf,
} from '../../sessions/files/touched-files.js';
import type { SessionRow } from '../../session-index/session-index.js';
import { CcsessError } from '../../system/errors.js';
import { sessionGoneError } from '../../sessions/amend/amend.js';
import { sessionsNamed, contextFor, type Session } from '../session.js';
import { checkCount, checkOptions, checkPath } from '../support/options.js';
import { LIBRARY_OPTIONS, openIndex, reportProblems, type LibraryOptions, type LibraryContext } from '../context.js';

/**
 * Resolves to the files that tools of a session and its subagents read, wrote or edited, by path. Rejects with
 * NOT_FOUND or AMBIGUOUS for the session.
 */
export async function listTouchedFiles(
  session: Session | string,
  options: LibraryOptions = {},
): Promise<TouchedFile[]> {
  const { row, cwd, context } = await findRow(session, options);
  const { files, problems } = touchedFilesOf(row, cwd);
  reportProblems(problems, context);
  return files;
}

/**
 * Resolves to the content of a version of a file, numbered as in `TouchedFile.versions`. Rejects with NOT_FOUND or
 * AMBIGUOUS for the session, the path and the version.
 */
export async function readFileVersion(
  session: Session | string,
  path: string,
  version: number,
  options: LibraryOptions = {},
): Promise<Uint8Array> {
  checkPath(path, 'path');
  checkCount(version, 'version');
  const { row, cwd } = await findRow(session, options);
  const file = findFile(touchedFilesOf(row, cwd).files, path, cwd === null ? [] : [cwd]);
  const content = versionOf(row, cwd, file.path, version);
  if (content === null) throw new CcsessError('NOT_FOUND', `${file.path} has no version ${version}.`);
  return content;
}

async function findRow(
  session: Session | string,
  options: LibraryOptions,
): Promise<{ row: SessionRow; cwd: string | null; context: LibraryContext }> {
  checkOptions(options, LIBRARY_OPTIONS);
  const context = contextFor([session], options);
  const index = await openIndex(context);
  const [row] = await sessionsNamed(index, [session], context);
  if (row === undefined) throw sessionGoneError(String(session));
  return { row, cwd: index.records([row], { footprint: false })[0]?.cwd ?? null, context };
}
