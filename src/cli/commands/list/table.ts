import { projectKey } from '../../../claude/project-key.js';
import type { SessionIndex, SessionRow } from '../../../session-index/session-index.js';
import type { Listing } from '../../../sessions/select/listing.js';
import { projectFilter, type StartFolder } from '../../../sessions/select/project-filter.js';
import type { Selection, SortKey } from '../../../sessions/select/select.js';
import type { Context } from '../../context.js';
import { isFirstToday } from './daily-note.js';
import { screenOf } from '../../shared/screen.js';
import { findStartFolder } from '../../../sessions/select/start-folder.js';
import { listLines, type ListItem } from '../../render/list.js';
import { idLengths } from '../../render/text/short-id.js';
import { sanitize } from '../../render/text/sanitize.js';
import { footerLines, type Tally } from '../../render/list-footer.js';
import { realPathOrSelf } from '../../../system/real-path.js';
import { printSentences } from '../../shared/print-sentences.js';
import { DAY_MS } from '../../../system/time.js';

const SOON_DAYS = 7;
/** Start of a worktree's project dir, after the name of its repository's project dir. */
const WORKTREES = projectKey('/.claude/worktrees/');
const COST_FROM = 120;

/** The sessions that `list` found, and the part of them that the screen shows. */
export interface Table extends Listing {
  index: SessionIndex;
  selection: Selection;
  shown: readonly Omit<ListItem, 'idLength' | 'isHere'>[];
  byProject: boolean;
  sort: SortKey;
  /** True if the costs of records were computed. */
  withCosts: boolean;
  resolved: readonly string[];
  /** True if no project was given, so that the footer may suggest the current one. */
  anyProject: boolean;
  /** True if a filter was given, so that hints about all sessions are left out. */
  isFiltered: boolean;
}

/** True if a table of this width shows costs: if they were requested, or if there is room. */
export function showsCosts(width: number, asked: boolean): boolean {
  return asked || width >= COST_FROM;
}

/** Prints the table and its footer. */
export async function showTable(table: Table, context: Context): Promise<void> {
  const { index, listed, shown, byProject } = table;
  const lengths = idLengths(
    shown.map(({ row }) => row.file.id),
    index.ids(),
  );
  const start = await findStartFolder(context);
  const isHere = projectFilter(['.'], start);
  const items = shown.map((item, at) => ({
    ...item,
    idLength: lengths[at] ?? item.row.file.id.length,
    isHere: isHere(item.record),
  }));
  const lines = await listLines(items, screenOf(context), { byProject, withCosts: table.withCosts, sort: table.sort });
  const bytes = bytesKnown(table);
  const footer = footerLines(
    {
      shown: shown.length,
      listed: tally(listed, bytes),
      live: listed.filter(({ live }) => live !== null).length,
      damaged: listed.filter(({ damaged }) => damaged).length,
      here: table.anyProject ? countHere(index, listed, start, context.cwd) : null,
      hidden: {
        headless: tally(table.hidden.headless, bytes),
        teammate: tally(table.hidden.teammate, bytes),
        archived: tally(table.hidden.archived, bytes),
        notResumable: tally(table.hidden.notResumable, bytes),
      },
      expiring: expiringToSay(table, context),
      resolved: table.resolved,
      next: listed.length === 1 ? nextStep(items, context) : null,
    },
    context,
  );
  await printSentences([...lines, ...footer], context);
}

/** Returns the likely next command if a single session was found. */
function nextStep([item]: readonly ListItem[], { invocation }: Context): string | null {
  if (item === undefined || item.row.live !== null || !item.row.resumable) return null;
  return `${invocation} resume ${sanitize(item.row.file.id.slice(0, item.idLength))}`;
}

/** Returns the sizes that were computed anyway, since measuring a session means walking its files. */
function bytesKnown({ selection, shown }: Table): ReadonlyMap<SessionRow, number> {
  return selection.bytes ?? new Map(shown.map(({ row, record }) => [row, record.footprintBytes ?? 0]));
}

function tally(rows: readonly SessionRow[], bytes: ReadonlyMap<SessionRow, number>): Tally {
  const known = rows.length > 0 && rows.every((row) => bytes.has(row));
  return { sessions: rows.length, bytes: known ? rows.reduce((sum, row) => sum + (bytes.get(row) ?? 0), 0) : null };
}

/** Returns the number of listed sessions in the current folder and its worktrees; null if it is none or all of them. */
function countHere(index: SessionIndex, listed: readonly SessionRow[], start: StartFolder, cwd: string): number | null {
  const folders = [cwd, ...(start.worktreesOf?.(cwd) ?? [])];
  const keys = new Set(folders.map((folder) => projectKey(realPathOrSelf(folder))));
  const worktreeKeys = [...keys].map((key) => key + WORKTREES);
  // Filtered by project dir first, since reading the records of all sessions takes long.
  const near = listed.filter(
    ({ file }) => keys.has(file.projectDir) || worktreeKeys.some((start) => file.projectDir.startsWith(start)),
  );
  if (near.length === 0) return null;
  const isHere = projectFilter(['.'], start);
  const here = index.records(near, { footprint: false }).filter(isHere).length;
  return here === 0 || here === listed.length ? null : here;
}

/**
 * Returns the number of sessions for the note about the cleanup: once a day, and only below an unfiltered list without
 * `--table`, which may run every second.
 */
function expiringToSay({ listed, isFiltered }: Table, context: Context): number {
  if (isFiltered || context.global.table) return 0;
  const expiring = countExpiring(listed, context.now());
  return expiring > 0 && isFirstToday('cleanup-note', context) ? expiring : 0;
}

function countExpiring(rows: readonly SessionRow[], now: number): number {
  const latest = now + SOON_DAYS * DAY_MS;
  return rows.filter(({ expiresMs }) => expiresMs !== null && expiresMs <= latest).length;
}
