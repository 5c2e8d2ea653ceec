import { activeBranch } from '../../transcript/branch/branch.js';
import type { SkeletonNode } from '../../transcript/skeleton.js';

/**
 * Returns the parent of each entry of a fork, in the same order; null for the root. Entries of `chain` follow one
 * another, whatever was left out between them; parallel calls and results keep their own parent. If this would not be
 * read back as the same conversation (a damaged parent), each entry follows the one before it.
 */
export function linksOf(nodes: readonly SkeletonNode[], chain: readonly SkeletonNode[]): (SkeletonNode | null)[] {
  const own = ownLinks(nodes, new Set(chain));
  return isReadBack(nodes, own) ? own : nodes.map((_, at) => nodes[at - 1] ?? null);
}

function ownLinks(nodes: readonly SkeletonNode[], inChain: ReadonlySet<SkeletonNode>): (SkeletonNode | null)[] {
  const byUuid = new Map<string | null | undefined, SkeletonNode>();
  let lastOfChain: SkeletonNode | null = null;
  let last: SkeletonNode | null = null;
  const links: (SkeletonNode | null)[] = [];
  for (const node of nodes) {
    links.push(inChain.has(node) ? lastOfChain : (byUuid.get(node.parentUuid) ?? last));
    byUuid.set(node.uuid, node);
    if (inChain.has(node)) lastOfChain = node;
    last = node;
  }
  return links;
}

function isReadBack(nodes: readonly SkeletonNode[], links: readonly (SkeletonNode | null)[]): boolean {
  const linked = nodes.map((node, at) => ({ ...node, parentUuid: links[at]?.uuid ?? null, isSidechain: false }));
  const read = activeBranch(linked, { whole: true }).nodes;
  return read.length === linked.length && read.every((node, at) => node === linked[at]);
}
