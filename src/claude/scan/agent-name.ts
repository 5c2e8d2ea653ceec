const AGENT_FILE = /^agent-(.+)\.jsonl$/;

/** Returns the id of the subagent whose transcript has this file name; null for any other name. */
export function agentIdOf(name: string): string | null {
  return AGENT_FILE.exec(name)?.[1] ?? null;
}
