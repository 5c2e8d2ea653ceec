/**
 * A snapshot's entry for a tracked file: its copy in `file-history/<session id>/`, or the note that it did not exist.
 */
export interface Backup {
  /** File name in the session's file history; null if the file did not exist. */
  name: string | null;
  version: number;
  /** Time at which Claude Code made the copy, as recorded; null if it is not. */
  time: string | null;
  /** Real path of the folder that contained the file; null if it is not recorded. */
  realParentDir: string | null;
  /**
   * True if a later entry names the same copy with another time, so that the copy's content is newer than this entry.
   */
  isOverwritten: boolean;
}

/** The tracked files as they were before one message, by their tracked paths. */
export interface Snapshot {
  messageUuid: string;
  timestamp: string | null;
  files: ReadonlyMap<string, Backup>;
  /** True if a shell command or a subagent ran in this turn, whose changes are not tracked. */
  hasUntrackedChanges: boolean;
}

/** A message with a snapshot, so that a session can be rewound to it. */
export interface Checkpoint {
  messageUuid: string;
  /** Number of the prompt, as in `show`; null for messages that are not prompts or not on the active branch. */
  prompt: number | null;
  isActive: boolean;
  timestamp: string | null;
  /** The prompt on one line. */
  text: string;
  /** The checked-out branch; null if it is not recorded. */
  gitBranch: string | null;
  /**
   * The previous message on the active branch, at which a fork before this checkpoint ends; null for the first prompt.
   */
  previousUuid: string | null;
  snapshot: Snapshot;
}

/** The snapshots and checkpoints of one transcript. */
export interface History {
  /** In file order. */
  snapshots: readonly Snapshot[];
  /** The members of `snapshots` on the active branch, which Claude Code loads when it resumes the session. */
  active: readonly Snapshot[];
  /** All checkpoints, those of the active branch first, each group in file order. */
  checkpoints: readonly Checkpoint[];
}
