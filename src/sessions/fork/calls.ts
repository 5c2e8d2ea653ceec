import { asEntry, asString, contentBlocks, type Entry } from '../../transcript/messages/classify.js';

/** Names that entries call by, in the order they came. */
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
  takeFresh(): string[] {
    const fresh = this.#fresh;
    this.#fresh = [];
    return fresh;
  }
}

/**
 * References in the entries of a fork: tool calls by id, subagents and workflow runs by the names their results give.
 */
export class Calls {
  readonly toolUses = new Names();
  readonly agents = new Names();
  readonly runs = new Names();

  /** Notes what one entry calls for. */
  note(entry: Entry): void {
    if (entry['type'] === 'assistant') {
      for (const block of contentBlocks(entry)) this.toolUses.add(asEntry(block)?.['id']);
    }
    const result = asEntry(entry['toolUseResult']);
    this.agents.add(result?.['agentId']);
    this.runs.add(result?.['runId']);
  }
}
