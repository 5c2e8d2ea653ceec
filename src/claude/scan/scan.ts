import { realpathSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { agentIdOf } from './agent-name.js';
import {
  changedTranscripts,
  folderStamp,
  isUnaffected,
  isStableStamp,
  type KnownFolder,
  stampOf,
} from './known-folder.js';
import type {
  AgentFile,
  ConfigDir,
  FileStamp,
  FolderMemory,
  FolderStamp,
  ListedFolder,
  NewFolder,
  UnchangedFolder,
  Scan,
  TranscriptFile,
} from '../model.js';
import { errorCode, fileProblem, unreadable, type Problem } from '../../system/problem.js';
import { UnsafePath, type SafeName } from '../../system/safe-path.js';
import { agentFile, deadLink, listEntries, listNames, transcriptStats } from './scan-entries.js';
import { readSideFolder } from './side-folder.js';

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const TRANSCRIPT_SUFFIX = '.jsonl';
/** Length of every uuid. Comparing it first spares most names the regular expression. */
const ID_LENGTH = 36;

declare const sessionId: unique symbol;

/** A session's id, checked by `isSessionId`: also the safe name of a file or folder. */
export type SessionId = SafeName & { readonly [sessionId]: true };

/** True for a session id as Claude Code makes them: a uuid of any version, in upper or lower case. */
export function isSessionId(name: string): name is SessionId {
  return name.length === ID_LENGTH && UUID.test(name);
}

/** Returns a checked session id. Throws `UnsafePath` for anything else. */
export function sessionIdOf(name: string): SessionId {
  if (!isSessionId(name)) throw new UnsafePath(`'${name}' is not a session id`);
  return name;
}

/** Access to the results of earlier scans. */
export interface ScanMemory<Known extends KnownFolder> {
  recall(configDir: ConfigDir, projectDir: string): Known | undefined;
  /** Current time in milliseconds since the epoch. */
  nowMs: number;
  /**
   * Limits the scan to these session ids: a project dir without their transcripts is only checked for added and removed
   * names. On a file system that keeps no times of folders, new sessions in such a dir go unseen.
   */
  around?: readonly string[];
  /** Called with each project dir that had to be listed. */
  onListed?: (folder: NewFolder) => void;
}

/**
 * The stat pass: finds every transcript of the config dirs with its subagents and the names in its side folder, and
 * opens no file (docs/storage.md, "Directory map"). Never throws: what cannot be read becomes a problem, what vanishes
 * meanwhile is left out, and with a memory unchanged project dirs are returned as remembered.
 */
export function scanConfigDirs<Known extends KnownFolder = never>(
  configDirs: readonly ConfigDir[],
  memory: ScanMemory<Known> | null = null,
): Scan<Known> {
  const scan: Scan<Known> = { folders: [], problems: [] };
  // Each real project dir is scanned once, under the first config dir that reaches it.
  const seen = new Set<string>();
  const links: { configDir: ConfigDir; name: string }[] = [];
  const onePerRoot = configDirs.filter(
    ({ projectsRoot }, i) => configDirs.findIndex((other) => other.projectsRoot === projectsRoot) === i,
  );

  for (const configDir of onePerRoot) {
    const projects = join(configDir.path, 'projects') + sep;
    for (const entry of listEntries(configDir.projectsRoot, scan.problems)) {
      if (entry.isSymbolicLink()) links.push({ configDir, name: entry.name });
      if (!entry.isDirectory()) continue;
      // Names that are not UTF-8 may decode to the same text, and lead to one of the dirs only.
      const path = configDir.projectsRoot + sep + entry.name;
      if (seen.has(path)) continue;
      seen.add(path);
      scan.folders.push(
        scanProjectDir({ configDir, name: entry.name, path: projects + entry.name + sep }, memory, scan.problems),
      );
    }
  }
  // Links come last, so that a project dir keeps its own name however many links lead to it.
  for (const { configDir, name } of links) {
    const path = join(configDir.path, 'projects', name);
    const target = linkedFolder(path, scan.problems);
    if (target === null || seen.has(target)) continue;
    seen.add(target);
    scan.folders.push(scanProjectDir({ configDir, name, path: path + sep }, memory, scan.problems));
  }
  return scan;
}

/** Location of a project dir; `path` ends with a separator. */
type ListedDir = Pick<NewFolder, 'configDir' | 'name' | 'path'>;

function scanProjectDir<Known extends KnownFolder>(
  dir: ListedDir,
  memory: ScanMemory<Known> | null,
  problems: Problem[],
): NewFolder | UnchangedFolder<Known> {
  const found: Problem[] = [];
  const known = memory?.recall(dir.configDir, dir.name);
  // Read before the listing, so that a name added in between shows as a change. If a stamp is stored already, it is
  // read again only where that may avoid the listing.
  const needsStamp = memory !== null && (memory.around !== undefined || (known?.stamp ?? null) === null);
  const now = needsStamp ? folderStamp(dir.path, statSync) : null;
  if (known !== undefined && memory?.around !== undefined && isUnaffected(known, dir.path, now, memory.around)) {
    return { ...dir, known, isChecked: false, stamp: null, changed: NOTHING_CHANGED };
  }
  const names = listNames(dir.path.slice(0, -1), found);
  const stamp = now !== null && memory !== null && isStableStamp(now, memory.nowMs) ? now : null;
  if (known !== undefined && found.length === 0) {
    const changed = changedTranscripts(known, dir.path, names);
    if (changed !== null) return { ...dir, known, isChecked: true, stamp, changed };
  }
  const folder = newFolder(dir, names, { nowMs: memory?.nowMs ?? null, stamp }, found);
  for (const problem of found) problems.push(problem);
  memory?.onListed?.(folder);
  return folder;
}

/** Time of the listing, and the dir's state then if it can be relied on. */
interface FolderState {
  nowMs: number | null;
  stamp: FolderStamp | null;
}

function newFolder(
  { configDir, name, path }: ListedDir,
  names: readonly string[],
  { nowMs, stamp }: FolderState,
  problems: Problem[],
): NewFolder {
  if (name.includes('\ufffd'))
    problems.push(fileProblem('unreadable', 'A folder whose name is not UTF-8.', path.slice(0, -1)));
  const sideFolders = new Set(names.filter((one) => one.length === ID_LENGTH));
  const transcripts: TranscriptFile[] = [];
  const legacyAgents: AgentFile[] = [];
  const positions: number[] = [];
  const folders: ListedFolder[] = [];
  const sides: { at: number; entries: readonly string[] }[] = [];
  /** Something in this dir may change without its names or stamps showing it. */
  let isUnusual = false;

  for (const [position, file] of names.entries()) {
    if (!file.endsWith(TRANSCRIPT_SUFFIX)) continue;
    const id = file.slice(0, -TRANSCRIPT_SUFFIX.length);
    if (!isSessionId(id)) {
      const agent = agentFile(path + file, file, problems);
      if (agent !== null) legacyAgents.push(agent);
      else isUnusual ||= agentIdOf(file) !== null;
      continue;
    }
    const state = transcriptStats(path + file, problems);
    if (state === null) {
      isUnusual = true;
      continue;
    }
    const side = sideFolders.has(id) ? readSideFolder(path, id, nowMs, problems) : null;
    if (side !== null) {
      isUnusual ||= side.folders === null;
      for (const listed of side.folders ?? []) folders.push(listed);
      sides.push({ at: transcripts.length, entries: side.sideEntries });
    }
    positions.push(position);
    const { agents, sideEntries } = side ?? NO_SIDE_FOLDER;
    transcripts.push({
      configDir,
      projectDir: name,
      id,
      path: path + file,
      stamp: stampOf(state.stats),
      isPlain: state.isPlain,
      agents,
      sideEntries,
    });
  }
  const isPlain = nowMs !== null && !isUnusual && problems.length === 0;
  const memory: FolderMemory | null = isPlain
    ? { stamp, names: names.join('\0'), transcripts: positions, folders, sides }
    : null;
  return { configDir, name, path, known: null, transcripts, legacyAgents, memory };
}

const NOTHING_CHANGED: ReadonlyMap<number, FileStamp> = new Map();
const NO_SIDE_FOLDER: Pick<TranscriptFile, 'agents' | 'sideEntries'> = { agents: [], sideEntries: [] };

/** Returns the real path of a linked project dir; null for links to anything else. */
function linkedFolder(path: string, problems: Problem[]): string | null {
  try {
    const target = realpathSync(path);
    return statSync(target).isDirectory() ? target : null;
  } catch (error) {
    problems.push(errorCode(error) === 'ENOENT' ? deadLink(path) : unreadable(path, error));
    return null;
  }
}
