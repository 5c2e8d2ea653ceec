import { basename } from 'node:path';
import type { SessionRecord } from '../../session-index/record.js';
import type { SessionRow } from '../../session-index/session-index.js';
import type { SortKey } from '../../sessions/select/select.js';
import { formatAge } from './text/age.js';
import { formatRoughUsd } from './money.js';
import { grouped, threeFigures } from './text/number.js';
import { folderText } from './folder-text.js';
import { projectCell } from './project-cell.js';
import { oneLine, sanitize } from './text/sanitize.js';
import type { Screen } from './text/screen.js';
import { formatSize } from './text/size.js';
import { GAP_WIDTH, columnWidth, tableLines, type Cell, type Column } from './text/table.js';
import { cutEnd, widthOf } from './text/width.js';

/** One session to show; `idLength` characters of its id distinguish it from every other. */
export interface ListItem {
  row: SessionRow;
  record: SessionRecord;
  /** The folder it counts under (`projectFolderOf`). */
  folder: string | null;
  idLength: number;
  /** The session belongs to the current folder or one of its worktrees. */
  isHere: boolean;
}

/** Choices of a list beyond the width of the screen. */
export interface ListForm {
  /** Rows are grouped below the path of their project. */
  byProject: boolean;
  /** The records' costs are known and shown. */
  withCosts: boolean;
  /** The figure the rows are sorted by always has its column. */
  sort: SortKey;
}

/** Widths from which a column appears. */
const PROJECT_FROM = 70;
const PROMPTS_FROM = 80;
const SIZE_FROM = 100;
const BRANCH_FROM = 120;
/** Ids that differ only near their end take at most this share of the screen; `@N` names them too. */
const ID_SHARE = 1 / 5;
/** Share of the room for TITLE and PROJECT that a long path may take. */
const PROJECT_SHARE = 2 / 5;
const BRANCH_SHARE = 1 / 5;
/** From here on a cost stands out. */
const HIGH_COST_USD = 10;
const HERE = ' ◂';

interface ListColumn extends Column {
  cells: Cell[];
}

/** The table of sessions as lines: columns by the screen's width, TITLE and PROJECT share the room that is left. */
export async function listLines(items: readonly ListItem[], screen: Screen, form: ListForm): Promise<string[]> {
  const { width } = screen;
  const left = [idColumn(items, screen), activeColumn(items, screen)];
  const right = figureColumns(items, screen, form);
  let room = width - spaceOf([...left, ...right]);
  if (width >= BRANCH_FROM) {
    const column = branchColumn(items, screen, Math.floor(room * BRANCH_SHARE));
    room -= spaceOf([column]);
    right.push(column);
  }
  if (form.withCosts) {
    const column = costColumn(items, screen);
    room -= spaceOf([column]);
    right.push(column);
  }
  const columns = [...left, ...textColumns(items, screen, Math.max(1, room), form), ...right];
  const rows = items.map((_, at) => columns.map(({ cells }) => cells[at] ?? { text: '' }));
  const [heading = '', ...lines] = await tableLines(columns, rows, screen.color.dim);
  return form.byProject ? [heading, ...underProjects(items, lines, screen)] : [heading, ...lines];
}

/** Width of columns with the gaps behind them. */
function spaceOf(columns: readonly ListColumn[]): number {
  return columns.reduce((sum, { heading, cells }) => sum + widest(heading, cells) + GAP_WIDTH, 0);
}

function widest(heading: string, cells: readonly Cell[]): number {
  return columnWidth(
    heading,
    cells.map(({ text }) => text),
  );
}

function idColumn(items: readonly ListItem[], { width, color }: Screen): ListColumn {
  const room = Math.floor(width * ID_SHARE);
  const cells = items.map(({ row, idLength }) => {
    const id = cutEnd(sanitize(row.file.id.slice(0, idLength)), room);
    const [sign, paint] = signOf(row, color);
    return { text: `${sign} ${id}`, paint: (text: string) => paint(text.slice(0, 1)) + color.dim(text.slice(1)) };
  });
  return { heading: '  ID', cells };
}

/** One sign per session, each of which a word says too (in ACTIVE or in `show`). */
function signOf(row: SessionRow, color: Screen['color']): [string, (text: string) => string] {
  if (row.live !== null) return ['●', color.green];
  if (row.damaged) return ['!', color.red];
  return row.pinned ? ['◆', color.yellow] : [' ', String];
}

function activeColumn(items: readonly ListItem[], { color, now }: Screen): ListColumn {
  const cells = items.map(({ row }) => {
    if (row.live !== null) return { text: 'live', paint: color.green };
    return { text: row.lastActivityMs === null ? '–' : formatAge(row.lastActivityMs, now), paint: color.dim };
  });
  return { heading: 'ACTIVE', cells };
}

/** Figures by the width, and the one that the rows are sorted by. */
function figureColumns(items: readonly ListItem[], { width, color, now }: Screen, { sort }: ListForm): ListColumn[] {
  const figures = (heading: string, textOf: (item: ListItem) => string): ListColumn => ({
    heading,
    align: 'right',
    cells: items.map((item) => ({ text: textOf(item), paint: color.dim })),
  });
  return [
    ...(width >= PROMPTS_FROM || sort === 'prompts' ? [figures('PROMPTS', ({ row }) => grouped(row.prompts))] : []),
    ...(sort === 'turns' ? [figures('TURNS', ({ row }) => grouped(row.turns))] : []),
    ...(sort === 'tokens' ? [figures('TOKENS', ({ row }) => threeFigures(row.tokens))] : []),
    ...(sort === 'created'
      ? [figures('CREATED', ({ row: { createdMs } }) => (createdMs === null ? '–' : formatAge(createdMs, now)))]
      : []),
    ...(width >= SIZE_FROM || sort === 'size'
      ? [figures('SIZE', ({ record: { footprintBytes: bytes } }) => (bytes === null ? '' : formatSize(bytes)))]
      : []),
  ];
}

function costColumn(items: readonly ListItem[], { color }: Screen): ListColumn {
  const cells = items.map(({ record: { costUsd, tokens } }) => ({
    text: tokens.total === 0 ? '' : formatRoughUsd(costUsd),
    paint: (costUsd ?? 0) >= HIGH_COST_USD ? color.yellow : color.dim,
  }));
  return { heading: 'COST', align: 'right', cells };
}

function branchColumn(items: readonly ListItem[], { color }: Screen, width: number): ListColumn {
  const cells = items.map(({ record }) => ({
    text: cutEnd(oneLine(record.gitBranch ?? ''), width),
    paint: color.cyan,
  }));
  return { heading: 'BRANCH', cells };
}

/** TITLE, and PROJECT where there is room; on narrow screens the folder's name stands before the title. */
function textColumns(items: readonly ListItem[], screen: Screen, room: number, form: ListForm): ListColumn[] {
  if (form.byProject) return [titleColumn(items, screen, room, false)];
  const needsFolder = form.sort === 'project' || (screen.configDirNames?.size ?? 0) > 1;
  if (screen.width < PROJECT_FROM && !needsFolder) return [titleColumn(items, screen, room, true)];
  const wanted = widest(
    'TITLE',
    items.map(({ record }) => ({ text: titleText(record, Infinity) })),
  );
  const share = Math.max(Math.floor(room * PROJECT_SHARE), room - GAP_WIDTH - wanted);
  const project = projectColumn(items, screen, share);
  return [titleColumn(items, screen, Math.max(1, room - spaceOf([project])), false), project];
}

function projectColumn(items: readonly ListItem[], screen: Screen, width: number): ListColumn {
  const { color } = screen;
  const cells = items.map(({ record, isHere }) => {
    const gone = record.cwd !== null && record.cwdExists === false;
    const mark = isHere ? HERE : '';
    const path = projectCell(folderText(record, screen), gone, width - widthOf(mark));
    const paint = gone || record.cwd === null ? color.dim : isHere ? color.bold.blue : color.blue;
    return { text: path + mark, paint };
  });
  return { heading: 'PROJECT', cells };
}

function titleColumn(items: readonly ListItem[], screen: Screen, width: number, prefixed: boolean): ListColumn {
  const several = prefixed && new Set(items.map(({ record }) => record.cwd)).size > 1;
  return { heading: 'TITLE', cells: items.map(({ record }) => titleCell(record, screen, width, several)) };
}

/** The title: the only bright text of a row. A prompt that stands in for one is quoted. */
function titleCell(record: SessionRecord, { color }: Screen, width: number, prefixed: boolean): Cell {
  const name = prefixed && record.cwd !== null ? cutEnd(oneLine(basename(record.cwd)), Math.floor(width / 3)) : '';
  const prefix = name === '' ? '' : `${name}: `;
  const text = titleText(record, Math.max(1, width - widthOf(prefix)));
  const hasTitle = oneLine(record.title ?? '') !== '';
  return { text: prefix + text, paint: () => color.blue(prefix) + (hasTitle ? text : color.dim(text)) };
}

function titleText(record: SessionRecord, room: number): string {
  const title = oneLine(record.title ?? '');
  if (title === '') return cutEnd('(no title)', room);
  return record.titleSource === 'prompt' ? `“${cutEnd(title, Math.max(1, room - 2))}”` : cutEnd(title, room);
}

/** Puts each project's path above its lines; the items are already grouped by project. */
function underProjects(items: readonly ListItem[], lines: readonly string[], screen: Screen): string[] {
  const { color, width } = screen;
  let before: string | null = null;
  return lines.flatMap((line, at) => {
    const item = items[at];
    if (item === undefined) return [line];
    const { record, folder } = item;
    const mark = item.isHere ? HERE : '';
    const gone = record.cwdExists === false && folder === record.cwd;
    const path = projectCell(folderText({ ...record, cwd: folder }, screen), gone, width - widthOf(mark));
    const heading = path === before ? [] : [color.bold.blue(path + mark)];
    before = path;
    return [...heading, line];
  });
}
