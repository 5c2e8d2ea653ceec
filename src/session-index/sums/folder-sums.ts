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
 * Sums of folders in which Claude Code writes each file once: they hold while no name came or went. Only folders of the
 * user's own have one. A file that something else changes in place is not noticed, so they serve for sizes that are
 * shown, not for what is moved.
 */
export interface FolderSums {
  /** The sum of a folder in this state; undefined if it is not known. */
  find(path: string, stamp: FolderStamp): FolderSum | undefined;
  /** Remembers a sum, unless the folder changed within the last moments. */
  keep(path: string, stamp: FolderStamp, sum: FolderSum): void;
}

/** The files of a folder: subagents' transcripts as the scan saw them, all else by its sum. */
export interface RememberedSum {
  files: number;
  bytes: number;
  agents: readonly AgentFile[];
}

/**
 * Returns the sum of a folder of one session in which each file is written once, but for the transcripts of subagents:
 * its tool results, its folder of file history, and `subagents`. Null for any other folder, and for one that holds
 * anything but regular files of the user, each under one name, or transcripts that the scan has not seen: their files
 * must be looked at one by one. `stats` are those of the folder just now; `agents` are all subagents of the session.
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

/** As `rememberedSum`, for a folder that the scan has just seen in this state; null also if nothing is remembered. */
export function scannedSum(
  path: string,
  stamp: FolderStamp,
  agents: readonly AgentFile[],
  sums: FolderSums,
): RememberedSum | null {
  const others = isOfSums(path) ? sums.find(path, stamp) : undefined;
  return others === undefined ? null : withAgents(others, agentsIn(path, agents));
}

/** As `scannedSum`, for a folder of tool results, which the scan does not look at; null for any other. */
export function toolResultsSum(path: string, sums: FolderSums): RememberedSum | null {
  const stats = path.endsWith(TOOL_RESULTS) ? lookAtFolder(path) : null;
  return stats === null ? null : scannedSum(path, stats, NONE, sums);
}

/**
 * True if a session's side folder is a folder of the user's own. Nothing is looked at if the scan has seen it unchanged
 * since the last look.
 */
export function isOwnSideFolder(file: TranscriptFile, sums: FolderSums): boolean {
  const path = sideFolderOf(file);
  const scanned = scannedFolder(file, path);
  if (scanned !== undefined && sums.find(path, scanned) !== undefined) return true;
  const stats = lookAtFolder(path);
  if (stats?.uid !== ownUid()) return false;
  // The files in it may be written again, so the sum says no more than whose folder it is.
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

/** Adds up the files of a folder but those of the given agents, and remembers the sum; null if it would not last. */
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

/** Returns the bytes of a session as `footprint` counts them, with remembered sums of what is written once. */
export function footprintBytes(file: TranscriptFile, idArtifacts: IdArtifacts, sums: FolderSums): number {
  if (file.sideEntries.length === 0 && file.agents.length === 0 && idArtifacts.rootsOf(file).length === 0)
    return file.stamp.size;
  let bytes = 0;
  const counted = new Set<string>();
  const { agents } = file;
  // For the plans that come later.
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
  const stats = lookAtFolder(path);
  return stats === null ? null : rememberedSum(path, stats, agents, sums);
}

function lookAtFolder(path: string): Stats | null {
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
