import { existsSync, mkdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CcsessError } from '../../system/errors.js';
import { requireOwnTranscript, sideFolderOf } from '../../claude/layout.js';
import type { TranscriptFile } from '../../claude/model.js';
import { errorCode, messageOf } from '../../system/problem.js';
import { isPinned } from '../../claude/sidecars.js';
import type { Environment } from '../../claude/environment.js';
import { requirePlainFolder } from '../../system/safe-path.js';
import { sweepTemporaries } from '../../system/temporaries.js';
import { createFile, PRIVATE_FOLDER } from '../../system/write-file.js';

/** Name of the file in a session's side folder that pins it. It is part of the session, and is moved with it. */
const PIN = 'pinned.json';

/**
 * Pins a session, so that no prune removes it; returns false if it is already pinned. Does not renew its file times
 * (`renewTimes`). Throws IO if the file cannot be written.
 */
export function pinSession(file: TranscriptFile, { now }: Pick<Environment, 'now'>): boolean {
  const folder = sideFolderOf(file);
  try {
    if (!existsSync(file.path)) throw new Error('it is gone');
    requireOwnTranscript(file);
    requirePlainFolder(folder);
    if (!existsSync(folder)) mkdirSync(folder, { mode: PRIVATE_FOLDER });
    sweepTemporaries(folder, (name) => name === PIN);
    const isNew = createFile(
      join(folder, PIN),
      `${JSON.stringify({ pinned: true, at: new Date(now()).toISOString() })}\n`,
    );
    if (!existsSync(file.path)) {
      // The session was moved meanwhile; a side folder left here would be in the way of a restore.
      rmSync(join(folder, PIN), { force: true });
      removeIfEmpty(folder);
      throw new Error('it is gone');
    }
    return isNew;
  } catch (error) {
    throw refused(file, 'pinned', error);
  }
}

/**
 * Unpins a session, and removes a side folder that held nothing else; returns false if it was not pinned. Throws IO if
 * the file cannot be removed.
 */
export function unpinSession(file: TranscriptFile): boolean {
  if (!isPinned(file)) return false;
  const folder = sideFolderOf(file);
  try {
    requireOwnTranscript(file);
    requirePlainFolder(folder);
    rmSync(join(folder, PIN), { recursive: true });
  } catch (error) {
    throw refused(file, 'unpinned', error);
  }
  removeIfEmpty(folder);
  return true;
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // The folder is not empty.
  }
}

function refused({ id }: TranscriptFile, what: string, error: unknown): CcsessError {
  const code = errorCode(error);
  const why = code === null ? `: ${messageOf(error)}` : ` (${code})`;
  return new CcsessError('IO', `session ${id} could not be ${what}${why}.`, { cause: error });
}
