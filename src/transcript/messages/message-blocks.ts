import { closeSync, fstatSync } from 'node:fs';
import { statOrNull } from '../../system/stat.js';
import { openRegularFile } from '../lines.js';
import type { SkeletonNode } from '../skeleton.js';
import { mayBePrompt, messagesOf, type MessageEntry } from './messages.js';
import { lastMessages, readThread, threadSteps, type Thread } from './tail.js';

/** Number of messages after which a block ends at the next response; a prompt ends it earlier. */
const MIN_BLOCK = 32;
/** Maximum number of messages in a block. */
const MAX_BLOCK = 128;
/** Number of messages read at the end of a file that has grown. */
const GROWTH = 200;

/** Messages that are read together: from position `first` in the thread up to `end`. */
export interface MessageBlock {
  first: number;
  end: number;
  isPrompt: boolean;
  /** True if the block begins within a turn. */
  isContinued: boolean;
  /** True if the last turn continues in the next block. */
  isOpen: boolean;
}

/** Change of a transcript since it was last checked. */
export type FileChange = 'none' | 'grown' | 'replaced' | 'gone';

/**
 * A transcript's messages in blocks that are read on demand. Only positions are in memory; the file stays open, so that
 * it can be read after it was renamed or removed.
 */
export class MessageBlocks {
  #fd: number;
  #size: number;
  #nodes: SkeletonNode[] = [];
  /** Positions of prompts in the thread. */
  #prompts: number[] = [];
  #blocks: MessageBlock[] = [];
  #promptBlocks: number[] = [];
  #isWhole = false;

  /** Opens the transcript. Throws Node's error if it cannot be read. */
  constructor(
    readonly path: string,
    readonly thread: Thread,
  ) {
    const { fd, size } = openRegularFile(path);
    this.#fd = fd;
    this.#size = size;
  }

  get blocks(): readonly MessageBlock[] {
    return this.#blocks;
  }

  /** False while only the end of the thread is known, so that prompts have no numbers yet. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Size of the transcript when it was last checked. */
  get size(): number {
    return this.#size;
  }

  /** Positions of the blocks that begin with a prompt. */
  get promptBlocks(): readonly number[] {
    return this.#promptBlocks;
  }

  /** Reads the positions of the last `count` messages, or of all if there are fewer. */
  readEnd(count: number): void {
    const nodes = lastMessages(this.#fd, this.#size, this.thread, count);
    this.#isWhole = nodes.length < count;
    this.#replace(0, nodes);
  }

  /** Reads the positions of four times as many messages as are known. */
  readMore(): void {
    this.readEnd(Math.max(GROWTH, this.#nodes.length * 4));
  }

  /** Reads the positions of all messages. */
  readAll(): void {
    this.#isWhole = true;
    this.#replace(0, readThread(this.#fd, this.#size, this.thread));
  }

  /**
   * Reads the positions of all messages in steps of some megabytes; returns a function that stores them. Later writes
   * to the file are left to `refresh`.
   */
  *readAllSteps(): Generator<void, () => void> {
    const [fd, size] = [this.#fd, this.#size];
    const nodes = yield* threadSteps(fd, size, this.thread);
    const prompts: number[] = [];
    for (const found of promptsAmong(nodes, 0, messagesOf(fd, size, nodes.filter(mayBePrompt), this.#brief))) {
      if (found !== null) prompts.push(found);
      yield;
    }
    return () => {
      // The file was replaced and read again in the meantime.
      if (fd !== this.#fd) return;
      this.#size = size;
      this.#isWhole = true;
      this.#take(nodes, prompts);
    };
  }

  /** Returns the messages of a block, with long texts of very long lines cut; `brief` as in `MessageSelection`. */
  read(block: number, brief: boolean): MessageEntry[] {
    const { first, end } = this.#blocks[block] ?? { first: 0, end: 0 };
    return this.#read(
      Array.from({ length: end - first }, (_, at) => first + at),
      brief,
    );
  }

  /** The uuids of all messages in order, generated where an entry has none. */
  get uuids(): string[] {
    return this.#nodes.map(({ uuid }) => uuid);
  }

  /** Returns the messages whose uuids are not in `seen`, and adds them to it; long texts are cut as in `read`. */
  readUnseen(seen: Set<string>, brief: boolean): MessageEntry[] {
    const fresh = this.#nodes.flatMap((node, at) => (seen.has(node.uuid) ? [] : [at]));
    for (const at of fresh) seen.add(this.#nodes[at]?.uuid ?? '');
    return this.#read(fresh, brief);
  }

  /** Returns the block of the message whose line begins at `offset`; null if there is none. */
  blockAt(offset: number): number | null {
    const position = this.#nodes.findIndex(({ start }) => start === offset);
    const found = this.#blocks.findIndex(({ first, end }) => position >= first && position < end);
    return position < 0 || found < 0 ? null : found;
  }

  /** Checks the file again and reads what was added. After a change, messages may be in other blocks. */
  refresh(): FileChange {
    const now = statOrNull(this.path);
    const own = fstatSync(this.#fd);
    if (now === null && own.size === this.#size) return 'gone';
    if (now !== null && (now.ino !== own.ino || now.dev !== own.dev || own.size < this.#size)) return this.#reopen();
    if (own.size === this.#size) return 'none';
    this.#size = own.size;
    const added = lastMessages(this.#fd, this.#size, this.thread, GROWTH);
    const start = added[0]?.start;
    const at = this.#nodes.findLastIndex((node) => node.start === start);
    // The messages before the first added one are unchanged, since it descends from them.
    if (at >= 0) this.#replace(at, added);
    else if (this.#isWhole) this.readAll();
    else this.#replace(0, added);
    return 'grown';
  }

  /** Closes the file. */
  close(): void {
    closeSync(this.#fd);
  }

  #read(positions: readonly number[], brief: boolean): MessageEntry[] {
    const byNode = new Map(
      positions.flatMap((at): [SkeletonNode, number][] => (this.#nodes[at] ? [[this.#nodes[at], at]] : [])),
    );
    const entries = messagesOf(this.#fd, this.#size, byNode.keys(), { ...this.thread, brief, isCut: true });
    return Array.from(entries, (item) => ({
      ...item,
      message: { ...item.message, prompt: this.#numberAt(byNode.get(item.node) ?? 0) },
      text: null,
    }));
  }

  #reopen(): FileChange {
    try {
      const { fd, size } = openRegularFile(this.path);
      closeSync(this.#fd);
      this.#fd = fd;
      this.#size = size;
    } catch {
      return 'gone'; // removed between the two checks
    }
    this.readAll();
    return 'replaced';
  }

  get #brief(): Thread & { brief: true; isCut: true } {
    return { ...this.thread, brief: true, isCut: true };
  }

  #replace(from: number, nodes: readonly SkeletonNode[]): void {
    const prompts = this.#prompts.filter((position) => position < from);
    const messages = messagesOf(this.#fd, this.#size, nodes.filter(mayBePrompt), this.#brief);
    for (const found of promptsAmong(nodes, from, messages)) if (found !== null) prompts.push(found);
    this.#take(this.#nodes.slice(0, from).concat(nodes), prompts);
  }

  #take(nodes: SkeletonNode[], prompts: number[]): void {
    this.#nodes = nodes;
    this.#prompts = prompts;
    this.#blocks = blocksOf(nodes, new Set(prompts));
    this.#promptBlocks = this.#blocks.flatMap(({ isPrompt }, at) => (isPrompt ? [at] : []));
  }

  /** Number of the last prompt at or before a position. */
  #numberAt(position: number): number {
    let [low, high] = [0, this.#prompts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#prompts[middle] ?? 0) <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Yields the position of each message that is a prompt, and null for the others; the first message is at `from`. */
function* promptsAmong(
  nodes: readonly SkeletonNode[],
  from: number,
  messages: Iterable<MessageEntry>,
): Generator<number | null> {
  const positions = new Map(nodes.map((node, at) => [node, from + at]));
  let numbered = 0;
  for (const { message, node } of messages) {
    // A repeated entry has the number of the prompt before.
    const isNew = message.kind === 'prompt' && message.prompt > numbered;
    if (isNew) numbered = message.prompt;
    yield isNew ? (positions.get(node) ?? from) : null;
  }
}

/**
 * Cuts a thread into blocks at prompts and, if possible, before responses, so that calls stay together with their
 * results.
 */
function blocksOf(nodes: readonly SkeletonNode[], prompts: ReadonlySet<number>): MessageBlock[] {
  const blocks: MessageBlock[] = [];
  let first = 0;
  const end = (at: number): void => {
    if (at === first) return;
    const isOpen = at < nodes.length && !prompts.has(at);
    blocks.push({
      first,
      end: at,
      isPrompt: prompts.has(first),
      isContinued: blocks.at(-1)?.isOpen === true,
      isOpen,
    });
    first = at;
  };
  for (const [at, node] of nodes.entries()) {
    const before = nodes[at - 1];
    const beginsResponse =
      node.type === 'assistant' && (before?.type !== 'assistant' || before.messageId !== node.messageId);
    if (prompts.has(at) || (at - first >= MIN_BLOCK && beginsResponse) || at - first >= MAX_BLOCK) end(at);
  }
  end(nodes.length);
  return blocks;
}
