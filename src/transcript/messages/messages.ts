import { closeSync } from 'node:fs';
import type { ByteSource } from '../json/byte-source.js';
import { asEntry, asString, classifyUser, contentBlocks, promptText, type Entry } from './classify.js';
import { EntryReader } from '../entry-reader.js';
import type { LargeResult } from './large-result.js';
import { openRegularFile } from '../lines.js';
import type { SessionMessage } from './message.js';
import type { SkeletonNode } from '../skeleton.js';
import { lastMessages, readThread, type Thread } from './tail.js';
import { toolResultText } from './tool-result.js';

/** Which messages; with both `head` and `tail`, the first ones of the last. */
export interface MessageSelection extends Thread {
  /** Only this number of first messages. */
  head?: number;
  /**
   * Only this number of last messages, read from the end of the file. Prompts are then numbered from the first one
   * given.
   */
  tail?: number;
  /** Do not parse tool results of many KiB: their messages come without content, with `large` instead. */
  brief?: boolean;
}

/** A message with the entry it was made from, for what only the entry holds (`toolUseResult`). */
export interface MessageEntry {
  message: SessionMessage;
  entry: Entry;
  node: SkeletonNode;
  /** Stand-in for a large tool result that was not parsed. */
  large: LargeResult | null;
  /** The entry's own bytes, until the next step; null if the entry was not read, or saved from a damaged line. */
  text: ByteSource | null;
}

/**
 * The messages of one transcript, in order, one in memory at a time. The file is opened at the first step and closed
 * at the end, or when the caller stops. Throws Node's error if it cannot be read; damage is passed over.
 */
export async function* readMessages(path: string, selection: MessageSelection): AsyncGenerator<SessionMessage> {
  for (const { message } of readMessageEntries(path, selection)) yield message;
}

/** As `readMessages`, with the entries, and without waiting. */
export function* readMessageEntries(path: string, selection: MessageSelection): Generator<MessageEntry> {
  const { fd, size } = openRegularFile(path);
  try {
    yield* messagesOf(fd, size, selectedNodes(fd, size, selection), selection);
  } finally {
    closeSync(fd);
  }
}

/** The messages of the given nodes of an open transcript of that size, numbered along them. */
export function* messagesOf(
  fd: number,
  size: number,
  nodes: Iterable<SkeletonNode>,
  { brief, sidechains }: Pick<MessageSelection, 'brief' | 'sidechains'>,
): Generator<MessageEntry> {
  const reader = new EntryReader(fd, size);
  let prompts = 0;
  const numbered = new Set<string>();
  for (const node of nodes) {
    if (brief === true && node.large !== null) {
      yield { message: toMessage({}, node, prompts), entry: {}, node, large: node.large, text: null };
      continue;
    }
    const { entries, text } = reader.read(node);
    const entry = entries[node.index];
    if (entry === undefined) continue;
    const message = toMessage(entry, node, prompts);
    // The task of a subagent is not a prompt of the conversation around it, and a repeated entry is the same prompt.
    if (message.kind === 'prompt' && (sidechains === true || !node.isSidechain) && !numbered.has(node.uuid)) {
      numbered.add(node.uuid);
      message.prompt = prompts += 1;
    }
    yield { message, entry, node, large: null, text };
  }
}

function selectedNodes(fd: number, size: number, selection: MessageSelection): SkeletonNode[] {
  const nodes =
    selection.tail === undefined ? readThread(fd, size, selection) : lastMessages(fd, size, selection, selection.tail);
  return selection.head === undefined ? nodes : nodes.slice(0, selection.head);
}

function toMessage(entry: Entry, node: SkeletonNode, prompt: number): SessionMessage {
  const content = node.isQueuedCommand ? queuedContent(entry) : contentBlocks(entry);
  const kind = kindOf(entry, node);
  return {
    uuid: asString(entry['uuid']),
    parentUuid: asString(entry['parentUuid']),
    role: node.type === 'assistant' || node.type === 'system' ? node.type : 'user',
    kind,
    prompt,
    timestamp: isoTime(entry['timestamp']),
    model: node.type === 'assistant' ? asString(asEntry(entry['message'])?.['model']) : null,
    text: content
      .map((block) => blockText(block, kind))
      .filter((text) => text !== '')
      .join('\n'),
    content,
  };
}

function kindOf(entry: Entry, node: SkeletonNode): SessionMessage['kind'] {
  if (node.isQueuedCommand) return 'prompt';
  if (node.type === 'assistant') return 'answer';
  if (node.type !== 'user') return 'system';
  if (node.isToolResult) return 'tool-result';
  const kind = classifyUser(entry);
  if (kind === 'command-echo' && node.isExpanded && promptText(entry) !== '') return 'prompt';
  return kind === 'prompt' || kind === 'tool-result' || kind === 'compact-summary' ? kind : 'meta';
}

/** Text of one block; of a tool result, the text in it. Thinking, calls and images have none. */
function blockText(block: unknown, kind: SessionMessage['kind']): string {
  const fields = asEntry(block);
  if (fields?.['type'] === 'text') return asString(fields['text']) ?? '';
  if (fields?.['type'] !== 'tool_result' || kind !== 'tool-result') return '';
  return toolResultText(fields);
}

function queuedContent(entry: Entry): unknown[] {
  const prompt = asEntry(entry['attachment'])?.['prompt'];
  return contentBlocks({ content: prompt });
}

/** ISO 8601 UTC with milliseconds; null if there is no time that can be read. */
function isoTime(value: unknown): string | null {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT/.test(value)) return null;
  const time = Date.parse(value);
  if (Number.isNaN(time)) return null;
  return value.length === 24 && value.endsWith('Z') ? value : new Date(time).toISOString();
}
