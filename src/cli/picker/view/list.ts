import { cutRow, fitRow, rowOf, rowWidth, spanOf } from '../../../tui/frame/row.js';
import type { Row, Span, Style } from '../../../tui/frame/style.js';
import { graphemes } from '../../../tui/text.js';
import { formatAge } from '../../render/text/age.js';
import { counted } from '../../render/text/number.js';
import { formatSize } from '../../render/text/size.js';
import { oneLine } from '../../render/text/sanitize.js';
import { cutEnd, widthOf } from '../../render/text/width.js';
import { isAsking, liveWord } from '../../render/live-text.js';
import { formatRoughUsd } from '../../render/money.js';
import { projectCell } from '../../render/project-cell.js';
import { rangesIn } from '../find/match.js';
import type { Entry, EntryText } from '../find/entry.js';
import { isWaiting, type Section } from '../find/sections.js';
import type { PickerState } from '../state.js';
import type { Layout } from './layout.js';
import { THEME, marked } from './theme.js';
import { DAY_MS, HOUR_MS } from '../../../system/time.js';

const ID_LENGTH = 8;
const ID_FROM = 60;
/** Minimum cost shown, in US dollars. */
const MIN_COST_USD = 0.01;
const AGE_WIDTH = 5;
const WEEK_MS = 7 * DAY_MS;
/** Width from which a row shows its folder. */
const FOLDER_FROM = 56;
const FOLDER_SHARE = 0.32;
const MIN_FOLDER = 12;
/** Columns of a folder before its branch gets any. */
const FOLDER_FIRST = 24;
/** Minimum width of a cut branch; a shorter part would say nothing and is left out. */
const MIN_BRANCH = 8;
/** Share of a snippet's width before its first matching word. */
const LEAD_SHARE = 0.3;

/** Returns the position of the first line of a session, with headings counted. */
export function lineOf(index: number, sections: readonly Section[], itemHeight: number): number {
  return index * itemHeight + headingsUpTo(index, sections);
}

/** Returns the number of lines of the whole list. */
export function lineCount(entries: number, sections: readonly Section[], itemHeight: number): number {
  return entries * itemHeight + (sections.length > 1 ? sections.length : 0);
}

function headingsUpTo(index: number, sections: readonly Section[]): number {
  if (sections.length < 2) return 0;
  let start = 0;
  let count = 0;
  for (const { entries } of sections) {
    if (start <= index) count++;
    start += entries.length;
  }
  return count;
}

/** Returns the visible rows of the list. */
export function listRows(state: PickerState, { listWidth, listHeight, itemHeight }: Layout): Row[] {
  const { entries, sections, top } = state;
  if (entries.length === 0) return emptyRows(state, listWidth);
  const headings = new Map<number, Section>();
  let start = 0;
  for (const section of sections.length > 1 ? sections : []) {
    headings.set(start, section);
    start += section.entries.length;
  }
  const rows: Row[] = [];
  const first = Math.max(0, Math.floor(top / itemHeight) - headings.size - 1);
  const skipped = first === 0 ? 0 : lineOf(first, sections, itemHeight) - (headings.has(first) ? 1 : 0);
  for (let at = first; at < entries.length && rows.length + skipped < top + listHeight; at++) {
    const section = headings.get(at);
    if (section !== undefined) rows.push(headingRow(section, listWidth));
    const entry = entries[at];
    if (entry !== undefined) rows.push(...entryRows(entry, at === state.selected, state, listWidth, itemHeight));
  }
  return rows.slice(top - skipped, top - skipped + listHeight);
}

function emptyRows({ words, scope, isReading, isSearching, isAll, branch }: PickerState, width: number): Row[] {
  if (isReading) return [[], rowOf('   Reading sessions …', THEME.dim)];
  if (isSearching) return [[], rowOf('   Searching …', THEME.dim)];
  const hints = [
    ...(scope === 'everywhere' ? [] : ['tab  look in all folders']),
    ...(branch === null ? [] : ['ctrl-b  look on all branches']),
    ...(isAll ? [] : ['alt-i  include headless, archived and non-resumable sessions']),
  ];
  const heading = words.length > 0 ? 'No sessions match.' : 'No sessions here.';
  return [
    [],
    rowOf(`   ${heading}`, THEME.bold),
    ...hints.map((hint) => cutRow(rowOf(`   ${hint}`, THEME.dim), width)),
  ];
}

function headingRow({ heading, entries }: Section, width: number): Row {
  return cutRow([spanOf(`  ${heading}`, { bold: true, dim: true }), spanOf(`  ${entries.length}`, THEME.dim)], width);
}

function entryRows(entry: Entry, isSelected: boolean, state: PickerState, width: number, height: 1 | 2): Row[] {
  const lead = leadOf(entry, isSelected, state, width);
  const room = Math.max(0, width - rowWidth(lead) - 1);
  if (height === 1) return [[...lead, ...singleRow(entry, isSelected, state, room)]];
  const bar = spanOf(isSelected ? '▌' : ' ', THEME.bar);
  const indent = spanOf(' '.repeat(rowWidth(lead) - 1));
  return [
    fitRow([...lead, ...titleSpans(entry, isSelected, state.words, room)], width),
    fitRow(cutRow([bar, indent, ...detailSpans(entry, state, room)], width - 1), width),
  ];
}

/** The start of a row: the bar of the selection, the mark, a sign, the id and the age. */
function leadOf(entry: Entry, isSelected: boolean, { marks, now }: PickerState, width: number): Row {
  const [sign, style] = signOf(entry);
  const id = width >= ID_FROM ? `${entry.row.file.id.slice(0, ID_LENGTH)} ` : '';
  const { text: age, style: ageStyle } = ageOf(entry, now);
  return [
    spanOf(isSelected ? '▌' : ' ', THEME.bar),
    spanOf(marks.has(entry) ? '✓' : ' ', THEME.mark),
    spanOf(sign, style),
    spanOf(` ${id}`, THEME.dim),
    spanOf(`${age.padEnd(AGE_WIDTH)} `, ageStyle),
  ];
}

function signOf(entry: Entry): [string, Style] {
  const { live, damaged, pinned } = entry.row;
  if (live !== null) return ['●', isWaiting(entry) ? THEME.waiting : THEME.live];
  if (damaged) return ['!', THEME.error];
  return pinned ? ['◆', THEME.pinned] : [' ', {}];
}

function ageOf(entry: Entry, now: number): { text: string; style: Style } {
  const { live, lastActivityMs } = entry.row;
  if (live !== null) {
    const isWaitingNow = isWaiting(entry);
    const state = isWaitingNow && !isAsking(live) ? 'idle' : live.status === 'busy' ? 'busy' : liveWord(live);
    return { text: state, style: isWaitingNow ? THEME.waiting : THEME.live };
  }
  return { text: lastActivityMs === null ? '–' : shortAge(lastActivityMs, now), style: THEME.dim };
}

/** Returns an age as `formatAge`, but in weeks and years, and as `+4w` in the future, since a date would not fit. */
function shortAge(then: number, now: number): string {
  if (then - now > HOUR_MS) return `+${shortAge(now, then)}`.slice(0, AGE_WIDTH);
  const weeks = Math.floor((now - then) / WEEK_MS);
  if (weeks < 8) return formatAge(then, now).slice(0, AGE_WIDTH);
  return weeks < 100 ? `${weeks}w` : `${Math.floor(weeks / 52)}y`;
}

function titleSpans({ text }: Entry, isSelected: boolean, words: readonly string[], room: number): Row {
  if (text === null) return [spanOf('…', THEME.dim)];
  const style: Style = isSelected ? THEME.bold : {};
  if (text.title === '') return [spanOf('(no title)', THEME.dim)];
  const tag = text.tag === '' || room < 40 ? [] : [spanOf('  '), ...marked(`#${text.tag}`, words, THEME.branch)];
  const left = room - rowWidth(tag);
  if (!text.isPrompt) return [...marked(cutEnd(text.title, left), words, style), ...tag];
  return [...marked(`“${cutEnd(text.title, Math.max(1, left - 2))}”`, words, isSelected ? style : THEME.dim), ...tag];
}

function singleRow(entry: Entry, isSelected: boolean, state: PickerState, room: number): Row {
  const { text } = entry;
  const folderWidth = room >= FOLDER_FROM && text !== null ? Math.floor(room * FOLDER_SHARE) : 0;
  const title = fitRow(titleSpans(entry, isSelected, state.words, room - folderWidth - 2), room - folderWidth);
  return folderWidth === 0 || text === null ? title : [...title, ...folderSpans(text, state.words, folderWidth)];
}

function folderSpans({ folder, isGone }: EntryText, words: readonly string[], width: number): Span[] {
  return marked(projectCell(folder, isGone, width), words, isGone ? THEME.dim : THEME.folder);
}

/** Folder and figures; if a word is only in a prompt, the text around it instead of the figures. */
function detailSpans(entry: Entry, { words, hits }: PickerState, room: number): Row {
  const { row, text, bytes, costUsd } = entry;
  if (text === null) return [];
  const hit = hits.get(entry);
  const label = hit === undefined ? '' : 'in text: ';
  const snippet = hit === undefined ? snippetOf(text, words) : oneLine(hit.snippet);
  if (snippet !== null) {
    const folder = folderSpans(text, words, Math.max(MIN_FOLDER, Math.floor(room * FOLDER_SHARE)));
    const left = room - rowWidth(folder) - 2 - label.length;
    return [
      ...folder,
      spanOf(`  ${label}`, THEME.dim),
      ...marked(fromFirstWord(snippet, words, left), words, THEME.dim),
    ];
  }
  const figures = [
    counted(row.prompts, 'prompt'),
    ...(bytes === null ? [] : [formatSize(bytes)]),
    ...(costUsd === undefined || costUsd === null || costUsd < MIN_COST_USD ? [] : [formatRoughUsd(costUsd)]),
  ];
  const left = room - figures.join('  ').length - 2;
  const branch = branchSpans(text, words, left - Math.min(rowWidth(folderSpans(text, words, left)), FOLDER_FIRST));
  const folder = folderSpans(text, words, Math.max(MIN_FOLDER, left - rowWidth(branch)));
  return [...folder, spanOf(`  ${figures.join('  ')}`, THEME.dim), ...branch];
}

/** Returns a branch and the gap before it, within `room`; nothing if too little of the branch would remain. */
function branchSpans({ branch }: EntryText, words: readonly string[], room: number): Span[] {
  const shown = cutEnd(branch, Math.max(1, room - 2));
  if (branch === '' || (shown !== branch && room - 2 < MIN_BRANCH)) return [];
  return [spanOf('  '), ...marked(shown, words, THEME.branch)];
}

/** Returns the prompt with the words that no other part of the row shows; null if there is none. */
function snippetOf({ search, firstPrompt, lastPrompt }: EntryText, words: readonly string[]): string | null {
  const { title, project, branch, tag } = search;
  const hidden = words.filter((word) => ![title, project, branch, tag].some((shown) => shown.includes(word)));
  if (hidden.length === 0) return null;
  return [firstPrompt, lastPrompt].find((prompt) => rangesIn(prompt, hidden).length > 0) ?? null;
}

/** Returns the text without its start if the first matching word would not be within `room` otherwise. */
function fromFirstWord(text: string, words: readonly string[], room: number): string {
  const [range] = rangesIn(text, words);
  if (range === undefined || widthOf(text.slice(0, range[1])) <= room) return text;
  const lead = graphemes(text.slice(0, range[0])).slice(-Math.floor(Math.max(0, room) * LEAD_SHARE));
  return `…${lead.join('').trimStart()}${text.slice(range[0])}`;
}
