import { cutRow, rowOf, rowWidth, spanOf } from '../frame/row.js';
import type { Row } from '../frame/style.js';

/** The values that a status line shows. */
export interface ViewerState {
  title: string;
  /** Number of the prompt in view. */
  prompt: number;
  prompts: number;
  isWhole: boolean;
  isAtEnd: boolean;
  follows: boolean;
  note: string;
  /** Number of the prompt that the reader is asked to fork at; null without a question. */
  forkAt: number | null;
  /** The query while it is typed, else null. */
  search: string | null;
  /** The query whose matches are marked; empty without one. */
  query: string;
  /** The list of keys is shown. */
  isHelp: boolean;
}

/** Keys at the end of a status line; the longest text that fits is shown. */
const HINTS = [
  '[ ] prompts · t tools · T thinking · / search · ? keys · q quit',
  '[ ] prompts · t tools · / search · ? keys · q quit',
  '[ ] prompts · t tools · ? keys · q quit',
  '/ search · ? keys · q quit',
  '? keys · q quit',
  '? keys',
];
const SEARCH_HINTS = ['n next · N previous · esc end the search', 'n next · N previous', 'n N matches', 'n N'];
const HELP_HINTS = ['↓ ↑ scroll · any other key closes', '↓ ↑ scroll · esc closes', 'esc closes'];
/** Maximum share of the width for the title; a title that would be cut to less than these columns is left out. */
const TITLE_SHARE = 0.3;
const MIN_TITLE = 12;
const SEPARATOR = ' · ';
const KEYS_WIDTH = 9;
const HELP: readonly (readonly [keys: string, meaning: string])[] = [
  ['j k ↓ ↑', 'one line down, up'],
  ['space b', 'one page (also PgDn, PgUp)'],
  ['d u', 'half a page'],
  ['[ ]', 'previous, next prompt'],
  ['g G', 'start, end (also Home, End)'],
  ['/', 'search'],
  ['n N', 'next, previous match'],
  ['t', 'tools: folded, short, full'],
  ['T', 'thinking: shown or hidden'],
  ['F', 'follow: show new messages'],
  ['f', 'fork up to this prompt'],
  ['y', 'copy the message at the match or top'],
  ['I Y', 'copy session id, file path'],
  ['q Esc', 'quit'],
];

/** The last row of the screen: a question, the query, a note, or the position of the reader. */
export function statusRow(state: ViewerState, width: number): Row {
  if (state.search !== null) return cutRow(rowOf(`/${state.search}`), width);
  if (state.forkAt !== null)
    return cutRow([spanOf(`Fork up to prompt ${state.forkAt} and its answer? `, { bold: true }), spanOf('y/n')], width);
  if (state.isHelp) return hintedRow('keys', HELP_HINTS, width);
  const hints = state.query === '' ? HINTS : SEARCH_HINTS;
  return hintedRow(state.note === '' ? positionText(state, width) : state.note, hints, width);
}

function hintedRow(text: string, hints: readonly string[], width: number): Row {
  const left = cutRow([spanOf(` ${text} `, { inverse: true })], width);
  const room = width - rowWidth(left) - 2;
  const hint = hints.find(({ length }) => length <= room);
  return hint === undefined ? left : [...left, spanOf('  '), spanOf(hint)];
}

function positionText(
  { title, query, prompt, prompts, isWhole, isAtEnd, follows }: ViewerState,
  width: number,
): string {
  const number = !isWhole ? '' : prompts === 0 ? 'no prompts' : `prompt ${prompt} of ${prompts}`;
  const position = follows ? 'following' : isAtEnd ? 'end' : '';
  const parts = [number, position].filter((part) => part !== '');
  const name = query === '' ? title : `/${query}`;
  // Two columns around the text, two before the shortest hint, and a separator after the name.
  const left = width - 4 - (HINTS.at(-1)?.length ?? 0) - parts.reduce((sum, part) => sum + part.length + 3, 0);
  const room = parts.length === 0 ? width - 2 : Math.min(left, Math.floor(width * TITLE_SHARE));
  const shown = rowText(cutRow(rowOf(name), room));
  return [...(shown === name || room >= MIN_TITLE ? [shown] : []), ...parts].join(SEPARATOR);
}

function rowText(row: Row): string {
  return row.map(({ text }) => text).join('');
}

/** Returns the list of keys, from the row `top` on. */
export function helpRows(top: number, { width, height }: { width: number; height: number }): Row[] {
  const rows = HELP.map(([keys, meaning]) =>
    cutRow([spanOf(`  ${keys.padEnd(KEYS_WIDTH)} `, { foreground: 'cyan' }), spanOf(meaning)], width),
  );
  const first = Math.min(top, Math.max(0, rows.length - height));
  const below = rows.length - first - height;
  const shown = rows.slice(first, first + height - (below > 0 ? 1 : 0));
  if (below > 0) shown.push(rowOf(`  … ${below + 1} more`, { dim: true }));
  return [...shown, ...Array.from({ length: height - shown.length }, () => [])];
}
