import type { CheckpointRecord, LineCounts, ReportHead } from '../report.js';
import type { Target, TargetRefusal } from '../target.js';

/** Why a tracked file is left as it is, although its state differs or is not known. */
export type SkipReason =
  | TargetRefusal
  | 'outside'
  | 'missing-backup'
  | 'unsafe-backup'
  | 'no-first-version'
  | 'not-deleted'
  | 'unreadable';

/** A tracked file that a rewind leaves alone. */
export interface SkippedFile {
  /** As Claude Code tracks it: relative to the session's folder, or absolute. */
  path: string;
  absolutePath: string;
  reason: SkipReason;
  /** The end of a sentence about the file. */
  message: string;
}

/** A file that a rewind changes. */
export interface RewoundFile extends LineCounts {
  path: string;
  absolutePath: string;
  /** `write`: other content; `create`: it is not there now; `delete`: it did not exist; `mode`: other permissions. */
  action: 'write' | 'create' | 'delete' | 'mode';
  outside: boolean;
  /** It was written after the session's last activity, and no backup holds its content. */
  changedSince: boolean;
  /** State of the file and of the backup when it was planned. */
  fingerprint: string;
}

/** Something to know before a rewind. */
export interface RewindWarning {
  code: 'other-branch' | 'untracked-changes';
  message: string;
}

/** A rewind, planned or done, as JSON and the library give it (docs/schema/rewind.schema.json). */
export interface RewindPlan extends ReportHead {
  dryRun: boolean;
  checkpoint: CheckpointRecord;
  /** Folder that the state is written into instead of the session's; null for none. */
  toDir: string | null;
  canRewind: boolean;
  error: string | null;
  /** Absolute paths. */
  filesChanged: string[];
  insertions: number;
  deletions: number;
  /** Paths that are refused, as the Agent SDK counts them. */
  skippedLinks: number;
  files: RewoundFile[];
  skipped: SkippedFile[];
  /** Tracked files that are as they were already. */
  unchanged: number;
  warnings: RewindWarning[];
  /** Id of the undo copy; null if nothing was replaced. */
  undo: string | null;
  /** Id of the fork that was made; null for none. */
  fork: string | null;
}

/** Content that a file is to have. */
export interface NewContent {
  /** The file that holds it. */
  from: string;
  mode: number;
  /** Milliseconds; null: now. */
  mtimeMs: number | null;
  /** Hexadecimal SHA-256 that it must have; null where none is known. */
  sha256: string | null;
}

/** A file that is to be replaced, made or, with null as its content, deleted. */
export interface Replacement {
  target: Target;
  content: NewContent | null;
}

/** A plan in hand: the data, and what it stands for on this disk. */
export interface PreparedRewind {
  plan: RewindPlan;
  replacements: readonly Replacement[];
  /** Every file that may be written, also those that are as they are to be. */
  paths: readonly string[];
}
