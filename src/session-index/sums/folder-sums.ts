import { lstatSync, type Stats } from 'node:fs';
import { basename, dirname, sep } from 'node:path';
import { footprint, sessionRoots, sideFolderOf, type IdArtifacts } from '../../claude/layout.js';
import type { AgentFile, FolderStamp, TranscriptFile } from '../../claude/model.js';
import { scannedFolder } from '../../claude/scan/known-folder.js';
import { sortedNames, statOrNull } from '../../system/stat.js';
import { ownUid } from '../../system/system.js';

/** Number of regular files in a folder, and their bytes. */
export interface FolderSum {
  files: number;
  bytes: number;
}

/**
 * Remembered sums of the user's folders in which Claude Code writes each file once, so that a sum holds while no name
 * is added or removed. A file that another program changes in place is not noticed, so sums serve only to show sizes.
 */
export interface FolderSums {
  /** Returns the sum of a folder in this state; undefined if it is not known. */
  find(path: string, stamp: FolderStamp): FolderSum | undefined;
  /** Remembers a sum, unless the folder changed so recently that its mtime does not show later changes. */
  keep(path: string, stamp: FolderStamp, sum: FolderSum): void;
}

/** Number and bytes of the files in a folder, subagents' transcripts included. */
export interface RememberedSum {
  files: number;
  bytes: number;
  agents: readonly AgentFile[];
}

/**
 * Returns the sum of a session's tool results, file history or `subagents`, in which each file but the transcripts is
 * written once; null for any other folder, and for one with anything but plain files of the user or with transcripts
 * that are not in `agents`. `stats` are those of the folder just now; `agents` are all subagents of the session.
 */
export function rememberedSum(
  path: string,
  stats: Stats,
  agents: readonly AgentFile[],
  sums: FolderSums,
): RememberedSum | null {
  if (!isOfSums(path)) return null;
  const inside = agentsIn(path, agents);
  const others = sums.find(path, stats) ?? addUp(path, stats, inside, sums);
  return others === null ? null : withAgents(others, inside);
}

/** As `rememberedSum`, for a folder whose state the scan has just read; null as well if no sum is remembered. */
export function scannedSum(
  path: string,
  stamp: FolderStamp,
  agents: readonly AgentFile[],
  sums: FolderSums,
): RememberedSum | null {
  const others = isOfSums(path) ? sums.find(path, stamp) : undefined;
  return others === undefined ? null : withAgents(others, agentsIn(path, agents));
}

/** As `scannedSum`, for a folder of tool results, whose state the scan does not read; null for any other folder. */
export function toolResultsSum(path: string, sums: FolderSums): RememberedSum | null {
  const stats = path.endsWith(TOOL_RESULTS) ? folderStats(path) : null;
  return stats === null ? null : scannedSum(path, stats, NONE, sums);
}

/**
 * Returns true if a session's side folder is a folder of the user's own. Reads nothing if that is remembered and the
 * scan found the folder unchanged.
 */
export function isOwnSideFolder(file: TranscriptFile, sums: FolderSums): boolean {
  const path = sideFolderOf(file);
  const scanned = scannedFolder(file, path);
  if (scanned !== undefined && sums.find(path, scanned) !== undefined) return true;
  const stats = folderStats(path);
  if (stats?.uid !== ownUid()) return false;
  // Files in it may be written again, so this sum only records the owner.
  if (sums.find(path, stats) === undefined) sums.keep(path, stats, NOTHING);
  return true;
}

const NOTHING: FolderSum = { files: 0, bytes: 0 };

function agentsIn(path: string, agents: readonly AgentFile[]): readonly AgentFile[] {
  return path.endsWith(SUBAGENTS) ? agents.filter((agent) => isDirectlyIn(path, agent.path)) : NONE;
}

function withAgents({ files, bytes }: FolderSum, agents: readonly AgentFile[]): RememberedSum {
  return { files: files + agents.length, bytes: agents.reduce((sum, { stamp }) => sum + stamp.size, bytes), agents };
}

function isOfSums(path: string): boolean {
  return path.endsWith(SUBAGENTS) || path.endsWith(TOOL_RESULTS) || basename(dirname(path)) === 'file-history';
}

const SUBAGENTS = `${sep}subagents`;
const TOOL_RESULTS = `${sep}tool-results`;
const NONE: readonly AgentFile[] = [];

function isDirectlyIn(folder: string, path: string): boolean {
  return path.lastIndexOf(sep) === folder.length && path.startsWith(folder);
}

/** Adds up the files of a folder except the given agents, and remembers the sum; null if it would not hold. */
function addUp(path: string, stats: Stats, inside: readonly AgentFile[], sums: FolderSums): FolderSum | null {
  if (stats.uid !== ownUid()) return null;
  const agents = new Set(inside.map((agent) => agent.path));
  const sum: FolderSum = { files: 0, bytes: 0 };
  for (const name of sortedNames(path)) {
    const file = statOrNull(path + sep + name);
    if (file === null || !isPlainFile(file)) return null;
    if (agents.has(path + sep + name)) continue;
    if (name.endsWith('.jsonl')) return null;
    sum.files += 1;
    sum.bytes += file.size;
  }
  sums.keep(path, stats, sum);
  return sum;
}

/** Returns the bytes of a session as `footprint` counts them, but with remembered sums of folders. */
export function footprintBytes(file: TranscriptFile, idArtifacts: IdArtifacts, sums: FolderSums): number {
  if (file.sideEntries.length === 0 && file.agents.length === 0 && idArtifacts.rootsOf(file).length === 0)
    return file.stamp.size;
  let bytes = 0;
  const counted = new Set<string>();
  const { agents } = file;
  // Remembers the owner of the side folder, which plans need.
  if (file.sideEntries.length > 0) isOwnSideFolder(file, sums);
  const roots = sessionRoots(file, idArtifacts);
  for (const { path } of roots) {
    const sum = isOfSums(path) ? sumOf(path, file, agents, sums) : null;
    if (sum === null) continue;
    counted.add(path);
    bytes += sum.bytes;
  }
  const hasMore = roots.some(({ part, path }) => part !== 'transcript' && !counted.has(path));
  return bytes + (hasMore ? footprint(file, idArtifacts, counted).bytes : file.stamp.size);
}

function sumOf(
  path: string,
  file: TranscriptFile,
  agents: readonly AgentFile[],
  sums: FolderSums,
): RememberedSum | null {
  const stamp = scannedFolder(file, path);
  const scanned = stamp === undefined ? null : scannedSum(path, stamp, agents, sums);
  if (scanned !== null) return scanned;
  const stats = folderStats(path);
  return stats === null ? null : rememberedSum(path, stats, agents, sums);
}

function folderStats(path: string): Stats | null {
  try {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    return stats?.isDirectory() === true ? stats : null;
  } catch {
    return null;
  }
}

function isPlainFile(stats: Stats): boolean {
  return stats.isFile() && stats.nlink === 1 && stats.uid === ownUid();
}
