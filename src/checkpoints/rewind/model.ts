import type { CheckpointRecord, LineCounts, ReportHead } from '../report.js';
import type { Target, TargetRefusal } from '../target.js';

/** Reason why a tracked file is not changed, although its state differs or is not known. */
export type SkipReason =
  | TargetRefusal
  | 'outside'
  | 'missing-backup'
  | 'unsafe-backup'
  | 'no-first-version'
  | 'not-deleted'
  | 'unreadable';

/** A tracked file that a rewind skips. */
export interface SkippedFile {
  /** As tracked by Claude Code: relative to the session's folder, or absolute. */
  path: string;
  absolutePath: string;
  reason: SkipReason;
  /** The reason, as the end of a sentence about the file. */
  message: string;
}

/** A file that a rewind changes. */
export interface RewoundFile extends LineCounts {
  path: string;
  absolutePath: string;
  /**
   * `write`: the content differs; `create`: the file is missing; `delete`: it did not exist; `mode`: permissions
   * differ.
   */
  action: 'write' | 'create' | 'delete' | 'mode';
  outside: boolean;
  /** True if it was written after the session's last activity, and no backup has its content. */
  changedSince: boolean;
  /** State of the file and of the backup at the time of the plan. */
  fingerprint: string;
}

/** A warning before a rewind. */
export interface RewindWarning {
  code: 'other-branch' | 'untracked-changes';
  message: string;
}

/** A rewind, planned or done, in JSON and in the library (docs/schema/rewind.schema.json). */
export interface RewindPlan extends ReportHead {
  dryRun: boolean;
  checkpoint: CheckpointRecord;
  /** New folder that the state is written to; null if the session's files are replaced. */
  toDir: string | null;
  canRewind: boolean;
  error: string | null;
  /** Absolute paths. */
  filesChanged: string[];
  insertions: number;
  deletions: number;
  /** Number of refused paths, as the Agent SDK counts them. */
  skippedLinks: number;
  files: RewoundFile[];
  skipped: SkippedFile[];
  /** Number of tracked files that already have the state. */
  unchanged: number;
  warnings: RewindWarning[];
  /** Id of the undo copy; null if nothing was replaced. */
  undo: string | null;
  /** Id of the fork; null without one. */
  fork: string | null;
}

/** New content of a file. */
export interface NewContent {
  /** The file to copy it from. */
  from: string;
  mode: number;
  /** Modification time in milliseconds; null for now. */
  mtimeMs: number | null;
  /** Expected SHA-256, hexadecimal; null if it is not known. */
  sha256: string | null;
}

/** A file to be replaced, created or, if its content is null, deleted. */
export interface Replacement {
  target: Target;
  content: NewContent | null;
}

/** A plan of a rewind, with the files that it replaces. */
export interface PreparedRewind {
  plan: RewindPlan;
  replacements: readonly Replacement[];
  /** Every file that may be written, including those that already have the state. */
  paths: readonly string[];
}
