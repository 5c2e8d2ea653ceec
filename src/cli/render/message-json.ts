import { messageText, type MessageText } from '../../transcript/messages/message-text.js';
import type { MessageEntry } from '../../transcript/messages/messages.js';
import { batches, jsonString, toJson } from './text/json.js';
import { indentedJson, rawJson } from './raw-json.js';

/**
 * Yields a message as JSON in pieces, of any length: `content` exactly as Claude Code wrote it, with invisible
 * characters escaped. `depth` is the indentation depth, null for one line.
 */
export function* messageJson(item: MessageEntry, depth: number | null): Generator<string> {
  const { text, content, ...head } = item.message;
  const parts = messageText(item);
  const line = (deeper: number): string => (depth === null ? '' : `\n${'  '.repeat(depth + deeper)}`);
  const colon = depth === null ? ':' : ': ';
  const opened = toJson(head, depth !== null)
    .replace(/\n?\}$/, '')
    .replaceAll('\n', line(0));
  yield `${opened},${line(1)}"text"${colon}`;
  yield* parts?.texts === undefined || parts.texts === null ? jsonString(text) : joinedTexts(parts.walker, parts.texts);
  yield `,${line(1)}"content"${colon}`;
  const raw = parts === null ? [toJson(content, false)] : contentJson(parts);
  yield* depth === null ? raw : indentedJson(raw, depth + 1);
  yield `${line(0)}}`;
}

/** Yields messages as JSON lines, in pieces for a stream. */
export function* messageLines(items: Iterable<MessageEntry>): Generator<string> {
  yield* batches(
    (function* () {
      for (const item of items) {
        yield* messageJson(item, null);
        yield '\n';
      }
    })(),
  );
}

function* contentJson({ walker, content }: MessageText): Generator<string> {
  if (content === null || !(walker.isString(content) || walker.isArray(content))) yield '[]';
  else if (walker.isArray(content)) yield* rawJson(walker.pieces(content));
  else if (content.end - content.start === 2) yield '[]';
  else {
    yield '[{"type":"text","text":';
    yield* rawJson(walker.pieces(content));
    yield '}]';
  }
}

/** Yields strings joined by newlines as one string, with their escapes unchanged. */
function* joinedTexts(walker: MessageText['walker'], texts: NonNullable<MessageText['texts']>): Generator<string> {
  let separator = '"';
  for (const { start, end } of texts) {
    yield separator;
    yield* rawJson(walker.pieces({ start: start + 1, end: end - 1 }));
    separator = '\\n';
  }
  yield separator === '"' ? '""' : '"';
}
