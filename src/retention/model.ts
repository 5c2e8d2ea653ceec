import type { ConfigDir } from '../claude/model.js';
import type { ErrorCode } from '../system/errors.js';
import type { Problem, SystemErrorCode } from '../system/problem.js';
import type { ProjectFilter, SessionKind } from '../session-index/record.js';
import type { SessionRow } from '../session-index/session-index.js';

/**
 * Rules of a prune: a session is removed if every given selector matches it; the scope only narrows. Times are
 * milliseconds; `text` is what the user wrote, for the plan to repeat. Rules: docs/pruning.md.
 */
export interface PrunePolicy {
  /** Selects sessions whose last activity is before this moment. */
  before: { ms: number; text: string } | null;
  /** Selects footprints of more bytes than this. */
  largerThanBytes: number | null;
  /** Selects sessions with at most this number of prompts. */
  promptsAtMost: number | null;
  /** Selects sessions without a prompt and an answer. */
  empty: boolean;
  /** Also selects leftovers without a transcript. */
  orphans: boolean;
  /** Maximum number of bytes of all footprints in scope; beyond it the oldest sessions are selected. */
  maxTotalBytes: number | null;
  /** Number of newest sessions of each project to keep. */
  keepLast: number | null;
  /** Minimum quiet time of a session that may be removed. */
  minIdle: { ms: number; text: string };
  includeArchived: boolean;
  includeRestored: boolean;
  scope: PruneScope;
  /** Delete sessions instead of moving them to the trash. */
  permanent: boolean;
  compress: boolean;
  /** How long sessions stay in the trash; `null`: forever. */
  trashTtl: { ms: number; text: string } | null;
}

/** The sessions that a policy applies to; empty lists and nulls do not narrow. */
export interface PruneScope {
  /** As written by the user. */
  projects: readonly string[];
  /** Tests a session's folders; `null` if no project was named. */
  isInProjects: ProjectFilter | null;
  kinds: readonly SessionKind[];
  /** Substring of the title, any case. */
  title: string | null;
  /** The whole tag. */
  tag: string | null;
}

/** Reason why a session is selected for removal. */
export type RemovalCode = 'older-than' | 'larger-than' | 'prompts-at-most' | 'empty' | 'orphan' | 'budget' | 'named';
/** Reason why a selected session is kept. */
export type KeepCode =
  | 'live'
  | 'recent'
  | 'future'
  | 'pinned'
  | 'archived'
  | 'restored'
  | 'keep-last'
  | 'forked-from'
  | 'other-copy'
  | 'unknown-age'
  | 'unrecognised'
  | 'not-ours';

/** A reason, with details (`266d`, `pid 48213`) where the code alone does not say it. */
export interface Reason<Code extends string> {
  code: Code;
  detail: string | null;
}

/** Code of a reason to keep a session of a plan, or of an error, by which it was not removed. */
export type FailureCode = KeepCode | ErrorCode | SystemErrorCode;

/** A session that a plan removes. JSON as docs/schema/plan.schema.json. */
export interface Removal {
  id: string;
  configDir: string;
  projectDir: string;
  cwd: string | null;
  title: string | null;
  kind: SessionKind | null;
  lastActivityAt: string | null;
  /** `mtime` if no entry carries a time. */
  ageSource: 'activity' | 'mtime';
  footprintBytes: number;
  files: number;
  reasons: Reason<RemovalCode>[];
  /** State of all its files when the plan was made (`sha256:…`): if it differs later, the session is not touched. */
  fingerprint: string;
  status: 'planned' | 'removed' | 'changed' | 'protected' | 'failed';
  error: { code: FailureCode; message: string } | null;
}

/** A session that a plan selected but keeps. */
export interface Kept {
  id: string;
  configDir: string;
  projectDir: string;
  cwd: string | null;
  title: string | null;
  kind: SessionKind | null;
  lastActivityAt: string | null;
  footprintBytes: number;
  /** Rules that selected it. */
  wanted: RemovalCode[];
  reasons: Reason<KeepCode>[];
}

/** A session in the trash that has expired. */
export interface Expiry {
  id: string;
  trashedAt: string;
  heldBytes: number;
}

/** The policy as a plan records it. */
export interface PolicyRecord {
  olderThan: string | null;
  before: string | null;
  largerThanBytes: number | null;
  promptsAtMost: number | null;
  empty: boolean;
  orphans: boolean;
  maxTotalBytes: number | null;
  keepLast: number | null;
  minIdle: string;
  includeArchived: boolean;
  includeRestored: boolean;
  scope: { projects: string[]; kinds: SessionKind[]; title: string | null; tag: string | null };
  permanent: boolean;
  compress: boolean;
  /** A length of time, or `never`. */
  trashTtl: string;
}

/** Sums of a plan, before and after it was applied. Sizes are bytes. */
export interface PlanTotals {
  scanned: number;
  scannedBytes: number;
  remove: number;
  removeBytes: number;
  keep: number;
  notSelected: number;
  removed: number;
  changed: number;
  protected: number;
  failed: number;
  movedBytes: number;
  freedBytes: number;
  /** Content of the trash. */
  trashBytes: number;
  expired: number;
  expireBytes: number;
  /** Sessions in scope that are kept. */
  remainingBytes: number;
  /** Number of bytes by which the kept sessions exceed the budget; 0 without a budget. */
  overBudgetBytes: number;
}

/** A prune with its reasons, planned or done: one shape for a dry run, a run, `--apply` and `rm`. */
export interface PrunePlan {
  schemaVersion: 1;
  pruneId: string;
  dryRun: boolean;
  now: string;
  configDirs: string[];
  trashDir: string;
  policy: PolicyRecord;
  remove: Removal[];
  keep: Kept[];
  expire: Expiry[];
  totals: PlanTotals;
  problems: Problem[];
}

/** The part of a removal that a screen sums up. */
export interface RemovalSummary extends Pick<Removal, 'footprintBytes' | 'status'> {
  /** Sessions that are removed for the same reasons may share them. */
  reasons: readonly Reason<RemovalCode>[];
}

/** The part of a plan that a screen shows. It identifies no files, so it can be neither saved nor applied. */
export interface PlanSummary
  extends Pick<
    PrunePlan,
    'pruneId' | 'dryRun' | 'now' | 'configDirs' | 'trashDir' | 'policy' | 'expire' | 'totals' | 'problems'
  > {
  remove: readonly RemovalSummary[];
  keep: readonly Pick<Kept, 'wanted' | 'reasons'>[];
}

/** Files of one session that are moved together. `row` is null for leftovers, which have no transcript. */
export interface Target {
  configDir: ConfigDir;
  /** Empty for leftovers outside project dirs. */
  projectDir: string;
  id: string;
  row: SessionRow | null;
  /**
   * Absolute paths of the topmost files and folders: transcript, side folder (which need not exist), legacy agent
   * files, and id artifacts; id artifacts only if no other copy of the id is kept.
   */
  roots: readonly string[];
  /** The roots in the fingerprint: without files shared with other copies of the id, whose removal depends on those. */
  fingerprinted: readonly string[];
  /** Transcripts of other copies of the id. */
  copies: readonly string[];
}

/** Protections that apply when sessions are moved, in addition to those that always apply. */
export interface ProtectionRules {
  /** Minimum quiet time of a session that may be removed; `null` if only running processes protect (`rm`). */
  minIdleMs: number | null;
  /** Protect recently restored sessions. */
  restored: boolean;
}

/** Present state of a target. */
export interface Recheck {
  /** `null` if the session is gone. */
  fingerprint: string | null;
  /** Reasons why it must be kept now; empty if there is none. */
  reasons: Reason<KeepCode>[];
}
