import type { ConfigDir } from '../claude/model.js';
import type { ErrorCode } from '../system/errors.js';
import type { Problem, SystemErrorCode } from '../system/problem.js';
import type { ProjectFilter, SessionKind } from '../session-index/record.js';
import type { SessionRow } from '../session-index/session-index.js';

/**
 * Rules of a prune: a session is removed if every given selector matches it. Scope only narrows. Times are
 * milliseconds; the
 * `…Text` members are what the user wrote, for the plan to repeat. Rules: docs/pruning.md.
 */
export interface PrunePolicy {
  /** Activity before this moment. */
  before: { ms: number; text: string } | null;
  /** Footprint of more bytes than this. */
  largerThanBytes: number | null;
  /** Maximum number of prompts. */
  promptsAtMost: number | null;
  /** No prompt and no answer. */
  empty: boolean;
  /** Leftovers without a transcript too. */
  orphans: boolean;
  /** Most bytes all footprints in scope may have together; beyond it the oldest go. */
  maxTotalBytes: number | null;
  /** Number of newest sessions of each project to keep. */
  keepLast: number | null;
  /** Quiet time without which a session is never touched. */
  minIdle: { ms: number; text: string };
  includeArchived: boolean;
  includeRestored: boolean;
  scope: PruneScope;
  /** Not into the trash. */
  permanent: boolean;
  compress: boolean;
  /** How long sessions stay in the trash; `null` for ever. */
  trashTtl: { ms: number; text: string } | null;
}

/** Which sessions a policy looks at; empty lists and nulls do not narrow. */
export interface PruneScope {
  /** As the user wrote them. */
  projects: readonly string[];
  /** Decides by a session's folders; `null` where no project was named. */
  isInProjects: ProjectFilter | null;
  kinds: readonly SessionKind[];
  /** Substring of the title, any case. */
  title: string | null;
  /** The whole tag. */
  tag: string | null;
}

/** Why a session is to go. */
export type GoCode = 'older-than' | 'larger-than' | 'prompts-at-most' | 'empty' | 'orphan' | 'budget' | 'named';
/** Why a session stays although it was asked for. */
export type StayCode =
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

/** A reason, with what makes it so in this case (`266d`, `pid 48213`); `null` where the code says it all. */
export interface Reason<Code extends string> {
  code: Code;
  detail: string | null;
}

/** Why a session of a plan was not removed: it stays, or an error, ccsess' own or the system's. */
export type FailureCode = StayCode | ErrorCode | SystemErrorCode;

/** One session of a plan that is to go. JSON as docs/schema/plan.schema.json. */
export interface Removal {
  id: string;
  configDir: string;
  projectDir: string;
  cwd: string | null;
  title: string | null;
  kind: SessionKind | null;
  lastActivityAt: string | null;
  /** `mtime` where no entry carries a time. */
  ageSource: 'activity' | 'mtime';
  footprintBytes: number;
  files: number;
  reasons: Reason<GoCode>[];
  /** State of all its files when the plan was made (`sha256:…`): if it differs later, the session is not touched. */
  fingerprint: string;
  status: 'planned' | 'removed' | 'changed' | 'protected' | 'failed';
  error: { code: FailureCode; message: string } | null;
}

/** One session of a plan that was asked for and stays. */
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
  wanted: GoCode[];
  reasons: Reason<StayCode>[];
}

/** One session in the trash whose time is over. */
export interface Expiry {
  id: string;
  trashedAt: string;
  heldBytes: number;
}

/** The policy as a plan repeats it. */
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
  /** `never` for ever. */
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
  /** By how much what stays exceeds the budget; 0 without one. */
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
export type RemovalSummary = Pick<Removal, 'footprintBytes' | 'reasons' | 'status'>;

/** The part of a plan that a screen shows. It identifies no files, so it can be neither saved nor applied. */
export interface PlanSummary
  extends Pick<
    PrunePlan,
    'pruneId' | 'dryRun' | 'now' | 'configDirs' | 'trashDir' | 'policy' | 'expire' | 'totals' | 'problems'
  > {
  remove: readonly RemovalSummary[];
  keep: readonly Pick<Kept, 'wanted' | 'reasons'>[];
}

/** Files of one session that go together. `row` is null for leftovers, which have no transcript. */
export interface Target {
  configDir: ConfigDir;
  /** Empty for leftovers outside project dirs. */
  projectDir: string;
  id: string;
  row: SessionRow | null;
  /**
   * Topmost files and folders, absolute: transcript, whole side folder (which need not be there), loose subagents,
   * artefacts keyed by the id. The last only where no other copy of the id stays.
   */
  roots: readonly string[];
  /**
   * Files in the fingerprint: without those that copies of the id share, since it may go or stay with them.
   */
  judged: readonly string[];
  /** Transcripts of other copies of the id. */
  copies: readonly string[];
}

/** Protections that apply at the moment of acting, in addition to those that always do. */
export interface ProtectionRules {
  /** Quiet time without which a session is not touched; `null` where only running processes count (`rm`). */
  minIdleMs: number | null;
  /** Sessions brought back from the trash are protected for a while. */
  restored: boolean;
}

/** A plan in hand: the data, and for each removal what it stands for on this disk. Never read from a plan file. */
export interface PreparedPlan {
  plan: PrunePlan;
  targets: ReadonlyMap<Removal, Target>;
  rules: ProtectionRules;
}

/** How a target stands at this moment. */
export interface Recheck {
  /** `null`: it is gone. */
  fingerprint: string | null;
  /** Reasons why it must be kept now; empty if there is none. */
  reasons: Reason<StayCode>[];
}
