import type { PromptRecord } from '../../sessions/prompts/prompt-record.js';
import { folderText } from './folder-text.js';
import { dayAndTime, formatAge } from './text/age.js';
import { counted, grouped } from './text/number.js';
import { oneLine } from './text/sanitize.js';
import type { Screen } from './text/screen.js';
import { idLengths } from './text/short-id.js';
import { idColumn } from './session-columns.js';
import { renderTable, type Cell } from './text/table.js';
import { cutStart } from './text/width.js';
import { joinFitting } from './text/wrap.js';

/** Values shown below the prompts. */
export interface PromptView {
  /** Maximum number of prompts; if it is reached, there may be more. */
  limit: number;
  /** Number of sessions that were left out. */
  leftOut: number;
  /** Resolved ages, as sentences. */
  resolved: readonly string[];
  /** Ids of all sessions, for shortening ids. */
  ids: readonly string[];
}

/** Widths from which a column appears. */
const NUMBER_FROM = 70;
const PROJECT_FROM = 90;
const MIN_TEXT = 10;
const MARKS: Readonly<Record<PromptRecord['state'], string>> = {
  sent: '',
  queued: '(queued) ',
  undelivered: '(not delivered) ',
};

/** Returns the table of prompts and its footer as lines. */
export async function promptLines(
  prompts: readonly PromptRecord[],
  view: PromptView,
  screen: Screen,
): Promise<string[]> {
  const { width, color, now } = screen;
  const own = prompts.map(({ sessionId }) => sessionId ?? '–');
  const lengths = idLengths(own, view.ids);
  const shortIds = new Map(own.map((id, at) => [id, oneLine(id.slice(0, lengths[at]))]));
  const table = await renderTable<PromptRecord>(
    [
      { heading: 'WHEN', cell: ({ timestamp }) => whenOf(timestamp, width, now), color: color.dim },
      {
        ...idColumn<PromptRecord>(screen, ({ sessionId }) => shortIds.get(sessionId ?? '–') ?? ''),
        heading: 'SESSION',
      },
      {
        heading: '#',
        align: 'right',
        cell: ({ prompt }) => (prompt === null ? '' : grouped(prompt)),
        from: NUMBER_FROM,
        color: color.dim,
      },
      { heading: 'PROMPT', cell: (prompt) => textCell(prompt, screen), shrink: 'end', share: 3, minWidth: MIN_TEXT },
      {
        heading: 'PROJECT',
        cell: (prompt) => projectCell(prompt, screen),
        shrink: 'start',
        share: 2,
        from: PROJECT_FROM,
        color: color.blueBright,
      },
    ],
    prompts,
    screen,
  );
  return [...table, '', ...footer(prompts, view, width)];
}

function whenOf(time: string | null, width: number, now: number): string {
  if (time === null) return '–';
  return width < NUMBER_FROM ? formatAge(Date.parse(time), now) : dayAndTime(time, now);
}

function projectCell({ cwd, projectDir, configDir, source }: PromptRecord, screen: Screen): Cell {
  const gone = source === 'history' ? ' (session gone)' : '';
  const folder = folderText({ cwd, projectDir: projectDir ?? '–', configDir }, screen);
  return {
    text: folder + gone,
    fit: (width) => ({ text: cutStart(folder, Math.max(1, width - gone.length)) + gone }),
  };
}

function textCell({ text, state }: PromptRecord, { color }: Screen): Cell {
  const mark = MARKS[state];
  return {
    text: mark + oneLine(text),
    color: (cut) => color.yellow(cut.slice(0, mark.length)) + cut.slice(mark.length),
  };
}

function footer(prompts: readonly PromptRecord[], { limit, leftOut, resolved }: PromptView, width: number): string[] {
  const count = (is: (prompt: PromptRecord) => boolean): number => prompts.filter(is).length;
  const gone = count(({ source }) => source === 'history');
  const lost = count(({ state }) => state === 'undelivered');
  const isFull = prompts.length >= limit;
  return [
    ...joinFitting(
      [
        `${isFull ? 'newest ' : ''}${counted(prompts.length, 'prompt')}`,
        ...(gone > 0 ? [`${grouped(gone)} of sessions that are gone`] : []),
        ...(lost > 0 ? [`${grouped(lost)} never delivered`] : []),
        ...(isFull ? ['all: -L 0'] : []),
        ...(leftOut > 0 ? [`left out: ${counted(leftOut, 'headless or teammate session')}: -a`] : []),
      ],
      width,
    ),
    ...resolved,
  ];
}
