import { asString } from '../messages/classify.js';
import type { FoldEntry } from './fold-entry.js';
import { cut } from './prompt-fold.js';

/** Number of entries that are searched for a team: every entry of a team mate's session names it. */
export const TEAM_ENTRIES = 2;
const TEAM_NAME = Buffer.from('"teamName"');

/** Returns the team that a team mate's entry names; null for any other entry. A leader's entry names no agent. */
export function teamOf(entry: FoldEntry): { name: string; agent: string } | null {
  if (!entry.includes(TEAM_NAME)) return null;
  const { teamName, agentName } = entry.parse();
  const [name, agent] = [asString(teamName), asString(agentName)];
  return name && agent ? { name: cut(name), agent: cut(agent) } : null;
}
