import type { TouchedFile } from '../../sessions/files/file-record.js';
import { findFile } from '../../sessions/files/find-file.js';
import {
  listTouchedFiles as touchedFilesOf,
  readFileVersion as versionOf,
} from '../../sessions/files/touched-files.js';
import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import { CcsessError } from '../../system/errors.js';
import { Session } from '../session.js';
import { getSession } from '../sessions.js';
import { openIndex, rowAt, surroundingsOf, type LibraryOptions } from '../surroundings.js';

/**
 * Returns the files that the tools of a session and its subagents read, wrote or edited, by path. Rejects with
 * NOT_FOUND or AMBIGUOUS for the session.
 */
export async function listTouchedFiles(
  session: Session | string,
  options: LibraryOptions = {},
): Promise<TouchedFile[]> {
  const { row, cwd } = await found(session, options);
  return touchedFilesOf(row, cwd).files;
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
): Promise<{ row: SessionRow; cwd: string | null }> {
  const named = session instanceof Session ? session : await getSession(session, options);
  if (named === null) throw new CcsessError('NOT_FOUND', `no session '${String(session)}'.`);
  const index: SessionIndex = await openIndex(surroundingsOf(options));
  const row = rowAt(index, named);
  return { row, cwd: index.records([row], { footprint: false })[0]?.cwd ?? null };
}
