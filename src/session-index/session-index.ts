import type { CleanupPolicies } from '../claude/cleanup/cleanup-policies.js';
import type { CleanupPolicy } from '../claude/cleanup/cleanup-policy.js';
import type { IsOursCheck, MeasuredSessions } from './sums/measured-folders.js';
import type { FolderSums } from './sums/folder-sums.js';
import type { ConfigDir, Live, TranscriptFile } from '../claude/model.js';
import type { Problem } from '../system/problem.js';
import type { System } from '../claude/live/live-registry.js';
import type { SessionKind, SessionRecord } from './record.js';
import type { PathFilter } from './touched/path-filter.js';
import type { SessionTotals } from './totals/session-totals.js';
import type { Flag } from './format/table/flags.js';
import type { ReportRejection } from './format/rejection.js';
import type { SessionLedger } from './format/ledger/session-ledger.js';

/**
 * One session's columns: enough to sort, count and choose rows without reading anything else.
 * `null` times mean that no entry carries one. The boolean columns of the index (`format/table/flags.ts`) are members.
 */
export interface SessionRow extends Readonly<Record<Flag, boolean>> {
  readonly file: TranscriptFile;
  readonly kind: SessionKind;
  /** Newest time in transcript and subagents; null if there is none (never the mtime). */
  readonly lastActivityMs: number | null;
  readonly createdMs: number | null;
  readonly prompts: number;
  readonly turns: number;
  /** All tokens of the session, subagents included. */
  readonly tokens: number;
  readonly archived: boolean;
  readonly pinned: boolean;
  /** When Claude Code's cleanup may delete the transcript, milliseconds; null if it keeps it. */
  readonly expiresMs: number | null;
  /** `expiresMs` under another policy. */
  expiryUnder(policy: CleanupPolicy): number | null;
  /** From the registries alone, unless `IndexOptions.processes` was set. */
  readonly live: Live | null;
}

/** Choices that change what is read. Clock and environment come from the caller. */
export interface IndexOptions {
  configDirs: readonly ConfigDir[];
  /** Folder for the cache files; `null` = read everything, keep nothing. */
  cacheDir: string | null;
  /**
   * Id of an existing session, if only it and its relatives are needed. Project dirs without this id in which no file
   * came or went are then skipped, so that new lines of their sessions are not seen; on file systems that keep no times
   * of folders, nor are new sessions. In doubt everything is read.
   */
  around?: string;
  /** The cache is used but not brought up to date: nothing at all is written. */
  readOnly?: boolean;
  /** `live` also knows running Claude Code processes without a registry file; takes a look at every process. */
  processes?: boolean;
  /** Allows `touching`; the first time, every transcript is read for the paths in it. */
  paths?: boolean;
  now: () => number;
  /** Called while transcripts are read, with bytes done and in all. */
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
  /** Called for each file of the index that is not used although it exists; what it held is read anew. */
  onRejected?: ReportRejection;
  /** Processes of the machine; a test passes its own. */
  system?: System;
}

/** All sessions of the given config dirs, as they were when it was opened. */
export interface SessionIndex {
  /** Unsorted, one per session (identity: config dir + project dir + id). */
  readonly rows: readonly SessionRow[];
  /** Folders and registries that could not be read at all. */
  readonly problems: readonly Problem[];
  /** Policies of Claude Code's cleanup in the config dirs, by the settings of the moment the index was opened. */
  readonly cleanup: CleanupPolicies;
  /**
   * Full records of the given rows, in their order. `footprint: false` leaves `footprintBytes` null
   * (working it out costs a walk of each session's files).
   */
  records(rows: readonly SessionRow[], options: { footprint: boolean }): SessionRecord[];

  /**
   * Bytes of everything that belongs to each of the given sessions, in their order; remembers sums for the next time.
   */
  footprintBytes(rows: readonly SessionRow[]): number[];

  /** Remembered sums of a session's folders; `save` keeps new ones, unless the index is only to be read. */
  folderSums(): FolderSums & { save(): void };

  /**
   * The sessions of all project dirs, in the order of `rows`, measured without an object for each. Null for a selection
   * of the sessions of another index.
   */
  measure(isOurs: IsOursCheck): MeasuredSessions | null;

  /** The ids of `rows`, in their order. */
  ids(): readonly string[];

  /** The folders that sessions ran in, each once, in no order. */
  cwds(): string[];

  /** The sessions with this id; several where copies share one. */
  withId(id: string): SessionRow[];

  /** The sessions whose id begins with these characters. */
  withIdPrefix(start: string): SessionRow[];

  /**
   * All sessions with this title, given or generated, in any case, and maybe a few others: their records decide. A
   * first prompt is not a title here.
   */
  perhapsWithTitle(title: string): SessionRow[];

  /**
   * The given sessions, in their order, whose stored facts (JSON) pass a test, and all whose title or folders are not
   * in these facts as the record shows them.
   */
  perhapsNamed(rows: readonly SessionRow[], test: (facts: Buffer) => boolean): SessionRow[];

  /** The given sessions and all that hold one of their responses, and maybe a few more; in the order of `rows`. */
  sharers(rows: readonly SessionRow[]): readonly SessionRow[];

  /**
   * Sessions whose tools read or changed a file that the filter matches, or whose file history tracks one. Throws
   * TypeError unless `IndexOptions.paths` was set.
   */
  touching(filter: PathFilter): ReadonlySet<SessionRow>;

  /** The paths of all those files, some maybe twice. Throws as `touching`. */
  touchedPaths(): string[];

  /**
   * By row, the kept totals of sessions that share no response or prompt with others; null where the ledger says more.
   * All null with several config dirs, whose sessions are not compared with one another beforehand.
   */
  totals(): readonly (SessionTotals | null)[];

  /** The responses and prompts of the given sessions, in their order; null where nothing happened. */
  ledgers(rows: readonly SessionRow[]): (SessionLedger | null)[];
}
