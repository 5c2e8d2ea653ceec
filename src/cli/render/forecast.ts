import type { SkippedCleanup } from '../../claude/cleanup/cleanup-policy.js';
import type { Forecast, ForecastPeriod, ForecastSession, ForecastWarning } from '../../retention/keep/forecast.js';
import { formatAge, formatMoment } from './text/age.js';
import { counted, grouped } from './text/number.js';
import { shortPath } from './text/path.js';
import { tabbed } from './text/pipe.js';
import { liveColor } from './live-text.js';
import { ageColumn, idColumn, projectColumn, sizeColumn, titleColumn } from './session-columns.js';
import type { Screen } from './text/screen.js';
import { formatSize } from './text/size.js';
import { renderTable } from './text/table.js';
import { joinFitting } from './text/wrap.js';
import { HOUR_MS } from '../../system/time.js';

/** Minimum width for SIZE and PROJECT, as in the list. */
const PROJECT_FROM = 70;

/** One session of a forecast; the first `idLength` characters of its id are unique. */
export interface ForecastItem {
  session: ForecastSession;
  idLength: number;
}

/** Returns the table of sessions that will be deleted as lines, soonest first. */
export function forecastLines(items: readonly ForecastItem[], screen: Screen): Promise<string[]> {
  const { color, now } = screen;
  return renderTable<ForecastItem>(
    [
      idColumn(screen, ({ session, idLength }) => session.id.slice(0, idLength)),
      { heading: 'GOES', cell: ({ session }) => deletionText(Date.parse(session.expiresAt), now) },
      ageColumn(
        'ACTIVE',
        screen,
        ({ session: { lastActivityAt } }) => (lastActivityAt === null ? null : Date.parse(lastActivityAt)),
        ({ session }) => session.live,
      ),
      titleColumn(screen, ({ session }) => session),
      { ...projectColumn<ForecastItem>(screen, ({ session }) => session), from: PROJECT_FROM },
      { ...sizeColumn<ForecastItem>(screen, ({ session }) => session.deleteBytes), from: PROJECT_FROM },
    ],
    items,
    screen,
    ({ session }) => {
      if (session.live !== null) return { text: '●', color: liveColor(session.live, color) };
      return session.pinned ? { text: '◆', color: color.yellow } : null;
    },
  );
}

/** Returns when a session will be deleted: `in 3d`, `in 5h`; `next start` if it is overdue. */
function deletionText(expiresMs: number, now: number): string {
  if (expiresMs <= now) return 'next start';
  return expiresMs - now < HOUR_MS ? 'in 1h' : `in ${formatAge(now, expiresMs)}`;
}

/**
 * Returns the lines below the table: totals, sessions that lose parts, folders that shorten the time, and how to keep
 * sessions.
 */
export function forecastFooter(forecast: Forecast, shown: number, { width, home, invocation }: Screen): string[] {
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
            `${counted(partly.length, 'other')} ${partly.length === 1 ? 'stays and loses' : 'stay and lose'} ` +
              `parts (${formatSize(totals.partlyDeleteBytes)}): ${partNames(partly)}`,
          ],
          width,
        )),
    ...warnings.map((warning) => warningLine(warning, home)),
    ...(totals.sessions === 0
      ? []
      : joinFitting(
          [
            `Keep some: ${invocation} protect ID`,
            `permanently: ${invocation} pin ID`,
            ...(pinned === 0 ? [] : [`the ${grouped(pinned)} pinned: ${invocation} protect --pinned`]),
          ],
          width,
        )),
  ];
}

function partNames(sessions: readonly ForecastSession[]): string {
  return [...new Set(sessions.flatMap(({ parts }) => parts.map(({ part }) => part)))].sort().join(', ');
}

/** Returns a sentence about a folder whose settings shorten the time of all sessions. */
export function warningLine({ folder, file, days, sessions }: ForecastWarning, home: string): string {
  const now = sessions === 0 ? 'none yet' : `${counted(sessions, 'session')} now`;
  return (
    `A start of Claude Code in ${shortPath(folder, home)} deletes what is older than ${counted(days, 'day')} in ` +
    `all projects: ${now} (${shortPath(file, home)}).`
  );
}

/** Returns a sentence about how long a config dir keeps unused sessions. */
export function periodLine({ configDir, days, skipped }: ForecastPeriod, home: string): string {
  if (skipped !== null || days === null)
    return `Claude Code skips its cleanup in ${shortPath(configDir, home)}${reasonOf(skipped, home)}.`;
  return (
    `Claude Code deletes sessions ${counted(days, 'day')} after their last change, at a start, once a day ` +
    `(${shortPath(configDir, home)}).`
  );
}

/** Returns why Claude Code skips the cleanup, as the end of a sentence. */
function reasonOf(skipped: SkippedCleanup | null, home: string): string {
  if (skipped === null) return '';
  const { code, file, fault } = skipped;
  return `${code === 'no-start' ? ' and does not start' : ''}: ${shortPath(file, home)} ${fault}`;
}

/**
 * Returns a session of a forecast as a line for pipes: id, expiresAt, `session` or `parts`, lastActivityAt,
 * deleteBytes, cwd, title, and the config dir if there are several.
 */
export function forecastLine(session: ForecastSession, withConfigDir = false): string {
  const { configDir, id, expiresAt, whole, lastActivityAt, deleteBytes, cwd, title } = session;
  const fields = [id, expiresAt, whole ? 'session' : 'parts', lastActivityAt, deleteBytes, cwd, title];
  return tabbed(withConfigDir ? [...fields, configDir] : fields);
}
