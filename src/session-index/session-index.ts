import type { CleanupPolicies } from '../claude/cleanup/cleanup-policies.js';
import type { CleanupPolicy } from '../claude/cleanup/cleanup-policy.js';
import type { IsOursCheck, MeasuredSessions } from './sums/measured-folders.js';
import type { FolderSums } from './sums/folder-sums.js';
import type { ConfigDir, Live, TranscriptFile } from '../claude/model.js';
import type { Problem } from '../system/problem.js';
import type { System } from '../claude/live/live-registry.js';
import type { SessionKind, SessionRecord } from './record.js';
import type { FindLines } from './names/possible-names.js';
import type { PathFilter } from './touched/path-filter.js';
import type { SessionTotals } from './totals/session-totals.js';
import type { Flag } from './format/table/flags.js';
import type { ReportRejection } from './format/rejection.js';
import type { SessionLedger } from './format/ledger/session-ledger.js';

/**
 * One session's columns, by which rows are sorted, counted and selected without reading anything else. Times are null
 * if no entry carries one. The boolean columns of the index (`format/table/flags.ts`) are members too.
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
  /** Known from the registries alone, unless `IndexOptions.processes` is set. */
  readonly live: Live | null;
}

/** Options of an index. */
export interface IndexOptions {
  configDirs: readonly ConfigDir[];
  /** Folder of the index files; `null` reads everything and stores nothing. */
  cacheDir: string | null;
  /**
   * Id of an existing session, if only it and its relatives are needed. Project dirs without this id are then read only
   * if a file was added or removed, so new lines in their sessions may be missed.
   */
  around?: string;
  /** The stored index is used, but nothing is written. */
  readOnly?: boolean;
  /** Also find running Claude Code processes without a registry file, which reads every process. */
  processes?: boolean;
  /** Allow `touching`. The first time, every transcript is read for the paths in it. */
  paths?: boolean;
  now: () => number;
  /** Called while transcripts are read, with the bytes done and the total. */
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
  /** Called for each file of the index that is rejected; its content is read from the transcripts again. */
  onRejected?: ReportRejection;
  /** Processes of the machine; a test passes its own. */
  system?: System;
}

/** A search in the names of sessions: title, tag, folders and branch, as lines of JSON. */
export interface SearchedNames {
  /**
   * Returns true for a session with a matching line, or with names that are not in its lines; null until its facts are
   * read.
   */
  isIn(row: SessionRow): boolean | null;
  /** Reads the facts of those sessions for which they are needed. */
  read(rows: readonly SessionRow[]): void;
  /** Stores what was read for the next run, unless the index is read-only. */
  save(): void;
}

/** All sessions of the given config dirs, as they were when the index was opened. */
export interface SessionIndex {
  /** Unsorted, one per session (identity: config dir + project dir + id). */
  readonly rows: readonly SessionRow[];
  /** Problems with folders, registries and transcripts that could not be read at all. */
  readonly problems: readonly Problem[];
  /** Policies of Claude Code's cleanup in the config dirs, from the settings when the index was opened. */
  readonly cleanup: CleanupPolicies;
  /**
   * Returns full records of the given rows, in their order. `footprint: false` leaves `footprintBytes` null, which
   * needs a walk of each session's files.
   */
  records(rows: readonly SessionRow[], options: { footprint: boolean }): SessionRecord[];

  /** Returns the footprints of the given sessions in bytes, in their order; stores sums of folders for the next run. */
  footprintBytes(rows: readonly SessionRow[]): number[];

  /** Returns the remembered sums of folders; `save` stores new ones, unless the index is read-only. */
  folderSums(): FolderSums & { save(): void };

  /**
   * Returns the sessions in the order of `rows`, measured without an object for each; null for a selection of the
   * sessions of another index.
   */
  measure(isOurs: IsOursCheck): MeasuredSessions | null;

  /** Returns the ids of `rows`, in their order. */
  ids(): readonly string[];

  /** Returns the working directories of all sessions, each once, unsorted. */
  cwds(): string[];

  /** Returns the sessions with this id; several if there are copies. */
  withId(id: string): SessionRow[];

  /** Returns the sessions whose id begins with these characters. */
  withIdPrefix(start: string): SessionRow[];

  /**
   * Returns all sessions with this given or generated title, case ignored, and perhaps others, whose records show it.
   * First prompts that stand in for a title do not count.
   */
  candidatesByTitle(title: string): SessionRow[];

  /** Searches the title, tag, folders and branch of sessions. */
  names(find: FindLines): SearchedNames;

  /**
   * Returns the given sessions and all that hold one of their responses, perhaps others too; in the order of `rows`.
   */
  withSharedResponses(rows: readonly SessionRow[]): readonly SessionRow[];

  /**
   * Returns the sessions whose tools read or changed a file that the filter matches, or whose file history tracks one.
   * Throws TypeError unless `IndexOptions.paths` is set.
   */
  touching(filter: PathFilter): ReadonlySet<SessionRow>;

  /** Returns the paths of all touched files, perhaps with repetitions. Throws as `touching`. */
  touchedPaths(): string[];

  /**
   * Returns the stored totals of each row; null for a session that shares a response or prompt with others, whose
   * ledger is needed. All are null with several projects folders, whose sessions are not compared beforehand.
   */
  totals(): readonly (SessionTotals | null)[];

  /** Returns the responses and prompts of the given sessions, in their order; null for sessions without any. */
  ledgers(rows: readonly SessionRow[]): (SessionLedger | null)[];
}
