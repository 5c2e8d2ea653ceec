import type { SessionRow } from '../../session-index/session-index.js';

/** Reason why the list on a terminal hides a session by default: it is only counted in the footer. */
export type HiddenReason = 'headless' | 'teammate' | 'archived' | 'notResumable';

/** The sessions that the list on a terminal shows, and those that it hides. */
export interface Listing {
  listed: SessionRow[];
  hidden: Record<HiddenReason, SessionRow[]>;
}

/** Returns the first reason that applies, so that every session is counted once; null for a listed session. */
export function hiddenReasonOf(row: SessionRow): HiddenReason | null {
  if (row.kind === 'headless' || row.kind === 'teammate') return row.kind;
  if (row.archived) return 'archived';
  return row.resumable ? null : 'notResumable';
}

/**
 * Splits rows, in their order, into listed and hidden ones. `alsoListed` are reasons that hide no session here. If all
 * would be hidden, all are listed, so that the screen is not empty.
 */
export function listing(rows: readonly SessionRow[], alsoListed: readonly HiddenReason[] = []): Listing {
  const result: Listing = { listed: [], hidden: { headless: [], teammate: [], archived: [], notResumable: [] } };
  for (const row of rows) {
    const reason = hiddenReasonOf(row);
    if (reason === null || alsoListed.includes(reason)) result.listed.push(row);
    else result.hidden[reason].push(row);
  }
  if (result.listed.length > 0) return result;
  return { listed: [...rows], hidden: { headless: [], teammate: [], archived: [], notResumable: [] } };
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
