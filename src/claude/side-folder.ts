import { lstatSync } from 'node:fs';
import { sep } from 'node:path';
import type { AgentFile, ConfigDir, FolderStamp, Problem, SideListing, TranscriptFile } from './model.js';
import { agentFile, list } from './scan-entries.js';

/** The side folders an earlier scan has seen. */
export interface SideMemory {
  recall(configDir: ConfigDir, projectDir: string, id: string): SideListing | undefined;
  /** Now, in milliseconds since the epoch. */
  nowMs: number;
}

/**
 * A folder changed within the last moments may change again without its times showing it (their steps are some
 * milliseconds): what it holds is not worth remembering yet.
 */
const SETTLED_MS = 2000;

type Side = Pick<TranscriptFile, 'agents' | 'sideEntries' | 'sideListing'>;

/**
 * A session's side folder: its names, and its subagents with their stamps; nothing if it is no folder. With a memory, folders whose state is the
 * remembered one are not listed again: two `stat` instead of two listings, which take six times as long.
 */
export function readSideFolder(folder: string, known: SideListing | undefined, nowMs: number | null, problems: Problem[]): Side {
  const stamp = folderStamp(folder);
  if (stamp === null) return { agents: [], sideEntries: [] };
  if (known !== undefined && isSame(stamp, known.folder)) {
    const agents = recalledAgents(folder, known, problems);
    if (agents !== null) return { agents, sideEntries: known.entries, sideListing: known };
  }
  const entries = list(folder, problems);
  const sideEntries = entries.map((entry) => entry.name);
  const below = folder + sep + 'subagents';
  if (!entries.some((entry) => entry.name === 'subagents' && entry.isDirectory())) {
    const sideListing = isSettled(stamp, nowMs) ? { folder: stamp, entries: sideEntries, subagents: null, agents: [] } : undefined;
    return { agents: [], sideEntries, sideListing };
  }
  const subagents = nowMs === null ? null : folderStamp(below);
  const agents: AgentFile[] = [];
  const nested = collectAgents(below, agents, problems);
  if (nested || !isSettled(stamp, nowMs) || !isSettled(subagents, nowMs)) return { agents, sideEntries };
  const names = agents.map(({ path }) => path.slice(below.length + 1));
  return { agents, sideEntries, sideListing: { folder: stamp, entries: sideEntries, subagents, agents: names } };
}

function recalledAgents(folder: string, known: SideListing, problems: Problem[]): AgentFile[] | null {
  if (known.subagents === null) return [];
  const below = folder + sep + 'subagents';
  const stamp = folderStamp(below);
  if (stamp === null || !isSame(stamp, known.subagents)) return null;
  return known.agents.flatMap((name) => agentFile(below + sep + name, name, problems) ?? []);
}

/** Subagents below a folder, those of workflows in folders of their own; true if there was such a folder. */
function collectAgents(folder: string, agents: AgentFile[], problems: Problem[]): boolean {
  let nested = false;
  for (const entry of list(folder, problems)) {
    const path = folder + sep + entry.name;
    if (entry.isDirectory()) {
      nested = true;
      collectAgents(path, agents, problems);
      continue;
    }
    const file = agentFile(path, entry.name, problems);
    if (file !== null) agents.push(file);
  }
  return nested;
}

function folderStamp(path: string): FolderStamp | null {
  try {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    return stats === undefined || !stats.isDirectory() ? null : { mtimeMs: stats.mtimeMs, ctimeMs: stats.ctimeMs, ino: stats.ino };
  } catch {
    return null;
  }
}

function isSame(a: FolderStamp, b: FolderStamp): boolean {
  return a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs && a.ino === b.ino;
}

function isSettled(stamp: FolderStamp | null, nowMs: number | null): stamp is FolderStamp {
  return stamp !== null && nowMs !== null && Math.max(stamp.mtimeMs, stamp.ctimeMs) < nowMs - SETTLED_MS;
}
