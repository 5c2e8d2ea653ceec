import { basename } from 'node:path';
import type { SessionRecord } from '../../session-index/record.js';
import type { SessionRow } from '../../session-index/session-index.js';
import { formatAge } from './text/age.js';
import { formatRoughUsd } from './money.js';
import { grouped } from './text/number.js';
import { shortPath } from './text/path.js';
import { projectCell } from './project-cell.js';
import { oneLine, sanitize } from './text/sanitize.js';
import type { Screen } from './text/screen.js';
import { formatSize } from './text/size.js';
import { GAP_WIDTH, columnWidth, tableLines, type Cell, type Column } from './text/table.js';
import { cutEnd, widthOf } from './text/width.js';

/** One session to show; `idLength` characters of its id tell it from every other. */
export interface ListItem {
  row: SessionRow;
  record: SessionRecord;
  idLength: number;
}

/** What a list shows beside what its width has room for. */
export interface ListForm {
  /** The items of a project stand together below its path. */
  byProject: boolean;
  /** COST comes beside SIZE. */
  withCosts: boolean;
}

/** Below this width PROMPTS goes, SIZE and PROJECT go, and from it BRANCH comes. */
const PROMPTS_FROM = 80;
const PROJECT_FROM = 70;
const BRANCH_FROM = 120;
/** Ids that differ only far behind take at most this share of the screen; `@N` names them too. */
const ID_SHARE = 1 / 5;

interface ListColumn extends Column {
  cells: Cell[];
}

/** The table of sessions as lines: columns by the screen's width, TITLE last with what room is left. */
export async function listLines(
  items: readonly ListItem[],
  screen: Screen,
  { byProject, withCosts }: ListForm,
): Promise<string[]> {
  const columns = [...fixedColumns(items, screen), ...(withCosts ? [costColumn(items)] : [])];
  let room = screen.width - columns.reduce((sum, { heading, cells }) => sum + widest(heading, cells) + GAP_WIDTH, 0);
  const wide = screen.width >= PROJECT_FROM;
  if (wide && !byProject) {
    const share = screen.width >= BRANCH_FROM ? 2 / 7 : 3 / 8;
    const column = projectColumn(items, screen, Math.floor((room - GAP_WIDTH) * share));
    room -= widest(column.heading, column.cells) + GAP_WIDTH;
    columns.push(column);
  }
  if (screen.width >= BRANCH_FROM) {
    const column = branchColumn(items, screen, Math.floor(room / 4));
    room -= widest(column.heading, column.cells) + GAP_WIDTH;
    columns.push(column);
  }
  columns.push(titleColumn(items, screen, Math.max(1, room), !wide && !byProject));
  const rows = items.map((_, at) => columns.map(({ cells }) => cells[at] ?? { text: '' }));
  const [heading = '', ...lines] = await tableLines(columns, rows, screen.color.dim);
  return byProject ? [heading, ...underProjects(items, lines, screen)] : [heading, ...lines];
}

function widest(heading: string, cells: readonly Cell[]): number {
  return columnWidth(
    heading,
    cells.map(({ text }) => text),
  );
}

function fixedColumns(items: readonly ListItem[], { width, color, now }: Screen): ListColumn[] {
  const { green } = color;
  const columns: ListColumn[] = [
    { heading: '  ID', cells: items.map((item) => idCell(item, Math.floor(width * ID_SHARE), color)) },
    {
      heading: 'ACTIVE',
      cells: items.map(({ row }) => {
        if (row.live !== null) return { text: 'live', paint: green };
        return { text: row.lastActivityMs === null ? '–' : formatAge(row.lastActivityMs, now) };
      }),
    },
  ];
  if (width >= PROMPTS_FROM) {
    columns.push({
      heading: 'PROMPTS',
      align: 'right',
      cells: items.map(({ row }) => ({ text: grouped(row.prompts) })),
    });
  }
  if (width >= PROJECT_FROM) {
    const cells = items.map(({ record: { footprintBytes } }) => ({
      text: footprintBytes === null ? '' : formatSize(footprintBytes),
    }));
    columns.push({ heading: 'SIZE', align: 'right', cells });
  }
  return columns;
}

function costColumn(items: readonly ListItem[]): ListColumn {
  return {
    heading: 'COST',
    align: 'right',
    cells: items.map(({ record }) => ({ text: record.tokens.total === 0 ? '' : formatRoughUsd(record.costUsd) })),
  };
}

function idCell({ row, idLength }: ListItem, width: number, color: Screen['color']): Cell {
  const id = cutEnd(sanitize(row.file.id.slice(0, idLength)), width);
  const [sign, paint] = signOf(row, color);
  return { text: `${sign} ${id}`, paint: (text) => paint(text.slice(0, 1)) + text.slice(1) };
}

/** One sign a session, each told by a word elsewhere too (ACTIVE, `show`). */
function signOf(row: SessionRow, color: Screen['color']): [string, (text: string) => string] {
  if (row.live !== null) return ['●', color.green];
  if (row.damaged) return ['!', color.red];
  return row.pinned ? ['◆', color.yellow] : [' ', String];
}

function projectColumn(items: readonly ListItem[], { home, color }: Screen, width: number): ListColumn {
  const cells = items.map(({ record }) => {
    const gone = record.cwd !== null && record.cwdExists === false;
    const text = projectCell(shortPath(record.cwd ?? record.projectDir, home), gone, width);
    return gone || record.cwd === null ? { text, paint: color.dim } : { text };
  });
  return { heading: 'PROJECT', cells };
}

function branchColumn(items: readonly ListItem[], { color }: Screen, width: number): ListColumn {
  const cells = items.map(({ record }) => ({
    text: cutEnd(oneLine(record.gitBranch ?? ''), width),
    paint: color.cyan,
  }));
  return { heading: 'BRANCH', cells };
}

function titleColumn(items: readonly ListItem[], screen: Screen, width: number, prefixed: boolean): ListColumn {
  const several = prefixed && new Set(items.map(({ record }) => record.cwd)).size > 1;
  return { heading: 'TITLE', cells: items.map(({ record }) => titleCell(record, screen, width, several)) };
}

function titleCell(record: SessionRecord, { color }: Screen, width: number, prefixed: boolean): Cell {
  const name = prefixed && record.cwd !== null ? cutEnd(oneLine(basename(record.cwd)), Math.floor(width / 3)) : '';
  const prefix = name === '' ? '' : `${name}: `;
  const room = Math.max(1, width - widthOf(prefix));
  const title = oneLine(record.title ?? '');
  const given = title !== '' && record.titleSource !== 'prompt';
  const text =
    title === ''
      ? cutEnd('(no title)', room)
      : given
        ? cutEnd(title, room)
        : `“${cutEnd(title, Math.max(1, room - 2))}”`;
  return { text: prefix + text, paint: () => color.dim(prefix) + (given ? text : color.dim(text)) };
}

/** Puts each project's path above its lines; the items already stand by project. */
function underProjects(items: readonly ListItem[], lines: readonly string[], { home, color, width }: Screen): string[] {
  let before: string | null = null;
  return lines.flatMap((line, at) => {
    const record = items[at]?.record;
    const path = projectCell(
      shortPath(record?.cwd ?? record?.projectDir ?? '', home),
      record?.cwdExists === false,
      width,
    );
    const heading = path === before ? [] : [color.bold(path)];
    before = path;
    return [...heading, line];
  });
}
