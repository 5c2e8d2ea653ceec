import { lstatSync, type StatSyncFn, statSync } from 'node:fs';
import { basename } from 'node:path';
import type { AgentFile, ConfigDir, FileStamp, FolderMemory, FolderStamp, SameFolder, TranscriptFile } from './model.js';
import { agentIdOf } from './agent-name.js';

/** A transcript of a known project dir; paths count from there. */
export interface KnownTranscript {
  stamp: FileStamp;
  agents: readonly { path: string; stamp: FileStamp }[];
  sideEntries: readonly string[];
}

/** A project dir as an earlier scan found it, with the states its files had then. */
export interface KnownFolder extends FolderMemory {
  /** Flat `agent-*.jsonl` files in it. */
  readonly looseAgents: readonly { name: string; stamp: FileStamp }[];
  /** Whether the transcript at a place is in the state it was in. */
  isSame(at: number, stamp: FileStamp): boolean;
  /** The same of the subagents in the side folder of the transcript at a place. */
  isSameAgent(at: number, agent: number, stamp: FileStamp): boolean;
  idOf(at: number): string;
  transcript(at: number): KnownTranscript;
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
    return stats === undefined || !stats.isDirectory() ? null : { mtimeMs: stats.mtimeMs, ctimeMs: stats.ctimeMs, ino: stats.ino };
  } catch {
    return null;
  }
}

/** Whether a folder in this state had not changed for a moment before `nowMs`. */
export function isSettled(stamp: FolderStamp, nowMs: number): boolean {
  return Math.max(stamp.mtimeMs, stamp.ctimeMs) < nowMs - SETTLED_MS;
}

/** True if both were taken while the same names were in a folder. */
export function isSameFolderStamp(a: FolderStamp, b: FolderStamp): boolean {
  return a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs && a.ino === b.ino;
}

/**
 * Whether a known project dir need not be looked into for the sake of these sessions alone: no transcript of theirs lies
 * in it, and no name in it came or went, as its state `now` tells. `path` ends with a separator. Never throws.
 */
export function isBesideThePoint(known: KnownFolder, path: string, now: FolderStamp | null, ids: readonly string[]): boolean {
  if (known.stamp === null || now === null || !isSameFolderStamp(now, known.stamp)) return false;
  try {
    return ids.every((id) => lstatSync(`${path}${id}.jsonl`, { throwIfNoEntry: false }) === undefined);
  } catch {
    return false;
  }
}

/**
 * The transcripts of a known project dir that were written to since, by their place; null if anything else in it is not as
 * it was, so that it must be listed again. `path` ends with a separator; `names` are in the dir now. Never throws.
 */
export function changedSince(known: KnownFolder, path: string, names: readonly string[]): Map<number, FileStamp> | null {
  if (names.join('\0') !== known.names) return null;
  try {
    const changed = new Map<number, FileStamp>();
    const { transcripts } = known;
    for (let at = 0; at < transcripts.length; at++) {
      const stats = statSync(path + (names[transcripts[at] ?? 0] ?? ''), { throwIfNoEntry: false });
      if (stats === undefined) return null;
      if (known.isSame(at, stats)) continue;
      if (!stats.isFile()) return null;
      changed.set(at, stampOf(stats));
    }
    return isBesideSame(known, path) ? changed : null;
  } catch {
    return null;
  }
}

/** The transcript at a place of a project dir that is as it was known; what few ask of it is put together when they do. */
export class SameTranscript implements TranscriptFile {
  readonly configDir: ConfigDir;
  readonly projectDir: string;
  readonly id: string;
  readonly path: string;
  // Thousands are made to tell ids: plain members cost less than `#` ones.
  private readonly folder: SameFolder<KnownFolder>;
  private readonly at: number;
  private made: Pick<TranscriptFile, 'stamp' | 'agents' | 'sideEntries'> | undefined;

  constructor(folder: SameFolder<KnownFolder>, at: number) {
    this.configDir = folder.configDir;
    this.projectDir = folder.name;
    this.id = folder.known.idOf(at);
    this.path = `${folder.path}${this.id}.jsonl`;
    this.folder = folder;
    this.at = at;
    this.made = undefined;
  }

  get stamp(): FileStamp {
    return this.rest().stamp;
  }

  get agents(): readonly AgentFile[] {
    return this.rest().agents;
  }

  get sideEntries(): readonly string[] {
    return this.rest().sideEntries;
  }

  /** The same without a tie to the folder: what can be handed to another thread. */
  plain(): TranscriptFile {
    const { configDir, projectDir, id, path } = this;
    return { configDir, projectDir, id, path, ...this.rest() };
  }

  private rest(): Pick<TranscriptFile, 'stamp' | 'agents' | 'sideEntries'> {
    if (this.made !== undefined) return this.made;
    const { path, known, changed } = this.folder;
    const { stamp, agents, sideEntries } = known.transcript(this.at);
    this.made = {
      stamp: changed.get(this.at) ?? stamp,
      agents: agents.map((agent) => ({ agentId: agentIdOf(basename(agent.path)) ?? '', path: path + agent.path, stamp: agent.stamp })),
      sideEntries,
    };
    return this.made;
  }
}

/** Whether all that lies beside the transcripts is as it was. */
function isBesideSame(known: KnownFolder, path: string): boolean {
  for (const { at, folders, agents } of known.sides) {
    for (const folder of folders) {
      const now = folderStamp(path + folder.path, lstatSync);
      if (now === null || !isSameFolderStamp(now, folder.stamp)) return false;
    }
    for (let agent = 0; agent < agents.length; agent++) {
      const stats = lstatSync(path + (agents[agent] ?? ''), { throwIfNoEntry: false });
      if (stats === undefined || !known.isSameAgent(at, agent, stats)) return false;
    }
  }
  return known.looseAgents.every(({ name, stamp }) => {
    const stats = lstatSync(path + name, { throwIfNoEntry: false });
    return stats !== undefined && isSameStamp(stats, stamp);
  });
}

/** True if both were taken of the same state of a file. Never a tolerance. */
export function isSameStamp(a: FileStamp, b: FileStamp): boolean {
  return a.size === b.size && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs && a.ino === b.ino;
}

/** The stamp alone, of what may hold much more. */
export function stampOf({ size, mtimeMs, ctimeMs, ino }: FileStamp): FileStamp {
  return { size, mtimeMs, ctimeMs, ino };
}
