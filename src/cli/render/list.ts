import { basename } from 'node:path';
import type { SessionRecord } from '../../session-index/record.js';
import type { SessionRow } from '../../session-index/session-index.js';
import type { SortKey } from '../../sessions/select/select.js';
import { liveColor } from './live-text.js';
import { formatAge } from './text/age.js';
import { formatRoughUsd } from './money.js';
import { grouped, threeFigures } from './text/number.js';
import { folderText } from './folder-text.js';
import { HERE, projectCell } from './project-cell.js';
import { ageColumn, idColumn, projectColumn, sizeColumn, titleCell, titleColumn } from './session-columns.js';
import { oneLine } from './text/sanitize.js';
import type { Screen } from './text/screen.js';
import { renderTable, type Cell, type Column } from './text/table.js';
import { cutEnd, widthOf } from './text/width.js';

/** One session to show; the first `idLength` characters of its id are unique. */
export interface ListItem {
  row: SessionRow;
  record: SessionRecord;
  /** The folder that it counts under (`projectFolderOf`). */
  folder: string | null;
  idLength: number;
  /** True if the session belongs to the current folder or one of its worktrees. */
  isHere: boolean;
}

/** Options of a list besides the screen. */
export interface ListForm {
  /** Group rows below the paths of their projects. */
  byProject: boolean;
  /** Show the records' costs. */
  withCosts: boolean;
  /** The key the rows are sorted by, whose column is always shown. */
  sort: SortKey;
}

/** Screen widths from which a column appears. */
const PROJECT_FROM = 70;
const PROMPTS_FROM = 80;
const SIZE_FROM = 100;
const BRANCH_FROM = 120;
const NEVER = Infinity;
/** Maximum share of a title's column for the name of the folder before it. */
const PREFIX_SHARE = 1 / 3;
/** Costs from this amount on are highlighted. */
const HIGH_COST_USD = 10;

/** Returns the table of sessions as lines, with columns by the screen's width, and always that of the sort key. */
export async function listLines(items: readonly ListItem[], screen: Screen, form: ListForm): Promise<string[]> {
  const { color } = screen;
  const lines = await renderTable(columnsOf(items, screen, form), items, screen, ({ row }) => signOf(row, color));
  const [heading = '', ...rows] = lines;
  return form.byProject ? [heading, ...withProjectHeadings(items, rows, screen)] : lines;
}

function columnsOf(items: readonly ListItem[], screen: Screen, form: ListForm): Column<ListItem>[] {
  const { color, now, width, configDirNames } = screen;
  const { sort, byProject, withCosts } = form;
  const from = (key: SortKey, screenWidth: number): number => (sort === key ? 0 : screenWidth);
  const figures = (heading: string, appears: number, cell: (item: ListItem) => string): Column<ListItem> => ({
    heading,
    align: 'right',
    cell,
    from: appears,
    color: color.dim,
  });
  const projectFrom = byProject ? NEVER : (configDirNames?.size ?? 0) > 1 ? 0 : from('project', PROJECT_FROM);
  const isPrefixed = !byProject && width < projectFrom && new Set(items.map(({ record }) => record.cwd)).size > 1;
  return [
    idColumn(screen, ({ row, idLength }) => row.file.id.slice(0, idLength)),
    ageColumn(
      'ACTIVE',
      screen,
      ({ row }) => row.lastActivityMs,
      ({ row }) => row.live,
    ),
    isPrefixed
      ? { ...titleColumn<ListItem>(screen, titleOf), cell: (item) => prefixedTitle(item, color) }
      : titleColumn(screen, titleOf),
    {
      ...projectColumn<ListItem>(screen, ({ record, isHere }) => ({ ...record, isGone: isGone(record), isHere })),
      from: projectFrom,
    },
    figures('PROMPTS', from('prompts', PROMPTS_FROM), ({ row }) => grouped(row.prompts)),
    figures('TURNS', from('turns', NEVER), ({ row }) => grouped(row.turns)),
    figures('TOKENS', from('tokens', NEVER), ({ row }) => threeFigures(row.tokens)),
    figures('CREATED', from('created', NEVER), ({ row: { createdMs } }) =>
      createdMs === null ? '–' : formatAge(createdMs, now),
    ),
    { ...sizeColumn<ListItem>(screen, ({ record }) => record.footprintBytes), from: from('size', SIZE_FROM) },
    {
      heading: 'BRANCH',
      cell: ({ record }) => oneLine(record.gitBranch ?? ''),
      shrink: 'end',
      from: BRANCH_FROM,
      hideIfEmpty: true,
      color: color.cyan,
    },
    {
      heading: 'COST',
      align: 'right',
      cell: ({ record }) => costCell(record, color),
      from: withCosts ? 0 : NEVER,
      hideIfEmpty: true,
    },
  ];
}

function titleOf({ record: { title, titleSource } }: ListItem): { title: string | null; isPrompt: boolean } {
  return { title, isPrompt: titleSource === 'prompt' };
}

function isGone({ cwd, cwdExists }: SessionRecord): boolean {
  return cwd !== null && cwdExists === false;
}

/** Returns the sign of a session. Each has a word too, in ACTIVE or in `show`. */
function signOf({ live, damaged, pinned }: SessionRow, color: Screen['color']): Cell | null {
  if (live !== null) return { text: '●', color: liveColor(live, color) };
  if (damaged) return { text: '!', color: color.red };
  return pinned ? { text: '◆', color: color.yellow } : null;
}

function costCell({ costUsd, tokens }: SessionRecord, color: Screen['color']): Cell {
  const text = tokens.total === 0 ? '' : formatRoughUsd(costUsd);
  return { text, color: (costUsd ?? 0) >= HIGH_COST_USD ? color.yellow : color.dim };
}

/**
 * Returns the title after the name of its folder, for narrow screens. The current folder has its mark instead of a
 * colon.
 */
function prefixedTitle(item: ListItem, color: Screen['color']): Cell {
  const { cwd } = item.record;
  const name = cwd === null ? '' : oneLine(basename(cwd));
  const colorOfFolder = item.isHere ? color.bold.blueBright : color.blueBright;
  const title = titleCell(titleOf(item), color);
  const cellIn = (width: number): Omit<Cell, 'fit'> => {
    const prefix = name === '' ? '' : `${cutEnd(name, Math.floor(width * PREFIX_SHARE))}${item.isHere ? HERE : ':'} `;
    const room = Math.max(1, width - widthOf(prefix));
    const text = title.fit?.(room).text ?? cutEnd(title.text, room);
    return { text: prefix + text, color: () => colorOfFolder(prefix) + (title.color ?? String)(text) };
  };
  return { ...cellIn(Infinity), fit: cellIn };
}

/** Inserts each project's path above its lines, which are already grouped by project. */
function withProjectHeadings(items: readonly ListItem[], lines: readonly string[], screen: Screen): string[] {
  const { color, width } = screen;
  let before: string | null = null;
  return lines.flatMap((line, at) => {
    const item = items[at];
    if (item === undefined) return [line];
    const { record, folder } = item;
    const mark = item.isHere ? HERE : '';
    const gone = record.cwdExists === false && folder === record.cwd;
    const path = projectCell(folderText({ ...record, cwd: folder }, screen), gone, width - widthOf(mark));
    const heading = path === before ? [] : [color.bold.blueBright(path + mark)];
    before = path;
    return [...heading, line];
  });
}
