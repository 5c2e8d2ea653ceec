import { asEntry, asString, contentBlocks, type Entry } from '../../transcript/classify.js';

/** What the entries of a fork call for: tool calls by id, subagents and workflow runs by the names their results give. */
export class Calls {
  readonly toolUses = new Set<string>();
  readonly agents = new Set<string>();
  readonly runs = new Set<string>();

  /** Notes what one entry calls for. */
  note(entry: Entry): void {
    if (entry['type'] === 'assistant') {
      for (const block of contentBlocks(entry)) add(this.toolUses, asEntry(block)?.['id']);
    }
    const result = asEntry(entry['toolUseResult']);
    add(this.agents, result?.['agentId']);
    add(this.runs, result?.['runId']);
  }
}

function add(set: Set<string>, value: unknown): void {
  const text = asString(value);
  if (text !== null) set.add(text);
}
