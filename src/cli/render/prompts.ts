import type { PromptRecord } from '../../sessions/prompts/prompt-record.js';
import { folderText } from './folder-text.js';
import { dayAndTime, formatAge } from './text/age.js';
import { counted, grouped } from './text/number.js';
import { oneLine } from './text/sanitize.js';
import type { Screen } from './text/screen.js';
import { idLengths } from './text/short-id.js';
import { columnWidth, GAP_WIDTH, joinFitting, tableLines, type Cell, type Column } from './text/table.js';
import { cutEnd, cutStart } from './text/width.js';

/** Figures that the lines below the prompts show. */
export interface PromptView {
  /** Maximum number of prompts; there may be more when it is reached. */
  limit: number;
  /** Sessions that were left out. */
  leftOut: number;
  /** Resolved ages, as sentences. */
  resolved: readonly string[];
  /** Ids of all sessions, to shorten ids by. */
  ids: readonly string[];
}

/** Widths from which a column appears. */
const NUMBER_FROM = 70;
const PROJECT_FROM = 90;
/** Shares of the screen that an id and a project may take. */
const ID_SHARE = 1 / 5;
const PROJECT_SHARE = 1 / 4;
const MIN_TEXT = 10;
const MARKS: Readonly<Record<PromptRecord['state'], string>> = {
  sent: '',
  queued: '(queued) ',
  undelivered: '(not delivered) ',
};

/** The table of prompts and its footer, as lines. */
export async function promptLines(
  prompts: readonly PromptRecord[],
  view: PromptView,
  screen: Screen,
): Promise<string[]> {
  const { width, color } = screen;
  const columns = [
    whenColumn(prompts, screen),
    idColumn(prompts, view, screen),
    ...(width >= NUMBER_FROM ? [numberColumn(prompts, screen)] : []),
    ...(width >= PROJECT_FROM ? [projectColumn(prompts, screen)] : []),
  ];
  const taken = columns.reduce(
    (sum, { heading, cells }) =>
      sum +
      GAP_WIDTH +
      columnWidth(
        heading,
        cells.map(({ text }) => text),
      ),
    0,
  );
  const room = Math.max(MIN_TEXT, width - taken);
  const all = [...columns, { heading: 'PROMPT', cells: prompts.map((prompt) => textCell(prompt, room, screen)) }];
  const rows = prompts.map((_, at) => all.map(({ cells }) => cells[at] ?? { text: '' }));
  return [...(await tableLines(all, rows, color.dim)), '', ...footer(prompts, view, width)];
}

interface PromptColumn extends Column {
  cells: Cell[];
}

function whenColumn(prompts: readonly PromptRecord[], { now, color, width }: Screen): PromptColumn {
  const whenOf = (time: string): string =>
    width < NUMBER_FROM ? formatAge(Date.parse(time), now) : dayAndTime(time, now);
  const cells = prompts.map(({ timestamp }) => ({
    text: timestamp === null ? '–' : whenOf(timestamp),
    paint: color.dim,
  }));
  return { heading: 'WHEN', cells };
}

function idColumn(prompts: readonly PromptRecord[], { ids }: PromptView, { color, width }: Screen): PromptColumn {
  const own = prompts.map(({ sessionId }) => sessionId ?? '–');
  const lengths = idLengths(own, ids);
  const room = Math.floor(width * ID_SHARE);
  const cells = own.map((id, at) => ({ text: cutEnd(oneLine(id.slice(0, lengths[at])), room), paint: color.dim }));
  return { heading: 'SESSION', cells };
}

function numberColumn(prompts: readonly PromptRecord[], { color }: Screen): PromptColumn {
  const cells = prompts.map(({ prompt }) => ({ text: prompt === null ? '' : grouped(prompt), paint: color.dim }));
  return { heading: '#', align: 'right', cells };
}

function projectColumn(prompts: readonly PromptRecord[], screen: Screen): PromptColumn {
  const width = Math.floor(screen.width * PROJECT_SHARE);
  const cells = prompts.map(({ cwd, projectDir, configDir, source }) => {
    const gone = source === 'history' ? ' (session gone)' : '';
    const folder = folderText({ cwd, projectDir: projectDir ?? '–', configDir }, screen);
    return { text: cutStart(folder, Math.max(1, width - gone.length)) + gone, paint: screen.color.blue };
  });
  return { heading: 'PROJECT', cells };
}

function textCell({ text, state }: PromptRecord, width: number, { color }: Screen): Cell {
  const mark = MARKS[state];
  return {
    text: cutEnd(mark + oneLine(text), width),
    paint: (cut) => color.yellow(cut.slice(0, mark.length)) + cut.slice(mark.length),
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
