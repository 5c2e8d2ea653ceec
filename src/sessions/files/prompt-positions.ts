import { withFile } from '../../transcript/lines.js';
import { messagesOf } from '../../transcript/messages/messages.js';
import { readActiveBranch } from '../../transcript/messages/tail.js';

/** Numbers of the prompts on the active branch of a transcript, by message and by time. */
export interface PromptPositions {
  /** The number of the prompt that a message answers; null outside the active branch and before the first prompt. */
  ofMessage(uuid: string | null): number | null;
  /** Number of the last prompt sent up to a time; null before the first. */
  atTime(timeMs: number | null): number | null;
}

/** Reads the prompt numbers of a transcript. Throws Node's error if it cannot be read. */
export function readPromptPositions(path: string): PromptPositions {
  return withFile(path, (fd, size) => {
    const { nodes } = readActiveBranch(fd, size);
    const candidates = nodes.filter(
      ({ type, isToolResult, isQueuedCommand }) => (type === 'user' && !isToolResult) || isQueuedCommand,
    );
    const numbers = new Map<string, number>();
    const times: { timeMs: number; number: number }[] = [];
    for (const { message, node } of messagesOf(fd, size, candidates, { brief: true })) {
      if (message.kind !== 'prompt') continue;
      numbers.set(node.uuid, message.prompt);
      if (!Number.isNaN(node.timeMs)) times.push({ timeMs: node.timeMs, number: message.prompt });
    }
    const byMessage = new Map<string, number>();
    let last = 0;
    for (const { uuid } of nodes) byMessage.set(uuid, (last = numbers.get(uuid) ?? last));
    return {
      ofMessage: (uuid) => (uuid === null ? null : (byMessage.get(uuid) ?? 0) || null),
      atTime: (moment) => (moment === null ? null : (times.findLast(({ timeMs }) => timeMs <= moment)?.number ?? null)),
    };
  });
}
