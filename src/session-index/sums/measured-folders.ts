import { lstatSync } from 'node:fs';
import { sep } from 'node:path';
import type { ConfigDir } from '../../claude/model.js';
import type { StoredFolder } from '../format/folders/stored-folder.js';
import { FILE_STAMP } from '../format/stamps.js';
import { sidesWith, type ScannedFolder } from '../refresh/scanned-folder.js';
import type { FolderSum, FolderSums } from './folder-sums.js';

/**
 * Sessions measured from the scan and from remembered sums, without an object for each. Members are indexed by position
 * in the index, or are lists of positions.
 */
export interface MeasuredSessions extends Measures {
  readonly folders: MeasuredFolder[];
  /** NaN if unknown. */
  readonly lastActivityMs: Float64Array;
  readonly prompts: Float64Array;
  /** Sessions without a prompt and an answer. */
  readonly empty: number[];
  readonly forked: number[];
  /** Sessions that are pinned or archived, or could not be read as a whole. */
  readonly marked: number[];
}

/** Sizes and times of files; NaN if the files of a session must be examined one by one. */
export interface Measures {
  /** Bytes of each session, id artifacts not counted. */
  readonly bytes: Float64Array;
  /** Newest modification time of each transcript and its subagents' transcripts, in milliseconds. */
  readonly writtenMs: Float64Array;
}

/** The sessions of one project dir, at consecutive positions. */
export interface MeasuredFolder {
  readonly configDir: ConfigDir;
  readonly projectDir: string;
  readonly first: number;
  readonly sessions: number;
  /** Positions of the sessions that have tool results. */
  readonly withToolResults: readonly number[];
}

/** Tests if a folder is in a config dir and not reached through a link in it. */
export type IsOursCheck = (folder: string, configDir: ConfigDir) => boolean;

/** Returns the measures of sessions before any of them is measured. */
export function emptyMeasures(sessions: number): MeasuredSessions {
  return {
    folders: [],
    bytes: new Float64Array(sessions).fill(NaN),
    writtenMs: new Float64Array(sessions).fill(NaN),
    lastActivityMs: new Float64Array(sessions).fill(NaN),
    prompts: new Float64Array(sessions).fill(NaN),
    empty: [],
    forked: [],
    marked: [],
  };
}

/** How a project dir is measured: its sessions are at positions from `first` on. */
interface MeasureOptions {
  sums: FolderSums;
  isOurs: IsOursCheck;
  to: Measures;
  first: number;
}

const SUBAGENTS = 'subagents';
const TOOL_RESULTS = 'tool-results';

/** Measures the sessions of a project dir, except of one that was listed again, was not checked, or is not ours. */
export function measureFolder(folder: ScannedFolder, { sums, isOurs, to, first }: MeasureOptions): MeasuredFolder {
  const { configDir, name, path, known } = folder;
  const withToolResults =
    folder.known === null ? sidesWith(folder.transcripts, TOOL_RESULTS) : folder.known.withSideEntry(TOOL_RESULTS);
  if (known !== null && folder.isChecked && isOurs(path.slice(0, -sep.length), configDir)) {
    known.writeSizes(to, first);
    for (const [at, { size, mtimeMs }] of folder.changed) {
      if (!known.isPlain(at)) continue;
      to.bytes[first + at] = size;
      to.writtenMs[first + at] = mtimeMs;
    }
    addSideFolders(known, { path, to, first, sums });
  }
  return {
    configDir,
    projectDir: name,
    first,
    sessions: (known ?? folder).transcripts.length,
    withToolResults: withToolResults.map((at) => first + at),
  };
}

/** Adds the side folders and subagents of sessions; `path` is that of the project dir, with a separator. */
function addSideFolders(
  known: StoredFolder,
  { path, to, first, sums }: Pick<MeasureOptions, 'to' | 'first' | 'sums'> & { path: string },
): void {
  const { folders } = known;
  const { bytes, writtenMs } = to;
  // Listed folders follow one another in the order of their sessions.
  let listed = 0;
  let agents = 0;
  for (const [at, entries] of known.sides) {
    const id = known.id(at);
    while (listed < folders.length && folders[listed] !== id) listed += 1;
    agents += known.agentCount(at);
    const side = measureSide({ known, path, at, id, listed, entries }, sums);
    bytes[first + at] = (bytes[first + at] ?? NaN) + (side?.bytes ?? NaN);
    writtenMs[first + at] = Math.max(writtenMs[first + at] ?? NaN, side?.writtenMs ?? NaN);
  }
  if (agents === known.agents.length) return;
  // Legacy agent files are outside side folders.
  for (let at = 0; at < known.transcripts.length; at++)
    if (known.agentCount(at) > 0 && !known.sides.has(at)) bytes[first + at] = NaN;
}

/** A side folder of a stored project dir. */
interface Side {
  known: StoredFolder;
  path: string;
  at: number;
  id: string;
  listed: number;
  entries: readonly string[];
}

/**
 * Returns the sum of a side folder; null unless it is known to be the user's own and holds nothing but subagents and
 * tool results, each with a remembered sum.
 */
function measureSide(
  { known, path, at, id, listed, entries }: Side,
  sums: FolderSums,
): { bytes: number; writtenMs: number } | null {
  const sideFolder = path + id;
  if (listed >= known.folders.length || sums.find(sideFolder, known.folderStampAt(listed)) === undefined) return null;
  let [bytes, writtenMs, agents] = [0, -Infinity, 0];
  for (const name of entries) {
    const folder = sideFolder + sep + name;
    let sum: FolderSum | undefined;
    if (name === TOOL_RESULTS) sum = sumOfToolResults(folder, sums);
    else if (name === SUBAGENTS && known.folders[listed + 1] === id + sep + SUBAGENTS) {
      sum = sums.find(folder, known.folderStampAt(listed + 1));
      const { paths, stamps } = known.agentsAt(at);
      // A folder with a remembered sum has no folders in it, and legacy agent files are elsewhere.
      if (!paths.every((path) => path.startsWith(id))) return null;
      for (let agent = 0; agent < paths.length; agent++) {
        bytes += stamps[agent * FILE_STAMP.width + FILE_STAMP.at.size] ?? NaN;
        writtenMs = Math.max(writtenMs, stamps[agent * FILE_STAMP.width + FILE_STAMP.at.mtimeMs] ?? NaN);
      }
      agents += paths.length;
    }
    if (sum === undefined) return null;
    bytes += sum.bytes;
  }
  return agents === known.agentCount(at) ? { bytes, writtenMs } : null;
}

/** Returns the sum of a folder of tool results, whose state the scan does not read. */
function sumOfToolResults(folder: string, sums: FolderSums): FolderSum | undefined {
  try {
    const stats = lstatSync(folder, { throwIfNoEntry: false });
    return stats?.isDirectory() === true ? sums.find(folder, stats) : undefined;
  } catch {
    return undefined;
  }
}
