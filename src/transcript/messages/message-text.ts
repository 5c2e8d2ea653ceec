import { type JsonSpan, JsonWalker } from '../json/json-walker.js';
import { MAX_LINE_BYTES } from '../lines.js';
import type { MessageEntry } from './messages.js';

/** Positions of a message's parts in the text of its entry. */
export interface MessageText {
  walker: JsonWalker;
  /** `content` as Claude Code wrote it: usually a string or an array of blocks. */
  content: JsonSpan | null;
  /** The strings that make up `text`, joined by newlines; null if the message itself has the whole text. */
  texts: JsonSpan[] | null;
}

/** Returns the parts of a message whose line is undamaged and was read; null for any other. */
export function messageText({ text, node, message }: MessageEntry): MessageText | null {
  if (text === null) return null;
  const walker = new JsonWalker(text);
  const content = contentOf(walker, node.isQueuedCommand);
  const isCut = content !== null && node.end - node.start > MAX_LINE_BYTES;
  return { walker, content, texts: isCut ? textsOf(walker, content, message.kind === 'tool-result') : null };
}

/** Returns the position of the value that `contentBlocks` reads. */
function contentOf(walker: JsonWalker, isQueuedCommand: boolean): JsonSpan | null {
  const { root } = walker;
  if (isQueuedCommand) {
    const attachment = walker.member(root, 'attachment');
    return attachment === null ? null : walker.member(attachment, 'prompt');
  }
  const message = walker.member(root, 'message');
  const content = message === null ? null : walker.member(message, 'content');
  return content === null || walker.isNull(content) ? walker.member(root, 'content') : content;
}

function textsOf(walker: JsonWalker, content: JsonSpan, isToolResult: boolean): JsonSpan[] {
  if (walker.isString(content)) return [content];
  const texts: JsonSpan[] = [];
  for (const block of walker.elements(content)) {
    if (isTyped(walker, block, 'text')) texts.push(...present(walker, walker.member(block, 'text')));
    if (!isToolResult || !isTyped(walker, block, 'tool_result')) continue;
    const result = walker.member(block, 'content');
    if (result === null) continue;
    if (walker.isString(result)) texts.push(...present(walker, result));
    for (const inner of walker.elements(result)) {
      if (isTyped(walker, inner, 'text')) texts.push(...present(walker, walker.member(inner, 'text')));
    }
  }
  return texts;
}

function isTyped(walker: JsonWalker, block: JsonSpan, type: string): boolean {
  const span = walker.member(block, 'type');
  return span !== null && span.end - span.start <= 2 * type.length + 2 && walker.parsed(span) === type;
}

function present(walker: JsonWalker, text: JsonSpan | null): JsonSpan[] {
  return text !== null && walker.isString(text) && text.end - text.start > 2 ? [text] : [];
}
