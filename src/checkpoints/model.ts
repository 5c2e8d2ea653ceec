/** The copy of a tracked file in `file-history/<session id>/` that a snapshot names, or the note that it was absent. */
export interface Backup {
  /** File name in the session's file history; null: the file did not exist. */
  name: string | null;
  version: number;
  /** When Claude Code made the copy, by its own record; null if it recorded no time. */
  time: string | null;
  /** Real path of the folder that held the file; null if the entry does not say. */
  realParentDir: string | null;
  /**
   * A later entry names the same file with another time: the copy has newer content than when this entry was written.
   */
  isOverwritten: boolean;
}

/** The tracked files as they were before one message, by the paths that Claude Code tracks them under. */
export interface Snapshot {
  messageUuid: string;
  timestamp: string | null;
  files: ReadonlyMap<string, Backup>;
  /** In this turn a shell command or a subagent ran, whose changes are not tracked. */
  hasUntrackedChanges: boolean;
}

/** A message that has a snapshot: a state of the files that a session can be rewound to. */
export interface Checkpoint {
  messageUuid: string;
  /** Number of the prompt, as `show` prints it; null for messages that are not prompts or not on the active branch. */
  prompt: number | null;
  isActive: boolean;
  timestamp: string | null;
  /** The prompt on one line. */
  text: string;
  /** Branch that was checked out; null if the entry does not say. */
  gitBranch: string | null;
  /**
   * The message before it on the active branch, at which a fork before this checkpoint ends; null for the first prompt.
   */
  previousUuid: string | null;
  snapshot: Snapshot;
}

/** The snapshots and checkpoints of one transcript. */
export interface History {
  /** In the order of the file. */
  snapshots: readonly Snapshot[];
  /** Members of `snapshots` that Claude Code loads when it resumes the session: the ones of the active branch. */
  active: readonly Snapshot[];
  /** Checkpoints, those of the active branch first, each group in the order of the file. */
  checkpoints: readonly Checkpoint[];
}
