import { cutRow, rowOf, rowWidth, spanOf } from '../../../tui/frame/row.js';
import type { Row, Span } from '../../../tui/frame/style.js';
import { counted, grouped } from '../../render/text/number.js';
import { formatSize } from '../../render/text/size.js';
import { cutEnd, widthOf } from '../../render/text/width.js';
import { BINDINGS, keyLabel, type Action, type Binding } from '../keys/key-map.js';
import type { Entry } from '../find/entry.js';
import type { Mode, PickerState, Status } from '../state.js';
import { THEME, justifiedRow } from './theme.js';

/** Minimum width of the query, whatever is to the right of it. */
const MIN_QUERY = 15;
/** Columns between the query and the scope, so that they are not read as one sentence. */
const MIN_GAP = 2;
/** Width from which the first row names the program. */
const PROGRAM_FROM = 50;
/** Minimum width of other input, next to its keys. */
const MIN_INPUT = 30;
const MAX_BRANCH = 20;
/** Columns of a title in a question, as many as fit. */
const NAME_WIDTHS = [60, 40, 24, 12];

/** Placeholders of the query; the first one that fits is shown. */
const PLACEHOLDERS = ['type to filter by title, folder, branch or words of the conversation', 'type to filter'];

/** The keys of the help. */
const HELP_KEYS: Row = [
  spanOf(' esc', THEME.key),
  spanOf(' back  '),
  spanOf('up down', THEME.key),
  spanOf(' scroll  '),
  spanOf('^x', THEME.key),
  spanOf(' is Ctrl-X'),
];

/** The keys that answer a question. */
const ANSWER_KEYS: Row = [spanOf(' y', THEME.key), spanOf(' yes'), spanOf('  n', THEME.key), spanOf(' no')];

/** The keys of a line of input. */
const INPUT_KEYS: Row = [
  spanOf(' enter', THEME.key),
  spanOf(' save  '),
  spanOf('esc', THEME.key),
  spanOf(' cancel  '),
  spanOf('^u', THEME.key),
  spanOf(' clear '),
];

/** A row with a line of input, and the column of its cursor. */
export interface InputRow {
  row: Row;
  cursor: number;
}

/** The first row: the program and the command, the query, the scope and the number of sessions. */
export function headerRow(state: PickerState, width: number): InputRow {
  const program = width < PROGRAM_FROM ? [] : ['ccsess'];
  const command = [...program, ...(state.name === '' ? [] : [state.name])].map((word) => ` ${word}`).join('');
  const label: Row = [spanOf(command, THEME.bold), spanOf(' › ', THEME.key)];
  const placeholders = state.mode.kind === 'help' ? ['type to find a key'] : PLACEHOLDERS;
  const shortest = placeholders.at(-1) ?? '';
  const needed = rowWidth(label) + Math.max(MIN_QUERY, shortest.length) + MIN_GAP;
  const fitting = [...statusForms(state), []].find((spans) => needed + rowWidth(spans) <= width);
  const room = Math.max(1, width - rowWidth(label) - rowWidth(fitting ?? []) - MIN_GAP);
  const query = state.mode.kind === 'help' ? state.mode.filter : state.query;
  const { text, cursor } = query.view(room);
  const placeholder = placeholders.find(({ length }) => length <= room) ?? shortest;
  const shown = query.isEmpty ? cutRow([spanOf(placeholder, THEME.dim)], room) : [spanOf(text)];
  return { row: justifiedRow([...label, ...shown], fitting ?? [], width), cursor: rowWidth(label) + cursor };
}

/** The scope, sessions elsewhere and the number of sessions, in forms of falling length. */
function statusForms(state: PickerState): Span[][] {
  const limits = limitSpans(state);
  const [counted, bare] = [countSpans(state, true), countSpans(state, false)];
  const both = [...limits, ...scopeSpans(state, 'both')];
  const waiting = waitingSpans(state);
  return [
    [...both, ...waiting, ...counted],
    [...both, ...waiting, ...bare],
    [...both, ...counted],
    [...both, ...bare],
    [...limits, ...scopeSpans(state, 'one'), ...bare],
    [...limits, ...scopeSpans(state, 'name'), ...bare],
    [...limits, ...bare],
    bare,
  ];
}

/** Settings that change the list, other than the words and the scope. */
function limitSpans({ order, isAll, branch }: PickerState): Span[] {
  return [
    ...(order === 'activity' ? [] : [spanOf(`by ${order} · `, THEME.branch)]),
    ...(branch === null ? [] : [spanOf(`${cutEnd(branch, MAX_BRANCH)} · `, THEME.branch)]),
    ...(isAll ? [spanOf('hidden ones too · ', THEME.branch)] : []),
  ];
}

/** Both scopes with the key between them, the scope in use with the key, or its name alone in its shortest form. */
function scopeSpans({ scope }: PickerState, form: 'both' | 'one' | 'name'): Span[] {
  const isHere = scope !== 'everywhere';
  const here = scope === 'folder' ? 'here only' : 'here';
  const key = form === 'name' ? '' : '‹tab›';
  const everywhere = form === 'name' ? 'all' : 'everywhere';
  return [
    ...(form === 'both' || isHere ? [spanOf(here, isHere ? THEME.bold : THEME.dim)] : []),
    ...(form === 'name' ? [] : [spanOf(form === 'both' ? ` ${key} ` : isHere ? ` ${key}` : `${key} `, THEME.dim)]),
    ...(form === 'both' || !isHere ? [spanOf(everywhere, isHere ? THEME.dim : THEME.bold)] : []),
    spanOf(' · ', THEME.dim),
  ];
}

/** Sessions of other folders that wait for the reader, who would not know of them here. */
function waitingSpans({ waitingElsewhere }: PickerState): Span[] {
  return waitingElsewhere === 0
    ? []
    : [spanOf(`${grouped(waitingElsewhere)} waiting elsewhere`, THEME.idle), spanOf(' · ', THEME.dim)];
}

/** The number of sessions. The column of the ellipsis is always taken, so that nothing moves when it goes. */
function countSpans({ entries, total, words, isReading, isSearching }: PickerState, hasNoun: boolean): Span[] {
  const of = words.length === 0 || entries.length === total ? '' : `${grouped(entries.length)} of `;
  const count = hasNoun ? counted(total, 'session') : grouped(total);
  return [spanOf(`${of}${count}${isReading || isSearching ? '…' : ' '}`)];
}

/** The last row: a question, a line of input, the result of a change, or the keys. */
export function footerRow(state: PickerState, width: number): InputRow | Row {
  const { mode, status } = state;
  if (mode.kind === 'confirm') return questionRow(mode.question, width);
  if (mode.kind === 'help') return cutRow(HELP_KEYS, width);
  if (mode.kind === 'input') return inputRow(mode, width);
  if (status !== null) return statusRow(status, width);
  const marks = marksSpans(state);
  return cutRow([...marks, ...keySpans(state, width - rowWidth(marks))], width);
}

/** A question in the longest form that fits; the keys that answer it are never cut. */
function questionRow(forms: readonly string[], width: number): Row {
  const room = width - rowWidth(ANSWER_KEYS) - 1;
  const question = forms.find((form) => widthOf(form) <= room) ?? forms.at(-1) ?? '';
  return cutRow([...cutRow([spanOf(` ${question}`, THEME.bold)], room + 1), ...ANSWER_KEYS], width);
}

/** The result of a change; the key that undoes it is never cut. */
function statusRow({ text, hint = '', isError }: Status, width: number): Row {
  const style = isError ? THEME.error : THEME.bold;
  return [...cutRow(rowOf(` ${text}`, style), Math.max(0, width - hint.length)), ...cutRow(rowOf(hint, style), width)];
}

function inputRow({ label, hint, line }: Extract<Mode, { kind: 'input' }>, width: number): InputRow {
  const isWide = label.length + hint.length + MIN_INPUT < width;
  const lead: Row = [spanOf(` ${label}${isWide ? hint : ''}: `, THEME.bold)];
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

/** Actions on all marked sessions. The others are left out of the last row then: they act on the selected session. */
const ON_MARKS: readonly Action[] = ['accept', 'trash', 'archive', 'pin', 'mark'];
const MARKS_BINDINGS = ON_MARKS.flatMap((action) => BINDINGS.filter((binding) => binding.action === action));

/** The keys that fit; none is cut. */
function keySpans(state: PickerState, width: number): Span[] {
  // The key of the help comes last and is always shown, since it leads to all others.
  const help = BINDINGS.flatMap((binding) => (binding.action === 'help' ? keySpan(binding, state) : []));
  const spans: Span[] = [];
  let left = width - 1 - rowWidth(help);
  for (const binding of state.marks.size > 0 ? MARKS_BINDINGS : BINDINGS) {
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
  return [spanOf(' '), spanOf(keyLabel(key), THEME.key), spanOf(` ${words} `)];
}

/** Actions of the last row that do nothing without a session. */
const ON_SESSIONS: ReadonlySet<Action> = new Set([
  'accept',
  'view',
  'fork',
  'rename',
  'pin',
  'trash',
  'archive',
  'mark',
  'copy-id',
]);

function shortWords({ action, short, isChange }: Binding, state: PickerState): string | null {
  const { verb, canChange, several, marks, isPreviewPossible, entries } = state;
  if (entries.length === 0 && ON_SESSIONS.has(action)) return null;
  if (isChange === true && !canChange) return null;
  // Several marked sessions cannot be passed to a command that takes one.
  if (action === 'accept' && marks.size > 1 && !several) return null;
  if (action === 'preview' && !isPreviewPossible) return null;
  return action === 'accept' ? verb : short;
}

/**
 * A rule over the whole width; at the border of list and preview it has a junction. A note stands at the end of the
 * part below the list.
 */
export function ruleRow(width: number, border: number | null, junction: '┬' | '┴', note = ''): Row {
  const listWidth = border ?? width;
  const isNoted = note !== '' && note.length + MIN_GAP < listWidth;
  const list: Row = isNoted
    ? [rowOf('─'.repeat(listWidth - note.length - 3), THEME.dim), rowOf(` ${note} `), rowOf('─', THEME.dim)].flat()
    : rowOf('─'.repeat(listWidth), THEME.dim);
  if (border === null) return list;
  return [...list, spanOf(junction + '─'.repeat(Math.max(0, width - border - 1)), THEME.dim)];
}

/**
 * The forms of the question before sessions are moved to the trash, the longest first. A single session is named: the
 * list may have changed just before the key.
 */
export function trashQuestion(targets: readonly Entry[]): readonly string[] {
  const sizes = targets.flatMap(({ bytes }) => bytes ?? []);
  const isKnown = sizes.length === targets.length;
  const size = isKnown ? ` (${formatSize(sizes.reduce((total, bytes) => total + bytes, 0))})` : '';
  const sessions = `${counted(targets.length, 'session')}${size}`;
  const title = targets.length === 1 ? (targets[0]?.text?.title ?? '') : '';
  const names = title === '' ? [] : NAME_WIDTHS.map((width) => `"${cutEnd(title, width)}"`);
  return [
    ...names.flatMap((name) => [`Move ${name}${size} to the trash?`, `Trash ${name}${size}?`, `Trash ${name}?`]),
    `Move ${sessions} to the trash?`,
    `Trash ${sessions}?`,
  ];
}
