import { logTotals, type LogProject, type LogSession, type WorkLog } from '../../sessions/log/log-record.js';
import { folderText } from './folder-text.js';
import { firstWords, ownTitle, totalsWords, workFigures } from './log-text.js';
import { formatRoughUsd } from './money.js';
import { idColumn } from './session-columns.js';
import { isoDay, shortDayAndTime } from './text/age.js';
import { counted, grouped } from './text/number.js';
import { oneLine } from './text/sanitize.js';
import type { Screen } from './text/screen.js';
import { idLengths } from './text/short-id.js';
import { renderTable, type Cell } from './text/table.js';
import { cutStart, widthOf } from './text/width.js';
import { joinFitting } from './text/wrap.js';

/** Values shown below a log. */
export interface LogView {
  /** The sessions that were left out, in words; null if there are none. */
  leftOut: string | null;
  /** Resolved ages, as sentences. */
  resolved: readonly string[];
  /** Ids of all sessions, for shortening ids. */
  ids: readonly string[];
}

/** Widths from which a column appears. */
const ID_FROM = 70;
const FILES_FROM = 60;
/** Widths of the columns next to WHEN with their gaps: COST and the minimum of WORK, FILES, SESSION. */
const OTHERS_WIDTH = 22;
const FILES_WIDTH = 7;
const ID_WIDTH = 10;
const MIN_WORDS = 10;
const PROMPT_WIDTH = 60;
const GONE = '(session gone)';

/** Returns the log as lines: each folder, a line per session below it, then the totals. */
export async function logLines(log: WorkLog, view: LogView, screen: Screen): Promise<string[]> {
  const { color, width, now } = screen;
  const sessions = log.projects.flatMap((project) => project.sessions);
  const own = sessions.map(({ id }) => id ?? '–');
  const lengths = idLengths(own, view.ids);
  const shortIds = new Map(own.map((id, at) => [id, oneLine(id.slice(0, lengths[at]))]));
  const filesFrom = log.totals.filesChanged === 0 ? Infinity : FILES_FROM;
  const maxWhen = width - OTHERS_WIDTH - (width < filesFrom ? 0 : FILES_WIDTH) - (width < ID_FROM ? 0 : ID_WIDTH);
  const [heading = '', ...rows] = await renderTable<LogSession>(
    [
      { heading: 'WHEN', cell: (session) => whenText(session, now, maxWhen), color: color.dim },
      {
        ...idColumn<LogSession>(screen, ({ id }) => shortIds.get(id ?? '–') ?? ''),
        heading: 'SESSION',
        from: ID_FROM,
      },
      {
        heading: 'COST',
        align: 'right',
        cell: ({ costUsd, source }) => (source === 'history' ? '' : formatRoughUsd(costUsd)),
        color: color.dim,
      },
      {
        heading: 'FILES',
        align: 'right',
        cell: ({ files }) => (files.length === 0 ? '' : grouped(files.length)),
        from: filesFrom,
        hideIfSame: true,
        color: color.dim,
      },
      { heading: 'WORK', cell: (session) => workCell(session, screen), shrink: 'end', minWidth: MIN_WORDS },
    ],
    sessions,
    screen,
  );
  const lines = [heading];
  let next = 0;
  for (const project of log.projects) {
    lines.push(projectLine(project, screen));
    for (const _ of project.sessions) lines.push(rows[next++] ?? '');
  }
  return [
    ...lines,
    '',
    ...joinFitting(
      [...totalsWords(log.totals, log.omitted), ...(view.leftOut === null ? [] : [`left out: ${view.leftOut}: -a`])],
      width,
    ),
    ...view.resolved,
  ];
}

/** Returns the folder, with totals if it has several sessions. */
function projectLine({ configDir, cwd, sessions }: LogProject, screen: Screen): string {
  const { color, width } = screen;
  const { filesChanged, costUsd } = logTotals(sessions);
  const sums =
    sessions.length === 1
      ? ''
      : `  ${[counted(sessions.length, 'session'), ...workFigures({ costUsd, filesChanged })].join(' · ')}`;
  const folder = folderText({ cwd, projectDir: sessions[0]?.projectDir ?? '–', configDir }, screen);
  const isRoom = widthOf(folder) + widthOf(sums) <= width;
  return color.bold.blueBright(cutStart(folder, width)) + (isRoom ? color.dim(sums) : '');
}

/** Returns the title, then the first words of as many prompts as fit. */
function workCell(session: LogSession, { width, color }: Screen): Cell {
  const title = ownTitle(session);
  const gone = session.source === 'history' ? [GONE] : [];
  const start = [...gone, ...(title === null ? [] : [title])].join(' ');
  const parts: string[] = [];
  for (let used = widthOf(start), at = 0; used < width && at < session.prompts.length; at++) {
    const words = firstWords(session.prompts[at]?.text ?? '', PROMPT_WIDTH);
    if (words === '') continue;
    parts.push(words);
    used += widthOf(words) + 3;
  }
  const text = [...(start === '' ? [] : [start]), ...parts].join(' · ');
  if (text === '') return { text: '(no prompt)', color: color.dim };
  // Without a title, the first prompt is highlighted instead.
  const bright = title === null ? (parts[0]?.length ?? 0) + (start === '' ? 0 : start.length + 3) : start.length;
  return { text, color: (cut) => cut.slice(0, bright) + color.dim(cut.slice(bright)) };
}

/**
 * Returns `18:02–19:40` for today, `Fri 20 Nov 18:02–19:40` for another day, and both days if they differ, without
 * times if the text would be wider than `maxWidth`.
 */
function whenText({ firstAt, lastAt }: LogSession, now: number, maxWidth: number): string {
  const [first, last] = [Date.parse(firstAt), Date.parse(lastAt)];
  const today = isoDay(now);
  const day = (ms: number): string => isoDay(ms);
  const time = (ms: number, withDay: boolean): string => {
    const text = shortDayAndTime(ms, now);
    return withDay ? text : text.slice(-5);
  };
  if (day(first) !== day(last)) {
    const both = [time(first, true), time(last, true)];
    const text = both.join(' – ');
    return text.length <= maxWidth ? text : both.map((one) => one.slice(0, -6)).join(' – ');
  }
  const start = time(first, day(first) !== today);
  const end = time(last, false);
  return start.endsWith(end) ? start : `${start}–${end}`;
}
