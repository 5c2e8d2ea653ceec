import { Chalk } from 'chalk';
import type { Live } from '../../../claude/model.js';
import { readMessageEntries } from '../../../transcript/messages/messages.js';
import { rowOfAnsi } from '../../../tui/frame/ansi.js';
import { rowOf, spanOf } from '../../../tui/frame/row.js';
import type { ColorDepth, Row, Style } from '../../../tui/frame/style.js';
import { conversationLines } from '../../render/conversation/conversation.js';
import { markdownLayout } from '../../render/markdown/markdown.js';
import { formatUtcDay } from '../../render/text/age.js';
import { counted } from '../../render/text/number.js';
import { formatSize } from '../../render/text/size.js';
import { cutEnd } from '../../render/text/width.js';
import { IN_COLUMNS, joinFitting, wrapLine } from '../../render/text/wrap.js';
import { stateText } from '../../render/live-text.js';
import { formatRoughUsd } from '../../render/money.js';
import { projectCell } from '../../render/project-cell.js';
import type { Entry } from '../find/entry.js';
import type { Preview } from '../state.js';
import { stateStyle } from './list.js';
import { THEME } from './theme.js';

/** Messages read from the end of a transcript: enough to fill a preview. */
const MESSAGES = 14;
const MAX_ROWS = 200;
const MAX_TITLE_ROWS = 2;
/** Minimum cost shown, in US dollars. */
const MIN_COST_USD = 0.01;

/** Properties of the screen that a preview is laid out for. */
export interface PreviewScreen {
  width: number;
  colors: ColorDepth;
  home: string;
  invocation: string;
  now: number;
}

/** Returns the end of a session's conversation, and what the session is. Never throws. */
export function previewOf(entry: Entry, screen: PreviewScreen): Preview {
  return { heading: headingOf(entry, screen.width), conversation: conversation(entry, screen) };
}

function headingOf(entry: Entry, width: number): Row[] {
  const { row, text, bytes, costUsd } = entry;
  if (text === null) return [];
  const isPriced = typeof costUsd === 'number' && costUsd >= MIN_COST_USD;
  const facts = [
    text.branch,
    counted(row.prompts, 'prompt'),
    bytes === null ? '' : formatSize(bytes),
    isPriced ? formatRoughUsd(costUsd) : '',
    text.tag === '' ? '' : `#${text.tag}`,
    row.pinned ? 'pinned' : '',
    row.archived ? 'archived' : '',
    text.expiresMs === null || row.pinned ? '' : `kept until ${formatUtcDay(text.expiresMs)}`,
  ].filter((fact) => fact !== '');
  return [
    ...firstLines(text.title === '' ? '(no title)' : text.title, width).map((line) => rowOf(line, THEME.bold)),
    ...(row.live === null ? [] : liveRows(row.live, stateStyle(entry), width)),
    [spanOf(projectCell(text.folder, text.isGone, width), THEME.folder)],
    ...joinFitting(facts, width).map((line) => rowOf(line, THEME.dim)),
    [],
  ];
}

/** The state of a live session; what it waits for comes first, since that is what a reader can do something about. */
function liveRows(live: Live, style: Style, width: number): Row[] {
  return wrapLine(`● ${stateText(live)}`, width).map((line) => rowOf(line, style));
}

/** Returns the first lines of a text that may be long. */
function firstLines(text: string, width: number): string[] {
  const lines = wrapLine(text, width);
  if (lines.length <= MAX_TITLE_ROWS) return lines;
  const rest = lines.slice(MAX_TITLE_ROWS - 1).join(' ');
  return [...lines.slice(0, MAX_TITLE_ROWS - 1), cutEnd(rest, width)];
}

function conversation({ row, text }: Entry, { width, colors, home, invocation, now }: PreviewScreen): Row[] {
  try {
    const messages = readMessageEntries(row.file.path, { which: 'active', tail: MESSAGES, brief: true });
    const color = new Chalk({ level: colors });
    const markdown = markdownLayout(color, IN_COLUMNS);
    const screen = { width, color, home, invocation, now, fit: IN_COLUMNS, markdown };
    const lines: string[] = [];
    const options = { tools: 'folded' as const, thinking: false, numbered: false };
    for (const group of conversationLines(messages, options, screen, { cwd: text?.cwd ?? null, home }))
      lines.push(...group.slice(-MAX_ROWS));
    const from = lines.findIndex((line) => line.trim() !== '');
    if (from < 0) return [rowOf('No messages yet.', THEME.dim)];
    // The numbers of prompts stand in the first four columns, and there are none here.
    return lines
      .slice(from)
      .slice(-MAX_ROWS)
      .map((line) => rowOfAnsi(line.replace(/^ {2}/, '')));
  } catch {
    return [rowOf('The transcript is gone or cannot be read.', THEME.dim)];
  }
}
