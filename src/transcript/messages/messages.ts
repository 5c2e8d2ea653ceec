import { closeSync } from 'node:fs';
import { CcsessError } from '../../system/errors.js';
import type { ByteSource } from '../json/byte-source.js';
import { asEntry, asString, classifyUser, contentBlocks, promptText, type Entry } from './classify.js';
import type { ContentBlock } from './content-block.js';
import { EntryReader } from '../entry-reader.js';
import type { LargeResult } from './large-result.js';
import { openRegularFile } from '../lines.js';
import type { SessionMessage } from './message.js';
import type { SkeletonNode } from '../skeleton.js';
import { PromptNumbers } from './prompt-numbers.js';
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
  /** Number the prompts of a tail as in the whole thread, which is read for it. */
  numbersTail?: boolean;
  /** Begin at the prompt of this number; not together with `tail`. */
  from?: number;
  /** Do not parse tool results of many KiB: their messages come without content, with `large` instead. */
  brief?: boolean;
  /** Cut the long texts of lines over 1 MiB. */
  isCut?: boolean;
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

/**
 * As `readMessages`, with the entries, and without waiting. Throws NOT_FOUND if there is no prompt of the number
 * `from`.
 */
export function* readMessageEntries(path: string, selection: MessageSelection): Generator<MessageEntry> {
  const { fd, size } = openRegularFile(path);
  try {
    const { nodes, numbers } = selectedNodes(fd, size, selection);
    yield* messagesOf(fd, size, nodes, selection, numbers);
  } finally {
    closeSync(fd);
  }
}

/**
 * The messages of the given nodes of an open transcript of that size, numbered along them; `numbers` has counted those
 * before.
 */
export function* messagesOf(
  fd: number,
  size: number,
  nodes: Iterable<SkeletonNode>,
  { brief, sidechains, isCut }: Pick<MessageSelection, 'brief' | 'sidechains' | 'isCut'>,
  numbers = new PromptNumbers(),
  reader = new EntryReader(fd, size),
): Generator<MessageEntry> {
  for (const node of nodes) {
    if (brief === true && node.large !== null) {
      yield { message: toMessage({}, node, numbers.last), entry: {}, node, large: node.large, text: null };
      continue;
    }
    const { entries, text } = isCut === true ? reader.readBrief(node) : reader.read(node);
    const entry = entries[node.index];
    if (entry === undefined) continue;
    const message = toMessage(entry, node, numbers.last);
    // The task of a subagent is not a prompt of the conversation around it, and a repeated entry is the same prompt.
    if (message.kind === 'prompt' && (sidechains === true || !node.isSidechain)) {
      if (numbers.add(node.uuid)) message.prompt = numbers.last;
    }
    yield { message, entry, node, large: null, text };
  }
}

/** The selected nodes, and the prompts before them. */
interface Selected {
  nodes: SkeletonNode[];
  numbers: PromptNumbers;
}

function selectedNodes(fd: number, size: number, selection: MessageSelection): Selected {
  const { tail, head, from, numbersTail } = selection;
  let found: Selected;
  if (from !== undefined) found = fromPrompt(fd, size, selection, from);
  else if (tail === undefined) found = { nodes: readThread(fd, size, selection), numbers: new PromptNumbers() };
  else if (numbersTail === true) found = numberedTail(fd, size, selection, tail);
  else found = { nodes: lastMessages(fd, size, selection, tail), numbers: new PromptNumbers() };
  return head === undefined ? found : { ...found, nodes: found.nodes.slice(0, head) };
}

function numberedTail(fd: number, size: number, selection: MessageSelection, tail: number): Selected {
  const nodes = readThread(fd, size, selection);
  const start = Math.max(0, nodes.length - tail);
  const numbers = new PromptNumbers();
  const before = messagesOf(
    fd,
    size,
    nodes.slice(0, start).filter(mayBePrompt),
    { ...selection, brief: true },
    numbers,
  );
  while (before.next().done !== true);
  return { nodes: nodes.slice(start), numbers };
}

function fromPrompt(fd: number, size: number, selection: MessageSelection, from: number): Selected {
  const nodes = readThread(fd, size, selection);
  const numbers = new PromptNumbers();
  const candidates = nodes.filter(mayBePrompt);
  for (const { node, message } of messagesOf(fd, size, candidates, { ...selection, brief: true }, numbers)) {
    if (message.kind !== 'prompt' || message.prompt !== from) continue;
    numbers.takeBack(node.uuid);
    return { nodes: nodes.slice(nodes.indexOf(node)), numbers };
  }
  throw missingPrompt(from, numbers.last, selection);
}

function missingPrompt(wanted: number, prompts: number, { which, sidechains }: MessageSelection): CcsessError {
  const where =
    sidechains === true ? 'the subagent' : which === 'all' ? 'the session' : 'the active branch of the session';
  const known = prompts === 0 ? 'it has no prompts' : `its prompts are numbered 1 to ${prompts}`;
  return new CcsessError('NOT_FOUND', `${where} has no prompt ${wanted}.`, { hint: known });
}

/** Returns false for answers and results, nearly all of a transcript's bytes. */
export function mayBePrompt(node: SkeletonNode): boolean {
  return node.type !== 'assistant' && !node.isToolResult;
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
    timestamp: timestampOf(entry['timestamp']),
    model: node.type === 'assistant' ? asString(asEntry(entry['message'])?.['model']) : null,
    text: content
      .map((block) => blockText(block, kind))
      .filter((text) => text !== '')
      .join('\n'),
    content: content as ContentBlock[],
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
function timestampOf(value: unknown): string | null {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT/.test(value)) return null;
  const time = Date.parse(value);
  if (Number.isNaN(time)) return null;
  return value.length === 24 && value.endsWith('Z') ? value : new Date(time).toISOString();
}
