import { cutRow, fitRow, rowOf, rowWidth, spanOf } from '../../../tui/frame/row.js';
import type { Row, Span } from '../../../tui/frame/style.js';
import type { LineEditor } from '../../../tui/line-editor.js';
import { counted, grouped } from '../../render/text/number.js';
import { formatSize } from '../../render/text/size.js';
import { cutEnd } from '../../render/text/width.js';
import { BINDINGS, keyLabel, type Binding } from '../keys/key-map.js';
import type { PickerState, Status } from '../state.js';
import { THEME, justifiedRow } from './theme.js';

/** Minimum width of the query, whatever is to the right of it. */
const MIN_QUERY = 18;
/** Minimum width of other input, next to its keys. */
const MIN_INPUT = 30;
const MAX_BRANCH = 20;

/** The keys of the help. */
const HELP_KEYS: Row = [
  spanOf(' esc', THEME.key),
  spanOf(' back  ', THEME.dim),
  spanOf('up down', THEME.key),
  spanOf(' scroll', THEME.dim),
];

/** The keys of a line of input. */
const INPUT_KEYS: Row = [
  spanOf(' enter', THEME.key),
  spanOf(' save  ', THEME.dim),
  spanOf('esc', THEME.key),
  spanOf(' cancel  ', THEME.dim),
  spanOf('^u', THEME.key),
  spanOf(' clear ', THEME.dim),
];

/** A row with a line of input, and the column of its cursor. */
export interface InputRow {
  row: Row;
  cursor: number;
}

/** The first row: the command, the query, the scope and the number of sessions. */
export function headerRow(state: PickerState, width: number): InputRow {
  const label: Row = [spanOf(` ccsess${state.name === '' ? '' : ` ${state.name}`}`, THEME.bold), spanOf('  ')];
  const count = countSpans(state);
  const fitting = [[...scopeSpans(state, true), ...count], [...scopeSpans(state, false), ...count], count, []].find(
    (spans) => rowWidth(label) + MIN_QUERY + rowWidth(spans) < width,
  );
  const room = Math.max(1, width - rowWidth(label) - rowWidth(fitting ?? []) - 1);
  const query = state.mode.kind === 'help' ? state.mode.filter : state.query;
  const { text, cursor } = query.view(room);
  const placeholder = state.mode.kind === 'help' ? 'type to find a key' : 'type to filter';
  const shown = query.isEmpty ? cutRow([spanOf(` ${placeholder}`, THEME.dim)], room) : [spanOf(text)];
  return { row: justifiedRow([...label, ...shown], fitting ?? [], width), cursor: rowWidth(label) + cursor };
}

/** The scope in use, and the other scope if there is room. */
function scopeSpans({ scope, order, isAll, branch }: PickerState, hasBoth: boolean): Span[] {
  const isHere = scope !== 'everywhere';
  const here = scope === 'folder' ? 'here only' : 'here';
  return [
    ...(order === 'activity' ? [] : [spanOf(`by ${order} · `, THEME.branch)]),
    ...(branch === null ? [] : [spanOf(`${cutEnd(branch, MAX_BRANCH)} · `, THEME.branch)]),
    ...(isAll ? [spanOf('hidden ones too · ', THEME.branch)] : []),
    ...(hasBoth || isHere ? [spanOf(here, isHere ? THEME.bold : THEME.dim)] : []),
    spanOf(hasBoth || isHere ? ' ‹tab› ' : '‹tab› ', THEME.dim),
    ...(hasBoth || !isHere ? [spanOf('everywhere', isHere ? THEME.dim : THEME.bold)] : []),
    spanOf(hasBoth || !isHere ? ' · ' : '· ', THEME.dim),
  ];
}

function countSpans({ entries, total, words, isReading, isSearching }: PickerState): Span[] {
  const of = words.length === 0 || entries.length === total ? '' : `${grouped(entries.length)} of `;
  return [spanOf(`${of}${grouped(total)}${isReading || isSearching ? ' …' : ''} `, THEME.dim)];
}

/** The last row: a question, a line of input, the result of a change, or the keys. */
export function footerRow(state: PickerState, width: number): InputRow | Row {
  const { mode, status } = state;
  if (mode.kind === 'confirm')
    return cutRow(
      [
        spanOf(` ${mode.question} `, THEME.bold),
        spanOf('y', THEME.key),
        spanOf(' yes  '),
        spanOf('n', THEME.key),
        spanOf(' no'),
      ],
      width,
    );
  if (mode.kind === 'help') return cutRow(HELP_KEYS, width);
  if (mode.kind === 'input') return inputRow(mode.label, mode.line, width);
  if (status !== null) return statusRow(status, width);
  const marks = marksSpans(state);
  return cutRow([...marks, ...keySpans(state, width - rowWidth(marks))], width);
}

/** The result of a change; the key that undoes it is never cut. */
function statusRow({ text, hint = '', isError }: Status, width: number): Row {
  const style = isError ? THEME.error : THEME.bold;
  return [...cutRow(rowOf(` ${text}`, style), Math.max(0, width - hint.length)), ...cutRow(rowOf(hint, style), width)];
}

function inputRow(label: string, line: LineEditor, width: number): InputRow {
  const lead: Row = [spanOf(` ${label}: `, THEME.bold)];
  const keys = rowWidth(lead) + MIN_INPUT + rowWidth(INPUT_KEYS) <= width ? INPUT_KEYS : [];
  const { text, cursor } = line.view(Math.max(1, width - rowWidth(lead) - rowWidth(keys)));
  return { row: justifiedRow([...lead, spanOf(text)], keys, width), cursor: rowWidth(lead) + cursor };
}

function marksSpans({ marks }: PickerState): Span[] {
  if (marks.size === 0) return [];
  const sizes = [...marks].map(({ bytes }) => bytes);
  const isKnown = sizes.every((bytes) => bytes !== null);
  const sum = isKnown ? ` · ${formatSize(sizes.reduce<number>((total, bytes) => total + (bytes ?? 0), 0))}` : '';
  return [spanOf(` ${grouped(marks.size)} marked${sum} `, THEME.mark), spanOf(' ')];
}

/** The keys that fit; none is cut. */
function keySpans(state: PickerState, width: number): Span[] {
  // The key of the help comes last and is always shown, since it leads to all others.
  const help = BINDINGS.flatMap((binding) => (binding.action === 'help' ? keySpan(binding, state) : []));
  const spans: Span[] = [];
  let left = width - 1 - rowWidth(help);
  for (const binding of BINDINGS) {
    const span = binding.action === 'help' ? [] : keySpan(binding, state);
    if (rowWidth(span) > left) continue;
    left -= rowWidth(span);
    spans.push(...span);
  }
  return [...spans, ...help];
}

function keySpan(binding: Binding, state: PickerState): Span[] {
  const words = shortWords(binding, state);
  const [key] = state.keyMap.keysOf(binding.action);
  if (words === null || key === undefined) return [];
  return [spanOf(' '), spanOf(keyLabel(key), THEME.key), spanOf(` ${words} `, THEME.dim)];
}

function shortWords({ action, short, isChange }: Binding, { verb, canChange }: PickerState): string | null {
  if (isChange === true && !canChange) return null;
  return action === 'accept' ? verb : short;
}

/** A rule over the whole width; at the border of list and preview it has a junction. */
export function ruleRow(width: number, border: number | null, junction: '┬' | '┴'): Row {
  if (border === null) return rowOf('─'.repeat(width), THEME.dim);
  return rowOf('─'.repeat(border) + junction + '─'.repeat(Math.max(0, width - border - 1)), THEME.dim);
}

/** The help: every key whose line contains the words of the filter. */
export function helpRows(state: PickerState, width: number): Row[] {
  const filter = state.mode.kind === 'help' ? state.mode.filter.text.toLowerCase().split(/\s+/) : [];
  const lines = [
    ...BINDINGS.filter(({ isChange }) => isChange !== true || state.canChange).map((binding) => ({
      keys: state.keyMap.keysOf(binding.action).map(keyLabel).join(', '),
      words: binding.action === 'accept' ? `${state.verb} the session, or all marked ones` : binding.long,
    })),
    ...state.keyMap.commands.map(({ key, label }) => ({ keys: keyLabel(key), words: label })),
  ].filter(({ keys, words }) => filter.every((word) => `${keys} ${words}`.toLowerCase().includes(word)));
  const keyWidth = Math.min(Math.floor(width / 3), Math.max(0, ...lines.map(({ keys }) => keys.length)));
  if (lines.length === 0) return [[], rowOf('   No keys match.', THEME.bold)];
  return lines.map(({ keys, words }) =>
    cutRow([spanOf('  '), ...fitRow(rowOf(keys, THEME.key), keyWidth), spanOf(`  ${words}`)], width),
  );
}

/** Sessions and their size, for a question. */
export function sessionsText(count: number, bytes: number | null): string {
  return `${counted(count, 'session')}${bytes === null ? '' : ` (${formatSize(bytes)})`}`;
}
