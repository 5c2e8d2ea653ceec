import type { MovePlan, SessionMove } from '../../sessions/move/move.js';
import { counted, grouped } from './text/number.js';
import { shortPath } from './text/path.js';
import { tabbed } from './text/pipe.js';
import { projectCell } from './project-cell.js';
import { oneLine } from './text/sanitize.js';
import type { Screen } from './text/screen.js';
import { formatSize } from './text/size.js';
import { renderTable, type Cell } from './text/table.js';
import { cutEnd } from './text/width.js';

const MAX_FAILED = 5;
const SHORT_ID = 8;

/** Returns one session of a move as a line for pipes: id, old folder, new folder, status. */
export function moveLine({ id, fromCwd, toCwd, status }: SessionMove): string {
  return tabbed([id, fromCwd, toCwd, status]);
}

/**
 * Returns lines about a plan: its folders as a table, what else is moved, what is not, and what a move never changes.
 */
export async function planLines(plan: MovePlan, screen: Screen): Promise<string[]> {
  const { moves } = plan;
  const { home, color } = screen;
  const table = await renderTable<Way>(
    [
      { heading: 'FROM', cell: ({ from }) => shortPath(from, home), shrink: 'start' },
      { heading: 'SESSIONS', align: 'right', cell: ({ sessions }) => grouped(sessions) },
      { heading: 'SIZE', align: 'right', cell: ({ bytes }) => formatSize(bytes) },
      { heading: 'TO', cell: (way) => targetCell(way, screen), shrink: 'start', color: color.blueBright },
    ],
    waysOf(moves),
    screen,
  );
  const [only] = moves;
  const named =
    moves.length === 1 && only !== undefined
      ? [cutEnd(`${only.id.slice(0, SHORT_ID)}  ${oneLine(only.title ?? '')}`.trimEnd(), screen.width), '']
      : [];
  return [...named, ...table, '', ...noteLines(plan), 'Only the sessions are moved, not the folders.'];
}

function targetCell({ to, isThere }: Way, { home, color }: Screen): Cell {
  const target = shortPath(to, home);
  if (isThere) return { text: target };
  const cellIn = (width: number): Cell => ({ text: projectCell(target, true, width), color: color.dim });
  return { ...cellIn(Infinity), fit: cellIn };
}

/** Returns lines about the result of a move, including failures. */
export function movedLines(plan: MovePlan, screen: Screen): string[] {
  const { moves, to } = plan;
  const moved = moves.filter(({ status }) => status === 'moved');
  const of =
    moved.length === moves.length
      ? counted(moved.length, 'session')
      : `${grouped(moved.length)} of ${counted(moves.length, 'session')}`;
  return [
    `Moved ${of}, ${formatSize(bytesOf(moved))}, to ${shortPath(to, screen.home)}.`,
    ...noteLines(plan),
    'Claude Code will ask whether you trust the new folder.',
  ];
}

/** Returns the last line of a dry run. */
export function dryRunLine({ moves }: MovePlan): string {
  return `Would move ${counted(moves.length, 'session')}, ${formatSize(bytesOf(moves))}. Nothing was changed.`;
}

/** Returns lines about sessions that are not moved, with the reason, and other remarks. */
export function noteLines({ dryRun, moves, memory, unplaced, readers }: MovePlan): string[] {
  const failed = moves.flatMap(({ id, error }) =>
    error === null ? [] : [`${id.slice(0, SHORT_ID)} stays: ${oneLine(error.message)}.`],
  );
  const staying = memory.filter(({ status }) => status === 'stays');
  return [
    ...failed.slice(0, MAX_FAILED),
    ...(failed.length > MAX_FAILED ? [`and ${grouped(failed.length - MAX_FAILED)} more`] : []),
    ...(memory.some(({ status }) => status === 'planned')
      ? [dryRun ? 'memory/ goes along.' : 'memory/ stays for now: the next move takes it along.']
      : []),
    ...staying.map(({ configDir, fromProjectDir }) => {
      const isLeft = moves.some(
        (move) => move.error !== null && move.configDir === configDir && move.fromProjectDir === fromProjectDir,
      );
      const reason = isLeft ? 'sessions stay there' : 'the new folder has its own';
      return `memory/ stays in projects/${oneLine(fromProjectDir)}: ${reason}.`;
    }),
    ...(unplaced.length > 0 ? [unplacedLine(unplaced.length)] : []),
    ...(readers.length > 0
      ? [`${counted(readers.length, 'fork')} elsewhere will read their large tool results in the new folder.`]
      : []),
    ...(moves.some(({ toCwdExists, status }) => !toCwdExists && status === 'planned')
      ? ['(gone): not found below the new folder; its sessions are moved all the same.']
      : []),
  ];
}

function unplacedLine(count: number): string {
  return count === 1
    ? '1 session that records no folder is kept where it is: its project dir is shared.'
    : `${counted(count, 'session')} that record no folder stay: their project dir is shared.`;
}

interface Way {
  from: string;
  to: string;
  isThere: boolean;
  sessions: number;
  bytes: number;
}

/** Groups sessions by their old and new folders, sorted by the old folder. */
function waysOf(moves: readonly SessionMove[]): Way[] {
  const ways = new Map<string, Way>();
  for (const { fromCwd, fromProjectDir, toCwd, toCwdExists, footprintBytes } of moves) {
    const from = fromCwd ?? `projects/${fromProjectDir}`;
    const way = ways.get(`${from}\0${toCwd}`) ?? { from, to: toCwd, isThere: toCwdExists, sessions: 0, bytes: 0 };
    ways.set(`${from}\0${toCwd}`, { ...way, sessions: way.sessions + 1, bytes: way.bytes + footprintBytes });
  }
  return [...ways.values()].sort((a, b) => (a.from < b.from ? -1 : 1));
}

function bytesOf(moves: readonly SessionMove[]): number {
  return moves.reduce((sum, { footprintBytes }) => sum + footprintBytes, 0);
}
