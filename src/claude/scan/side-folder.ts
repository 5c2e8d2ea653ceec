import { lstatSync } from 'node:fs';
import { sep } from 'node:path';
import { folderStamp, isSettled } from './known-folder.js';
import type { AgentFile, ListedFolder, TranscriptFile } from '../model.js';
import type { Problem } from '../../system/problem.js';
import { agentFile, list } from './scan-entries.js';

/** Contents of a session's side folder. */
export interface Side extends Pick<TranscriptFile, 'agents' | 'sideEntries'> {
  /** Every folder that was listed, beginning with the side folder; null while they cannot be relied on. */
  folders: readonly ListedFolder[] | null;
}

/**
 * Returns the side folder of a session: its names, and its subagents with their stamps; nothing if it is not a folder.
 * `path` is that of the project dir, with a separator at its end. Folders that changed just before `nowMs` are not
 * remembered (null: none are).
 */
export function readSideFolder(path: string, id: string, nowMs: number | null, problems: Problem[]): Side {
  const stamp = folderStamp(path + id, lstatSync);
  if (stamp === null) return { agents: [], sideEntries: [], folders: null };
  const folders: ListedFolder[] = [{ path: id, stamp }];
  const entries = list(path + id, problems);
  const sideEntries = entries.map((entry) => entry.name);
  const agents: AgentFile[] = [];
  if (entries.some((entry) => entry.name === 'subagents' && entry.isDirectory())) {
    collectAgents(path, id + sep + 'subagents', { agents, folders, problems });
  }
  const isLasting = nowMs !== null && folders.every((folder) => isSettled(folder.stamp, nowMs));
  return { agents, sideEntries, folders: isLasting ? folders : null };
}

/** Findings below a side folder. */
interface Found {
  agents: AgentFile[];
  folders: ListedFolder[];
  problems: Problem[];
}

/** Subagents below a folder, those of workflows in folders of their own. */
function collectAgents(path: string, folder: string, found: Found): void {
  // Read before the listing, so that a file added meanwhile shows as a change.
  const stamp = folderStamp(path + folder, lstatSync);
  if (stamp === null) return;
  found.folders.push({ path: folder, stamp });
  for (const entry of list(path + folder, found.problems)) {
    const below = folder + sep + entry.name;
    if (entry.isDirectory()) {
      collectAgents(path, below, found);
      continue;
    }
    const file = agentFile(path + below, entry.name, found.problems);
    if (file !== null) found.agents.push(file);
  }
}
