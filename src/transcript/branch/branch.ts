import { applyCompactions } from './compaction.js';
import { EntryTree } from './entry-tree.js';
import { withParallelCalls } from './parallel-calls.js';
import type { SkeletonNode } from '../skeleton.js';
import { WrittenBefore } from './written-before.js';

/** The active branch as far as the given nodes show it. */
export interface Branch {
  /** Root first. */
  nodes: SkeletonNode[];
  /** Nodes that follow one from the other; the rest are calls and results that were put back. */
  chain: SkeletonNode[];
  /** The branch continues, or may continue, with entries that were not given: earlier lines of the file. */
  isOpen: boolean;
}

/** Choices of `activeBranch`. */
export interface BranchOptions {
  /** All entries of the file are there, so that a missing parent is damage and not a matter of reading on. */
  whole: boolean;
  /** A subagent's transcript: its entries are sidechains, and yet its conversation. */
  sidechains?: boolean;
  /** The uuid that the last `last-prompt` entry names as the tip (`readLeaf`); null if none does. */
  leaf?: string | null;
}

type Found<T> = T | 'unknown';

/**
 * The conversation that Claude Code resumes: from the tip back to its root or to the last compaction (docs/storage.md,
 * "Active branch"). Calls and results next to that chain are put back behind their response. `nodes` is in file order.
 */
export function activeBranch(nodes: readonly SkeletonNode[], options: BranchOptions): Branch {
  const { whole, sidechains = false, leaf = null } = options;
  const tree = new EntryTree(nodes, { sidechains, whole });
  const isComplete = applyCompactions(tree);
  const tip = whole || isComplete ? tipOf(tree, leaf, whole) : 'unknown';
  if (tip === 'unknown') return { nodes: [], chain: [], isOpen: true };
  const { chain, isOpen } = walk(tree, tip, whole);
  if (!whole && leadsBeforeBoundary(tree, chain)) return { nodes: [], chain: [], isOpen: true };
  const main = tree.nodes.filter((node) => sidechains || !node.isSidechain);
  return { nodes: withParallelCalls(chain, main), chain, isOpen };
}

/** The entry that a resume continues from; `unknown` if only earlier lines can say. */
function tipOf(tree: EntryTree, leaf: string | null, whole: boolean): Found<SkeletonNode | undefined> {
  const last = lastWritten(tree, whole);
  if (leaf === null || last === 'unknown' || last === undefined) return last;
  const named = tree.get(leaf);
  if (named === undefined) return whole ? last : 'unknown';
  if (!tree.isMain(named)) return last;
  const isBelowMessage = hasMessageAbove(tree, named, whole);
  if (isBelowMessage === 'unknown') return 'unknown';
  const isBehind = isBelowMessage && leadsTo(tree, last, named, whole);
  if (isBehind === 'unknown') return 'unknown';
  return isBelowMessage && !isBehind ? named : last;
}

/** The last entry of the file that is a message or follows one. */
function lastWritten(tree: EntryTree, whole: boolean): Found<SkeletonNode | undefined> {
  const { nodes } = tree;
  for (let position = nodes.length - 1; position >= 0; position -= 1) {
    const node = nodes[position];
    if (node === undefined || !tree.isMain(node)) continue;
    const isBelowMessage = hasMessageAbove(tree, node, whole);
    if (isBelowMessage === 'unknown') return 'unknown';
    if (isBelowMessage) return node;
  }
  // Bookkeeping alone: the last of it is the best guess.
  return whole ? nodes.findLast((node) => tree.isMain(node)) : 'unknown';
}

function hasMessageAbove(tree: EntryTree, node: SkeletonNode, whole: boolean): Found<boolean> {
  if (isMessage(node)) return true;
  const { chain, isWhole } = tree.ancestry(node);
  return chain.some(isMessage) || (isWhole || whole ? false : 'unknown');
}

function isMessage({ type }: SkeletonNode): boolean {
  return type === 'user' || type === 'assistant';
}

/** True if `named` is on the way from `last` to its root; for a tool result, if its response is. */
function leadsTo(tree: EntryTree, last: SkeletonNode, named: SkeletonNode, whole: boolean): Found<boolean> {
  const { chain, isWhole } = tree.ancestry(last);
  if (chain.includes(named)) return true;
  if (!whole && !isWhole) return 'unknown';
  return named.isToolResult && withParallelCalls(chain, tree.nodes).includes(named);
}

/** From the tip to its root, or to the first compaction boundary on the way; the chain comes root first. */
function walk(
  tree: EntryTree,
  tip: SkeletonNode | undefined,
  whole: boolean,
): { chain: SkeletonNode[]; isOpen: boolean } {
  const chain = new Set<SkeletonNode>();
  let isOpen = false;
  let before: WrittenBefore | null = null;
  for (let node = tip; node !== undefined; ) {
    chain.add(node);
    before?.visit(node);
    if (node.compact !== null || tree.parentUuid(node) === null) break;
    const parent = tree.parent(node);
    if (parent !== undefined && !chain.has(parent)) {
      node = parent;
      continue;
    }
    if (!whole) {
      isOpen = true;
      break;
    }
    if (before === null) {
      before = new WrittenBefore(tree);
      for (const visited of chain) before.visit(visited);
    }
    node = before.find(node);
  }
  return { chain: [...chain].reverse(), isOpen };
}

/** True if a branch holds entries from before the last boundary, which an earlier compaction may have dropped. */
function leadsBeforeBoundary(tree: EntryTree, chain: readonly SkeletonNode[]): boolean {
  const position = tree.nodes.findLastIndex((node) => node.compact !== null && tree.isMain(node));
  if (position < 0) return false;
  const earlier = new Set(tree.nodes.slice(0, position));
  return chain.some((node) => earlier.has(node));
}
