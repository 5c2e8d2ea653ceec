const AGENT_FILE = /^agent-(.+)\.jsonl$/;

/** The subagent whose transcript has such a name; null for any other name. */
export function agentIdOf(name: string): string | null {
  return AGENT_FILE.exec(name)?.[1] ?? null;
}
