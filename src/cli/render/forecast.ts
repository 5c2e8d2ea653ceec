import type { SkippedCleanup } from '../../claude/cleanup/cleanup-policy.js';
import type { Forecast, ForecastPeriod, ForecastSession, ForecastWarning } from '../../retention/keep/forecast.js';
import { formatAge, formatMoment } from './text/age.js';
import { counted, grouped } from './text/number.js';
import { folderText } from './folder-text.js';
import { shortPath } from './text/path.js';
import { tabbed } from './text/pipe.js';
import { projectCell } from './project-cell.js';
import { oneLine, sanitize } from './text/sanitize.js';
import type { Screen } from './text/screen.js';
import { formatSize } from './text/size.js';
import { columnWidth, GAP_WIDTH, joinFitting, tableLines, type Cell, type Column } from './text/table.js';
import { cutEnd } from './text/width.js';

/** Below this width SIZE and PROJECT go, as in the list. */
const PROJECT_FROM = 70;
const HOUR_MS = 60 * 60 * 1000;

/** One session of a forecast; `idLength` characters of its id distinguish it from every other. */
export interface ForecastItem {
  session: ForecastSession;
  idLength: number;
}

interface ForecastColumn extends Column {
  cells: Cell[];
}

/** The table of what goes as lines: soonest first, TITLE last with what room is left. */
export function forecastLines(items: readonly ForecastItem[], screen: Screen): Promise<string[]> {
  const columns = fixedColumns(items, screen);
  let room = screen.width - columns.reduce((sum, column) => sum + widthOfColumn(column) + GAP_WIDTH, 0);
  if (screen.width >= PROJECT_FROM) {
    const column = projectColumn(items, screen, Math.floor((room - GAP_WIDTH) * (3 / 8)));
    room -= widthOfColumn(column) + GAP_WIDTH;
    columns.push(column);
  }
  columns.push({
    heading: 'TITLE',
    cells: items.map(({ session }) => ({ text: cutEnd(oneLine(session.title ?? '(no title)'), Math.max(1, room)) })),
  });
  const rows = items.map((_, at) => columns.map(({ cells }) => cells[at] ?? { text: '' }));
  return tableLines(columns, rows, screen.color.dim);
}

function widthOfColumn({ heading, cells }: ForecastColumn): number {
  return columnWidth(
    heading,
    cells.map(({ text }) => text),
  );
}

function fixedColumns(items: readonly ForecastItem[], { width, color, now }: Screen): ForecastColumn[] {
  const cells = (text: (session: ForecastSession) => string): Cell[] =>
    items.map(({ session }) => ({ text: text(session) }));
  const columns: ForecastColumn[] = [
    { heading: '  ID', cells: items.map((item) => idCell(item, color)) },
    { heading: 'GOES', cells: cells(({ expiresAt }) => goesIn(Date.parse(expiresAt), now)) },
    {
      heading: 'ACTIVE',
      cells: cells(({ live, lastActivityAt }) =>
        live !== null ? 'live' : lastActivityAt === null ? '–' : formatAge(Date.parse(lastActivityAt), now),
      ),
    },
  ];
  if (width >= PROJECT_FROM)
    columns.push({ heading: 'SIZE', align: 'right', cells: cells(({ deleteBytes }) => formatSize(deleteBytes)) });
  return columns;
}

function idCell({ session, idLength }: ForecastItem, color: Screen['color']): Cell {
  const [sign, paint] =
    session.live !== null ? ['●', color.green] : session.pinned ? ['◆', color.yellow] : [' ', String];
  return {
    text: `${sign} ${sanitize(session.id.slice(0, idLength))}`,
    paint: (text) => paint(text.slice(0, 1)) + text.slice(1),
  };
}

function projectColumn(items: readonly ForecastItem[], screen: Screen, width: number): ForecastColumn {
  return {
    heading: 'PROJECT',
    cells: items.map(({ session }) => ({
      text: projectCell(folderText(session, screen), false, width),
    })),
  };
}

/** `in 3d`, `in 5h`; what is overdue goes at the next start of Claude Code. */
function goesIn(expiresMs: number, now: number): string {
  if (expiresMs <= now) return 'next start';
  return expiresMs - now < HOUR_MS ? 'in 1h' : `in ${formatAge(now, expiresMs)}`;
}

/** Below the table: what goes in all, what else loses parts, which folders shorten it, and how to keep some. */
export function forecastFooter(forecast: Forecast, shown: number, { width, home }: Screen): string[] {
  const { totals, sessions, warnings, until } = forecast;
  const whole =
    shown < totals.sessions
      ? `${grouped(shown)} of ${counted(totals.sessions, 'session')}`
      : counted(totals.sessions, 'session');
  const pinned = sessions.filter((session) => session.whole && session.pinned).length;
  const partly = sessions.filter((session) => !session.whole);
  return [
    ...(totals.sessions === 0
      ? []
      : joinFitting(
          [
            whole,
            formatSize(totals.deleteBytes),
            `until ${formatMoment(Date.parse(until))}`,
            ...(shown < totals.sessions ? ['all: -L 0'] : []),
          ],
          width,
        )),
    ...(partly.length === 0
      ? []
      : joinFitting(
          [
            `${counted(partly.length, 'other')} ${partly.length === 1 ? 'stays and loses' : 'stay and lose'} parts (${formatSize(totals.partlyDeleteBytes)}): ${partNames(partly)}`,
          ],
          width,
        )),
    ...warnings.map((warning) => warningLine(warning, home)),
    ...(totals.sessions === 0
      ? []
      : joinFitting(
          [
            'Keep some: ccsess protect ID',
            'for good: ccsess pin ID',
            ...(pinned === 0 ? [] : [`the ${grouped(pinned)} pinned: ccsess protect --pinned`]),
          ],
          width,
        )),
  ];
}

function partNames(sessions: readonly ForecastSession[]): string {
  return [...new Set(sessions.flatMap(({ parts }) => parts.map(({ part }) => part)))].sort().join(', ');
}

/** A folder that shortens the time of all sessions, in a sentence. */
export function warningLine({ folder, file, days, sessions }: ForecastWarning, home: string): string {
  const now = sessions === 0 ? 'none yet' : `${counted(sessions, 'session')} now`;
  return `A start of Claude Code in ${shortPath(folder, home)} deletes what is older than ${counted(days, 'day')} in all projects: ${now} (${shortPath(file, home)}).`;
}

/** How long each config dir keeps what is not used, in a sentence. */
export function periodLine({ configDir, days, skipped }: ForecastPeriod, home: string): string {
  if (skipped !== null || days === null)
    return `Claude Code skips its cleanup in ${shortPath(configDir, home)}${reasonOf(skipped, home)}.`;
  return `Claude Code deletes sessions ${counted(days, 'day')} after their last change, at a start, once a day (${shortPath(configDir, home)}).`;
}

/** The reason why Claude Code cleans up nothing, as the end of a sentence. */
function reasonOf(skipped: SkippedCleanup | null, home: string): string {
  if (skipped === null) return '';
  const { code, file, fault } = skipped;
  return `${code === 'no-start' ? ' and does not start' : ''}: ${shortPath(file, home)} ${fault}`;
}

/**
 * A session of a forecast as a line of a pipe: id, expiresAt, `session` or `parts`, lastActivityAt, deleteBytes, cwd,
 * title; maybe the config dir.
 */
export function forecastLine(session: ForecastSession, withConfigDir = false): string {
  const { configDir, id, expiresAt, whole, lastActivityAt, deleteBytes, cwd, title } = session;
  const fields = [id, expiresAt, whole ? 'session' : 'parts', lastActivityAt, deleteBytes, cwd, title];
  return tabbed(withConfigDir ? [...fields, configDir] : fields);
}
