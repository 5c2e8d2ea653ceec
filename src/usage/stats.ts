import { cachedExists, projectFolderOf } from '../claude/worktree.js';
import type { SessionIndex, SessionRow } from '../session-index/session-index.js';
import type { SessionTotals } from '../session-index/totals/session-totals.js';
import type { Groupings, CountedSession, Grouping, Stats, StatsQuery } from './groups.js';
import { type LedgerSession, ledgerSessions } from './ownership/ledger-session.js';
import { Lineage } from './ownership/lineage.js';
import { Tally } from './tally.js';
import { Union } from './ownership/union.js';

/**
 * Counts responses, prompts, sessions and bytes; responses and prompts that several sessions contain count once. Uses
 * the stored totals of sessions that share none, and the ledgers of the others.
 */
export function countUsage(
  index: SessionIndex,
  query: StatsQuery,
  groupings: readonly (Grouping | Groupings)[],
): Stats {
  const tally = new Tally(
    query,
    groupings.map((by) => (typeof by === 'string' ? [by] : by)),
  );
  const { totals, ledgers } = sourcesOf(index, tally);
  const ledgerOf = new Map(ledgers.map((session) => [session.row, session]));
  const sessions = countedSessions(index, query, (row, at) => totals[at]?.about ?? ledgerOf.get(row)?.about);
  const counted = new Map(
    sessions.flatMap((session) => (session !== null && ledgerOf.has(session.row) ? [[session.row, session]] : [])),
  );
  // Ancestors of a fork help to decide who owns a response, even if they share none.
  const lineage = new Lineage(ledgers, (id) => ledgerSessions(index, index.withId(id)));
  const union = new Union(
    ledgers.filter(({ row }) => counted.has(row)),
    lineage,
  );
  union.sessions.forEach(({ row }, at) => tally.addResponsesOf(union, at, counted.get(row) as CountedSession));
  sessions.forEach((session, at) => {
    if (session === null || counted.has(session.row)) return;
    const total = totals[at] ?? null;
    if (total !== null) tally.addTotals(total, session);
    else tally.addSession(session, { newestMs: -Infinity, ownsNothing: false });
  });
  return tally.stats(union.sharing.size, (rows) => index.footprintBytes(rows));
}

/**
 * Returns the stored totals of each row, null where they are not exact for the query, and the ledgers of those other
 * sessions that have responses or prompts.
 */
function sourcesOf(
  index: SessionIndex,
  tally: Tally,
): { totals: readonly (SessionTotals | null)[]; ledgers: readonly LedgerSession[] } {
  const stored = index.totals();
  const totals = index.rows.map((row, at) => {
    const total = stored[at] ?? null;
    return total !== null && tally.isExact(total, row) ? total : null;
  });
  const others = index.rows.filter((_, at) => totals[at] === null);
  return { totals, ledgers: ledgerSessions(index, others) };
}

/** Facts about a session from its ledger or its stored totals. */
type About = Pick<LedgerSession['about'], 'cwd' | 'repository' | 'gitBranch'>;

/**
 * Returns a counted session per row of the index, null for rows that the query excludes. Sessions whose ledger names no
 * cwd are described by their records.
 */
function countedSessions(
  index: SessionIndex,
  { project, among }: StatsQuery,
  aboutOf: (row: SessionRow, at: number) => About | undefined,
): (CountedSession | null)[] {
  const abouts = index.rows.map(aboutOf);
  const withoutCwd = index.rows.filter((_, at) => (abouts[at]?.cwd ?? null) === null);
  const records = new Map(
    index.records(withoutCwd, { footprint: false }).map((record, at) => [withoutCwd[at], record]),
  );
  const exists = cachedExists();
  return index.rows.map((row, at) => {
    const about = records.get(row) ?? abouts[at];
    const { cwd = null, repository = null, gitBranch = null } = about ?? {};
    if (among?.has(row) === false) return null;
    if (project !== undefined && !project({ cwd, repository, projectDir: row.file.projectDir })) return null;
    return { row, folder: projectFolderOf({ cwd, repository }, exists), branch: gitBranch };
  });
}
