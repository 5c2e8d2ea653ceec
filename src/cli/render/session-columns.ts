import type { Live } from '../../claude/model.js';
import { liveColor, liveWord } from './live-text.js';
import { formatAge } from './text/age.js';
import { folderText } from './folder-text.js';
import { HERE, projectCell } from './project-cell.js';
import { oneLine, sanitize } from './text/sanitize.js';
import type { Screen } from './text/screen.js';
import { formatSize } from './text/size.js';
import type { Cell, Column } from './text/table.js';
import { cutEnd, widthOf } from './text/width.js';

/** Maximum share of the screen for ids that differ only near their ends; titles and `@N` identify sessions too. */
const ID_SHARE = 1 / 5;
const MIN_ID = 8;
const MIN_TITLE = 8;

/** A session's folder and its state. */
export interface FolderFacts {
  cwd: string | null;
  projectDir: string;
  configDir: string;
  /** True if the folder no longer exists. */
  isGone?: boolean;
  /** True for the current folder and its worktrees. */
  isHere?: boolean;
}

/** A title; `isPrompt` if it is only the first prompt. */
export interface TitleFacts {
  title: string | null;
  isPrompt?: boolean;
}

/** Returns the column of ids, which the caller has shortened to unique prefixes. */
export function idColumn<Row>({ width, color }: Screen, idOf: (row: Row) => string): Column<Row> {
  const most = Math.max(MIN_ID, Math.floor(width * ID_SHARE));
  return {
    heading: 'ID',
    cell: (row) => sanitize(idOf(row)),
    shrink: 'end',
    minWidth: most,
    maxWidth: most,
    color: color.dim,
  };
}

/** Returns a column of ages; null is an unknown time. */
export function ageColumn<Row>(
  heading: string,
  { color, now }: Screen,
  msOf: (row: Row) => number | null,
  liveOf: (row: Row) => Live | null = () => null,
): Column<Row> {
  return {
    heading,
    cell(row) {
      const live = liveOf(row);
      if (live !== null) return { text: liveWord(live), color: liveColor(live, color) };
      const ms = msOf(row);
      return ms === null ? '–' : formatAge(ms, now);
    },
    color: color.dim,
  };
}

/** Returns the column of sizes; null is an unknown size. */
export function sizeColumn<Row>({ color }: Screen, bytesOf: (row: Row) => number | null): Column<Row> {
  return {
    heading: 'SIZE',
    align: 'right',
    cell(row) {
      const bytes = bytesOf(row);
      return bytes === null ? '' : formatSize(bytes);
    },
    color: color.dim,
  };
}

/** Returns the column of folders, which are cut at their start. */
export function projectColumn<Row>(screen: Screen, folderOf: (row: Row) => FolderFacts): Column<Row> {
  return {
    heading: 'PROJECT',
    cell: (row) => folderCell(folderOf(row), screen),
    shrink: 'start',
    share: 2,
  };
}

function folderCell(facts: FolderFacts, screen: Screen): Cell {
  const { color } = screen;
  const { cwd, isGone = false, isHere = false } = facts;
  const mark = isHere ? HERE : '';
  const path = folderText(facts, screen);
  const textIn = (width: number): string => projectCell(path, isGone, width - widthOf(mark)) + mark;
  return {
    text: textIn(Infinity),
    fit: (width) => ({ text: textIn(width) }),
    color: isGone || cwd === null ? color.dim : isHere ? color.bold.blueBright : color.blueBright,
  };
}

/** Returns the column of titles, which takes the remaining width. */
export function titleColumn<Row>({ color }: Screen, titleOf: (row: Row) => TitleFacts): Column<Row> {
  return {
    heading: 'TITLE',
    cell: (row) => titleCell(titleOf(row), color),
    shrink: 'end',
    share: 3,
    minWidth: MIN_TITLE,
  };
}

/** Returns the cell of a title, in dim quotation marks if it is only the first prompt. */
export function titleCell({ title, isPrompt = false }: TitleFacts, color: Screen['color']): Cell {
  const text = oneLine(title ?? '');
  if (text === '') return { text: '(no title)', color: color.dim };
  if (!isPrompt) return { text };
  return {
    text: `“${text}”`,
    fit: (width) => ({ text: `“${cutEnd(text, Math.max(1, width - 2))}”` }),
    color: (quoted) => color.dim('“') + quoted.slice(1, -1) + color.dim('”'),
  };
}
