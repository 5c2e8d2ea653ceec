import { asEntry, asString } from './messages/classify.js';
import type { SkeletonNode } from './skeleton.js';

/** The active branch as far as the given nodes show it. */
export interface Branch {
  /** Root first. */
  nodes: SkeletonNode[];
  /** Those of `nodes` that follow one from the other; the rest are calls and results that were put back beside them. */
  chain: SkeletonNode[];
  /** It goes on, or may go on, with entries that were not given: earlier lines of the file. */
  isOpen: boolean;
}

/** Choices of `activeBranch`. */
export interface BranchOptions {
  /** All entries of the file are there, so that a missing parent is damage and not a matter of reading on. */
  whole: boolean;
  /** A subagent's transcript: its entries are sidechains, and yet its conversation. */
  sidechains?: boolean;
}

/**
 * What a resume shows: the chain from the last written leaf back to its root (docs/storage.md). Results of parallel
 * tool calls, which lie on side branches, are put back behind their calls; what a compaction preserved stands behind
 * its summary. Of entries with one uuid the last counts. Where a parent is missing, the conversation goes on with what
 * was written last before. Cycles end the chain. `nodes` is in file order and stays as it is.
 */
export function activeBranch(nodes: readonly SkeletonNode[], options: BranchOptions): Branch {
  const tree = new Tree(nodes.filter((node) => options.sidechains === true || !node.isSidechain));
  for (const node of tree.nodes) {
    const rethreaded = node.compact === null || tree.rethread(node.compact);
    if (!rethreaded && !options.whole) return { nodes: [], chain: [], isOpen: true };
  }
  const { chain, isOpen } = tree.walk(tree.leaf(options.whole), options.whole);
  return { nodes: withParallelCalls(chain, tree.nodes), chain, isOpen };
}

/** The entries of one thread with their parents, as a compaction may have changed them. */
class Tree {
  /** One a uuid, in file order. */
  readonly nodes: SkeletonNode[];
  readonly #byUuid: ReadonlyMap<string, SkeletonNode>;
  /** Parents that a compaction changed. */
  readonly #rethreaded = new Map<SkeletonNode, string>();

  constructor(nodes: readonly SkeletonNode[]) {
    const byUuid = new Map<string, SkeletonNode>();
    for (const node of nodes) byUuid.set(node.uuid, node);
    this.#byUuid = byUuid;
    this.nodes = byUuid.size === nodes.length ? [...nodes] : nodes.filter((node) => byUuid.get(node.uuid) === node);
  }

  /** Puts what a compaction kept behind its anchor, the summary. False if parts of it are not here. */
  rethread(compact: Readonly<Record<string, unknown>>): boolean {
    const messages = asEntry(compact['preservedMessages']);
    const segment = asEntry(compact['preservedSegment']);
    if (messages === null && segment === null) return true;
    const uuids = Array.isArray(messages?.['uuids']) ? messages['uuids'] : [];
    if (uuids.length > 0 && this.#splice(asString(messages?.['anchorUuid']), uuids, uuids)) return true;
    const ends = [segment?.['headUuid'], segment?.['tailUuid']];
    return this.#splice(asString(segment?.['anchorUuid']), ends, ends.slice(0, 1));
  }

  /** `kept` goes between the anchor and its children; of these, `linked` become a chain of their own. */
  #splice(anchorUuid: string | null, kept: unknown[], linked: unknown[]): boolean {
    const nodes = kept.map((uuid) => (typeof uuid === 'string' ? this.#byUuid.get(uuid) : undefined));
    const anchor = anchorUuid === null ? undefined : this.#byUuid.get(anchorUuid);
    const tail = nodes.at(-1);
    if (anchor === undefined || tail === undefined || nodes.includes(undefined)) return false;
    for (const node of this.nodes) {
      if (this.#parentUuid(node) === anchor.uuid && !nodes.includes(node)) this.#rethreaded.set(node, tail.uuid);
    }
    let parent = anchor.uuid;
    for (const node of nodes.slice(0, linked.length)) {
      if (node === undefined) continue;
      this.#rethreaded.set(node, parent);
      parent = node.uuid;
    }
    return true;
  }

  /** The newest entry without a child that belongs to a message; undefined if only earlier lines can tell. */
  leaf(whole: boolean): SkeletonNode | undefined {
    const parents = new Set<string | null | undefined>();
    for (const node of this.nodes) if (node.type !== 'progress') parents.add(this.#parentUuid(node));
    let newest: SkeletonNode | undefined;
    for (let position = this.nodes.length - 1; position >= 0; position -= 1) {
      const leaf = this.nodes[position];
      if (leaf === undefined || leaf.type === 'progress' || parents.has(leaf.uuid)) continue;
      const found = this.#messageAbove(leaf);
      if (found === 'message' || (found === 'unknown' && whole)) return leaf;
      if (found === 'unknown') return undefined;
      newest ??= leaf;
    }
    // Bookkeeping alone, or nothing but cycles: the last thing written is the best guess.
    return newest ?? this.nodes.findLast((node) => node.type !== 'progress');
  }

  /** Whether a message lies at or above an entry; `unknown` where a parent is missing. */
  #messageAbove(leaf: SkeletonNode): 'message' | 'none' | 'unknown' {
    const seen = new Set<SkeletonNode>();
    for (let node = leaf; !seen.has(node); ) {
      if (node.type === 'user' || node.type === 'assistant') return 'message';
      seen.add(node);
      const parent = this.#parent(node);
      if (parent === undefined) return this.#parentUuid(node) === null ? 'none' : 'unknown';
      node = parent;
    }
    return 'none';
  }

  /** From a leaf to its root; the chain comes root first. */
  walk(leaf: SkeletonNode | undefined, whole: boolean): { chain: SkeletonNode[]; isOpen: boolean } {
    const chain: SkeletonNode[] = [];
    const seen = new Set<SkeletonNode>();
    let node = leaf;
    let isOpen = leaf === undefined && !whole;
    while (node !== undefined && !seen.has(node)) {
      seen.add(node);
      chain.push(node);
      if (this.#parentUuid(node) === null) break;
      const next = this.#parent(node);
      if (next === undefined && !whole) {
        isOpen = true;
        break;
      }
      node = next ?? this.#writtenBefore(node, seen);
    }
    return { chain: chain.reverse(), isOpen };
  }

  #parent(node: SkeletonNode): SkeletonNode | undefined {
    const parent = this.#parentUuid(node);
    return typeof parent === 'string' ? this.#byUuid.get(parent) : undefined;
  }

  #parentUuid(node: SkeletonNode): string | null | undefined {
    return this.#rethreaded.get(node) ?? node.parentUuid;
  }

  /** The conversation as it stood before an entry whose parent is missing. */
  #writtenBefore(node: SkeletonNode, seen: ReadonlySet<SkeletonNode>): SkeletonNode | undefined {
    for (let position = this.nodes.indexOf(node) - 1; position >= 0; position -= 1) {
      const earlier = this.nodes[position];
      if (earlier !== undefined && earlier.type !== 'progress' && !seen.has(earlier)) return earlier;
    }
    return undefined;
  }
}

/** A response with several tool calls is a chain of lines, each with its result beside the chain: puts them back. */
function withParallelCalls(chain: SkeletonNode[], all: readonly SkeletonNode[]): SkeletonNode[] {
  const inChain = new Set(chain);
  const beside = all.filter((node) => (node.isToolResult || node.messageId !== null) && !inChain.has(node));
  if (beside.length === 0) return chain;
  const lastOfResponse = new Map<string, SkeletonNode>();
  for (const node of chain) if (node.messageId !== null) lastOfResponse.set(node.messageId, node);
  const responseOf = new Map<string, string>();
  for (const node of all) {
    if (node.messageId !== null && lastOfResponse.has(node.messageId)) responseOf.set(node.uuid, node.messageId);
  }
  const missing = new Map<SkeletonNode, SkeletonNode[]>();
  for (const node of beside) {
    const response = node.isToolResult
      ? (responseOf.get(node.toolAssistant ?? '') ?? responseOf.get(node.parentUuid ?? ''))
      : responseOf.get(node.uuid);
    const last = response === undefined ? undefined : lastOfResponse.get(response);
    if (last === undefined) continue;
    const group = missing.get(last);
    if (group === undefined) missing.set(last, [node]);
    else group.push(node);
  }
  return missing.size === 0 ? chain : chain.flatMap((node) => [node, ...(missing.get(node) ?? [])]);
}
