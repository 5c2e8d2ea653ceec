import type { LedgerSession } from './ledger-session.js';

const ID_WORDS = 2;

/**
 * Returns the ids of the prompts of sessions, those of copies as in the first session that has them. Forks by the Agent
 * SDK rename prompts, and forks of these name or keep the new uuids; `sharing` are the sessions that may be forks.
 */
export function promptIds(sessions: readonly LedgerSession[], sharing: ReadonlySet<LedgerSession>): Uint32Array[] {
  const sources = new Map<string, Uint32Array>();
  for (const { about, ledger } of sharing)
    for (const [at, low, high] of about.renamedPrompts) sources.set(`${low} ${high}`, idAt(ledger.promptIds, at));
  if (sources.size === 0) return sessions.map(({ ledger }) => ledger.promptIds);
  return sessions.map((session) => {
    const { promptIds: ids } = session.ledger;
    if (!sharing.has(session)) return ids;
    const result = ids.slice();
    for (let start = 0; start < ids.length; start += ID_WORDS)
      result.set(sourceOf(idAt(ids, start / ID_WORDS), sources), start);
    return result;
  });
}

/** Returns the id that a prompt had first. */
function sourceOf(id: Uint32Array, sources: ReadonlyMap<string, Uint32Array>): Uint32Array {
  let source = id;
  const seen = new Set<string>();
  for (;;) {
    const key = source.join(' ');
    const next = sources.get(key);
    // Damaged forks may name each other.
    if (next === undefined || seen.has(key)) return source;
    seen.add(key);
    source = next;
  }
}

function idAt(ids: Uint32Array, at: number): Uint32Array {
  return ids.subarray(ID_WORDS * at, ID_WORDS * (at + 1));
}
