import type { ContextMessage, Counts, Match, SessionMatches } from '../../search/model.js';
import type { Range } from '../../search/query/model.js';
import { folderText } from './folder-text.js';
import { dayAndTime, formatAge } from './text/age.js';
import { counted, grouped } from './text/number.js';
import { liveColor, liveWord } from './live-text.js';
import { oneLine, sanitize } from './text/sanitize.js';
import type { Screen } from './text/screen.js';
import { joinFitting } from './text/wrap.js';
import { cutEnd, cutStart, endedLtr, widthOf } from './text/width.js';

/** A session that was found, with the matches to print. */
export interface FoundSession extends SessionMatches {
  /** Length of the shortest unique prefix of its id. */
  idLength: number;
  /** Number of matches of kinds that are only counted. */
  hidden: Counts;
}

/** Totals of a search for its last line. */
export interface SearchTotals {
  matches: number;
  sessions: number;
  searched: number;
  /** True if the search ended before all sessions were searched. */
  isCut: boolean;
}

/** Authors as they are printed. */
const WHO: Readonly<Record<Match['kind'], string>> = {
  title: 'title',
  prompt: 'you',
  answer: 'claude',
  thinking: 'think',
  tool: 'tool',
  result: 'result',
  meta: 'meta',
};
const WHO_WIDTH = 6;
/** Width from which times are shown. */
const TIMES_FROM = 76;
/** Maximum share of the width for the folder in a heading. */
const FOLDER_SHARE = 0.25;
/** Share of a cut snippet's width for the text before its first match. */
const LEAD_SHARE = 0.3;
const ELLIPSIS = '…';

/** Returns a session's heading, a line for each match and context message, and the number of matches not printed. */
export function foundLines(found: FoundSession, screen: Screen): string[] {
  const lines = [headingLine(found, screen)];
  const matched = new Set(found.matches.map(({ messageUuid }) => messageUuid));
  const printed = new Set<string | null>();
  let day = '';
  const add = (message: ContextMessage, row: (when: string) => string): void => {
    const when = message.timestamp === null ? '' : dayAndTime(message.timestamp, screen.now);
    const isSameDay = day !== '' && when.slice(0, -5) === day;
    day = when.slice(0, -5);
    lines.push(row(isSameDay ? when.slice(-5) : when));
  };
  const addContext = (messages: readonly ContextMessage[] | undefined, agentId: string | null): void => {
    for (const message of messages ?? []) {
      // A message is printed once; one that matches is printed as a match only.
      if (matched.has(message.messageUuid) || printed.has(message.messageUuid)) continue;
      printed.add(message.messageUuid);
      add(message, (when) => contextLineOf(message, agentId, when, screen));
    }
  };
  for (const match of found.matches) {
    addContext(match.before, match.agentId);
    add(match, (when) => matchLineOf(match, when, screen));
    addContext(match.after, match.agentId);
  }
  return [...lines, ...moreLines(found, screen)];
}

function headingLine({ row, record, idLength, counts }: FoundSession, screen: Screen): string {
  const { color, width, now } = screen;
  const { live } = row;
  const id = record.id.slice(0, idLength);
  const age = row.lastActivityMs === null ? '' : formatAge(row.lastActivityMs, now);
  const paint = liveColor(live, color);
  const active = live === null ? age.padEnd(4) : paint(liveWord(live));
  const start = `${live === null ? ' ' : paint('●')} ${color.yellow(id)}  ${active}`;
  const total = counted(sumOf(counts), 'match', 'matches');
  const room = width - (2 + idLength + 2 + Math.max(4, live === null ? age.length : 0)) - 2 - total.length - 2;
  const folder = cutStart(folderText(record, screen), Math.max(8, Math.floor(width * FOLDER_SHARE)));
  const title = oneLine(record.title ?? '') || '(no title)';
  const shown = record.titleSource === 'prompt' ? `“${title}”` : title;
  const text = room < 20 ? '' : cutEnd(`${folder}  ${shown}`, room);
  const cut = Math.min(text.length, folder.length);
  const painted = color.dim(endedLtr(text.slice(0, cut))) + color.bold(endedLtr(text.slice(cut)));
  const pad = ' '.repeat(Math.max(0, room - widthOf(text)));
  return room < 20 ? `${start}  ${color.dim(total)}` : `${start}  ${painted}${pad}  ${color.dim(total)}`;
}

function matchLineOf(match: Match, when: string, screen: Screen): string {
  const { start, painted } = startOfRow(match, match.agentId, when, screen);
  return painted + markedSnippet(match, Math.max(10, screen.width - widthOf(start)), screen);
}

/** Returns the beginning of a message as a dim line, laid out like a match. */
function contextLineOf(message: ContextMessage, agentId: string | null, when: string, screen: Screen): string {
  const { start } = startOfRow(message, agentId, when, screen);
  const text = cutEnd(sanitize(message.snippet), Math.max(10, screen.width - widthOf(start)));
  return screen.color.dim(start + text);
}

/** Returns the columns before the text of a message: the prompt's number, the author and the time. */
function startOfRow(
  { kind, prompt, tool: name }: ContextMessage,
  agentId: string | null,
  when: string,
  { color, width }: Screen,
): { start: string; painted: string } {
  const number = prompt === null ? '' : String(prompt);
  const who = WHO[kind].padEnd(WHO_WIDTH);
  const time = width < TIMES_FROM ? '' : `${when.padEnd(16)}  `;
  const agent = agentId === null ? '' : `${oneLine(agentId).slice(0, 8)}  `;
  const tool = kind === 'result' && name !== null ? `${oneLine(name)}  ` : '';
  return {
    start: `  ${number.padStart(4)}  ${who}  ${time}${agent}${tool}`,
    painted: `  ${color.cyan(number.padStart(4))}  ${who}  ${color.dim(time + agent + tool)}`,
  };
}

/** Returns the number of a session's matches that are not printed, and how to see them. */
function moreLines({ matches, counts, hidden }: FoundSession, { color }: Screen): string[] {
  const results = hidden.result ?? 0;
  const more = sumOf(counts) - sumOf(hidden) - matches.length;
  const parts = [
    ...(more > 0 ? [`${grouped(more)} more: --max-count 0`] : []),
    ...(results > 0 ? [`${grouped(results)}${more > 0 ? '' : ' more'} in tool results: --in result`] : []),
  ];
  return parts.length === 0 ? [] : [color.dim(`        and ${parts.join(' · ')}`)];
}

/** Returns the snippet in `room` columns with its matches marked, cut so that the first match stays visible. */
function markedSnippet(
  { snippet, ranges }: Pick<Match, 'snippet' | 'ranges'>,
  room: number,
  { color }: Pick<Screen, 'color'>,
): string {
  const first = ranges[0]?.[0] ?? 0;
  const before = sanitize(snippet.slice(0, first));
  const lead = Math.floor(room * LEAD_SHARE);
  const isWide = widthOf(sanitize(snippet)) > room && widthOf(before) > lead;
  const shownBefore = isWide ? cutStart(before, lead) : before;
  const mark = (text: string): string => (color.level === 0 ? `«${text}»` : color.bold.red(text));
  let line = shownBefore;
  let left = room - widthOf(shownBefore);
  let at = first;
  for (const [start, end] of withEnd(ranges, snippet.length)) {
    for (const [text, isMatch] of [
      [sanitize(snippet.slice(at, start)), false],
      [sanitize(snippet.slice(start, end)), true],
    ] as const) {
      if (text === '' || left <= 0) continue;
      const marks = isMatch && color.level === 0 ? 2 : 0;
      const isLast = widthOf(text) + marks > left;
      const cut = isLast ? cutEnd(text, Math.max(1, left - marks)) : text;
      line += isMatch ? mark(cut) : cut;
      left = isLast ? 0 : left - widthOf(cut) - marks;
    }
    at = end;
  }
  return left === 0 && !line.includes(ELLIPSIS) ? line : line.trimEnd();
}

/** Returns the ranges, followed by an empty one at the end of the snippet. */
function withEnd(ranges: readonly Range[], end: number): Range[] {
  return [...ranges, [end, end]];
}

/** Returns the totals, `5 matches in 2 of 3,004 sessions`, and the next commands, on as many lines as needed. */
export function totalLines(
  { matches, sessions, searched, isCut }: SearchTotals,
  first: FoundSession | null,
  { width, invocation }: { width: number; invocation: string },
): string[] {
  const found = counted(matches, 'match', 'matches');
  const id = first?.record.id.slice(0, first.idLength) ?? '';
  const prompt = first?.matches.find((match) => match.prompt !== null && match.prompt > 0)?.prompt ?? null;
  return [
    '',
    ...joinFitting(
      [
        isCut
          ? `${found} in the first ${counted(sessions, 'session')}, more with -L 0`
          : `${found} in ${grouped(sessions)} of ${counted(searched, 'session')}`,
        `resume: ${invocation} resume ${id}`,
        `read on: ${invocation} show ${id}${prompt === null ? '' : ` --at ${prompt}`}`,
      ],
      width,
    ),
  ];
}

/** Returns the number of all matches. */
function sumOf(counts: Counts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
