import { lstatSync } from 'node:fs';
import { sep } from 'node:path';
import { folderStamp, isStableStamp } from './known-folder.js';
import type { AgentFile, ListedFolder, TranscriptFile } from '../model.js';
import type { Problem } from '../../system/problem.js';
import { agentFile, listEntries } from './scan-entries.js';

/** Contents of a session's side folder. */
export interface Side extends Pick<TranscriptFile, 'agents' | 'sideEntries'> {
  /** All listed folders, beginning with the side folder; null if their state cannot be relied on yet. */
  folders: readonly ListedFolder[] | null;
}

/**
 * Returns the names in a session's side folder and its subagents with their stamps; nothing if it is not a folder.
 * `path` is the project dir with a separator at its end; folders changed just before `nowMs` are not remembered (null:
 * none are).
 */
export function readSideFolder(path: string, id: string, nowMs: number | null, problems: Problem[]): Side {
  const stamp = folderStamp(path + id, lstatSync);
  if (stamp === null) return { agents: [], sideEntries: [], folders: null };
  const folders: ListedFolder[] = [{ path: id, stamp }];
  const entries = listEntries(path + id, problems);
  const sideEntries = entries.map((entry) => entry.name);
  const agents: AgentFile[] = [];
  if (entries.some((entry) => entry.name === 'subagents' && entry.isDirectory())) {
    collectAgents(path, id + sep + 'subagents', { agents, folders, problems });
  }
  const canRemember = nowMs !== null && folders.every((folder) => isStableStamp(folder.stamp, nowMs));
  return { agents, sideEntries, folders: canRemember ? folders : null };
}

/** Results collected below a side folder. */
interface Found {
  agents: AgentFile[];
  folders: ListedFolder[];
  problems: Problem[];
}

/** Collects the subagents below a folder; those of workflows are in folders of their own. */
function collectAgents(path: string, folder: string, found: Found): void {
  // Read before the listing, so that a file added in between shows as a change.
  const stamp = folderStamp(path + folder, lstatSync);
  if (stamp === null) return;
  found.folders.push({ path: folder, stamp });
  for (const entry of listEntries(path + folder, found.problems)) {
    const below = folder + sep + entry.name;
    if (entry.isDirectory()) {
      collectAgents(path, below, found);
      continue;
    }
    const file = agentFile(path + below, entry.name, found.problems);
    if (file !== null) found.agents.push(file);
  }
}
