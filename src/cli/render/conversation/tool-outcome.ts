import { asEntry, asString, type Entry } from '../../../transcript/messages/classify.js';
import type { LargeResult } from '../../../transcript/messages/large-result.js';
import { exitCodeOf, spilledBytes, toolResultText } from '../../../transcript/messages/tool-result.js';
import type { ToolOutcome } from './tool-line.js';

/** Returns the outcomes in a tool-result entry, with the ids of their calls. */
export function outcomesOf(entry: Entry, content: readonly unknown[]): [id: string, outcome: ToolOutcome][] {
  const results = content.map(asEntry).filter((block) => block?.['type'] === 'tool_result');
  // The structured result belongs to the only block of a line; with several blocks it cannot be assigned.
  const details = results.length === 1 ? asEntry(entry['toolUseResult']) : null;
  return results.flatMap((block): [string, ToolOutcome][] => {
    if (block === null) return [];
    const text = toolResultText(block);
    const inner = Array.isArray(block['content']) ? (block['content'] as unknown[]) : [];
    const outcome: ToolOutcome = {
      images: inner.filter((part) => asEntry(part)?.['type'] === 'image'),
      isError: block['is_error'] === true,
      exitCode: block['is_error'] === true ? exitCodeOf(text) : null,
      text,
      bytes: spilledBytes(details) ?? Buffer.byteLength(text),
      isWhole: spilledBytes(details) === null,
      details,
      isDenied:
        entry['toolDenialKind'] !== undefined || /^The user doesn't want to (?:proceed|take this action)/.test(text),
    };
    return [[asString(block['tool_use_id']) ?? '', outcome]];
  });
}

/** Returns the outcome of a large result, which was not parsed. */
export function largeOutcome({ toolUseId, isError, exitCode, bytes }: LargeResult): [id: string, outcome: ToolOutcome] {
  return [
    toolUseId,
    {
      isError,
      exitCode: isError ? exitCode : null,
      text: null,
      bytes,
      isWhole: true,
      details: null,
      isDenied: false,
      images: [],
    },
  ];
}
