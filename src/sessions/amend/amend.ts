import { statSync } from 'node:fs';
import { CcsessError } from '../../system/errors.js';
import { findTranscripts } from '../../claude/scan/find-transcript.js';
import { requireOwnTranscript } from '../../claude/layout.js';
import { liveNow } from '../../claude/live/live-now.js';
import type { TranscriptFile } from '../../claude/model.js';
import { errorCode } from '../../system/problem.js';
import { UnsafePath } from '../../system/safe-path.js';
import type { Environment } from '../../claude/environment.js';
import { finishReplacements } from '../../retention/replaced.js';
import type { SessionRow } from '../../session-index/session-index.js';
import { appendEntries } from '../../transcript/append.js';

/** Options of a change of a session. */
export interface ChangeOptions {
  /** Update the transcript's times, which Claude Code's cleanup and `-c` go by; else they stay as they are. */
  touch: boolean;
  /** Make all checks, but write nothing. */
  dryRun?: boolean;
}

/**
 * Appends entries about a session to its transcript, even while it is live: all of them or none. The file's times are
 * restored unless `touch` is set, the session is live, or another process wrote to the file meanwhile. Rejects with IO
 * for a session Claude Code cannot open, since another line would not make it usable; NOT_FOUND if it is gone; IO if it
 * cannot be written, or only through a link. Nothing is changed then.
 */
export async function amendSession(
  row: SessionRow,
  entries: readonly object[],
  { touch, dryRun = false }: ChangeOptions,
  environment: Environment,
): Promise<void> {
  const { id, path, configDir } = row.file;
  if (!row.resumable) {
    if (isGone(path)) throw sessionNotFoundError(row.file);
    if (row.unreadable) throw new CcsessError('IO', `session ${id} was not changed: ${path} cannot be read.`);
    throw noConversationError(id);
  }
  requireUnlinkedTranscript(row.file, `session ${id} was not changed: it`);
  if (dryRun) return;
  // Lines that a move still has to carry over come before ours.
  await finishReplacements(configDir, environment);
  try {
    appendEntries(path, entries, { keepTimes: !touch && liveNow(environment, id, row.lastActivityMs) === null });
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EEMPTY') throw noConversationError(id);
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

/** Returns NOT_FOUND for a session whose transcript no longer exists. */
export function sessionGoneError(id: string): CcsessError {
  return new CcsessError('NOT_FOUND', `session ${id} is gone: its transcript no longer exists.`);
}

/**
 * Returns NOT_FOUND for a session whose transcript is not at its path: `sessionGoneError`, unless it was moved to
 * another project.
 */
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
 * Returns IO for a file that could not be written; `undone` says what was not done because of it. Rethrows other
 * errors.
 */
export function unwritable(undone: string, error: unknown): unknown {
  if (error instanceof UnsafePath)
    return new CcsessError('IO', `${undone} cannot be written: ${error.message}.`, { cause: error });
  const code = errorCode(error);
  return code === null ? error : new CcsessError('IO', `${undone} cannot be written (${code}).`, { cause: error });
}

function noConversationError(id: string): CcsessError {
  return new CcsessError(
    'IO',
    `session ${id} has no conversation, so Claude Code cannot open it: nothing was written.`,
  );
}
