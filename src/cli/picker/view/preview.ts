import { Chalk } from 'chalk';
import { readMessageEntries } from '../../../transcript/messages/messages.js';
import { rowOfAnsi } from '../../../tui/frame/ansi.js';
import { cutRow, rowOf, spanOf } from '../../../tui/frame/row.js';
import type { ColorDepth, Row } from '../../../tui/frame/style.js';
import { conversationLines } from '../../render/conversation/conversation.js';
import { markdownLayout } from '../../render/markdown/markdown.js';
import { formatUtcDay } from '../../render/text/age.js';
import { counted } from '../../render/text/number.js';
import { formatSize } from '../../render/text/size.js';
import { IN_COLUMNS } from '../../render/text/wrap.js';
import { holderText } from '../../render/live-text.js';
import { formatRoughUsd } from '../../render/money.js';
import { projectCell } from '../../render/project-cell.js';
import type { Entry } from '../find/entry.js';
import { THEME } from './theme.js';

/** Messages read from the end of a transcript: enough to fill a preview. */
const MESSAGES = 14;
const MAX_ROWS = 200;

/** Properties of the screen that a preview is laid out for. */
export interface PreviewScreen {
  width: number;
  colors: ColorDepth;
  home: string;
  now: number;
}

/** The end of a session's conversation, below four rows that say what it is. Never throws. */
export function previewOf(entry: Entry, screen: PreviewScreen): Row[] {
  return [...headingOf(entry, screen.width), ...conversation(entry, screen)];
}

function headingOf({ row, text, bytes, costUsd }: Entry, width: number): Row[] {
  if (text === null) return [[], [], [], []];
  const facts = [
    row.live === null ? '' : `live: ${holderText(row.live)}`,
    text.branch,
    counted(row.prompts, 'prompt'),
    bytes === null ? '' : formatSize(bytes),
    typeof costUsd === 'number' && costUsd >= 0.01 ? formatRoughUsd(costUsd) : '',
    text.tag === '' ? '' : `#${text.tag}`,
    row.pinned ? 'pinned' : '',
    row.archived ? 'archived' : '',
    text.expiresMs === null || row.pinned ? '' : `kept until ${formatUtcDay(text.expiresMs)}`,
  ].filter((fact) => fact !== '');
  return [
    cutRow(rowOf(text.title === '' ? '(no title)' : text.title, THEME.bold), width),
    [spanOf(projectCell(text.folder, text.isGone, width), THEME.folder)],
    cutRow(rowOf(facts.join(' · '), THEME.dim), width),
    [],
  ];
}

function conversation({ row, text }: Entry, { width, colors, home, now }: PreviewScreen): Row[] {
  try {
    const messages = readMessageEntries(row.file.path, { which: 'active', tail: MESSAGES, brief: true });
    const color = new Chalk({ level: colors });
    const screen = { width, color, home, now, fit: IN_COLUMNS, markdown: markdownLayout(color, IN_COLUMNS) };
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
