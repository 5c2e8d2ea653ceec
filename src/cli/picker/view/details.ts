import { fitRow, rowWidth, spanOf } from '../../../tui/frame/row.js';
import type { Row, Span } from '../../../tui/frame/style.js';
import { graphemes } from '../../../tui/text.js';
import { formatRoughUsd } from '../../render/money.js';
import { projectCell } from '../../render/project-cell.js';
import { counted } from '../../render/text/number.js';
import { oneLine } from '../../render/text/sanitize.js';
import { formatSize } from '../../render/text/size.js';
import { cutEnd, widthOf } from '../../render/text/width.js';
import type { Entry, EntryText, Hit } from '../find/entry.js';
import { rangesIn } from '../find/match.js';
import type { PickerState } from '../state.js';
import { THEME, marked } from './theme.js';

/** Columns of the figures: `999 prompts`, `999 KiB`, `$99.99`. Figures that are not known yet leave theirs empty. */
const PROMPTS_WIDTH = 11;
const SIZE_WIDTH = 7;
const COST_WIDTH = 6;
const GAP = '  ';
/** Minimum cost shown, in US dollars. */
const MIN_COST_USD = 0.01;
/** Columns that folder and branch need before the number of prompts gets any. */
const PROMPTS_FROM = 18;
/** Columns of a folder before its branch gets any. */
const FOLDER_FIRST = 24;
const FOLDER_SHARE = 0.32;
/** Columns from which a tag is shown next to the title. */
const MIN_TAG_ROOM = 40;
const MIN_FOLDER = 12;
/** Minimum width of a cut branch; a shorter part would be of no use and is left out. */
const MIN_BRANCH = 8;
/** Share of a snippet's width before its first matching word. */
const LEAD_SHARE = 0.3;

/** Returns folder, branch and figures; if a word is only in a prompt or in the text, the words around it instead. */
export function detailSpans(entry: Entry, state: PickerState, room: number): Row {
  const { words, hits } = state;
  const { text } = entry;
  if (text === null) return [];
  // A match in the text comes later; it does not replace the figures of a row that shows all words already.
  const hidden = hiddenWords(text, words, room);
  const hit = hidden.length === 0 ? undefined : hits.get(entry);
  const snippet = hit === undefined ? snippetOf(text, hidden) : oneLine(hit.snippet);
  if (snippet === null) return figuresRow(entry, text, state, room);
  const folder = hasFolder(text, state)
    ? [...folderSpans(text, words, Math.max(MIN_FOLDER, Math.floor(room * FOLDER_SHARE))), spanOf(GAP)]
    : [];
  const label = spanOf(hit === undefined ? '' : 'in text: ', THEME.dim);
  const left = room - rowWidth([...folder, label]);
  return [...folder, label, ...marked(fromFirstWord(snippet, words, left), words)];
}

function figuresRow(entry: Entry, text: EntryText, state: PickerState, room: number): Row {
  const values = [figureSpan(entry, 'size', state), spanOf(GAP), figureSpan(entry, 'cost', state)];
  const prompts = spanOf(counted(entry.row.prompts, 'prompt').padStart(PROMPTS_WIDTH), THEME.dim);
  const all = [prompts, spanOf(GAP), ...values];
  const figures = room - rowWidth(all) - GAP.length < PROMPTS_FROM ? values : all;
  const left = Math.max(0, room - rowWidth(figures) - GAP.length);
  return [...fitRow(placeSpans(text, state, left), left), spanOf(GAP), ...figures];
}

/** A figure in its column, brighter if the list is sorted by it. */
export function figureSpan(
  { bytes, costUsd }: Entry,
  figure: 'size' | 'cost',
  { order }: Pick<PickerState, 'order'>,
): Span {
  const isKnown = costUsd !== undefined && costUsd !== null && costUsd >= MIN_COST_USD;
  const text =
    figure === 'size'
      ? (bytes === null ? '' : formatSize(bytes)).padStart(SIZE_WIDTH)
      : (isKnown ? formatRoughUsd(costUsd) : '').padStart(COST_WIDTH);
  return order === figure ? spanOf(text) : spanOf(text, THEME.dim);
}

/**
 * The folder, and the branch as far as there is room. In the scope of one folder, which the first row names, a session
 * of this folder has its branch alone.
 */
export function placeSpans(text: EntryText, state: PickerState, room: number): Row {
  const { words } = state;
  if (!hasFolder(text, state)) return marked(cutEnd(text.branch, room), words, THEME.branch);
  const branch = branchSpans(text, words, room - Math.min(rowWidth(folderSpans(text, words, room)), FOLDER_FIRST));
  return [...folderSpans(text, words, Math.max(MIN_FOLDER, room - rowWidth(branch))), ...branch];
}

/** True unless the scope says which folder it is; a folder with a word of the query is always shown. */
function hasFolder({ cwd, search }: EntryText, { scope, words, folder }: PickerState): boolean {
  return scope === 'everywhere' || cwd !== folder || words.some((word) => search.project.includes(word));
}

/** The folder of a session, cut at its start. */
function folderSpans({ folder, isGone }: EntryText, words: readonly string[], width: number): Span[] {
  return marked(projectCell(folder, isGone, width), words, isGone ? THEME.dim : THEME.folder);
}

/** Returns a branch and the gap before it, within `room`; nothing if too little of the branch would remain. */
function branchSpans({ branch }: EntryText, words: readonly string[], room: number): Span[] {
  const shown = cutEnd(branch, Math.max(1, room - GAP.length));
  if (branch === '' || (shown !== branch && room - GAP.length < MIN_BRANCH)) return [];
  return [spanOf(GAP), ...marked(shown, words, THEME.branch)];
}

/** Returns the prompt with the words that no other part of the row shows; null if there is none. */
function snippetOf({ firstPrompt, lastPrompt }: EntryText, hidden: readonly string[]): string | null {
  if (hidden.length === 0) return null;
  return [firstPrompt, lastPrompt].find((prompt) => rangesIn(prompt, hidden).length > 0) ?? null;
}

/** Returns the words that are neither in the title as far as it is shown, nor in folder, branch and tag. */
function hiddenWords(text: EntryText, words: readonly string[], room: number): string[] {
  const { project, branch, tag } = text.search;
  const title = cutEnd(text.title, titleWidth(text, room) - (text.isPrompt ? 2 : 0));
  return words.filter(
    (word) => rangesIn(title, [word]).length === 0 && ![project, branch, tag].some((shown) => shown.includes(word)),
  );
}

/** The part of a session that holds a word its title lacks; a text is cut to begin near the word. */
export interface Reason {
  isText: boolean;
  spans(room: number): Row;
}

/** Returns the reason why a session was found, for rows that show little more than the title; null if that says it. */
export function reasonOf({ row, text: known }: Entry, hit: Hit | undefined, words: readonly string[]): Reason | null {
  if (known === null) return null;
  const { title, search, firstPrompt, lastPrompt } = known;
  const missing = words.find((word) => rangesIn(title, [word]).length === 0);
  if (missing === undefined) return null;
  const label = (spans: Reason['spans']): Reason => ({ isText: false, spans });
  if (search.tag.includes(missing)) return label((room) => marked(cutEnd(`#${known.tag}`, room), words, THEME.branch));
  if (search.project.includes(missing)) return label((room) => folderSpans(known, words, room));
  if (search.branch.includes(missing)) return label((room) => marked(cutEnd(known.branch, room), words, THEME.branch));
  if (search.id.startsWith(missing)) return label((room) => marked(row.file.id.slice(0, room), words, THEME.dim));
  const prompt = [firstPrompt, lastPrompt].find((one) => rangesIn(one, [missing]).length > 0);
  const snippet = prompt ?? (hit === undefined ? undefined : oneLine(hit.snippet));
  if (snippet === undefined) return null;
  return { isText: true, spans: (room) => marked(cutEnd(fromFirstWord(snippet, [missing], room), room), words, {}) };
}

/** Returns the columns of the title in a row of `room` columns: all of them, or what the tag leaves. */
export function titleWidth({ tag }: EntryText, room: number): number {
  return tag === '' || room < MIN_TAG_ROOM ? room : room - widthOf(tag) - 1 - GAP.length;
}

/** Returns the text without its start if a word of the query is in it, but not in its first `room` columns. */
export function fromFirstHidden(text: string, words: readonly string[], room: number): string {
  const start = cutEnd(text, room);
  return fromFirstWord(
    text,
    words.filter((word) => rangesIn(start, [word]).length === 0),
    room,
  );
}

/** Returns the text without its start if the first matching word would not be within `room` otherwise. */
function fromFirstWord(text: string, words: readonly string[], room: number): string {
  const [range] = rangesIn(text, words);
  if (range === undefined || widthOf(text.slice(0, range[1])) <= room) return text;
  const rest = widthOf(text.slice(range[0]));
  // As much of the start as the rest leaves room for, or else a share of it.
  const leadWidth = Math.max(Math.floor(Math.max(0, room) * LEAD_SHARE), room - rest - 1);
  const lead: string[] = [];
  let left = leadWidth;
  for (const grapheme of graphemes(text.slice(0, range[0])).reverse()) {
    left -= widthOf(grapheme);
    if (left < 0) break;
    lead.unshift(grapheme);
  }
  return `…${lead.join('').trimStart()}${text.slice(range[0])}`;
}
