import { cutRow, rowOf, rowWidth, spanOf } from '../frame/row.js';
import type { Row } from '../frame/style.js';
import type { ViewMode } from './source.js';

/** The values that a status line shows. */
export interface ViewerState {
  title: string;
  /** Number of the prompt in view. */
  prompt: number;
  prompts: number;
  isWhole: boolean;
  isAtEnd: boolean;
  follows: boolean;
  mode: ViewMode;
  note: string;
  /** Number of the prompt that the reader is asked to fork at; null without a question. */
  forkAt: number | null;
  /** The query while it is typed, else null. */
  search: string | null;
}

/** The longest hint that fits is shown. */
const HINTS = [
  '[ ] prompts · t tools · T thinking · / search · ? keys · q quit',
  '/ search · ? keys · q quit',
  '? keys',
];
const HELP: readonly (readonly [keys: string, meaning: string])[] = [
  ['j k ↓ ↑', 'one line'],
  ['space b', 'one page (also Page Down, Page Up)'],
  ['d u', 'half a page'],
  ['[ ]', 'previous, next prompt'],
  ['g G', 'start, end (also Home, End)'],
  ['/', 'search; n N: next, previous match'],
  ['t', 'tools: folded, short, full'],
  ['T', 'thinking'],
  ['F', 'follow: show new messages as they are written'],
  ['f', 'fork up to this prompt and its answer'],
  ['y', 'copy the message at the top'],
  ['I Y', 'copy the session id, the path of the transcript'],
  ['q Esc', 'quit'],
];

/** The last row of the screen: a question, the query, a note, or the position of the reader. */
export function statusRow(state: ViewerState, width: number): Row {
  if (state.search !== null) return cutRow(rowOf(`/${state.search}`), width);
  if (state.forkAt !== null)
    return cutRow([spanOf(`Fork up to prompt ${state.forkAt} and its answer? `, { bold: true }), spanOf('y/n')], width);
  const text = state.note === '' ? positionText(state) : state.note;
  const left = cutRow([spanOf(` ${text} `, { inverse: true })], width);
  const room = width - rowWidth(left) - 2;
  const hint = HINTS.find(({ length }) => length <= room);
  return hint === undefined ? left : [...left, spanOf('  '), spanOf(hint, { dim: true })];
}

function positionText({ title, prompt, prompts, isWhole, isAtEnd, follows }: ViewerState): string {
  const number = !isWhole ? '' : prompts === 0 ? 'no prompts' : `prompt ${prompt} of ${prompts}`;
  const position = follows ? 'following' : isAtEnd ? 'end' : '';
  return [title, number, position].filter((part) => part !== '').join(' · ');
}

/** Returns the list of keys, from the row `top` on. */
export function helpRows(top: number, height: number): Row[] {
  const rows = [
    rowOf('Keys', { bold: true }),
    [],
    ...HELP.map(([keys, meaning]) => [spanOf(`  ${keys.padEnd(10)}`, { foreground: 'cyan' }), spanOf(meaning)]),
  ];
  const first = Math.min(top, Math.max(0, rows.length - height));
  const shown = rows.slice(first, first + height);
  return [...shown, ...Array.from({ length: height - shown.length }, () => [])];
}
