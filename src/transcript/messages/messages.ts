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

/** Selects messages of a transcript. With both `head` and `tail`, the first ones of the tail are selected. */
export interface MessageSelection extends Thread {
  /** Maximum number of messages from the start. */
  head?: number;
  /**
   * Maximum number of messages from the end, where the file is read. Prompts are then numbered from the first one
   * selected.
   */
  tail?: number;
  /** Number the prompts of a tail as in the whole thread, which must be read for it. */
  numbersTail?: boolean;
  /** Start at the prompt with this number; cannot be combined with `tail`. */
  from?: number;
  /** Do not parse large tool results: their messages have `large` instead of content. */
  brief?: boolean;
  /** Cut long texts of lines over 1 MiB. */
  isCut?: boolean;
}

/** A message with its entry, for facts that only the entry has (`toolUseResult`). */
export interface MessageEntry {
  message: SessionMessage;
  entry: Entry;
  node: SkeletonNode;
  /** Facts about a large tool result that was not parsed. */
  large: LargeResult | null;
  /** The entry's own bytes, valid until the next step; null if the entry was not read or its line is damaged. */
  text: ByteSource | null;
}

/**
 * Yields the messages of one transcript in order, with one in memory at a time; damaged lines are skipped. The file is
 * open from the first step until the end, or until the caller stops; throws Node's error if it cannot be read.
 */
export async function* readMessages(path: string, selection: MessageSelection): AsyncGenerator<SessionMessage> {
  for (const { message } of readMessageEntries(path, selection)) yield message;
}

/**
 * Yields messages as `readMessages`, with their entries and synchronously. Throws NOT_FOUND if there is no prompt with
 * the number `from`.
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
 * Yields the messages of nodes of an open transcript of that size. `numbers` numbers the prompts, after those it has
 * already.
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
    // A subagent's task is not a prompt of the main conversation, and a repeated entry is the same prompt.
    if (message.kind === 'prompt' && (sidechains === true || !node.isSidechain)) {
      if (numbers.add(node.uuid)) message.prompt = numbers.last;
    }
    yield { message, entry, node, large: null, text };
  }
}

/** The selected nodes, and the numbers of the prompts before them. */
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

/** False for answers and results, which make up nearly all of a transcript. */
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

/** Returns the text of one block or of a tool result; empty for thinking, calls and images. */
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

/** Returns the time as ISO 8601 in UTC with milliseconds; null if it cannot be read. */
function timestampOf(value: unknown): string | null {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT/.test(value)) return null;
  const time = Date.parse(value);
  if (Number.isNaN(time)) return null;
  return value.length === 24 && value.endsWith('Z') ? value : new Date(time).toISOString();
}
