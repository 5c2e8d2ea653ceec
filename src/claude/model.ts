import type { Problem } from '../system/problem.js';

/** Files and folders of Claude Code, as plain data. Format facts: docs/storage.md. */

/** One Claude Code configuration directory (`CLAUDE_CONFIG_DIR`, else `~/.claude`). */
export interface ConfigDir {
  /** Absolute path, as given or derived; records show it as `configDir`. */
  path: string;
  /** Real path of `<path>/projects`; the same string for two config dirs that share one. */
  projectsRoot: string;
  /** True if the user named it (flag or `CLAUDE_CONFIG_DIR`); it is then an error if it does not exist. */
  explicit: boolean;
  /** True for `~/.claude`, which Claude Code uses when `CLAUDE_CONFIG_DIR` is not set. */
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
  /** File name without `agent-` and `.jsonl`. */
  agentId: string;
  path: string;
  stamp: FileStamp;
}

/** One transcript found by the stat pass; nothing in it has been read. */
export interface TranscriptFile {
  configDir: ConfigDir;
  /** Name of the folder under `projects/`: lossy, never decoded. */
  projectDir: string;
  /** File name without `.jsonl`. */
  id: string;
  path: string;
  stamp: FileStamp;
  /** True if the transcript is a regular file, false if it is a link to one. */
  isPlain: boolean;
  agents: readonly AgentFile[];
  /** Names found in the side folder `<id>/` (empty when there is none). */
  sideEntries: readonly string[];
}

/** State of a folder. While it is unchanged, no name was added or removed. */
export type FolderStamp = Omit<FileStamp, 'size'>;

/** A folder below a project dir, by its relative path, with its state just before it was listed. */
export interface ListedFolder {
  path: string;
  stamp: FolderStamp;
}

/** Contents of a project dir as a scan found them; while they are unchanged, nothing in it needs to be listed again. */
export interface FolderMemory {
  /** State of the dir just before it was listed; null if it had changed shortly before. */
  stamp: FolderStamp | null;
  /** All names in it, separated by NULs, in the order the system returned them. */
  names: string;
  /** Positions of the transcripts among the names. */
  transcripts: ArrayLike<number>;
  /** All listed folders below it: side folders, and the folders of subagents in them. */
  folders: readonly ListedFolder[];
  /** Names in each side folder; `at` is the position of its transcript in `transcripts`. */
  sides: readonly { at: number; entries: readonly string[] }[];
}

/** A project dir that is new or changed, and was therefore listed. */
export interface NewFolder {
  configDir: ConfigDir;
  name: string;
  /** With a separator at its end. */
  path: string;
  known: null;
  transcripts: readonly TranscriptFile[];
  /** Legacy agent files. Their content is read to find their sessions. */
  legacyAgents: readonly AgentFile[];
  /** Null if it cannot be relied on, because something in the dir changed just now or is unusual. */
  memory: FolderMemory | null;
}

/** A project dir without changes since it was remembered, except for writes to its transcripts. */
export interface UnchangedFolder<Known> {
  configDir: ConfigDir;
  name: string;
  /** With a separator at its end. */
  path: string;
  known: Known;
  /** True if its files and folders were checked, false if only the dir itself was. */
  isChecked: boolean;
  /** State of the dir itself now; null if it changed in the last moments or was not read. */
  stamp: FolderStamp | null;
  /** The current state of each transcript that was written to, by position. */
  changed: ReadonlyMap<number, FileStamp>;
}

/** Result of a stat pass over config dirs. */
export interface Scan<Known> {
  folders: (NewFolder | UnchangedFolder<Known>)[];
  problems: Problem[];
}

/**
 * A text that Claude Code writes: one of the known values, which editors complete and the compiler checks, or any
 * other.
 */
export type OpenText<Known extends string> = Known | (string & Record<never, never>);

/**
 * State of a live session: what its process reports, or the state of a background job. The named values are those of
 * Claude Code 2.1.332, and more may follow; `unknown`: no file records it.
 */
export type LiveStatus = OpenText<'busy' | 'idle' | 'waiting' | 'shell' | 'working' | 'blocked' | 'unknown'>;

/** The holder of a session. `pid: null` with status `unknown` is a holder that cannot be checked. */
export interface Live {
  pid: number | null;
  status: LiveStatus;
  /** The reason of status `waiting`, in the words of Claude Code, for example `permission prompt`. */
  waitingFor?: string;
}
