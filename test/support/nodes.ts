import type { SkeletonNode } from '../../src/transcript/skeleton.js';

/**
 * A short form of an entry: `node('a1', 'u1')`. Letters say what it is: u, a, r (tool result), s, p (progress), t
 * (attachment).
 */
export function node(
  uuid: string,
  parentUuid: string | null | undefined,
  members: Partial<SkeletonNode> = {},
): SkeletonNode {
  const types = { u: 'user', r: 'user', a: 'assistant', s: 'system', p: 'progress', t: 'attachment' } as const;
  const type = types[uuid[0] as keyof typeof types];
  return {
    ...{ uuid, parentUuid, type, isSidechain: false, messageId: type === 'assistant' ? `msg-${uuid}` : null },
    ...{
      isToolResult: uuid.startsWith('r'),
      toolAssistant: null,
      compact: null,
      isSummary: false,
      timeMs: NaN,
      isQueuedCommand: false,
      isExpansion: false,
      isExpanded: false,
      large: null,
    },
    ...{ start: 0, end: 0, index: 0 },
    ...members,
    uuid,
    parentUuid,
  };
}
