import { existence, projectFolderOf } from '../claude/worktree.js';
import type { SessionIndex, SessionRow } from '../session-index/session-index.js';
import type { SessionTotals } from '../session-index/totals/session-totals.js';
import type { Groupings, CountedSession, Grouping, Stats, StatsQuery } from './groups.js';
import { type Holder, holdersOf, Lineage } from './holders.js';
import { Tally } from './tally.js';
import { Union } from './union.js';

/**
 * Counts responses, prompts, sessions and bytes, each response and prompt once among the sessions looked at. Reads the
 * kept totals of sessions that share nothing and the ledgers of the others, and asks the index for the
 * bytes of the sessions.
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
  const { totals, holders } = sourcesOf(index, tally);
  const byRow = new Map(holders.map((holder) => [holder.row, holder]));
  const sessions = countedSessions(index, query, (row, at) => totals[at]?.about ?? byRow.get(row)?.about);
  const counted = new Map(
    sessions.flatMap((session) => (session !== null && byRow.has(session.row) ? [[session.row, session]] : [])),
  );
  // A fork's forefathers may share nothing with it, and still decide who owns a response.
  const lineage = new Lineage(holders, (id) => holdersOf(index, index.withId(id)));
  const union = new Union(
    holders.filter(({ row }) => counted.has(row)),
    lineage,
  );
  union.holders.forEach(({ row }, at) => tally.addHolder(union, at, counted.get(row) as CountedSession));
  sessions.forEach((session, at) => {
    if (session === null || counted.has(session.row)) return;
    const kept = totals[at] ?? null;
    if (kept !== null) tally.addTotals(kept, session);
    else tally.addSession(session, { newestMs: -Infinity, ownsNothing: false });
  });
  return tally.stats(union.sharing.size, (rows) => index.footprintBytes(rows));
}

/**
 * Kept totals by row, null where they are not exact for the query; and those other sessions in which anything happened.
 */
function sourcesOf(
  index: SessionIndex,
  tally: Tally,
): { totals: readonly (SessionTotals | null)[]; holders: readonly Holder[] } {
  const kept = index.totals();
  const totals = index.rows.map((row, at) => {
    const some = kept[at] ?? null;
    return some !== null && tally.isExact(some, row) ? some : null;
  });
  const others = index.rows.filter((_, at) => totals[at] === null);
  return { totals, holders: holdersOf(index, others) };
}

/** Facts about a session in its ledger or its kept totals. */
type About = Pick<Holder['about'], 'cwd' | 'repository' | 'gitBranch'>;

/**
 * The sessions by row, null for those that are not asked for; facts that no ledger has are read from the records of the
 * few that have none.
 */
function countedSessions(
  index: SessionIndex,
  { project, among }: StatsQuery,
  aboutOf: (row: SessionRow, at: number) => About | undefined,
): (CountedSession | null)[] {
  const abouts = index.rows.map(aboutOf);
  const bare = index.rows.filter((_, at) => (abouts[at]?.cwd ?? null) === null);
  const records = new Map(index.records(bare, { footprint: false }).map((record, at) => [bare[at], record]));
  const exists = existence();
  return index.rows.map((row, at) => {
    const about = records.get(row) ?? abouts[at];
    const { cwd = null, repository = null, gitBranch = null } = about ?? {};
    if (among?.has(row) === false) return null;
    if (project !== undefined && !project({ cwd, repository, projectDir: row.file.projectDir })) return null;
    return { row, folder: projectFolderOf({ cwd, repository }, exists), branch: gitBranch };
  });
}
