import type { Calls } from './calls.js';

/** A subagent's transcript, and its caller according to its meta file. */
export interface Subagent {
  id: string;
  path: string;
  /** Below the side folder. */
  relativePath: string;
  /** The tool call that started it, and the subagent that made this call; null if unknown. */
  toolUse: string | null;
  parent: string | null;
}

/**
 * Yields the subagents that `calls` refer to, each once. The caller may add the references of one to `calls` before it
 * asks for the next.
 */
export function* calledAgents(agents: readonly Subagent[], calls: Calls): Generator<Subagent> {
  const byId = groupedBy(agents, ({ id }) => id);
  const byParent = groupedBy(agents, ({ parent: caller }) => caller);
  const byToolUse = groupedBy(agents, ({ toolUse, parent: caller }) => (caller === null ? toolUse : null));
  const taken = new Set<Subagent>();
  let next = agents.filter(({ toolUse, parent: caller }) => toolUse === null && caller === null);
  for (;;) {
    const called = [
      ...next,
      ...calls.agents.takeNew().flatMap((id) => byId.get(id) ?? []),
      ...calls.toolUses.takeNew().flatMap((id) => byToolUse.get(id) ?? []),
    ];
    if (called.length === 0) return;
    next = [];
    for (const agent of called) {
      if (taken.has(agent)) continue;
      taken.add(agent);
      yield agent;
      for (const child of byParent.get(agent.id) ?? []) next.push(child);
    }
  }
}

function groupedBy(agents: readonly Subagent[], keyOf: (agent: Subagent) => string | null): Map<string, Subagent[]> {
  const groups = new Map<string, Subagent[]>();
  for (const agent of agents) {
    const key = keyOf(agent);
    if (key === null) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [agent]);
    else group.push(agent);
  }
  return groups;
}
