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

/** What identifies one state of a file. Times are milliseconds with their full fraction. */
export interface FileStamp {
  size: number;
  mtimeMs: number;
  ctimeMs: number;
  ino: number;
}

/** A subagent's transcript: below `<id>/subagents/`, or an old flat `agent-*.jsonl` beside the sessions. */
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
  agents: readonly AgentFile[];
  /** Names found in the side folder `<id>/` (empty when there is none). */
  sideEntries: readonly string[];
  /** How the side folder was found, if it can be told later whether it still is like this. */
  sideListing?: SideListing | undefined;
}

/** State of a folder: as long as it is the same, no name in the folder came or went. */
export type FolderStamp = Omit<FileStamp, 'size'>;

/** The names in a side folder and in its `subagents/`, with the state of the two when they were read. */
export interface SideListing {
  folder: FolderStamp;
  entries: readonly string[];
  /** Null if there is no such folder. */
  subagents: FolderStamp | null;
  /** Names of subagents' transcripts; there are no folders beside them. */
  agents: readonly string[];
}

/** Something that was not as expected; never a reason to stop. Rendered as is in JSON. */
export interface Problem {
  /** Stable kebab-case code, e.g. `damaged-line`, `nul-run`, `unreadable`, `not-a-file`. */
  code: string;
  message: string;
  file: string;
  /** 1-based line, where one is meant. */
  line: number | null;
  byteOffset: number | null;
}

/** The stat pass over one or more config dirs. */
export interface Scan {
  transcripts: TranscriptFile[];
  /** Flat `agent-*.jsonl` files of old versions whose session is not known from their place; read to find out. */
  looseAgents: { configDir: ConfigDir; projectDir: string; file: AgentFile }[];
  /** Project dirs seen (also empty ones), per config dir. */
  projectDirs: { configDir: ConfigDir; name: string }[];
  problems: Problem[];
}

/** Who holds a session now. `pid: null` with status `unknown` is a holder that cannot be checked. */
export interface Live {
  pid: number | null;
  status: string;
}

/** One part of a session's footprint. */
export interface FootprintPart {
  /** Row of the layout table: `transcript`, `subagents`, `tool-results`, `file-history` … */
  part: string;
  paths: string[];
  files: number;
  bytes: number;
}

/** Everything on disk that belongs to one session. Hard links count once. */
export interface Footprint {
  parts: FootprintPart[];
  files: number;
  bytes: number;
}
