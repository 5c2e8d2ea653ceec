import { asEntry, asString, promptText, type Entry } from '../messages/classify.js';
import { MAX_LINE_BYTES, readLines, withFile } from '../lines.js';
import { activeBranch } from '../branch/branch.js';
import { readLeaf } from '../branch/leaf.js';
import { messagesOf, type MessageEntry } from '../messages/messages.js';
import { PromptNumbers } from '../messages/prompt-numbers.js';
import type { LineScanner } from '../scanner/scanner.js';
import { readSkeleton, wholeEntry, type SkeletonNode } from '../skeleton.js';
import { PromptQueue, type QueuedPrompt } from './undelivered.js';

/** A prompt of a transcript, on the active branch or not. */
export interface TranscriptPrompt {
  uuid: string;
  text: string;
  timeMs: number | null;
  /** The number that `show` and `fork --at` use; null outside the active branch. */
  number: number | null;
  /** True if a fork copied the prompt from the session in which it was typed. */
  isInherited: boolean;
  /**
   * The session it was copied from, if the copy has another uuid, as in forks of the Agent SDK; else null. They also
   * give the last entry a new time.
   */
  renamedFrom: string | null;
}

/** The prompts of a transcript in file order, each uuid once, and those that were queued but never delivered. */
export interface TranscriptPrompts {
  prompts: TranscriptPrompt[];
  undelivered: readonly QueuedPrompt[];
}

const QUEUE_OPERATION = Buffer.from('"queue-operation"');
/** Maximum position of an entry's type, which Claude Code writes first. */
const MAX_TYPE_POSITION = 256;

/** A message that may be a prompt and may deliver a queued text. */
interface SentMessage extends Omit<TranscriptPrompt, 'number'> {
  isPrompt: boolean;
  /** Offset of its line. */
  start: number;
}

/**
 * Reads every prompt of a transcript, including abandoned branches and compacted messages. Damaged lines are skipped;
 * throws Node's error if the file cannot be read.
 */
export function readTranscriptPrompts(path: string, scanner: LineScanner | null): TranscriptPrompts {
  return withFile(path, (fd, size) => {
    const nodes = readSkeleton(fd, { start: 0, end: size }, scanner);
    const sent = [...sentMessages(messagesOf(fd, size, nodes.filter(mayBePrompt), {}))];
    const prompts = new Map(sent.filter(({ isPrompt }) => isPrompt).map((prompt) => [prompt.uuid, prompt]));
    const numbers = new PromptNumbers();
    const numbered = new Map<string, number>();
    for (const { uuid } of activeBranch(nodes, { whole: true, leaf: readLeaf(fd, size) }).nodes)
      if (prompts.has(uuid) && numbers.add(uuid)) numbered.set(uuid, numbers.last);
    return {
      prompts: [...prompts.values()].map(({ uuid, text, timeMs, isInherited, renamedFrom }) => ({
        uuid,
        text,
        timeMs,
        number: numbered.get(uuid) ?? null,
        isInherited,
        renamedFrom,
      })),
      undelivered: undeliveredOf(fd, sent),
    };
  });
}

function* sentMessages(messages: Iterable<MessageEntry>): Generator<SentMessage> {
  for (const { message, entry, node } of messages) {
    const text = promptText(entry);
    yield {
      uuid: node.uuid,
      text: text === '' ? message.text : text,
      timeMs: Number.isNaN(node.timeMs) ? null : node.timeMs,
      ...originOf(entry),
      isPrompt: message.kind === 'prompt',
      start: node.start,
    };
  }
}

function originOf(entry: Entry): Pick<TranscriptPrompt, 'isInherited' | 'renamedFrom'> {
  const origin = asEntry(entry['forkedFrom']);
  const isRenamed = origin !== null && origin['messageUuid'] !== entry['uuid'];
  return { isInherited: origin !== null, renamedFrom: isRenamed ? asString(origin['sessionId']) : null };
}

function mayBePrompt(node: SkeletonNode): boolean {
  if (node.isSidechain || node.isToolResult || node.isSummary) return false;
  return node.type === 'user' || node.isQueuedCommand;
}

function undeliveredOf(fd: number, sent: readonly SentMessage[]): readonly QueuedPrompt[] {
  const queue = new PromptQueue();
  let next = 0;
  for (const { bytes, start } of readLines(fd, { limit: MAX_LINE_BYTES })) {
    for (let item = sent[next]; item !== undefined && item.start <= start; item = sent[++next])
      queue.deliver(item.text, item.isPrompt);
    if (!bytes.subarray(0, MAX_TYPE_POSITION).includes(QUEUE_OPERATION)) continue;
    const entry = wholeEntry(bytes);
    if (entry?.['type'] === 'queue-operation') queue.follow(entry);
  }
  return queue.undelivered;
}
