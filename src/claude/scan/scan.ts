import { realpathSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { agentIdOf } from './agent-name.js';
import { changedSince, folderStamp, isUnaffected, isSettled, type KnownFolder, stampOf } from './known-folder.js';
import type {
  AgentFile,
  ConfigDir,
  FileStamp,
  FolderMemory,
  FolderStamp,
  ListedFolder,
  NewFolder,
  SameFolder,
  Scan,
  TranscriptFile,
} from '../model.js';
import { errorCode, fileProblem, unreadable, type Problem } from '../../system/problem.js';
import { UnsafePath, type SafeName } from '../../system/safe-path.js';
import { agentFile, deadLink, list, listNames, transcriptStats } from './scan-entries.js';
import { readSideFolder } from './side-folder.js';

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const TRANSCRIPT_SUFFIX = '.jsonl';
/** A uuid is always this long, so most names are recognised without a regular expression. */
const ID_LENGTH = 36;

declare const sessionId: unique symbol;

/** A session's id, checked by `isSessionId`: also the safe name of a file or folder. */
export type SessionId = SafeName & { readonly [sessionId]: true };

/** Returns true for a session id as Claude Code makes them: a uuid of any version, in either case. */
export function isSessionId(name: string): name is SessionId {
  return name.length === ID_LENGTH && UUID.test(name);
}

/** Returns an id as one that was checked. Throws `UnsafePath` for anything else. */
export function sessionIdOf(name: string): SessionId {
  if (!isSessionId(name)) throw new UnsafePath(`'${name}' is not a session id`);
  return name;
}

/** Results of earlier scans. */
export interface ScanMemory<Known extends KnownFolder> {
  recall(configDir: ConfigDir, projectDir: string): Known | undefined;
  /** Now, in milliseconds since the epoch. */
  nowMs: number;
  /**
   * Ids of sessions: project dirs that have none of theirs need only be as they were themselves, whatever was written
   * to their files.
   */
  around?: readonly string[];
  /** Called for each project dir that had to be listed. */
  onListed?: (folder: NewFolder) => void;
}

/**
 * The stat pass: every transcript of the given config dirs with its subagents and the names in its side folder. Opens
 * no file. Symlinked project dirs and transcripts are followed; each real project dir is scanned once, under the first
 * config dir that reaches it. What cannot be read becomes a problem, what vanishes meanwhile is left out, and a config
 * dir without `projects/` is empty. Never throws. Format: docs/storage.md, "Directory map". With a memory of an earlier
 * scan, an unchanged project dir is returned as remembered. Around some ids, that goes for all others whose own times
 * say that no name came or went: on a file system that keeps no times of folders, new sessions there go unseen.
 */
export function scanConfigDirs<Known extends KnownFolder = never>(
  configDirs: readonly ConfigDir[],
  memory: ScanMemory<Known> | null = null,
): Scan<Known> {
  const scan: Scan<Known> = { folders: [], problems: [] };
  const seen = new Set<string>();
  const links: { configDir: ConfigDir; name: string }[] = [];
  const onePerRoot = configDirs.filter(
    ({ projectsRoot }, i) => configDirs.findIndex((other) => other.projectsRoot === projectsRoot) === i,
  );

  for (const configDir of onePerRoot) {
    const projects = join(configDir.path, 'projects') + sep;
    for (const entry of list(configDir.projectsRoot, scan.problems)) {
      if (entry.isSymbolicLink()) links.push({ configDir, name: entry.name });
      if (!entry.isDirectory()) continue;
      // Names that are not UTF-8 may read alike, and lead to one of the dirs only.
      const path = configDir.projectsRoot + sep + entry.name;
      if (seen.has(path)) continue;
      seen.add(path);
      scan.folders.push(
        scanProjectDir({ configDir, name: entry.name, path: projects + entry.name + sep }, memory, scan.problems),
      );
    }
  }
  // Links come last: a project dir keeps its own name however many links lead to it.
  for (const { configDir, name } of links) {
    const path = join(configDir.path, 'projects', name);
    const target = linkedFolder(path, scan.problems);
    if (target === null || seen.has(target)) continue;
    seen.add(target);
    scan.folders.push(scanProjectDir({ configDir, name, path: path + sep }, memory, scan.problems));
  }
  return scan;
}

/** Path of a project dir; `path` ends with a separator. */
type ListedDir = Pick<NewFolder, 'configDir' | 'name' | 'path'>;

function scanProjectDir<Known extends KnownFolder>(
  dir: ListedDir,
  memory: ScanMemory<Known> | null,
  problems: Problem[],
): NewFolder | SameFolder<Known> {
  const found: Problem[] = [];
  const known = memory?.recall(dir.configDir, dir.name);
  // Before the listing: what comes into the dir meanwhile then shows as a change. A state that is known is looked at
  // again only where it spares the listing.
  const isAsked = memory !== null && (memory.around !== undefined || (known?.stamp ?? null) === null);
  const now = isAsked ? folderStamp(dir.path, statSync) : null;
  if (known !== undefined && memory?.around !== undefined && isUnaffected(known, dir.path, now, memory.around)) {
    return { ...dir, known, isLookedAt: false, stamp: null, changed: NOTHING_CHANGED };
  }
  const names = listNames(dir.path.slice(0, -1), found);
  const stamp = now !== null && memory !== null && isSettled(now, memory.nowMs) ? now : null;
  if (known !== undefined && found.length === 0) {
    const changed = changedSince(known, dir.path, names);
    if (changed !== null) return { ...dir, known, isLookedAt: true, stamp, changed };
  }
  const folder = newFolder(dir, names, { nowMs: memory?.nowMs ?? null, stamp }, found);
  for (const problem of found) problems.push(problem);
  memory?.onListed?.(folder);
  return folder;
}

/** When a dir is listed, and the state it has then if it can be relied on. */
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
  /** Something here may change without its names or stamps showing it. */
  let odd = false;

  for (const [position, file] of names.entries()) {
    if (!file.endsWith(TRANSCRIPT_SUFFIX)) continue;
    const id = file.slice(0, -TRANSCRIPT_SUFFIX.length);
    if (!isSessionId(id)) {
      const agent = agentFile(path + file, file, problems);
      if (agent !== null) legacyAgents.push(agent);
      else odd ||= agentIdOf(file) !== null;
      continue;
    }
    const look = transcriptStats(path + file, problems);
    if (look === null) {
      odd = true;
      continue;
    }
    const side = sideFolders.has(id) ? readSideFolder(path, id, nowMs, problems) : null;
    if (side !== null) {
      odd ||= side.folders === null;
      for (const listed of side.folders ?? []) folders.push(listed);
      sides.push({ at: transcripts.length, entries: side.sideEntries });
    }
    positions.push(position);
    const { agents, sideEntries } = side ?? NOTHING_BESIDE;
    transcripts.push({
      configDir,
      projectDir: name,
      id,
      path: path + file,
      stamp: stampOf(look.stats),
      isPlain: look.isPlain,
      agents,
      sideEntries,
    });
  }
  const isPlain = nowMs !== null && !odd && problems.length === 0;
  const memory: FolderMemory | null = isPlain
    ? { stamp, names: names.join('\0'), transcripts: positions, folders, sides }
    : null;
  return { configDir, name, path, known: null, transcripts, legacyAgents, memory };
}

const NOTHING_CHANGED: ReadonlyMap<number, FileStamp> = new Map();
const NOTHING_BESIDE: Pick<TranscriptFile, 'agents' | 'sideEntries'> = { agents: [], sideEntries: [] };

/** The real path of a linked project dir; `null` for links to anything else. */
function linkedFolder(path: string, problems: Problem[]): string | null {
  try {
    const target = realpathSync(path);
    return statSync(target).isDirectory() ? target : null;
  } catch (error) {
    problems.push(errorCode(error) === 'ENOENT' ? deadLink(path) : unreadable(path, error));
    return null;
  }
}
