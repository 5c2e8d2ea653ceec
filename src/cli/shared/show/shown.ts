import { CcsessError } from '../../../system/errors.js';
import type { SessionRecord } from '../../../session-index/record.js';
import type { SessionIndex, SessionRow } from '../../../session-index/session-index.js';
import type { Context } from '../../context.js';
import { costedRecords, type CostedRecord, type PriceLoader } from '../costs.js';

/** The session or subagent to show. */
export interface ShownSession {
  row: SessionRow;
  index: SessionIndex;
  /** The transcript to read. */
  path: string;
  agentId: string | null;
}

/**
 * Returns the session of a row, or its subagent whose id is or begins with `subagent`. Throws NOT_FOUND or AMBIGUOUS.
 */
export function findShown(index: SessionIndex, row: SessionRow, subagent: string | null): ShownSession {
  if (subagent === null) return { row, index, path: row.file.path, agentId: null };
  const wanted = subagent.replace(/^agent-/, '');
  const { agents } = row.file;
  const exact = agents.filter(({ agentId }) => agentId === wanted);
  const [only, another] = exact.length > 0 ? exact : agents.filter(({ agentId }) => agentId.startsWith(wanted));
  if (only !== undefined && another === undefined) return { row, index, path: only.path, agentId: only.agentId };
  const hint = agents.length === 0 ? 'it has none' : agents.map(({ agentId }) => agentId).join('\n');
  throw only === undefined
    ? new CcsessError('NOT_FOUND', `the session has no subagent '${subagent}'.`, { hint })
    : new CcsessError('AMBIGUOUS', `several subagents' ids begin with '${subagent}':`, { hint });
}

/** Returns the record of the session, without costs. Throws NOT_FOUND if it is gone. */
export function recordOf({ index, row }: ShownSession): SessionRecord {
  const [record] = index.records([row], { footprint: true });
  if (record === undefined) throw new CcsessError('NOT_FOUND', `session ${row.file.id} is gone.`);
  return record;
}

/** Returns the record of the session with its costs. Throws as `recordOf`. */
export async function costedRecord(shown: ShownSession, prices: PriceLoader, context: Context): Promise<CostedRecord> {
  const [found] = await costedRecords(shown.index, [{ row: shown.row, record: recordOf(shown) }], prices, context);
  return found as CostedRecord;
}
