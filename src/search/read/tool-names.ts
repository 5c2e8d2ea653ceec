import { EntryReader } from '../../transcript/entry-reader.js';
import { asEntry, asString, contentBlocks, type Entry } from '../../transcript/messages/classify.js';
import type { SkeletonNode } from '../../transcript/skeleton.js';

/** Looks up which tool a result is of: its call is in an earlier entry. */
export class ToolNames {
  readonly #fd: number;
  readonly #size: number;
  readonly #nodes: readonly SkeletonNode[];
  #byUuid: Map<string, SkeletonNode> | null = null;
  #reader: EntryReader | null = null;

  constructor(fd: number, size: number, nodes: readonly SkeletonNode[]) {
    this.#fd = fd;
    this.#size = size;
    this.#nodes = nodes;
  }

  /** Null if the call is not among the nodes. */
  ofResult(node: SkeletonNode, toolUseId: string | null): string | null {
    this.#byUuid ??= new Map(this.#nodes.map((one) => [one.uuid, one]));
    for (const uuid of [node.toolAssistant, node.parentUuid]) {
      const call = this.#byUuid.get(uuid ?? '');
      if (call?.type !== 'assistant') continue;
      this.#reader ??= new EntryReader(this.#fd, this.#size);
      const entry = this.#reader.readBrief(call).entries[call.index];
      const name = entry === undefined ? null : toolOf(entry, toolUseId);
      if (name !== null) return name;
    }
    return null;
  }
}

function toolOf(entry: Entry, toolUseId: string | null): string | null {
  const call = contentBlocks(entry)
    .map(asEntry)
    .find((block) => block?.['id'] === toolUseId);
  return asString(call?.['name']);
}
