import { CcsessError } from '../../system/errors.js';
import { call, phrase } from '../../system/phrase.js';
import type { SessionRecord } from '../../session-index/record.js';
import type { SessionRow } from '../../session-index/session-index.js';
import { sessionNotFoundError, isGone } from '../amend/amend.js';
import { withFile } from '../../transcript/lines.js';
import { LineScanner } from '../../transcript/scanner/scanner.js';
import { readSkeleton, type SkeletonNode } from '../../transcript/skeleton.js';

/**
 * Refuses a session that Claude Code answers with "No conversation found": its file is empty, or nothing in it is a
 * message (docs/storage.md, "Lifecycle"). Throws IO with the reason; NOT_FOUND if it has gone.
 */
export function requireConversation(row: SessionRow, { id }: Pick<SessionRecord, 'id'>): void {
  if (row.resumable) return;
  if (isGone(row.file.path)) throw sessionNotFoundError(row.file);
  const isEmpty = row.file.stamp.size === 0;
  const state = row.unreadable ? 'cannot be read' : isEmpty ? 'is empty' : 'has no message';
  const hint = phrase`start a new one: ${call('createSession')}`;
  throw new CcsessError('IO', `session ${id} cannot be resumed: its transcript ${state}.`, { hint });
}

/** True if there is more than marks of compactions: Claude Code sends nothing of a mark without its summary. */
export function isConversation(nodes: readonly SkeletonNode[]): boolean {
  return nodes.some(({ compact }) => compact === null);
}

/**
 * True for a session that was created and never used: it can be resumed, but nothing in it was written by a person or a
 * model. Claude Code finds such a session from its own folder only.
 */
export function isUnused(row: SessionRow): boolean {
  if (!row.resumable || !row.empty) return false;
  return withFile(row.file.path, (fd, size) => {
    const nodes = readSkeleton(fd, { start: 0, end: size }, new LineScanner());
    return !nodes.some(({ type, isSidechain }) => (type === 'user' || type === 'assistant') && !isSidechain);
  });
}
