import { promptText } from '../../../transcript/messages/classify.js';
import type { MessageEntry } from '../../../transcript/messages/messages.js';
import { dayAndTime } from '../text/age.js';
import type { PageScreen } from '../text/screen.js';
import { imageLines } from './image.js';
import { INDENT, plainLines } from './indent.js';
import type { ConversationOptions } from './options.js';

const BAR = '▌';
/** Texts that stand for an attachment without words. */
const ATTACHMENT_WORDS = ['Image', 'Document'];

/** A prompt under its heading: number and time. On a terminal a bar marks its text, and images are a line each. */
export function promptLines(
  { message, entry }: MessageEntry,
  { numbered }: ConversationOptions,
  screen: PageScreen,
): string[] {
  const { color } = screen;
  const isTerminal = screen.markdown !== null;
  const number = numbered ? color.dim(String(message.prompt).padStart(2)) : '  ';
  const when = message.timestamp === null ? '' : dayAndTime(message.timestamp, screen.now);
  const typed = promptText(entry);
  const text = typed === '' ? message.text : typed;
  const images = isTerminal ? imageLines(message.content) : [];
  const words = images.length > 0 && ATTACHMENT_WORDS.includes(text) ? [] : plainLines(text, screen);
  const indent = isTerminal ? `  ${color.green(BAR)} ` : INDENT;
  return [
    '',
    `${number}  ${color.bold('you')}     ${color.dim(when)}`.trimEnd(),
    ...words.map((line) => (indent + line).trimEnd()),
    ...images.map((line) => indent + color.cyan(line)),
  ];
}
