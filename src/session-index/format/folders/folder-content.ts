import type { FileStamp, FolderMemory } from '../../../claude/model.js';

/** A legacy agent file that belongs to no session of its project dir. */
export interface UnassignedAgent {
  name: string;
  stamp: FileStamp;
  /** The session its lines name. */
  sessionId: string | null;
}

/** Content of a project dir in the index, in addition to the columns of its sessions. */
export interface FolderContent extends FolderMemory {
  name: string;
  /** True if the next scan can compare the dir with this record; if false, it has only the transcripts. */
  isWhole: boolean;
  /**
   * Paths of its sessions' subagents relative to the dir, grouped by session, in the order of their stamps in the
   * table.
   */
  agents: readonly string[];
  unassigned: readonly UnassignedAgent[];
}
