import { existence, projectFolderOf } from '../claude/worktree.js';
import type { SessionIndex, SessionRow } from '../session-index/session-index.js';
import type { SessionTotals } from '../session-index/totals/session-totals.js';
import type { By, Grouping, Stats, StatsQuery } from './groups.js';
import { type Holder, holdersOf, Lineage } from './holders.js';
import { Tally, type CountedSession } from './tally.js';
import { Union } from './union.js';

/**
 * Counts responses, prompts, sessions and bytes, each response and prompt once among the sessions looked at. Reads the
 * kept totals of sessions that share nothing and the ledgers of the others, and asks the index for the
 * bytes of the sessions.
 */
export function countUsage(index: SessionIndex, query: StatsQuery, groupings: readonly (Grouping | By)[]): Stats {
  const tally = new Tally(
    query,
    groupings.map((by) => (typeof by === 'string' ? [by] : by)),
  );
  const { totals, holders } = sourcesOf(index, tally);
  const sessions = countedSessions(index, (row) => totals.get(row)?.totals.about ?? holders.get(row)?.about, query);
  const all = [...holders.values()];
  // A fork's forefathers may share nothing with it, and still decide who owns a response.
  const lineage = new Lineage(all, (id) => holdersOf(index, index.withId(id)));
  const union = new Union(
    all.filter(({ row }) => sessions.has(row)),
    lineage,
  );
  union.holders.forEach(({ row }, at) => tally.addHolder(union, at, sessions.get(row) as CountedSession));
  const held = new Set(union.holders.map(({ row }) => row));
  for (const session of sessions.values()) {
    const kept = totals.get(session.row);
    if (kept !== undefined) tally.addTotals(kept.totals, kept.costs, session);
    else if (!held.has(session.row)) tally.addSession(session, { newestMs: -Infinity, ownsNothing: false });
  }
  return tally.stats(union.sharing.size, (rows) => index.footprintBytes(rows));
}

/** Kept totals of a session, and what the responses in them cost. */
interface ExactTotals {
  totals: SessionTotals;
  costs: readonly (number | null)[];
}

/** Kept totals of sessions as far as they are exact for the query, and the other sessions in which anything happened. */
function sourcesOf(
  index: SessionIndex,
  tally: Tally,
): { totals: ReadonlyMap<SessionRow, ExactTotals>; holders: ReadonlyMap<SessionRow, Holder> } {
  const kept = index.totals();
  const totals = new Map<SessionRow, ExactTotals>();
  const others: SessionRow[] = [];
  index.rows.forEach((row, at) => {
    const some = kept[at] ?? null;
    const costs = some === null ? null : tally.exactCosts(some, row);
    if (some !== null && costs !== null) totals.set(row, { totals: some, costs });
    else others.push(row);
  });
  return { totals, holders: new Map(holdersOf(index, others).map((holder) => [holder.row, holder])) };
}

/** Facts about a session in its ledger or its kept totals. */
type About = Pick<Holder['about'], 'cwd' | 'repository' | 'gitBranch'>;

/** The sessions of the query by their row; what no ledger says is read from the records of the few that have none. */
function countedSessions(
  index: SessionIndex,
  aboutOf: (row: SessionRow) => About | undefined,
  { project, among }: StatsQuery,
): Map<SessionRow, CountedSession> {
  const abouts = index.rows.map(aboutOf);
  const bare = index.rows.filter((_, at) => (abouts[at]?.cwd ?? null) === null);
  const exists = existence();
  const records = new Map(index.records(bare, { footprint: false }).map((record, at) => [bare[at], record]));
  const counted = index.rows.map((row, at): CountedSession => {
    const about = records.get(row) ?? abouts[at];
    const { cwd = null, repository = null } = about ?? {};
    const folder = projectFolderOf({ cwd, repository }, exists);
    return { row, cwd, repository, projectDir: row.file.projectDir, folder, branch: about?.gitBranch ?? null };
  });
  return new Map(
    counted
      .filter((session) => among?.has(session.row) !== false && (project === undefined || project(session)))
      .map((session) => [session.row, session]),
  );
}
