import { lstatSync, type Stats } from 'node:fs';
import { basename, dirname, sep } from 'node:path';
import { footprint, sessionRoots, type Shelves } from '../../claude/layout.js';
import type { FolderStamp, TranscriptFile } from '../../claude/model.js';
import { sortedNames, statOrNull } from '../../system/look.js';
import { ownUid } from '../../system/system.js';

/** Regular files in a folder, their bytes, and the newest of their modification times in milliseconds. */
export interface FolderSum {
  files: number;
  bytes: number;
  newestMs: number;
}

/**
 * Sums of folders in which Claude Code writes each file once: they hold while no name came or went. A file that
 * something else changes in place is not noticed, so they serve for sizes that are shown, not for what is moved.
 */
export interface FolderSums {
  /** The sum of a folder in this state; undefined if it is not known. */
  find(path: string, stamp: FolderStamp): FolderSum | undefined;
  /** Remembers a sum, unless the folder changed within the last moments. */
  keep(path: string, stamp: FolderStamp, sum: FolderSum): void;
}

/**
 * Returns true for the path of a folder of one session with files that are written once: its tool results, or its
 * folder of file history.
 */
export function isWriteOnceFolder(path: string): boolean {
  return basename(path) === 'tool-results' || basename(dirname(path)) === 'file-history';
}

/**
 * Returns the sum of a folder that holds nothing but regular files of the user, each under one name; null for any
 * other, whose files must be looked at one by one. `stats` are those of the folder just now; paths in `except` are not
 * part of the sum.
 */
export function folderSum(
  path: string,
  stats: FolderStamp,
  sums: FolderSums,
  except: ReadonlySet<string> = NONE,
): FolderSum | null {
  const known = sums.find(path, stats);
  if (known !== undefined) return known;
  const sum: FolderSum = { files: 0, bytes: 0, newestMs: 0 };
  for (const name of sortedNames(path)) {
    if (except.has(path + sep + name)) continue;
    const file = statOrNull(path + sep + name);
    if (file === null || !isPlainFile(file)) return null;
    sum.files += 1;
    sum.bytes += file.size;
    sum.newestMs = Math.max(sum.newestMs, file.mtimeMs);
  }
  sums.keep(path, stats, sum);
  return sum;
}

/** Returns the bytes of a session as `footprint` counts them, with remembered sums of what is written once. */
export function footprintBytes(file: TranscriptFile, shelves: Shelves, sums: FolderSums): number {
  if (file.sideEntries.length === 0 && file.agents.length === 0 && shelves.rootsOf(file).length === 0)
    return file.stamp.size;
  let bytes = 0;
  const counted = new Set<string>();
  for (const { part, path } of sessionRoots(file, shelves)) {
    if (!isWriteOnceFolder(path) && part !== 'subagents') continue;
    const stats = lookAtFolder(path);
    if (stats === null) continue;
    // The scan has just looked at the transcripts of subagents; what is next to them is written once.
    const agents = file.agents.filter((agent) => dirname(agent.path) === path);
    const sum = folderSum(path, stats, sums, agents.length === 0 ? NONE : new Set(agents.map((agent) => agent.path)));
    if (sum === null) continue;
    counted.add(path);
    bytes += agents.reduce((total, { stamp }) => total + stamp.size, sum.bytes);
  }
  return bytes + footprint(file, shelves, counted).bytes;
}

const NONE: ReadonlySet<string> = new Set();

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
