import type { SkeletonNode } from '../skeleton.js';

/**
 * Returns the chain with the parallel tool calls of its responses and their results, which its parent links bypass.
 * They follow the last entry of their response in the chain.
 */
export function withParallelCalls(chain: SkeletonNode[], all: readonly SkeletonNode[]): SkeletonNode[] {
  const inChain = new Set(chain);
  const offChain = all.filter((node) => (node.isToolResult || node.messageId !== null) && !inChain.has(node));
  if (offChain.length === 0) return chain;
  const lastOfResponse = new Map<string, SkeletonNode>();
  for (const node of chain) if (node.messageId !== null) lastOfResponse.set(node.messageId, node);
  const responseOf = new Map<string, string>();
  for (const node of all) {
    if (node.messageId !== null && lastOfResponse.has(node.messageId)) responseOf.set(node.uuid, node.messageId);
  }
  const missing = new Map<SkeletonNode, SkeletonNode[]>();
  for (const node of offChain) {
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
