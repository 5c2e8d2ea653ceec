import { applyCompactions } from './compaction.js';
import { EntryTree } from './entry-tree.js';
import { withParallelCalls } from './parallel-calls.js';
import type { SkeletonNode } from '../skeleton.js';
import { WrittenBefore } from './written-before.js';

/** The active branch, as far as the given nodes determine it. */
export interface Branch {
  /** All nodes of the branch, root first. */
  nodes: SkeletonNode[];
  /** Nodes that are linked by their parents, without the parallel calls and results added to `nodes`. */
  chain: SkeletonNode[];
  /** The branch continues, or may continue, in earlier lines of the file that were not given. */
  isOpen: boolean;
}

/** Options of `activeBranch`. */
export interface BranchOptions {
  /** All entries of the file are given, so that a missing parent is damage and not an entry still to be read. */
  whole: boolean;
  /** The transcript is a subagent's, whose conversation consists of sidechain entries. */
  sidechains?: boolean;
  /** The uuid that the last `last-prompt` entry names as the tip (`readLeaf`); null if there is none. */
  leaf?: string | null;
}

/** A result that may depend on earlier lines. */
type Uncertain<T> = T | 'unknown';

/**
 * Returns the conversation that Claude Code resumes: from the tip back to the root or the last compaction, with
 * parallel calls and results after their response (docs/storage.md, "Active branch"). `nodes` is in file order.
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

/** Returns the entry that a resume continues from; `unknown` if it depends on earlier lines. */
function tipOf(tree: EntryTree, leaf: string | null, whole: boolean): Uncertain<SkeletonNode | undefined> {
  const written = lastWritten(tree, whole);
  if (written === 'unknown' || written === undefined) return written;
  const last = newestBelow(tree, written);
  if (leaf === null) return last;
  const named = tree.get(leaf);
  if (named === undefined) return whole ? last : 'unknown';
  if (!tree.isMain(named)) return last;
  const isBelowMessage = hasMessageAbove(tree, named, whole);
  if (isBelowMessage === 'unknown') return 'unknown';
  const isBehind = isBelowMessage && leadsTo(tree, last, named, whole);
  if (isBehind === 'unknown') return 'unknown';
  return isBelowMessage && !isBehind ? named : last;
}

/** Returns the last entry of the file that is a message or descends from one. */
function lastWritten(tree: EntryTree, whole: boolean): Uncertain<SkeletonNode | undefined> {
  const { nodes } = tree;
  for (let position = nodes.length - 1; position >= 0; position -= 1) {
    const node = nodes[position];
    if (node === undefined || !tree.isMain(node)) continue;
    const isBelowMessage = hasMessageAbove(tree, node, whole);
    if (isBelowMessage === 'unknown') return 'unknown';
    if (isBelowMessage) return node;
  }
  // There is only bookkeeping: its last entry is the best guess.
  return whole ? nodes.findLast((node) => tree.isMain(node)) : 'unknown';
}

/**
 * Returns the newest entry below the last one of the file if it is newer, as where that repeats an earlier entry; else
 * the last one.
 */
function newestBelow(tree: EntryTree, last: SkeletonNode): SkeletonNode {
  if (!tree.nodes.some((node) => node !== last && tree.parentUuid(node) === last.uuid)) return last;
  const below = new Map<string, SkeletonNode[]>();
  for (const node of tree.nodes) {
    const parent = tree.parentUuid(node) ?? '';
    const siblings = below.get(parent);
    if (siblings === undefined) below.set(parent, [node]);
    else siblings.push(node);
  }
  const depths = new Map([[last, 0]]);
  for (const [node, depth] of depths)
    for (const child of below.get(node.uuid) ?? []) if (!depths.has(child)) depths.set(child, depth + 1);
  let newest = last;
  for (const node of tree.nodes) {
    const depth = depths.get(node);
    if (depth === undefined || !tree.isMain(node) || !(node.timeMs > last.timeMs)) continue;
    // Of entries of one time the deepest is the newest.
    const isDeeper = depth >= (depths.get(newest) ?? 0);
    if (newest === last || node.timeMs > newest.timeMs || (node.timeMs === newest.timeMs && isDeeper)) newest = node;
  }
  return newest;
}

function hasMessageAbove(tree: EntryTree, node: SkeletonNode, whole: boolean): Uncertain<boolean> {
  if (isMessage(node)) return true;
  const { chain, isWhole } = tree.ancestry(node);
  return chain.some(isMessage) || (isWhole || whole ? false : 'unknown');
}

function isMessage({ type }: SkeletonNode): boolean {
  return type === 'user' || type === 'assistant';
}

/** True if `named` is an ancestor of `last`, or a tool result of a response that is. */
function leadsTo(tree: EntryTree, last: SkeletonNode, named: SkeletonNode, whole: boolean): Uncertain<boolean> {
  const { chain, isWhole } = tree.ancestry(last);
  if (chain.includes(named)) return true;
  if (!whole && !isWhole) return 'unknown';
  return named.isToolResult && withParallelCalls(chain, tree.nodes).includes(named);
}

/** Walks from the tip to its root, or to the first compaction boundary; returns the chain with the root first. */
function walk(
  tree: EntryTree,
  tip: SkeletonNode | undefined,
  whole: boolean,
): { chain: SkeletonNode[]; isOpen: boolean } {
  const chain = new Set<SkeletonNode>();
  let isOpen = false;
  let before: WrittenBefore | null = null;
  // Notes of progress are skipped, so a parent that is missing above one is missing to the entry below.
  let below = tip;
  for (let node = tip; node !== undefined; ) {
    chain.add(node);
    if (node.type !== 'progress') below = node;
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
    node = below !== undefined && tree.isMain(below) ? before.find(below) : undefined;
  }
  return { chain: [...chain].reverse(), isOpen };
}

/** True if a branch has entries from before the last boundary, which an earlier compaction may have dropped. */
function leadsBeforeBoundary(tree: EntryTree, chain: readonly SkeletonNode[]): boolean {
  const position = tree.nodes.findLastIndex((node) => node.compact !== null && tree.isMain(node));
  if (position < 0) return false;
  const earlier = new Set(tree.nodes.slice(0, position));
  return chain.some((node) => earlier.has(node));
}
