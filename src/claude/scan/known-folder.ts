import { lstatSync, type StatSyncFn, statSync } from 'node:fs';
import { sep } from 'node:path';
import type {
  AgentFile,
  ConfigDir,
  FileStamp,
  FolderMemory,
  FolderStamp,
  UnchangedFolder,
  TranscriptFile,
} from '../model.js';
import { agentIdOf } from './agent-name.js';
import { ownUid } from '../../system/system.js';

/**
 * A project dir as an earlier scan found it. Paths are relative to the dir; the methods take positions in its lists.
 */
export interface KnownFolder extends Pick<FolderMemory, 'stamp' | 'names' | 'transcripts'> {
  /** Folders that were listed. */
  readonly folders: readonly string[];
  /** Transcripts of its sessions' subagents. */
  readonly agents: readonly string[];
  /** Legacy agent files that belong to none of its sessions. */
  readonly unassigned: readonly string[];
  isSame(at: number, stamp: FileStamp): boolean;
  isSameFolder(at: number, stamp: FolderStamp): boolean;
  isSameAgent(at: number, stamp: FileStamp): boolean;
  isSameUnassigned(at: number, stamp: FileStamp): boolean;
  /** State of a listed folder by its relative path; undefined for any other. */
  folderStamp(path: string): FolderStamp | undefined;
  /** Id and `TranscriptFile` members of the transcript at a position. */
  id(at: number): string;
  stampOf(at: number): FileStamp;
  isPlain(at: number): boolean;
  agentsOf(at: number): readonly { path: string; stamp: FileStamp }[];
  sideEntriesOf(at: number): readonly string[];
}

/**
 * File systems record times in steps of some milliseconds, so a folder changed within this time may change again
 * without a trace, and its contents are not remembered yet.
 */
const STABLE_AFTER_MS = 2000;

/** Returns the state of a folder; null for anything else, and for links if `stat` is `lstatSync`. */
export function folderStamp(path: string, stat: StatSyncFn): FolderStamp | null {
  try {
    const stats = stat(path, { throwIfNoEntry: false });
    return stats === undefined || !stats.isDirectory()
      ? null
      : { mtimeMs: stats.mtimeMs, ctimeMs: stats.ctimeMs, ino: stats.ino };
  } catch {
    return null;
  }
}

/** Returns true if a folder in this state was last changed so long before `nowMs` that later changes show. */
export function isStableStamp(stamp: FolderStamp, nowMs: number): boolean {
  return Math.max(stamp.mtimeMs, stamp.ctimeMs) < nowMs - STABLE_AFTER_MS;
}

/** True if both states were taken while a folder had the same names. */
export function isSameFolderStamp(a: FolderStamp, b: FolderStamp): boolean {
  return a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs && a.ino === b.ino;
}

/**
 * True if a known project dir need not be read for these sessions: it has none of their transcripts, and its state
 * `now` shows that no name was added or removed. `path` ends with a separator.
 */
export function isUnaffected(
  known: KnownFolder,
  path: string,
  now: FolderStamp | null,
  ids: readonly string[],
): boolean {
  if (known.stamp === null || now === null || !isSameFolderStamp(now, known.stamp)) return false;
  try {
    return ids.every((id) => lstatSync(`${path}${id}.jsonl`, { throwIfNoEntry: false }) === undefined);
  } catch {
    return false;
  }
}

/**
 * Returns the state of each transcript in a known project dir that was written to since, by position; null if anything
 * else changed, so that the dir must be listed again. `path` ends with a separator, and `names` are the names in the
 * dir now.
 */
export function changedTranscripts(
  known: KnownFolder,
  path: string,
  names: readonly string[],
): Map<number, FileStamp> | null {
  if (names.join('\0') !== known.names) return null;
  try {
    const changed = new Map<number, FileStamp>();
    const { transcripts } = known;
    for (let at = 0; at < transcripts.length; at++) {
      const name = names[transcripts[at] ?? 0] ?? '';
      const stats = statSync(path + name, { throwIfNoEntry: false });
      if (stats === undefined) return null;
      if (known.isSame(at, stats)) continue;
      if (!isPlain(path + name)) return null;
      changed.set(at, stampOf(stats));
    }
    return areSideFilesUnchanged(known, path) ? changed : null;
  } catch {
    return null;
  }
}

/** True for a regular file that the user owns. */
function isPlain(path: string): boolean {
  const stats = lstatSync(path);
  return stats.isFile() && stats.uid === ownUid();
}

/**
 * A transcript of an unchanged project dir, by its position. Its members are computed when they are first read, since a
 * plan creates thousands of transcripts.
 */
export class UnchangedTranscript implements TranscriptFile {
  private readonly folder: UnchangedFolder<KnownFolder>;
  private readonly at: number;
  // Cached, since they are read often.
  private knownId: string | undefined;
  private knownPath: string | undefined;
  private knownAgents: readonly AgentFile[] | undefined;

  constructor(folder: UnchangedFolder<KnownFolder>, at: number) {
    this.folder = folder;
    this.at = at;
    this.knownId = undefined;
    this.knownPath = undefined;
    this.knownAgents = undefined;
  }

  get configDir(): ConfigDir {
    return this.folder.configDir;
  }

  get projectDir(): string {
    return this.folder.name;
  }

  get id(): string {
    return (this.knownId ??= this.folder.known.id(this.at));
  }

  get path(): string {
    return (this.knownPath ??= `${this.folder.path}${this.id}.jsonl`);
  }

  get stamp(): FileStamp {
    return this.folder.changed.get(this.at) ?? this.folder.known.stampOf(this.at);
  }

  get isPlain(): boolean {
    return this.folder.known.isPlain(this.at);
  }

  get agents(): readonly AgentFile[] {
    if (this.knownAgents !== undefined) return this.knownAgents;
    const agents = this.folder.known.agentsOf(this.at);
    if (agents.length === 0) return NONE;
    return (this.knownAgents = agents.map(({ path, stamp }) => ({
      agentId: agentIdOf(path.slice(path.lastIndexOf(sep) + 1)) ?? '',
      path: this.folder.path + path,
      stamp,
    })));
  }

  get sideEntries(): readonly string[] {
    return this.folder.known.sideEntriesOf(this.at);
  }

  /** State of a folder of the session as the scan found it; undefined if the scan did not check it. */
  folderStamp(path: string): FolderStamp | undefined {
    const { known, path: base, isChecked: isLookedAt } = this.folder;
    return isLookedAt ? known.folderStamp(path.slice(base.length)) : undefined;
  }
}

/** State of a session's side folder, or of a folder in it, as the scan found it; undefined if it must be checked. */
export function scannedFolder(file: TranscriptFile, path: string): FolderStamp | undefined {
  return file instanceof UnchangedTranscript ? file.folderStamp(path) : undefined;
}

/** Returns a transcript as plain data, which can be sent to another thread. */
export function plainTranscript({
  configDir,
  projectDir,
  id,
  path,
  stamp,
  isPlain,
  agents,
  sideEntries,
}: TranscriptFile): TranscriptFile {
  return { configDir, projectDir, id, path, stamp, isPlain, agents, sideEntries };
}

/** Shared by the many sessions without subagents. */
const NONE: readonly AgentFile[] = [];

/** True if all side folders and agent files of a known project dir are unchanged. */
function areSideFilesUnchanged(known: KnownFolder, path: string): boolean {
  const { folders, agents, unassigned } = known;
  for (let at = 0; at < folders.length; at++) {
    const stats = lstatSync(path + (folders[at] ?? ''), { throwIfNoEntry: false });
    if (stats === undefined || !known.isSameFolder(at, stats)) return false;
  }
  for (let at = 0; at < agents.length; at++) {
    const stats = lstatSync(path + (agents[at] ?? ''), { throwIfNoEntry: false });
    if (stats === undefined || !known.isSameAgent(at, stats)) return false;
  }
  for (let at = 0; at < unassigned.length; at++) {
    const stats = lstatSync(path + (unassigned[at] ?? ''), { throwIfNoEntry: false });
    if (stats === undefined || !known.isSameUnassigned(at, stats)) return false;
  }
  return true;
}

/** Returns the stamp of a file from its stats. */
export function stampOf({ size, mtimeMs, ctimeMs, ino }: FileStamp): FileStamp {
  return { size, mtimeMs, ctimeMs, ino };
}
