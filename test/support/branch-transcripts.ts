import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './built.js';

/**
 * A hand-made transcript, and the part of it that Claude Code sent when it was resumed: texts, and calls and results by
 * id.
 */
interface BranchTranscript {
  id: string;
  sent: string[];
}

/** The transcripts of fixtures/branches by name. */
export function branchTranscripts(): Record<string, BranchTranscript> {
  return (
    JSON.parse(readFileSync(join(root, 'fixtures/branches/sent.json'), 'utf8')) as {
      transcripts: Record<string, BranchTranscript>;
    }
  ).transcripts;
}

export function branchTranscriptPath(name: string): string {
  return join(root, 'fixtures/branches', `${name}.jsonl`);
}

/**
 * Returns content blocks in the form of `sent`. The results of one response are sorted, since Claude Code sends them in
 * the order of their calls.
 */
export function partsOf(content: readonly unknown[]): string[] {
  const parts = content.map((part) => {
    if (typeof part === 'string') return part;
    const block = part as { type: string; text?: string; id?: string; tool_use_id?: string };
    if (block.type === 'tool_use') return `call:${block.id ?? ''}`;
    return block.type === 'tool_result' ? `result:${block.tool_use_id ?? ''}` : (block.text ?? '');
  });
  const isResult = (part: string | undefined): boolean => part?.startsWith('result:') === true;
  for (let start = 0; start < parts.length; start += 1) {
    if (!isResult(parts[start])) continue;
    let end = start;
    while (isResult(parts[end])) end += 1;
    parts.splice(start, end - start, ...parts.slice(start, end).sort());
    start = end;
  }
  return parts;
}
