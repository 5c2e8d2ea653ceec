import type { SessionIndex, SessionRow } from '../../session-index/session-index.js';
import { sessionGoneError } from '../amend/amend.js';

/**
 * The row of the session with this id and transcript, or the only one with this id: the index knows a transcript by one
 * path, and the one it was made at may lead through a link. Throws NOT_FOUND if it has gone.
 */
export function rowOf(index: SessionIndex, { id, transcript }: { id: string; transcript: string }): SessionRow {
  const rows = index.rows.filter(({ file }) => file.id === id);
  const row = rows.find(({ file }) => file.path === transcript) ?? (rows.length === 1 ? rows[0] : undefined);
  if (row === undefined) throw sessionGoneError(id);
  return row;
}
