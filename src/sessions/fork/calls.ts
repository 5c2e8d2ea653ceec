import { asEntry, asString, contentBlocks, type Entry } from '../../transcript/messages/classify.js';

/** Names that entries refer to, in order of appearance. */
class Names {
  readonly #all = new Set<string>();
  #fresh: string[] = [];

  add(value: unknown): void {
    const name = asString(value);
    if (name === null || this.#all.has(name)) return;
    this.#all.add(name);
    this.#fresh.push(name);
  }

  has(name: string): boolean {
    return this.#all.has(name);
  }

  /** Returns the names added since the last call. */
  takeNew(): string[] {
    const fresh = this.#fresh;
    this.#fresh = [];
    return fresh;
  }
}

/**
 * References in the entries of a fork: ids of tool calls, and names of subagents and workflow runs in their results.
 */
export class Calls {
  readonly toolUses = new Names();
  readonly agents = new Names();
  readonly runs = new Names();

  /** Notes the references of one entry. */
  addFrom(entry: Entry): void {
    if (entry['type'] === 'assistant') {
      for (const block of contentBlocks(entry)) this.toolUses.add(asEntry(block)?.['id']);
    }
    const result = asEntry(entry['toolUseResult']);
    this.agents.add(result?.['agentId']);
    this.runs.add(result?.['runId']);
  }
}
