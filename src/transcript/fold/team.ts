import { asString } from '../messages/classify.js';
import type { FoldEntry } from './fold-entry.js';
import { cutText } from './prompt-fold.js';

/** Number of entries that are searched for a team, which every entry of a teammate's session names. */
export const TEAM_ENTRIES = 2;
const TEAM_NAME = Buffer.from('"teamName"');

/**
 * Returns the team and agent name in a teammate's entry; null for any other entry, such as a leader's, which names no
 * agent.
 */
export function teamOf(entry: FoldEntry): { name: string; agent: string } | null {
  if (!entry.includes(TEAM_NAME)) return null;
  const { teamName, agentName } = entry.parse();
  const [name, agent] = [asString(teamName), asString(agentName)];
  return name && agent ? { name: cutText(name), agent: cutText(agent) } : null;
}
