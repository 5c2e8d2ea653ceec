import { lstatSync, type StatSyncFn, statSync } from 'node:fs';
import { sep } from 'node:path';
import type {
  AgentFile,
  ConfigDir,
  FileStamp,
  FolderMemory,
  FolderStamp,
  SameFolder,
  TranscriptFile,
} from '../model.js';
import { agentIdOf } from './agent-name.js';
import { ownUid } from '../../system/system.js';

/** A project dir as an earlier scan found it. Paths are relative to it; `isSame…` takes positions in its lists. */
export interface KnownFolder extends Pick<FolderMemory, 'stamp' | 'names' | 'transcripts'> {
  /** Folders that were listed. */
  readonly folders: readonly string[];
  /** Subagents' transcripts of its sessions. */
  readonly agents: readonly string[];
  /** Flat `agent-*.jsonl` files that belong to none of them. */
  readonly unassigned: readonly string[];
  isSame(at: number, stamp: FileStamp): boolean;
  isSameFolder(at: number, stamp: FolderStamp): boolean;
  isSameAgent(at: number, stamp: FileStamp): boolean;
  isSameUnassigned(at: number, stamp: FileStamp): boolean;
  /** State of a listed folder, by its path from here; undefined for any other. */
  folderStamp(path: string): FolderStamp | undefined;
  /** Id and `TranscriptFile` members of the transcript at a position. */
  id(at: number): string;
  stampOf(at: number): FileStamp;
  isPlain(at: number): boolean;
  agentsOf(at: number): readonly { path: string; stamp: FileStamp }[];
  sideEntriesOf(at: number): readonly string[];
}

/**
 * A folder changed within the last moments may change again without its times showing it (their steps are some
 * milliseconds): what it holds is not worth remembering yet.
 */
const SETTLED_MS = 2000;

/** The state of a folder; null for anything else, and with `lstatSync` for links. */
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

/** True if a folder in this state had not changed for a moment before `nowMs`. */
export function isSettled(stamp: FolderStamp, nowMs: number): boolean {
  return Math.max(stamp.mtimeMs, stamp.ctimeMs) < nowMs - SETTLED_MS;
}

/** True if both were taken while the same names were in a folder. */
export function isSameFolderStamp(a: FolderStamp, b: FolderStamp): boolean {
  return a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs && a.ino === b.ino;
}

/**
 * True if a known project dir need not be read for these sessions: it holds none of their transcripts, and its state
 * `now` shows that no name was added or removed. `path` ends with a separator. Never throws.
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
 * The transcripts of a known project dir that were written to since, by their position; null if anything else in it is
 * not as it was, so that it must be listed again. `path` ends with a separator; `names` are in the dir now. Never
 * throws.
 */
export function changedSince(
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
    return isBesideSame(known, path) ? changed : null;
  } catch {
    return null;
  }
}

/** A file of the user's own, and no link to one. */
function isPlain(path: string): boolean {
  const stats = lstatSync(path);
  return stats.isFile() && stats.uid === ownUid();
}

/**
 * A transcript of an unchanged project dir, by its position. Thousands are made for a plan, so members are computed
 * when read.
 */
export class SameTranscript implements TranscriptFile {
  private readonly folder: SameFolder<KnownFolder>;
  private readonly at: number;
  // These are asked for again and again.
  private knownId: string | undefined;
  private madePath: string | undefined;
  private madeAgents: readonly AgentFile[] | undefined;

  constructor(folder: SameFolder<KnownFolder>, at: number) {
    this.folder = folder;
    this.at = at;
    this.knownId = undefined;
    this.madePath = undefined;
    this.madeAgents = undefined;
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
    return (this.madePath ??= `${this.folder.path}${this.id}.jsonl`);
  }

  get stamp(): FileStamp {
    return this.folder.changed.get(this.at) ?? this.folder.known.stampOf(this.at);
  }

  get isPlain(): boolean {
    return this.folder.known.isPlain(this.at);
  }

  get agents(): readonly AgentFile[] {
    if (this.madeAgents !== undefined) return this.madeAgents;
    const agents = this.folder.known.agentsOf(this.at);
    if (agents.length === 0) return NONE;
    return (this.madeAgents = agents.map(({ path, stamp }) => ({
      agentId: agentIdOf(path.slice(path.lastIndexOf(sep) + 1)) ?? '',
      path: this.folder.path + path,
      stamp,
    })));
  }

  get sideEntries(): readonly string[] {
    return this.folder.known.sideEntriesOf(this.at);
  }

  /** State of a folder of the session as the scan has just seen it; undefined if it did not look. */
  folderStamp(path: string): FolderStamp | undefined {
    const { known, path: base, isLookedAt } = this.folder;
    return isLookedAt ? known.folderStamp(path.slice(base.length)) : undefined;
  }
}

/** State of a session's side folder or one in it, as the scan has just seen it; undefined if it must be looked at. */
export function scannedFolder(file: TranscriptFile, path: string): FolderStamp | undefined {
  return file instanceof SameTranscript ? file.folderStamp(path) : undefined;
}

/** A transcript as plain data, which can cross threads. */
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

/** Of most sessions there is nothing but a transcript. */
const NONE: readonly AgentFile[] = [];

/** True if all side folders are unchanged. */
function isBesideSame(known: KnownFolder, path: string): boolean {
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

/** The stamp alone, of what may hold much more. */
export function stampOf({ size, mtimeMs, ctimeMs, ino }: FileStamp): FileStamp {
  return { size, mtimeMs, ctimeMs, ino };
}
