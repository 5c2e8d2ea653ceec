import {
  asEntry,
  asString,
  classifyUser,
  contentBlocks,
  isQueuedPrompt,
  writtenText,
  type Entry,
} from '../../transcript/messages/classify.js';
import type { SessionMessage } from '../../transcript/messages/message.js';
import { toolResultText } from '../../transcript/messages/tool-result.js';

/** Parts of a session that can be searched, the weightiest first. */
export const PART_KINDS = ['title', 'prompt', 'answer', 'thinking', 'tool', 'result', 'meta'] as const;
export type PartKind = (typeof PART_KINDS)[number];

/** A text that a query matches as a whole. */
export interface Part {
  kind: PartKind;
  text: string;
  /** Id of the tool call that the text belongs to. */
  toolUseId: string | null;
  /** Name of the tool that a call is of. */
  tool: string | null;
}

/** The parts of a message, in order, without empty ones. */
export function partsOf(message: Pick<SessionMessage, 'kind' | 'text' | 'content'>, entry: Entry): Part[] {
  return partsOfKind(message.kind, entry, message.content, message.text).filter(({ text }) => text !== '');
}

/** Returns all texts that could be parts of an entry, whatever its role in the conversation turns out to be. */
export function possibleTexts(entry: Entry): string[] {
  const type = asString(entry['type']);
  if (type === 'attachment') return isQueuedPrompt(entry) ? [writtenText(entry)] : [];
  if (type !== 'user' && type !== 'assistant' && type !== 'system') return [];
  const content = contentBlocks(entry);
  const texts = content.flatMap((block) => asString(asEntry(block)?.['text']) ?? []);
  const kinds: SessionMessage['kind'][] = type === 'assistant' ? ['answer'] : ['tool-result', 'meta'];
  const parts = kinds.flatMap((kind) => partsOfKind(kind, entry, content, texts.join('\n')));
  // A command is a prompt if a later entry says so.
  if (type === 'user' && classifyUser(entry) !== 'tool-result') parts.push(newPart('prompt', writtenText(entry)));
  return parts.flatMap(({ text }) => (text === '' ? [] : [text]));
}

function partsOfKind(kind: SessionMessage['kind'], entry: Entry, content: readonly unknown[], text: string): Part[] {
  switch (kind) {
    case 'prompt':
      return [newPart('prompt', writtenText(entry) || text)];
    case 'answer':
      return content.flatMap((block) => answerParts(asEntry(block)));
    case 'tool-result':
      return content.flatMap((block) => resultParts(asEntry(block)));
    default:
      return [newPart('meta', text)];
  }
}

function answerParts(block: Entry | null): Part[] {
  if (block?.['type'] === 'text') return [newPart('answer', asString(block['text']) ?? '')];
  if (block?.['type'] === 'thinking') return [newPart('thinking', asString(block['thinking']) ?? '')];
  if (block?.['type'] !== 'tool_use' && block?.['type'] !== 'server_tool_use') return [];
  const name = asString(block['name']) ?? 'tool';
  const text = [name, ...textsIn(block['input'])].join('\n');
  return [{ kind: 'tool', text, toolUseId: asString(block['id']), tool: name }];
}

function resultParts(block: Entry | null): Part[] {
  if (block?.['type'] === 'text') return [newPart('meta', asString(block['text']) ?? '')];
  if (block?.['type'] !== 'tool_result') return [];
  return [{ kind: 'result', text: toolResultText(block), toolUseId: asString(block['tool_use_id']), tool: null }];
}

function newPart(kind: PartKind, text: string): Part {
  return { kind, text, toolUseId: null, tool: null };
}

/** The texts and numbers in a value, in order; nesting of any depth. */
function textsIn(value: unknown): string[] {
  const leaves: string[] = [];
  const open: unknown[] = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next === 'string') leaves.push(next);
    else if (typeof next === 'number' || typeof next === 'boolean') leaves.push(String(next));
    else if (typeof next === 'object' && next !== null) {
      const inner: unknown[] = Object.values(next);
      for (let at = inner.length - 1; at >= 0; at -= 1) open.push(inner[at]);
    }
  }
  return leaves;
}
