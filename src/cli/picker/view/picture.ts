import { fitRow, rowOf, rowWidth, spanOf } from '../../../tui/frame/row.js';
import type { Row } from '../../../tui/frame/style.js';
import type { Size } from '../../../tui/host.js';
import type { Frame } from '../../../tui/screen.js';
import { oneLine } from '../../render/text/sanitize.js';
import { wrapLine } from '../../render/text/wrap.js';
import type { Hit } from '../find/entry.js';
import type { PickerState } from '../state.js';
import { footerRow, headerRow, ruleRow } from './chrome.js';
import { helpPage } from './help.js';
import { layoutOf, type Layout } from './layout.js';
import { listRows, moreBelow } from './list.js';
import { THEME, marked } from './theme.js';

/** Draws the picker. */
export function drawPicker(state: PickerState, size: Size): Frame {
  const isHelp = state.mode.kind === 'help';
  const layout = layoutOf(size, state.isPreviewOn && !isHelp);
  const { columns } = size;
  const header = headerRow(state, columns);
  const border = layout.preview?.at === 'right' ? layout.listWidth : null;
  const rows: Row[] = [header.row];
  if (layout.hasRules) rows.push(ruleRow(columns, border, '┬'));
  rows.push(
    ...(isHelp
      ? filled(helpPage(state, { width: columns, height: layout.listHeight }), layout.listHeight)
      : body(state, columns, layout)),
  );
  const note = isHelp ? '' : moreBelow(state, layout);
  if (layout.hasRules) rows.push(ruleRow(columns, border, '┴', layout.preview?.at === 'below' ? '' : note));
  // A low screen has questions and results in its first row: an unseen question would be answered by the next keys.
  const isFooterAbove = !layout.hasFooter && !isHelp && (state.mode.kind !== 'list' || state.status !== null);
  const footer = footerRow(state, columns);
  const at = isFooterAbove ? 0 : rows.length;
  if (layout.hasFooter || isFooterAbove) rows[at] = 'cursor' in footer ? footer.row : footer;
  if ('cursor' in footer) return { rows, cursor: { row: at, column: footer.cursor } };
  const hasCursor = state.mode.kind !== 'confirm' && !isFooterAbove;
  return { rows, cursor: hasCursor ? { row: 0, column: header.cursor } : null };
}

function body(state: PickerState, columns: number, layout: Layout): Row[] {
  const { preview, listHeight, listWidth } = layout;
  const list = filled(listRows(state, layout), listHeight);
  if (preview === null) return list;
  const shown = filled(previewRows(state, preview), preview.height);
  if (preview.at === 'below')
    return [
      ...list,
      ruleRow(columns, null, '┬', moreBelow(state, layout)),
      ...shown.map((row) => [spanOf(' '), ...row]),
    ];
  return list.map((row, at) => [
    ...fitRow(row, listWidth),
    spanOf('│ ', THEME.dim),
    ...fitRow(shown[at] ?? [], preview.width),
  ]);
}

/** The heading of the preview, the best match in the text, and the end of the conversation below them. */
function previewRows(
  { preview, entries, selected, hits, words }: PickerState,
  { height, width }: { height: number; width: number },
): readonly Row[] {
  const entry = entries[selected];
  if (entry === undefined) return [];
  if (preview === null) return [rowOf('…', THEME.dim)];
  const hit = hits.get(entry);
  const heading = [...preview.heading, ...(hit === undefined ? [] : matchRows(hit, words, width))];
  const room = Math.max(0, height - heading.length);
  const end = room === 0 ? [] : preview.conversation.slice(-room);
  // The first line that fits may be the empty one between two messages.
  const first = end.findIndex((row) => rowWidth(row) > 0);
  return [...heading, ...(first < 0 ? [] : end.slice(first))];
}

/** The match in the text, and the heading of the messages below it, which are usually not those around it. */
function matchRows({ snippet }: Hit, words: readonly string[], width: number): Row[] {
  const lines = wrapLine(oneLine(snippet), width - MATCH_INDENT.length);
  return [
    rowOf('in text', THEME.dim),
    ...lines.slice(0, MAX_MATCH_ROWS).map((line) => [spanOf(MATCH_INDENT), ...marked(line, words, {})]),
    [],
    rowOf('last messages', THEME.dim),
  ];
}

const MATCH_INDENT = '  ';
const MAX_MATCH_ROWS = 4;

function filled(rows: readonly Row[], height: number): Row[] {
  return Array.from({ length: height }, (_, at) => rows[at] ?? []);
}
