import type { SessionRow } from '../../session-index/session-index.js';

/** Reasons why the plain list on a terminal only counts a session in its footer. */
export type Reserve = 'headless' | 'teammate' | 'archived' | 'notResumable';

/** The sessions that the list on a terminal shows, and those that it only counts. */
export interface Listing {
  listed: SessionRow[];
  reserve: Record<Reserve, SessionRow[]>;
}

/** Returns the first reason that applies, so that every session is counted once; `null` for a listed session. */
export function reserveOf(row: SessionRow): Reserve | null {
  if (row.kind === 'headless' || row.kind === 'teammate') return row.kind;
  if (row.archived) return 'archived';
  return row.resumable ? null : 'notResumable';
}

/**
 * Splits rows, in their order, into those listed and those only counted. `asked` names reserves to list as well. If
 * there is nothing else to list, the reserves are listed, so that the screen is not empty.
 */
export function listing(rows: readonly SessionRow[], asked: readonly Reserve[] = []): Listing {
  const result: Listing = { listed: [], reserve: { headless: [], teammate: [], archived: [], notResumable: [] } };
  for (const row of rows) {
    const reserve = reserveOf(row);
    if (reserve === null || asked.includes(reserve)) result.listed.push(row);
    else result.reserve[reserve].push(row);
  }
  if (result.listed.length > 0) return result;
  return { listed: [...rows], reserve: { headless: [], teammate: [], archived: [], notResumable: [] } };
}

/** Returns all rows of the plain `ccsess list` on a terminal, newest first (`byActivity`): `@N` is row N of these. */
export function plainList(rows: readonly SessionRow[]): SessionRow[] {
  return listing([...rows].sort(byActivity)).listed;
}

/** Orders sessions by activity, newest first and those without one last; ties by id, then by position. */
export function byActivity(a: SessionRow, b: SessionRow): number {
  return (b.lastActivityMs ?? -Infinity) - (a.lastActivityMs ?? -Infinity) || byIdentity(a, b);
}

/** Orders sessions by id, then project dir, then config dir: a total order over the sessions of an index. */
export function byIdentity(a: SessionRow, b: SessionRow): number {
  return (
    compareText(a.file.id, b.file.id) ||
    compareText(a.file.projectDir, b.file.projectDir) ||
    compareText(a.file.configDir.path, b.file.configDir.path)
  );
}

/** Orders texts by code unit, which is the same on every machine and in every language. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
