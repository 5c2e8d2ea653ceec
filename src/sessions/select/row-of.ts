import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import { sessionGoneError } from '../amend/amend.js';

/**
 * Returns the row of the session with this id and transcript, else the only one with this id: the index has one path
 * for a transcript, and this one may lead through a link. Throws NOT_FOUND if there is none.
 */
export function rowOf(index: SessionIndex, { id, transcript }: { id: string; transcript: string }): SessionRow {
  const rows = index.rows.filter(({ file }) => file.id === id);
  const row = rows.find(({ file }) => file.path === transcript) ?? (rows.length === 1 ? rows[0] : undefined);
  if (row === undefined) throw sessionGoneError(id);
  return row;
}
