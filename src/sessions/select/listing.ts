import type { SessionRow } from '../../session-index/session-index.js';

/** Why a terminal's plain list leaves a session to its footer. */
export type Reserve = 'headless' | 'teammate' | 'archived' | 'notResumable';

/** Sessions a terminal's list shows, and those it only counts. */
export interface Listing {
  listed: SessionRow[];
  reserve: Record<Reserve, SessionRow[]>;
}

/** The first reason that applies, so that every session is counted once; `null` = listed. */
export function reserveOf(row: SessionRow): Reserve | null {
  if (row.kind === 'headless' || row.kind === 'teammate') return row.kind;
  if (row.archived) return 'archived';
  return row.resumable ? null : 'notResumable';
}

/**
 * Splits rows, in their order, into those listed and those counted. `asked` names the reserves that are
 * wanted too. With nothing else to list, the reserve is listed: nothing is hidden behind an empty screen.
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

/**
 * Rows of the plain `ccsess list` on a terminal, all of them and newest first: `@N` is row N of this
 * (`byActivity` orders it).
 */
export function plainList(rows: readonly SessionRow[]): SessionRow[] {
  return listing([...rows].sort(byActivity)).listed;
}

/** Newest activity first; without one last; ties by id, then by place. */
export function byActivity(a: SessionRow, b: SessionRow): number {
  return (b.lastActivityMs ?? -Infinity) - (a.lastActivityMs ?? -Infinity) || byIdentity(a, b);
}

/** By id, then project dir, then config dir: a total order over the sessions of an index. */
export function byIdentity(a: SessionRow, b: SessionRow): number {
  return (
    compareText(a.file.id, b.file.id) ||
    compareText(a.file.projectDir, b.file.projectDir) ||
    compareText(a.file.configDir.path, b.file.configDir.path)
  );
}

/** Order by code unit: the same on every machine and in every language. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
