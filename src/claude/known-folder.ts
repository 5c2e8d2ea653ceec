import { lstatSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import type { AgentFile, FileStamp, FolderMemory, FolderStamp, SameFolder, TranscriptFile } from './model.js';
import { agentIdOf } from './agent-name.js';
import { ownUid } from './own-uid.js';

/** A transcript of a known project dir; paths count from there. */
export interface KnownTranscript {
  id: string;
  stamp: FileStamp;
  isPlain: boolean;
  agents: readonly { path: string; stamp: FileStamp }[];
  sideEntries: readonly string[];
}

/** A project dir as an earlier scan found it. Paths count from there; what `isSame…` tells is by their places. */
export interface KnownFolder extends Pick<FolderMemory, 'names' | 'transcripts'> {
  /** Folders that were listed. */
  readonly folders: readonly string[];
  /** Subagents' transcripts of its sessions. */
  readonly agents: readonly string[];
  /** Flat `agent-*.jsonl` files that belong to none of them. */
  readonly strays: readonly string[];
  isSame(at: number, stamp: FileStamp): boolean;
  isSameFolder(at: number, stamp: FolderStamp): boolean;
  isSameAgent(at: number, stamp: FileStamp): boolean;
  isSameStray(at: number, stamp: FileStamp): boolean;
  transcript(at: number): KnownTranscript;
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

/** The transcript at a place of a project dir that is as it was known. */
export function sameTranscript({ configDir, name, path, known, changed }: SameFolder<KnownFolder>, at: number): TranscriptFile {
  const { id, stamp, isPlain, agents, sideEntries } = known.transcript(at);
  return {
    configDir,
    projectDir: name,
    id,
    path: `${path}${id}.jsonl`,
    stamp: changed.get(at) ?? stamp,
    isPlain,
    agents: agents.length === 0 ? NONE : agents.map((agent) => ({ agentId: agentIdOf(basename(agent.path)) ?? '', path: path + agent.path, stamp: agent.stamp })),
    sideEntries,
  };
}

/** Of most sessions there is nothing but a transcript. */
const NONE: readonly AgentFile[] = [];

/** Whether all that lies beside the transcripts is as it was. */
function isBesideSame(known: KnownFolder, path: string): boolean {
  const { folders, agents, strays } = known;
  for (let at = 0; at < folders.length; at++) {
    const stats = lstatSync(path + (folders[at] ?? ''), { throwIfNoEntry: false });
    if (stats === undefined || !known.isSameFolder(at, stats)) return false;
  }
  for (let at = 0; at < agents.length; at++) {
    const stats = lstatSync(path + (agents[at] ?? ''), { throwIfNoEntry: false });
    if (stats === undefined || !known.isSameAgent(at, stats)) return false;
  }
  for (let at = 0; at < strays.length; at++) {
    const stats = lstatSync(path + (strays[at] ?? ''), { throwIfNoEntry: false });
    if (stats === undefined || !known.isSameStray(at, stats)) return false;
  }
  return true;
}

/** The stamp alone, of what may hold much more. */
export function stampOf({ size, mtimeMs, ctimeMs, ino }: FileStamp): FileStamp {
  return { size, mtimeMs, ctimeMs, ino };
}
