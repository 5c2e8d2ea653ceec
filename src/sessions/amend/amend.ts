import { statSync } from 'node:fs';
import { CcsessError } from '../../system/errors.js';
import { findTranscripts } from '../../claude/scan/find-transcript.js';
import { requireOwnTranscript } from '../../claude/layout.js';
import { liveNow } from '../../claude/live/live-now.js';
import type { TranscriptFile } from '../../claude/model.js';
import { errorCode } from '../../system/problem.js';
import { UnsafePath } from '../../system/safe-path.js';
import type { Workplace } from '../../claude/workplace.js';
import { settleReplaced } from '../../retention/replaced.js';
import type { SessionRow } from '../../session-index/session-index.js';
import { appendEntries } from '../../transcript/append.js';

/** How a session is changed. */
export interface Amending {
  /** Let the transcript count as changed now, for Claude Code's cleanup and `-c`; else its times stay as they are. */
  touch?: boolean;
  /** Check all that can be checked, and write nothing. */
  dryRun?: boolean;
}

/**
 * Appends entries that say something of a session to its transcript: whole or not at all, and also while it is live.
 * The file's times are put back unless `touch` says otherwise, it is live now, or somebody else wrote to it meanwhile.
 * Rejects with IO for a session Claude Code cannot open, which a line more would not mend; NOT_FOUND if it is gone; IO
 * if it cannot be written, or only through a link, with nothing changed.
 */
export async function amendSession(
  row: SessionRow,
  entries: readonly object[],
  { touch = false, dryRun = false }: Amending,
  workplace: Workplace,
): Promise<void> {
  const { id, path, configDir } = row.file;
  if (!row.resumable) throw isGone(path) ? sessionNotFoundError(row.file) : noConversation(id);
  requireUnlinkedTranscript(row.file, `session ${id} was not changed: it`);
  if (dryRun) return;
  // Lines that a move left to be carried over come before ours.
  await settleReplaced(configDir, workplace);
  try {
    appendEntries(path, entries, { keepTimes: !touch && liveNow(workplace, id, row.lastActivityMs) === null });
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EEMPTY') throw noConversation(id);
    if (code === 'ENOENT' || code === 'ENOTDIR') throw sessionNotFoundError(row.file);
    throw unwritable(`session ${id} was not changed: ${path}`, error);
  }
}

/** Throws IO, as `unwritable`, for a transcript that is a link, or in a project dir that is one. */
export function requireUnlinkedTranscript(file: Pick<TranscriptFile, 'path'>, undone: string): void {
  try {
    requireOwnTranscript(file);
  } catch (error) {
    throw unwritable(undone, error);
  }
}

/** A session whose transcript is not there any more. */
export function sessionGoneError(id: string): CcsessError {
  return new CcsessError('NOT_FOUND', `session ${id} is gone: its transcript no longer exists.`);
}

/** A session whose transcript is not where it was: `sessionGoneError`, unless it was moved to another project. */
export function sessionNotFoundError({
  id,
  path,
  configDir,
}: Pick<TranscriptFile, 'id' | 'path' | 'configDir'>): CcsessError {
  const now = findTranscripts([configDir], id).find((transcript) => transcript !== path);
  if (now === undefined) return sessionGoneError(id);
  const message = `session ${id} was moved to another project meanwhile: ${now}.`;
  return new CcsessError('NOT_FOUND', message, { hint: 'run the command again' });
}

/** Returns true if nothing is at the path of a transcript. */
export function isGone(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) === undefined;
  } catch (error) {
    return errorCode(error) === 'ENOTDIR';
  }
}

/**
 * A file the system would not let us write; the words before say what that leaves undone. Anything else is thrown on.
 */
export function unwritable(undone: string, error: unknown): unknown {
  if (error instanceof UnsafePath)
    return new CcsessError('IO', `${undone} cannot be written: ${error.message}.`, { cause: error });
  const code = errorCode(error);
  return code === null ? error : new CcsessError('IO', `${undone} cannot be written (${code}).`, { cause: error });
}

function noConversation(id: string): CcsessError {
  return new CcsessError(
    'IO',
    `session ${id} has no conversation, so Claude Code cannot open it: nothing was written.`,
  );
}
