import type { Problem } from '../system/problem.js';

/** The things found on disk, as plain data. Format facts: docs/storage.md. */

/** One Claude Code configuration directory (`CLAUDE_CONFIG_DIR`, else `~/.claude`). */
export interface ConfigDir {
  /** Absolute path as given or derived; what records show as `configDir`. */
  path: string;
  /** Real path of `<path>/projects`; the same string for two config dirs that share one. */
  projectsRoot: string;
  /** Named by the user (flag or `CLAUDE_CONFIG_DIR`), so that its absence is worth an error. */
  explicit: boolean;
  /** This is `~/.claude`, which Claude Code uses when `CLAUDE_CONFIG_DIR` is not set. */
  isDefault: boolean;
}

/** Identity of one state of a file. Times are milliseconds with their full fraction. */
export interface FileStamp {
  size: number;
  mtimeMs: number;
  ctimeMs: number;
  ino: number;
}

/** A subagent's transcript: below `<id>/subagents/`, or a legacy `agent-*.jsonl` in the project dir. */
export interface AgentFile {
  /** File name less `agent-` and `.jsonl`. */
  agentId: string;
  path: string;
  stamp: FileStamp;
}

/** One transcript found by the stat pass; nothing in it has been read. */
export interface TranscriptFile {
  configDir: ConfigDir;
  /** Name of the folder under `projects/`: lossy, never decoded. */
  projectDir: string;
  /** File name less `.jsonl`. */
  id: string;
  path: string;
  stamp: FileStamp;
  /** A file of the user's own and no link to one. */
  isPlain: boolean;
  agents: readonly AgentFile[];
  /** Names found in the side folder `<id>/` (empty when there is none). */
  sideEntries: readonly string[];
}

/** State of a folder: as long as it is the same, no name in the folder came or went. */
export type FolderStamp = Omit<FileStamp, 'size'>;

/** A folder below a project dir, by its path from there, as it was just before it was listed. */
export interface ListedFolder {
  path: string;
  stamp: FolderStamp;
}

/** Contents of a project dir as a scan found them; while they are unchanged, nothing in it needs to be listed again. */
export interface FolderMemory {
  /** The dir itself, as it was just before it was listed; null if it had changed in the last moments. */
  stamp: FolderStamp | null;
  /** All names in it, in the order the system gave them, with NULs between them. */
  names: string;
  /** Which of the names are transcripts. */
  transcripts: ArrayLike<number>;
  /** Every folder below it that was listed: side folders, and those of subagents in these. */
  folders: readonly ListedFolder[];
  /** The names in side folders, each with the place of its transcript among those here. */
  sides: readonly { at: number; entries: readonly string[] }[];
}

/** A project dir that was listed. */
export interface NewFolder {
  configDir: ConfigDir;
  name: string;
  /** With a separator at its end. */
  path: string;
  known: null;
  transcripts: readonly TranscriptFile[];
  /** Flat `agent-*.jsonl` files of old versions whose session is not known from their place; read to find out. */
  looseAgents: readonly AgentFile[];
  /** Null while it is not to be relied on: something in it changed just now, or is not as usual. */
  memory: FolderMemory | null;
}

/** A project dir that is as it was remembered, but for what was written to its transcripts. */
export interface SameFolder<Known> {
  configDir: ConfigDir;
  name: string;
  /** With a separator at its end. */
  path: string;
  known: Known;
  /** The dir itself now; null if it has changed in the last moments, or was not looked at. */
  stamp: FolderStamp | null;
  /** The transcripts that were written to, by their place, with their state now. */
  changed: ReadonlyMap<number, FileStamp>;
}

/** The stat pass over one or more config dirs. */
export interface Scan<Known> {
  folders: (NewFolder | SameFolder<Known>)[];
  problems: Problem[];
}

/** Texts that Claude Code writes: the known ones, which editors complete and comparisons check, and any other. */
export type OpenText<Known extends string> = Known | (string & Record<never, never>);

/**
 * State of a live session: what its process reports, or the state of a background job. Those named are of Claude Code
 * 2.1.332, others may follow; `unknown`: no file says it.
 */
export type LiveStatus = OpenText<'busy' | 'idle' | 'waiting' | 'shell' | 'working' | 'blocked' | 'unknown'>;

/** Who holds a session now. `pid: null` with status `unknown` is a holder that cannot be checked. */
export interface Live {
  pid: number | null;
  status: LiveStatus;
}
