import { asEntry, asString } from '../messages/classify.js';
import type { EntryTree } from './entry-tree.js';
import type { SkeletonNode } from '../skeleton.js';

/** Entries that a compaction preserved, in order, and the entry (its summary) after which they are inserted. */
interface PreservedEntries {
  anchor: SkeletonNode;
  entries: readonly SkeletonNode[];
}

/**
 * Applies the compactions of a transcript to its tree as Claude Code does: preserved entries are moved after the
 * summary, and entries before the last boundary are dropped if any compaction preserved entries. Returns false if a
 * boundary names entries that are not in the tree and could change what follows the last boundary.
 */
export function applyCompactions(tree: EntryTree): boolean {
  const boundaries = tree.nodes.filter((node) => node.compact !== null && tree.isMain(node));
  const last = boundaries.at(-1);
  if (last === undefined) return true;
  let preserved: PreservedEntries | null = null;
  let preservesAny = false;
  const unresolved: SkeletonNode[] = [];
  for (const boundary of boundaries) {
    preserved = preservedBy(tree, boundary);
    if (preserved === null) {
      if (namesEntries(boundary)) unresolved.push(boundary);
      continue;
    }
    preservesAny = true;
    relink(tree, preserved);
  }
  const kept = preserved?.entries ?? [];
  const isComplete =
    !unresolved.includes(last) &&
    !hasAnchorOf(unresolved, [...tree.nodes.slice(tree.nodes.indexOf(last)), ...kept], tree);
  if (preservesAny) dropBefore(tree, last, kept);
  return isComplete;
}

/** True if one of the nodes is, or follows, the anchor of a boundary, after which preserved entries belong. */
function hasAnchorOf(boundaries: readonly SkeletonNode[], nodes: readonly SkeletonNode[], tree: EntryTree): boolean {
  const anchors = new Set(boundaries.map(anchorOf).filter((anchor) => anchor !== null));
  if (anchors.size === 0) return false;
  return nodes.some((node) => anchors.has(node.uuid) || anchors.has(tree.parentUuid(node) ?? ''));
}

function anchorOf({ compact }: SkeletonNode): string | null {
  const messages = asEntry(compact?.['preservedMessages']);
  const segment = asEntry(compact?.['preservedSegment']);
  return asString(messages?.['anchorUuid']) ?? asString(segment?.['anchorUuid']);
}

function namesEntries({ compact }: SkeletonNode): boolean {
  return asEntry(compact?.['preservedMessages']) !== null || asEntry(compact?.['preservedSegment']) !== null;
}

/** Returns the entries that a boundary preserves; null if there are none or some are missing. */
function preservedBy(tree: EntryTree, { compact }: SkeletonNode): PreservedEntries | null {
  const messages = asEntry(compact?.['preservedMessages']);
  const segment = asEntry(compact?.['preservedSegment']);
  const find = (uuid: unknown): SkeletonNode | undefined => (typeof uuid === 'string' ? tree.get(uuid) : undefined);
  const uuids = Array.isArray(messages?.['uuids']) ? (messages['uuids'] as unknown[]) : [];
  const isList = uuids.length > 0;
  const anchor = find(asString((isList ? messages : segment)?.['anchorUuid']));
  const found = isList ? uuids.map(find) : segmentOf(tree, find(segment?.['headUuid']), find(segment?.['tailUuid']));
  const entries = found.filter((node) => node !== undefined);
  return anchor === undefined || entries.length === 0 || entries.length < found.length ? null : { anchor, entries };
}

/** Returns the entries from `head` to `tail`; none if they are not connected. */
function segmentOf(tree: EntryTree, head: SkeletonNode | undefined, tail: SkeletonNode | undefined): SkeletonNode[] {
  if (head === undefined || tail === undefined) return [];
  const { chain } = tree.ancestry(tail);
  const end = chain.indexOf(head);
  return end < 0 ? [] : chain.slice(0, end + 1).reverse();
}

/** Inserts preserved entries between the anchor and the entries that followed it. */
function relink(tree: EntryTree, { anchor, entries }: PreservedEntries): void {
  const tail = entries.at(-1)?.uuid ?? anchor.uuid;
  const kept = new Set(entries);
  for (const node of tree.nodes) {
    if (tree.parentUuid(node) === anchor.uuid && !kept.has(node)) tree.relink(node, tail);
  }
  let parent = anchor;
  for (const node of entries) {
    tree.relink(node, parent.uuid);
    parent = node;
  }
}

/**
 * Drops the entries before a boundary, except those it preserved. Children of dropped entries become children of the
 * last preserved entry.
 */
function dropBefore(tree: EntryTree, boundary: SkeletonNode, kept: readonly SkeletonNode[]): void {
  const dropped = new Set(tree.nodes.slice(0, tree.nodes.indexOf(boundary)));
  for (const node of kept) dropped.delete(node);
  const tail = kept.at(-1);
  if (tail !== undefined) {
    for (const node of tree.nodes) {
      const parent = dropped.has(node) || node === boundary ? undefined : tree.parent(node);
      if (parent !== undefined && dropped.has(parent)) tree.relink(node, tail.uuid);
    }
  }
  tree.drop(dropped);
}
