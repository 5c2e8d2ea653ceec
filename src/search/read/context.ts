import { EntryReader } from '../../transcript/entry-reader.js';
import { messagesOf } from '../../transcript/messages/messages.js';
import type { SkeletonNode } from '../../transcript/skeleton.js';
import { maskSecrets } from '../../redaction/mask-secrets.js';
import type { ContextMessage } from '../model.js';
import { partsOf, type PartKind } from '../text/parts.js';
import { snippetOf } from '../text/snippet.js';

/** Kinds of parts that context shows; results, thinking and notes are left out. */
const SHOWN: readonly PartKind[] = ['prompt', 'answer', 'tool'];

/** Finds the messages around a match. */
export class Surroundings {
  readonly #read: (node: SkeletonNode) => ContextMessage | null;
  readonly #nodes: readonly SkeletonNode[];
  readonly #positions: ReadonlyMap<SkeletonNode, number>;
  /** Numbers of the prompts of some nodes; a number applies to all nodes after it, up to the next prompt. */
  readonly #prompts = new Map<SkeletonNode, number>();
  readonly #messages = new Map<SkeletonNode, ContextMessage | null>();

  /** `nodes` are those of the conversation, in order. */
  constructor(
    fd: number,
    size: number,
    nodes: readonly SkeletonNode[],
    options: { redact: boolean; sidechains: boolean },
  ) {
    const { redact, sidechains } = options;
    this.#nodes = nodes;
    this.#positions = new Map(nodes.map((node, at) => [node, at]));
    const reader = new EntryReader(fd, size);
    this.#read = (node) => {
      for (const { message, entry } of messagesOf(fd, size, [node], { sidechains }, undefined, reader)) {
        const part = partsOf(message, entry).find(({ kind }) => SHOWN.includes(kind));
        if (part === undefined) return null;
        const text = redact ? maskSecrets(part.text) : part.text;
        const snippet = snippetOf(text, { ranges: [], closest: [0, 0] }).text;
        const { uuid: messageUuid, role, timestamp } = message;
        return {
          kind: part.kind,
          prompt: this.#promptOf(node),
          messageUuid,
          role,
          tool: part.tool,
          timestamp,
          snippet,
        };
      }
      return null;
    };
  }

  /** Stores the number of the prompt that a node belongs to. */
  setPrompt(node: SkeletonNode, prompt: number): void {
    this.#prompts.set(node, prompt);
  }

  /** Returns at most `count` messages before a node and at most `count` after it, in their order. */
  around(node: SkeletonNode, count: number): { before: ContextMessage[]; after: ContextMessage[] } {
    return { before: this.#next(node, -1, count).reverse(), after: this.#next(node, 1, count) };
  }

  #next(node: SkeletonNode, step: 1 | -1, count: number): ContextMessage[] {
    const found: ContextMessage[] = [];
    const start = this.#positions.get(node) ?? NaN;
    for (let at = start + step; found.length < count && at >= 0 && at < this.#nodes.length; at += step) {
      const message = this.#message(this.#nodes[at]);
      if (message !== null) found.push(message);
    }
    return found;
  }

  #message(node: SkeletonNode | undefined): ContextMessage | null {
    if (node === undefined || node.isToolResult) return null;
    let message = this.#messages.get(node);
    if (message === undefined) this.#messages.set(node, (message = this.#read(node)));
    return message;
  }

  #promptOf(node: SkeletonNode): number {
    for (let at = this.#positions.get(node) ?? -1; at >= 0; at -= 1) {
      const known = this.#nodes[at];
      const prompt = known === undefined ? undefined : this.#prompts.get(known);
      if (prompt !== undefined) return prompt;
    }
    return 0;
  }
}
