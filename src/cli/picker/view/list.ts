import { cutRow, fitRow, rowWidth, spanOf } from '../../../tui/frame/row.js';
import type { Row, Style } from '../../../tui/frame/style.js';
import { formatAge } from '../../render/text/age.js';
import { grouped } from '../../render/text/number.js';
import { cutEnd } from '../../render/text/width.js';
import { isAsking, liveWord } from '../../render/live-text.js';
import type { Entry } from '../find/entry.js';
import { isWaiting, type Section } from '../find/sections.js';
import type { PickerState } from '../state.js';
import { detailSpans, figureSpan, fromFirstHidden, placeSpans, reasonOf, titleWidth } from './details.js';
import { emptyRows } from './empty.js';
import type { Layout } from './layout.js';
import { THEME, marked } from './theme.js';
import { DAY_MS, HOUR_MS } from '../../../system/time.js';

const ID_LENGTH = 8;
/** Width from which a row shows the id: below it, the title needs the columns. */
const ID_FROM = 72;
const AGE_WIDTH = 5;
const WEEK_MS = 7 * DAY_MS;
/** Width from which a row of one line shows its folder. */
const FOLDER_FROM = 56;
const FOLDER_SHARE = 0.32;
/** Share of a row of one line for the reason why it was found. */
const REASON_SHARE = 0.5;

/** Returns the position of the first line of a session, with headings counted. */
export function lineOf(index: number, sections: readonly Section[], itemHeight: number): number {
  return index * itemHeight + (hasHeadings(sections, itemHeight) ? headingsUpTo(index, sections) : 0);
}

/** Returns the number of lines of the whole list. */
export function lineCount(entries: number, sections: readonly Section[], itemHeight: number): number {
  return entries * itemHeight + (hasHeadings(sections, itemHeight) ? sections.length : 0);
}

/** Sessions of one line are listed where rows are scarce; the signs and words in their rows say what headings would. */
function hasHeadings(sections: readonly Section[], itemHeight: number): boolean {
  return sections.length > 1 && itemHeight > 1;
}

function headingsUpTo(index: number, sections: readonly Section[]): number {
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
  for (const section of hasHeadings(sections, itemHeight) ? sections : []) {
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

/** Returns the number of sessions below the visible rows as a note, such as `↓ 12 more`; empty if there are none. */
export function moreBelow({ entries, sections, top }: PickerState, { listHeight, itemHeight }: Layout): string {
  const bottom = top + listHeight;
  let [visible, end] = [0, entries.length];
  while (visible < end) {
    const middle = Math.floor((visible + end) / 2);
    if (lineOf(middle, sections, itemHeight) < bottom) visible = middle + 1;
    else end = middle;
  }
  return visible === entries.length ? '' : `↓ ${grouped(entries.length - visible)} more`;
}

function headingRow({ heading, entries }: Section, width: number): Row {
  return cutRow([spanOf(`  ${heading}`, THEME.bold), spanOf(`  ${entries.length}`, THEME.dim)], width);
}

function entryRows(entry: Entry, isSelected: boolean, state: PickerState, width: number, height: 1 | 2): Row[] {
  const lead = leadOf(entry, isSelected, state, width);
  const room = Math.max(0, width - rowWidth(lead) - 1);
  if (height === 1) return [[...lead, ...singleRow(entry, isSelected, state, room)]];
  const bar = spanOf(isSelected ? '▌' : ' ', THEME.bar);
  const indent = spanOf(' '.repeat(rowWidth(lead) - 1));
  return [
    fitRow([...lead, ...titleSpans(entry, isSelected ? THEME.selected : {}, state.words, room)], width),
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
  if (live !== null) return ['●', stateStyle(entry)];
  if (damaged) return ['!', THEME.error];
  return pinned ? ['◆', THEME.pinned] : [' ', {}];
}

/** Returns the style of a live session: a question is loudest, then a turn that has ended, then work. */
export function stateStyle(entry: Entry): Style {
  if (isAsking(entry.row.live)) return THEME.waiting;
  return isWaiting(entry) ? THEME.idle : THEME.live;
}

function ageOf(entry: Entry, now: number): { text: string; style: Style } {
  const { live, lastActivityMs } = entry.row;
  if (live !== null) {
    const isWaitingNow = isWaiting(entry);
    const state = isWaitingNow && !isAsking(live) ? 'idle' : live.status === 'busy' ? 'busy' : liveWord(live);
    return { text: state, style: stateStyle(entry) };
  }
  return { text: lastActivityMs === null ? '–' : shortAge(lastActivityMs, now), style: {} };
}

/** Returns an age as `formatAge`, but in weeks and years, and as `+4w` in the future, since a date would not fit. */
function shortAge(then: number, now: number): string {
  if (then - now > HOUR_MS) return `+${shortAge(now, then)}`.slice(0, AGE_WIDTH);
  const weeks = Math.floor((now - then) / WEEK_MS);
  if (weeks < 8) return formatAge(then, now).slice(0, AGE_WIDTH);
  return weeks < 100 ? `${weeks}w` : `${Math.floor(weeks / 52)}y`;
}

/**
 * The title and the tag. A title that scrolls is cut at its start if a word of the query would not be seen otherwise.
 */
function titleSpans({ text }: Entry, style: Style, words: readonly string[], room: number, scrolls = false): Row {
  if (text === null) return [spanOf('…', THEME.dim)];
  if (text.title === '') return [spanOf('(no title)', THEME.dim)];
  const left = titleWidth(text, room);
  const tag = left === room ? [] : [spanOf('  '), ...marked(`#${text.tag}`, words, THEME.branch)];
  const width = Math.max(1, left - (text.isPrompt ? 2 : 0));
  const shown = scrolls ? fromFirstHidden(text.title, words, width) : text.title;
  const title = marked(cutEnd(shown, width), words, style);
  if (!text.isPrompt) return [...title, ...tag];
  const quote = style === THEME.selected ? style : THEME.dim;
  return [spanOf('“', quote), ...title, spanOf('”', quote), ...tag];
}

/** Title, folder if there is room or the reason why it was found, and the figure that the list is sorted by. */
function singleRow(entry: Entry, isSelected: boolean, state: PickerState, room: number): Row {
  const { text } = entry;
  const { order, words, hits } = state;
  const figure = order === 'activity' ? [] : [spanOf('  '), figureSpan(entry, order, state)];
  const left = room - rowWidth(figure);
  const reason = reasonOf(entry, hits.get(entry), words);
  const isWide = left >= FOLDER_FROM && text !== null;
  const isReasonShown = reason !== null && (reason.isText || !isWide);
  const share = isReasonShown ? REASON_SHARE : isWide ? FOLDER_SHARE : 0;
  const placeWidth = Math.floor(left * share);
  const width = left - placeWidth;
  const style = isSelected ? THEME.selected : {};
  const title = fitRow(titleSpans(entry, style, words, width - (placeWidth > 0 ? 2 : 0), true), width);
  const place = isReasonShown ? reason.spans(placeWidth) : isWide ? placeSpans(text, state, placeWidth) : [];
  return [...title, ...fitRow(place, placeWidth), ...figure];
}
